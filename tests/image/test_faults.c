/* System calls that fail: each of them, at each place where it is called, with
 * each error.  Loading then gives the whole policy or none and says so; saving
 * leaves the old image or the new one; and nothing is left behind.
 *
 * The linker sends the library's calls here (--wrap). */
#include <stdarg.h>
#include <sys/mman.h>

#include "images.h"

/* -- the faults ----------------------------------------------------------- */

enum call {
    CALL_OPEN,
    CALL_FSTAT,
    CALL_STAT,
    CALL_MMAP,
    CALL_READ,
    CALL_PREAD,
    CALL_WRITE,
    CALL_FCHMOD,
    CALL_FSYNC,
    CALL_RENAME,
    CALL_CLOSE,
    CALLS
};

static const char *const CALL_NAMES[CALLS] = {
    "open",  "fstat",  "stat",  "mmap",   "read", "pread",
    "write", "fchmod", "fsync", "rename", "close"};

/* Errors, and what is none. */
enum {
    NOTHING = 0,
    SHORT = -1, /* one octet is moved */
    NONE = -2,  /* no octet is */
    CUT = -3    /* somebody truncates what is read */
};

static const int FAULTS[] = {EIO,    EINTR, ENOMEM, EMFILE, ENOSPC,
                             EACCES, SHORT, NONE,   CUT};

static struct {
    bool armed;
    enum call call;
    size_t at; /* the call of that name that fails, from 1 */
    bool rest; /* and those behind it */
    int fault;
    size_t made; /* calls of that name */
} plan;

/* The fault of this call. */
static int
fault_of(enum call call)
{
    if (!plan.armed || call != plan.call)
        return NOTHING;
    plan.made++;
    return plan.made == plan.at || (plan.rest && plan.made > plan.at)
               ? plan.fault
               : NOTHING;
}

static bool
fails(enum call call)
{
    int fault = fault_of(call);
    if (fault > 0)
        errno = fault;
    return fault > 0;
}

/* How many octets are moved instead of `size`; -1 if it fails, CUT. */
static ssize_t
moved(enum call call, size_t size)
{
    int fault = fault_of(call);
    if (fault > 0) {
        errno = fault;
        return -1;
    }
    if (fault == NONE)
        return 0;
    if (fault == CUT && call == CALL_READ)
        return CUT;
    return fault == SHORT && size > 1 ? 1 : (ssize_t)size;
}

/* -- the linker's names --------------------------------------------------- */

/* Those with offsets are of 64 bits, as meson asks for. */

int __real_open64(const char *path, int flags, ...);
int __real_fstat64(int fd, struct stat *status);
int __real_stat64(const char *path, struct stat *status);
void *__real_mmap64(void *at, size_t size, int protection, int flags, int fd,
                    off_t offset);
ssize_t __real_read(int fd, void *data, size_t size);
ssize_t __real_pread64(int fd, void *data, size_t size, off_t offset);
ssize_t __real_write(int fd, const void *data, size_t size);
int __real_fchmod(int fd, mode_t mode);
int __real_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __real_close(int fd);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_fstat64(int fd, struct stat *status);
int __wrap_stat64(const char *path, struct stat *status);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd,
                    off_t offset);
ssize_t __wrap_read(int fd, void *data, size_t size);
ssize_t __wrap_pread64(int fd, void *data, size_t size, off_t offset);
ssize_t __wrap_write(int fd, const void *data, size_t size);
int __wrap_fchmod(int fd, mode_t mode);
int __wrap_fsync(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_close(int fd);

int
__wrap_open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return fails(CALL_OPEN) ? -1 : __real_open64(path, flags, mode);
}

int
__wrap_fstat64(int fd, struct stat *status)
{
    return fails(CALL_FSTAT) ? -1 : __real_fstat64(fd, status);
}

int
__wrap_stat64(const char *path, struct stat *status)
{
    return fails(CALL_STAT) ? -1 : __real_stat64(path, status);
}

void *
__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd,
              off_t offset)
{
    return fails(CALL_MMAP)
               ? MAP_FAILED
               : __real_mmap64(at, size, protection, flags, fd, offset);
}

