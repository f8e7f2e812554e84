/* Policies that must not come into force, and what a watch cannot have. */
#include <fcntl.h>
#include <sys/resource.h>

#include "watching.h"

/* -- what must not come into force ----------------------------------------- */

static const struct {
    const char *policy, *id;
} ERRORS[] = {
    {BROKEN, "MR101"},
    {"", "MR104"},
    {ALLOW("file:missing.txt"), "MR501"},
    {ALLOW("10.0.0.1") "nonsense: 1\n", "MR162"},
};

START_TEST(an_error_keeps_the_old_policy)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    open_watch("p.yaml");
    write_in_place("p.yaml", ERRORS[_i].policy);
    await(MAYRELAY_RELOAD_FAILED);
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), ERRORS[_i].id);
    assert_allows(1);
    ck_assert_int_eq(reload(), MAYRELAY_RELOAD_FAILED);
    assert_allows(1);
    write_in_place("p.yaml", ALLOW("10.0.0.2"));
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
}
END_TEST

START_TEST(a_file_that_vanishes_and_comes_back)
{
    write_in_place("p.yaml", ALLOW("file:list.txt"));
    write_in_place("list.txt", "10.0.0.1\n");
    open_watch("p.yaml");
    static const char *const names[] = {"list.txt", "p.yaml"};
    for (int i = 0; i < COUNT(names); i++) {
        rename_to(names[i], "away");
        await(MAYRELAY_RELOAD_FAILED);
        ck_assert_str_eq(mayrelay_report_get_id(report, 0), "MR501");
        assert_allows(1);
        rename_to("away", names[i]);
        assert_calm(); /* as it was */
        assert_allows(1);
    }
}
END_TEST

START_TEST(a_damaged_image)
{
    save(ALLOW("10.0.0.1"), "p.mrp");
    open_watch("p.mrp");
    int file = open(in_folder("p.mrp"), O_RDWR);
    off_t size = lseek(file, 0, SEEK_END);
    ck_assert_int_eq(pwrite(file, "?", 1, size - 1), 1);
    close(file);
    await(MAYRELAY_RELOAD_FAILED);
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), "MR514");
    assert_allows(1);
    ck_assert_int_eq(truncate(in_folder("p.mrp"), size / 2), 0);
    ck_assert_int_eq(reload(), MAYRELAY_RELOAD_FAILED);
    assert_allows(1);
}
END_TEST

/* A policy that was cut off may well be one: without its deny rules. */
#define HALF_OF_IT ALLOW("10.0.0.0/24")
#define REST_OF_IT                                                             \
    "never-route: [10.0.0.1, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6,\n"        \
    "  10.0.0.7, 10.0.0.8, 10.0.0.9]\n"

static void
write_to(int file, const char *text)
{
    ck_assert_int_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
}

START_TEST(a_half_written_file_is_waited_for)
{
    hurry = 1;
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    open_watch("p.yaml");
    int file = open(in_folder("p.yaml"), O_WRONLY | O_TRUNC);
    write_to(file, HALF_OF_IT);
    assert_calm();
    ck_assert_int_gt(last_ms, 9000);
    assert_allows(1);
    write_to(file, REST_OF_IT);
    close(file);
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
}
END_TEST

static int list_file;

/* Somebody begins to write it, right before it is read. */
static void
empty_list(const char *path)
{
    if (strcmp(path, in_folder("list.txt")) != 0)
        return;
    right_before = NULL;
    list_file = open(path, O_WRONLY | O_TRUNC);
}

START_TEST(what_changes_while_it_is_read_is_read_again)
{
    hurry = 1;
    write_in_place("p.yaml", ALLOW("file:list.txt"));
    write_in_place("list.txt", "10.0.0.1\n");
    open_watch("p.yaml");
    right_before = empty_list;
    ck_assert_int_eq(reload(), MAYRELAY_RELOAD_NONE);
    ck_assert(!right_before); /* it was read, and empty then */
    ck_assert_ptr_null(report);
    assert_allows(1);
    assert_calm();
    ck_assert_int_gt(last_ms, 9000);
    write_to(list_file, "10.0.0.2\n");
    close(list_file);
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
}
END_TEST

static void
assert_half_way(enum mayrelay_reload outcome)
{
    ck_assert_int_eq(outcome, MAYRELAY_RELOAD_FAILED);
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), "MR506");
    assert_allows(1);
}

START_TEST(what_is_half_way_when_patience_ends_stays_out)
{
    write_in_place("p.yaml", ALLOW("file:list.txt"));
    write_in_place("list.txt", "10.0.0.1\n");
    open_watch("p.yaml");
    write_in_place("list.txt", "10.0.0.3\n");
    ck_assert_int_eq(dispatch(), MAYRELAY_RELOAD_NONE);
    ahead += 11;
    write_in_place("list.txt", "10.0.0.4\n");
    right_before = empty_list;
    assert_half_way(dispatch());
    write_to(list_file, "10.0.0.2\n");
    assert_half_way(reload());
    close(list_file);
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
}
END_TEST

