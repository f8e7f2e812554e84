/* Saving: a reader sees the old file or the new one. */
#include "images.h"

/* -- saving ------------------------------------------------------------- */

START_TEST(saving_replaces_the_file)
{
    const char *path = in_folder("a.mrp");
    file_write(path, "old", 3);
    int old = open(path, O_RDONLY);
    save_small(path);
    char bytes[4];
    ck_assert_int_eq(read(old, bytes, sizeof bytes), 3); /* it is still whole */
    close(old);
    ck_assert_int_eq(folder_count(), 1);
    mayrelay_policy *policy =
        mayrelay_policy_load(path, MAYRELAY_LOAD_VERIFY, NULL);
    ck_assert_ptr_nonnull(policy);
    save_small(path); /* under the map */
    mayrelay_session *s = mayrelay_session_new(policy);
    for (int i = 0; i < COUNT(TRANSACTIONS); i++)
        judge_safely(s, i);
    mayrelay_session_free(s);
    mayrelay_policy_unref(policy);
}
END_TEST

static unsigned
mode_of(const char *path)
{
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    return status.st_mode & 0777;
}

START_TEST(a_saved_file_keeps_the_mode_of_the_old_one)
{
    const char *path = in_folder("a.mrp");
    mode_t before = umask(027);
    save_small(path);
    ck_assert_uint_eq(mode_of(path), 0640);
    chmod(path, 0600);
    save_small(path);
    ck_assert_uint_eq(mode_of(path), 0600);
    umask(before);
}
END_TEST

START_TEST(a_failed_save_leaves_nothing)
{
    mayrelay_policy *policy = must_parse(SMALL);
    const char *target = in_folder("directory");
    ck_assert_int_eq(mkdir(target, 0700), 0);
    ck_assert_int_eq(mayrelay_policy_save(policy, target), MAYRELAY_ERR_IO);
    ck_assert_int_eq(errno, EISDIR);
    ck_assert_int_eq(folder_count(), 1);
    ck_assert_int_eq(mayrelay_policy_save(policy, in_folder("none/a.mrp")),
                     MAYRELAY_ERR_IO);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(mayrelay_policy_save(policy, ""), MAYRELAY_ERR_IO);
    ck_assert_int_eq(mayrelay_policy_save(policy, NULL), MAYRELAY_ERR_ARGUMENT);
    ck_assert_int_eq(folder_count(), 1);
    mayrelay_policy_unref(policy);
}
END_TEST

static void
assert_unwritable(const char *path)
{
    mayrelay_policy *policy = must_parse(SMALL);
    ck_assert_int_eq(mayrelay_policy_save(policy, path), MAYRELAY_ERR_IO);
    mayrelay_policy_unref(policy);
}

/* A folder where nothing can be made: the old file stays as it was. */
START_TEST(a_failed_save_keeps_the_old_file)
{
    assert_unwritable("/proc/version");
    if (geteuid() == 0) /* root writes into every folder */
        return;
    const char *path = in_folder("a.mrp");
    file_write(path, "old", 3);
    chmod(folder, 0500);
    assert_unwritable(path);
    chmod(folder, 0700);
    struct text content = file_content(path);
    ck_assert_text_eq(content, "old");
    content_free(content);
}
END_TEST

/* Returns the limit that was in force. */
static rlim_t
limit_file_size(rlim_t size)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = size;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    return before;
}

/* As a disk that is full in the middle of the image. */
START_TEST(a_save_cut_off_keeps_the_old_file)
{
    mayrelay_policy *policy = must_parse(SMALL);
    const char *path = in_folder("a.mrp");
    file_write(path, "old", 3);
    signal(SIGXFSZ, SIG_IGN);
    rlim_t before = limit_file_size(1000);
    enum mayrelay_status status = mayrelay_policy_save(policy, path);
    int problem = errno;
    limit_file_size(before);
    ck_assert_int_eq(status, MAYRELAY_ERR_IO);
    ck_assert_int_eq(problem, EFBIG);
    ck_assert_int_eq(folder_count(), 1);
    struct text content = file_content(path);
    ck_assert_uint_eq(content.size, 3);
    content_free(content);
    mayrelay_policy_unref(policy);
}
END_TEST

/* The name that a save tries as its n-th. */
static const char *
temporary_name(unsigned n)
{
    char name[64];
    snprintf(name, sizeof name, "a.mrp.%ld.%u", (long)getpid(), n);
    return in_folder(name);
}

/* What others left behind is not touched. */
START_TEST(a_save_finds_a_name_of_its_own)
{
    mayrelay_policy *policy = must_parse(SMALL);
    file_write(temporary_name(0), "left", 4);
    ck_assert_int_eq(mayrelay_policy_save(policy, in_folder("a.mrp")),
                     MAYRELAY_OK);
    ck_assert_int_eq(folder_count(), 2);
    for (unsigned i = 1; i < 100; i++)
        file_write(temporary_name(i), "left", 4);
    ck_assert_int_eq(mayrelay_policy_save(policy, in_folder("a.mrp")),
                     MAYRELAY_ERR_IO);
    ck_assert_int_eq(errno, EEXIST);
    ck_assert_int_eq(folder_count(), 101);
    mayrelay_policy_unref(policy);
}
END_TEST

START_TEST(a_relative_path_will_do)
{
    ck_assert_int_eq(chdir(folder), 0);
    save_small("a.mrp");
    mayrelay_policy *policy =
        mayrelay_policy_load("a.mrp", MAYRELAY_LOAD_VERIFY, NULL);
    ck_assert_ptr_nonnull(policy);
    mayrelay_policy_unref(policy);
    ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("save");
    TCase *saving = tcase_create("saving");
    tcase_add_checked_fixture(saving, folder_make, folder_remove);
    tcase_add_test(saving, saving_replaces_the_file);
    tcase_add_test(saving, a_saved_file_keeps_the_mode_of_the_old_one);
    tcase_add_test(saving, a_failed_save_leaves_nothing);
    tcase_add_test(saving, a_failed_save_keeps_the_old_file);
    tcase_add_test(saving, a_save_cut_off_keeps_the_old_file);
    tcase_add_test(saving, a_save_finds_a_name_of_its_own);
    tcase_add_test(saving, a_relative_path_will_do);
    suite_add_tcase(suite, saving);
    return suite;
}