static void
cut(int fd)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (truncate(path, 1) != 0)
        ck_abort_msg("cannot truncate");
}

ssize_t
__wrap_read(int fd, void *data, size_t size)
{
    ssize_t most = moved(CALL_READ, size);
    if (most == CUT) {
        cut(fd);
        most = (ssize_t)size;
    }
    return most <= 0 ? most : __real_read(fd, data, (size_t)most);
}

ssize_t
__wrap_pread64(int fd, void *data, size_t size, off_t offset)
{
    ssize_t most = moved(CALL_PREAD, size);
    return most <= 0 ? most : __real_pread64(fd, data, (size_t)most, offset);
}

ssize_t
__wrap_write(int fd, const void *data, size_t size)
{
    ssize_t most = moved(CALL_WRITE, size);
    return most <= 0 ? most : __real_write(fd, data, (size_t)most);
}

int
__wrap_fchmod(int fd, mode_t mode)
{
    return fails(CALL_FCHMOD) ? -1 : __real_fchmod(fd, mode);
}

int
__wrap_fsync(int fd)
{
    return fails(CALL_FSYNC) ? -1 : __real_fsync(fd);
}

int
__wrap_rename(const char *from, const char *to)
{
    return fails(CALL_RENAME) ? -1 : __real_rename(from, to);
}

/* As on Linux, where the descriptor is gone whatever close says. */
int
__wrap_close(int fd)
{
    int closed = __real_close(fd);
    return fails(CALL_CLOSE) ? -1 : closed;
}

/* -- each of them --------------------------------------------------------- */

typedef void action(void);

/* For messages. */
static const char *
planned(void)
{
    static char text[80];
    snprintf(text, sizeof text, "fault %d of %s, call %zu%s", plan.fault,
             CALL_NAMES[plan.call], plan.at, plan.rest ? " and behind" : "");
    return text;
}