static void
write_list(const char *path)
{
    if (strcmp(path, in_folder("list.txt")) == 0)
        write_in_place("list.txt", "10.0.0.2\n");
}

START_TEST(what_never_stops_changing_is_read_as_it_is)
{
    write_in_place("p.yaml", ALLOW("file:list.txt"));
    write_in_place("list.txt", "10.0.0.1\n");
    open_watch("p.yaml");
    write_in_place("list.txt", "10.0.0.3\n");
    right_before = write_list;
    ck_assert_int_eq(dispatch(), MAYRELAY_RELOAD_NONE);
    ahead += 11;
    write_in_place("list.txt", "10.0.0.4\n");
    ck_assert_int_eq(dispatch(), MAYRELAY_RELOAD_DONE);
    assert_allows(2);
}
END_TEST

static void
fill_list(const char *path)
{
    if (strcmp(path, in_folder("list.txt")) != 0)
        return;
    right_before = NULL;
    write_to(list_file, "10.0.0.2\n");
    close(list_file);
}

static void
empty_list_first(const char *path)
{
    empty_list(path);
    if (!right_before)
        right_before = fill_list;
}

/* There is no older policy that could stay. */
START_TEST(the_first_policy_is_read_again_if_it_changes)
{
    write_in_place("p.yaml", ALLOW("file:list.txt"));
    write_in_place("list.txt", "10.0.0.1\n");
    right_before = empty_list_first;
    open_watch("p.yaml");
    ck_assert(!right_before);
    assert_allows(2);
}
END_TEST

START_TEST(a_change_elsewhere_does_not_hurry_it)
{
    hurry = 1;
    write_in_place("p.yaml", ALLOW("file:list.txt"));
    write_in_place("list.txt", "10.0.0.1\n");
    open_watch("p.yaml");
    int file = open(in_folder("p.yaml"), O_WRONLY | O_TRUNC);
    write_to(file, HALF_OF_IT);
    write_in_place("list.txt", "10.0.0.2\n");
    assert_calm();
    assert_allows(1);
    write_to(file, REST_OF_IT);
    close(file);
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
}
END_TEST

START_TEST(a_writer_that_does_not_end_is_not_waited_for_forever)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    open_watch("p.yaml");
    int file = open(in_folder("p.yaml"), O_WRONLY | O_TRUNC);
    write_to(file, ALLOW("10.0.0.2"));
    ck_assert_int_eq(dispatch(), MAYRELAY_RELOAD_NONE);
    ck_assert_int_le(last_ms, 10000);
    ahead += 11;
    write_to(file, "# and on it goes\n");
    assert_half_way(dispatch());
    write_to(file, "# and on\n"); /* waited for anew */
    ck_assert_int_eq(dispatch(), MAYRELAY_RELOAD_NONE);
    ck_assert_int_gt(last_ms, 9000);
    hurry = 100;
    write_to(file, "# and on\n");
    await(MAYRELAY_RELOAD_FAILED);
    assert_half_way(MAYRELAY_RELOAD_FAILED);
    close(file);
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
}
END_TEST

/* -- what cannot be had -------------------------------------------------------
 */

static const struct {
    const char *policy, *id;
    unsigned flags;
} REFUSED[] = {
    {NULL, "MR501", 0},
    {"nonsense", "MR165", 0},
    {ALLOW("10.0.0.1"), "MR515", MAYRELAY_LOAD_REQUIRE_CLOSED},
    {ALLOW("10.0.0.1"), "MR501", 1 << 30},
};

START_TEST(no_watch_without_a_policy)
{
    if (REFUSED[_i].policy)
        write_in_place("p.yaml", REFUSED[_i].policy);
    watch = mayrelay_watch_new(in_folder("p.yaml"), REFUSED[_i].flags, &report);
    ck_assert_ptr_null(watch);
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), REFUSED[_i].id);
    ck_assert_ptr_null(
        mayrelay_watch_new(in_folder("p.yaml"), REFUSED[_i].flags, NULL));
}
END_TEST

START_TEST(null_is_harmless)
{
    ck_assert_ptr_null(mayrelay_watch_new(NULL, 0, &report));
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), "MR501");
    mayrelay_report_free(report);
    ck_assert_int_eq(mayrelay_watch_dispatch(NULL, &report),
                     MAYRELAY_RELOAD_FAILED);
    ck_assert_ptr_null(report);
    ck_assert_int_eq(mayrelay_watch_reload(NULL, NULL), MAYRELAY_RELOAD_FAILED);
    ck_assert_int_eq(mayrelay_watch_get_fd(NULL), -1);
    ck_assert_ptr_null(mayrelay_watch_ref_policy(NULL));
    mayrelay_watch_free(NULL);
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    open_watch("p.yaml");
    write_in_place("p.yaml", ALLOW("10.0.0.2"));
    ck_assert_int_eq(mayrelay_watch_reload(watch, NULL), MAYRELAY_RELOAD_DONE);
    ck_assert_int_eq(mayrelay_watch_dispatch(watch, NULL),
                     MAYRELAY_RELOAD_NONE);
}
END_TEST