static int
descriptors(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* Runs `act` with the planned fault, and then `check` without. */
static void
run(action *act, action *check)
{
    int open_before = descriptors();
    plan.made = 0;
    plan.armed = true;
    act();
    plan.armed = false;
    check();
    ck_assert_msg(descriptors() == open_before, "%s: a descriptor is left",
                  planned());
}

/* Every place at which `call` is made; returns how many there are.  Calls that
 * are interrupted for ever would be made for ever. */
static size_t
run_each_place(enum call call, int fault, bool rest, action *act, action *check)
{
    memset(&plan, 0, sizeof plan);
    plan.call = call;
    plan.fault = fault;
    plan.rest = rest && fault != EINTR;
    do {
        plan.at++;
        run(act, check);
    } while (plan.made >= plan.at);
    return plan.at - 1;
}

/* `expected` are calls that must have been met. */
static void
run_each_fault(const enum call *expected, size_t count, action *act,
               action *check)
{
    bool met[CALLS] = {false};
    for (int call = 0; call < CALLS; call++)
        for (int i = 0; i < 2 * COUNT(FAULTS); i++)
            met[call] |= run_each_place((enum call)call, FAULTS[i / 2], i % 2,
                                        act, check) > 0;
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(met[expected[i]], "%s is not called",
                      CALL_NAMES[expected[i]]);
}

/* -- loading -------------------------------------------------------------- */

static const char SOURCE[] =
    "mayrelay: 1\n"
    "groups: {Team: ['file:users.txt']}\n"
    "domains: {inbound: ['file:domains.txt']}\n"
    "owners: file:owners.txt\n"
    "submit: {deny: [{sender-owned: false}]}\n"
    "relay:\n"
    "  allow: [{clients: ['file:networks.txt']}, {users: [$Team]}]\n"
    "  deny: [{clients: ['file:drop.txt']}]\n";

static const struct {
    const char *name, *content;
} LISTS[] = {
    {"policy.yaml", SOURCE},
    {"users.txt", "steven\njoe\n"},
    {"domains.txt", "example.com\n.example.com\n"},
    {"owners.txt", "steven@example.com steven\nexample.com joe\n"},
    {"networks.txt", "10.0.0.0/8\n192.168.0.0/16\n"},
    {"drop.txt", "10.1.0.0/16\n10.9.0.0/16\n"},
};

static struct {
    const char *path;
    unsigned flags;
    mayrelay_policy *whole, *loaded;
    mayrelay_report *report;
} loading;

static void
files_put(void)
{
    for (int i = 0; i < COUNT(LISTS); i++)
        file_write(in_folder(LISTS[i].name), LISTS[i].content,
                   strlen(LISTS[i].content));
    if (loading.whole)
        ck_assert_int_eq(
            mayrelay_policy_save(loading.whole, in_folder("a.mrp")),
            MAYRELAY_OK);
}

static void
load_once(void)
{
    loading.loaded =
        mayrelay_policy_load(loading.path, loading.flags, &loading.report);
}

static bool
has_error(const mayrelay_report *report)
{
    return mayrelay_report_count_at(report, MAYRELAY_ERROR) > 0;
}

/* The whole policy, or none and why. */
static void
judge_loaded(void)
{
    if (loading.loaded) {
        ck_assert_msg(strcmp(mayrelay_policy_get_digest(loading.loaded),
                             mayrelay_policy_get_digest(loading.whole)) == 0,
                      "%s: another policy", planned());
        ck_assert(!has_error(loading.report));
    } else {
        ck_assert_msg(has_error(loading.report), "%s: no error", planned());
    }
    mayrelay_policy_unref(loading.loaded);
    mayrelay_report_free(loading.report);
    if (plan.fault == CUT)
        files_put();
}

static void
judge_whole(void)
{
    ck_assert_msg(loading.loaded, "%s: no policy", planned());
    judge_loaded();
}

static const struct {
    const char *file;
    unsigned flags;
    enum call calls[5];
    size_t count;
} LOADS[] = {
    {"policy.yaml", 0, {CALL_OPEN, CALL_FSTAT, CALL_READ, CALL_CLOSE}, 4},
    {"a.mrp", 0, {CALL_OPEN, CALL_PREAD, CALL_FSTAT, CALL_MMAP, CALL_CLOSE}, 5},
    {"a.mrp",
     MAYRELAY_LOAD_COPY | MAYRELAY_LOAD_VERIFY,
     {CALL_OPEN, CALL_FSTAT, CALL_READ, CALL_CLOSE},
     4},
};

static char load_path[PATH_SIZE];

static void
loading_make(void)
{
    folder_make();
    files_put();
    loading.whole = mayrelay_policy_load(in_folder("policy.yaml"), 0, NULL);
    ck_assert_ptr_nonnull(loading.whole);
    files_put();
}

static void
loading_clear(void)
{
    mayrelay_policy_unref(loading.whole);
    folder_remove();
}

START_TEST(a_load_gives_the_whole_policy_or_none)
{
    snprintf(load_path, sizeof load_path, "%s", in_folder(LOADS[_i].file));
    loading.path = load_path;
    loading.flags = LOADS[_i].flags;
    run_each_fault(LOADS[_i].calls, LOADS[_i].count, load_once, judge_loaded);
}
END_TEST

/* A signal costs nothing, and neither does a slow disk. */
START_TEST(a_load_goes_on_behind_a_signal)
{
    static const int faults[] = {EINTR, SHORT};
    loading.path = strcpy(load_path, in_folder(LOADS[_i].file));
    loading.flags = LOADS[_i].flags;
    for (int i = 0; i < COUNT(faults); i++)
        for (enum call call = CALL_OPEN; call < CALLS; call++) {
            if (faults[i] == EINTR && (call == CALL_FSTAT || call == CALL_MMAP))
                continue; /* they do not say so */
            run_each_place(call, faults[i], true, load_once, judge_whole);
        }
}
END_TEST

/* -- saving --------------------------------------------------------------- */

static struct {
    mayrelay_policy *policy;
    char path[PATH_SIZE];
    struct text old, fresh; /* contents */
    enum mayrelay_status status;
    int problem;
} saving;

static void
old_put(void)
{
    file_write(saving.path, saving.old.data, saving.old.size);
}

static void
saving_make(void)
{
    folder_make();
    snprintf(saving.path, sizeof saving.path, "%s", in_folder("a.mrp"));
    save_as(TINY, saving.path);
    saving.old = file_content(saving.path);
    saving.policy = must_parse(SMALL);
    ck_assert_int_eq(mayrelay_policy_save(saving.policy, saving.path),
                     MAYRELAY_OK);
    saving.fresh = file_content(saving.path);
    old_put();
}

static void
saving_clear(void)
{
    mayrelay_policy_unref(saving.policy);
    content_free(saving.old);
    content_free(saving.fresh);
    folder_remove();
}

static void
save_once(void)
{
    errno = 0;
    saving.status = mayrelay_policy_save(saving.policy, saving.path);
    saving.problem = errno;
}

/* The second fsync is that of the folder, behind the rename. */
static bool
is_replaced_all_the_same(void)
{
    return plan.call == CALL_FSYNC && plan.at == 2;
}

static void
judge_saved(void)
{
    struct text content = file_content(saving.path);
    bool ok = saving.status == MAYRELAY_OK;
    bool fresh = text_equal(content, saving.fresh);
    ck_assert_msg(fresh || text_equal(content, saving.old), "%s: neither",
                  planned());
    ck_assert_msg(fresh == (ok || is_replaced_all_the_same()), "%s: wrong one",
                  planned());
    ck_assert_int_eq(folder_count(), 1);
    if (!ok) {
        ck_assert_int_eq(saving.status, MAYRELAY_ERR_IO);
        ck_assert_int_eq(saving.problem, plan.fault > 0 ? plan.fault : EIO);
    }
    content_free(content);
    old_put();
}

START_TEST(a_save_leaves_the_old_image_or_the_new_one)
{
    static const enum call expected[] = {CALL_OPEN,  CALL_STAT,  CALL_FCHMOD,
                                         CALL_WRITE, CALL_FSYNC, CALL_RENAME,
                                         CALL_CLOSE};
    run_each_fault(expected, COUNT(expected), save_once, judge_saved);
}
END_TEST

/* Some file systems cannot sync a folder, and say so; the file must be. */
START_TEST(a_folder_that_cannot_be_synced_is_no_failure)
{
    memset(&plan, 0, sizeof plan);
    plan.call = CALL_FSYNC;
    plan.fault = EINVAL;
    for (plan.at = 1; plan.at <= 2; plan.at++) {
        plan.made = 0;
        plan.armed = true;
        save_once();
        plan.armed = false;
        ck_assert_int_eq(saving.status,
                         plan.at == 2 ? MAYRELAY_OK : MAYRELAY_ERR_IO);
        judge_saved();
    }
}
END_TEST

START_TEST(special_files_are_not_replaced)
{
    ck_assert_int_eq(unlink(saving.path), 0);
    ck_assert_int_eq(mkfifo(saving.path, 0600), 0);
    save_once();
    ck_assert_int_eq(saving.status, MAYRELAY_ERR_IO);
    ck_assert_int_eq(saving.problem, EINVAL);
    struct stat status;
    ck_assert_int_eq(stat(saving.path, &status), 0);
    ck_assert(S_ISFIFO(status.st_mode));
    ck_assert_int_eq(folder_count(), 1);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("faults");
    TCase *loads = tcase_create("loads");
    tcase_add_checked_fixture(loads, loading_make, loading_clear);
    tcase_set_timeout(loads, 120);
    tcase_add_loop_test(loads, a_load_gives_the_whole_policy_or_none, 0,
                        COUNT(LOADS));
    tcase_add_loop_test(loads, a_load_goes_on_behind_a_signal, 0, COUNT(LOADS));
    suite_add_tcase(suite, loads);
    TCase *saves = tcase_create("saves");
    tcase_add_checked_fixture(saves, saving_make, saving_clear);
    tcase_set_timeout(saves, 120);
    tcase_add_test(saves, a_save_leaves_the_old_image_or_the_new_one);
    tcase_add_test(saves, a_folder_that_cannot_be_synced_is_no_failure);
    tcase_add_test(saves, special_files_are_not_replaced);
    suite_add_tcase(suite, saves);
    return suite;
}