/* Leaves room for so many descriptors more; returns the limit before. */
static rlim_t
limit_descriptors(int more)
{
    struct rlimit limit;
    int next = open("/", O_PATH | O_CLOEXEC);
    close(next);
    getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = (rlim_t)(next + more);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

static void
lift_limit(rlim_t before)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = before;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

START_TEST(no_watch_without_descriptors)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    for (int more = 0; more < 4; more++) {
        rlim_t before = limit_descriptors(more);
        watch = mayrelay_watch_new(in_folder("p.yaml"), 0, &report);
        lift_limit(before);
        ck_assert_ptr_null(watch);
        ck_assert_str_eq(mayrelay_report_get_id(report, 0),
                         more < 3 ? "MR504" : "MR501");
        mayrelay_report_free(report);
    }
    open_watch("p.yaml");
}
END_TEST

START_TEST(what_failed_for_want_of_descriptors_is_tried_again)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    open_watch("p.yaml");
    write_in_place("p.yaml", ALLOW("10.0.0.2"));
    rlim_t before = limit_descriptors(0);
    await(MAYRELAY_RELOAD_FAILED);
    ck_assert_int_eq(last_ms, 1000);
    await(MAYRELAY_RELOAD_FAILED);
    ck_assert_int_eq(last_ms, 2000);
    assert_allows(1);
    lift_limit(before);
    await(MAYRELAY_RELOAD_DONE);
    assert_allows(2);
    ck_assert_int_eq(last_ms, 0);
}
END_TEST

START_TEST(trying_again_slows_down)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    open_watch("p.yaml");
    hurry = 1000;
    remove_name("p.yaml");
    for (int ms = 1000; ms < 64000; ms *= 2) {
        await(MAYRELAY_RELOAD_FAILED);
        ck_assert_int_eq(last_ms, ms);
    }
    await(MAYRELAY_RELOAD_FAILED);
    ck_assert_int_eq(last_ms, 60000);
    write_in_place("p.yaml", BROKEN);
    await(MAYRELAY_RELOAD_FAILED);
    ck_assert_int_eq(last_ms, 0); /* that changes with the file only */
}
END_TEST

/* The user's limit: files are looked at every minute then. */
START_TEST(what_cannot_be_watched_is_looked_at)
{
    write_in_place("p.yaml", ALLOW("10.0.0.1"));
    no_room = true;
    open_watch("p.yaml");
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), "MR505");
    ck_assert_int_eq(last_ms, 1000);
    write_in_place("p.yaml", ALLOW("10.0.0.2"));
    await(MAYRELAY_RELOAD_DONE);
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), "MR505");
    assert_allows(2);
    no_room = false;
    ck_assert_int_eq(reload(), MAYRELAY_RELOAD_NONE);
    write_in_place("p.yaml", ALLOW("10.0.0.3"));
    await(MAYRELAY_RELOAD_DONE);
    ck_assert_ptr_null(report);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("watch_errors");
    TCase *errors = tcase_create("errors");
    tcase_add_checked_fixture(errors, start_test, end_test);
    tcase_set_timeout(errors, 60);
    tcase_add_loop_test(errors, an_error_keeps_the_old_policy, 0,
                        COUNT(ERRORS));
    tcase_add_test(errors, a_file_that_vanishes_and_comes_back);
    tcase_add_test(errors, a_damaged_image);
    tcase_add_test(errors, a_half_written_file_is_waited_for);
    tcase_add_test(errors, what_changes_while_it_is_read_is_read_again);
    tcase_add_test(errors, what_is_half_way_when_patience_ends_stays_out);
    tcase_add_test(errors, what_never_stops_changing_is_read_as_it_is);
    tcase_add_test(errors, the_first_policy_is_read_again_if_it_changes);
    tcase_add_test(errors, a_change_elsewhere_does_not_hurry_it);
    tcase_add_test(errors,
                   a_writer_that_does_not_end_is_not_waited_for_forever);
    tcase_add_loop_test(errors, no_watch_without_a_policy, 0, COUNT(REFUSED));
    tcase_add_test(errors, null_is_harmless);
    tcase_add_test(errors, no_watch_without_descriptors);
    tcase_add_test(errors, what_failed_for_want_of_descriptors_is_tried_again);
    tcase_add_test(errors, trying_again_slows_down);
    tcase_add_test(errors, what_cannot_be_watched_is_looked_at);
    suite_add_tcase(suite, errors);
    return suite;
}
