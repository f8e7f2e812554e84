/* Images as files: what is loaded decides as what was parsed, and what is not
 * an image, or not whole, is refused. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "image/format.h"
#include "policies.h"
#include "policy/list_file.h"
#include "suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define Z            MAYRELAY_ZSTR

enum {
    PATH_SIZE = 512
};

#define ID_UNREADABLE "MR501"
#define ID_INVALID    "MR511"
#define ID_VERSION    "MR512"
#define ID_ORDER      "MR513"
#define ID_NOT_CLOSED "MR515"

/* -- folders and files
 * ------------------------------------------------------------------- */

static char folder[32];

static void
folder_make(void)
{
    snprintf(folder, sizeof folder, "/tmp/mayrelay-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
folder_remove(void)
{
    char path[PATH_SIZE];
    DIR *dir = opendir(folder);
    for (struct dirent *entry; (entry = readdir(dir));) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        remove(path);
    }
    closedir(dir);
    ck_assert_int_eq(rmdir(folder), 0);
}

/* How many names the folder holds. */
static int
folder_count(void)
{
    int count = -2; /* . and .. */
    DIR *dir = opendir(folder);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* A path in the folder; good until the fourth call from here. */
static const char *
in_folder(const char *name)
{
    static char paths[4][PATH_SIZE];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, PATH_SIZE, "%s/%s", folder, name);
    return path;
}

static void
file_write(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, size, file), size);
    fclose(file);
}

static struct text
file_content(const char *path)
{
    struct text content;
    const char *problem = "";
    ck_assert_msg(file_read(path, &content, &problem), "%s: %s", path, problem);
    return content;
}

static void
content_free(struct text content)
{
    free((void *)(uintptr_t)content.data);
}

static void
assert_same_file(const char *a, const char *b)
{
    struct text left = file_content(a);
    struct text right = file_content(b);
    ck_assert_msg(text_equal(left, right), "%s and %s differ", a, b);
    content_free(left);
    content_free(right);
}

/* -- a small policy
 * --------------------------------------------------------------------- */

/* Every section has something in it. */
static const char SMALL[] =
    "mayrelay: 1\n"
    "groups: {Staff: ask}\n"
    "domains:\n"
    "  inbound: [{domain: example.com, mailboxes: [joe, '/j.*/']}]\n"
    "  always-relay: [partner.example]\n"
    "  reroute: {old.example: example.com}\n"
    "  literals: [192.0.2.25]\n"
    "owners: {steven@example.com: [steven], .example.com: [joe]}\n"
    "connectors:\n"
    "  - name: lan\n"
    "    listen: ['192.0.2.25:25', '*:587']\n"
    "    clients: [10.0.0.0/8, '2001:db8::/32']\n"
    "    submit: {deny: [{senders: [$inbound], sender-owned: false}]}\n"
    "    relay:\n"
    "      allow:\n"
    "        - {clients: [10.0.0.0/8, not 10.9.0.0/16, h.example]}\n"
    "        - {users: [steven, $Staff, '/s.*/'], senders: ['<>', joe@]}\n"
    "        - {certificates: [00112233445566778899aabbccddeeff0011223344556677"
    "8899aabbccddeeff], recipients: [x@far.example, .far.example]}\n"
    "      deny: [{listeners: ['192.0.2.25:25'], clients: [10.1.0.0/16]}]\n"
    "  - name: rest\n";

/* Small enough that every bit of its image can be tried. */
static const char TINY[] =
    "mayrelay: 1\n"
    "domains: {inbound: [example.com]}\n"
    "relay: {allow: [{clients: [10.0.0.0/8, h.example], senders: [joe@]}]}\n";

static const struct {
    const char *client, *listener, *identity, *sender, *recipient;
} TRANSACTIONS[] = {
    {"10.2.3.4", "192.0.2.25:25", NULL, "a@b.example", "joe@example.com"},
    {"10.2.3.4", "192.0.2.25:25", NULL, "a@b.example", "nobody@example.com"},
    {"10.2.3.4", "192.0.2.25:587", NULL, "a@b.example", "x@far.example"},
    {"10.1.3.4", "192.0.2.25:25", NULL, "a@b.example", "x@far.example"},
    {"10.9.3.4", "192.0.2.25:25", NULL, "a@b.example", "x@far.example"},
    {"10.9.3.4", "192.0.2.25:587", "steven", "<>", "x@far.example"},
    {"10.9.3.4", "192.0.2.25:25", "steven", "joe@example.com", "x@y.example"},
    {"10.9.3.4", "192.0.2.25:25", "steven", "steven@example.com", "x@y.z.test"},
    {"2001:db8::9", "192.0.2.25:25", "joe", "joe@sub.example.com", "<a%b@c.d>"},
    {"203.0.113.9", "192.0.2.25:25", NULL, "<>", "x@partner.example"},
    {"203.0.113.9", "192.0.2.25:25", NULL, "<>", "x@old.example"},
    {"203.0.113.9", "192.0.2.25:25", NULL, "<>", "joe@[192.0.2.25]"},
    {"203.0.113.9", "192.0.2.9:99", NULL, "<>", "postmaster"},
    {"203.0.113.9", "[2001:db8::25]:25", NULL, "bad", "bad"},
    {"203.0.113.9", NULL, "guest", "joe@realdomain.com", "x@virtualdomain.com"},
    {"127.0.0.1", "192.0.2.25:25", "DOM\\alice", "alice@example.com",
     "x@example.net"},
    {"::1", "192.0.2.25:587", "bob", "bob@example.org", "joe+tag@example.com"},
    {"192.168.1.9", "192.168.1.1:25", NULL, "x@example.org", "y@example.org"},
};

/* One transaction from connect to the decision, with and without answers. */
static void
judge(mayrelay_session *s, int which, bool answers)
{
    mayrelay_session_rewrites(s, answers);
    mayrelay_session_connect(s, TRANSACTIONS[which].client,
                             TRANSACTIONS[which].listener);
    if (answers) {
        mayrelay_session_add_client_name(s, "h.example", Z);
        mayrelay_session_answer(s, MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_KNOWN);
        mayrelay_session_tls(s, NULL, 0);
    }
    mayrelay_session_auth(s, TRANSACTIONS[which].identity, Z);
    if (answers) {
        mayrelay_session_add_group(s, "staff", Z);
        mayrelay_session_answer(s, MAYRELAY_FACT_GROUPS, MAYRELAY_KNOWN);
    }
    mayrelay_session_mail(s, TRANSACTIONS[which].sender, Z);
    mayrelay_session_rcpt(s, TRANSACTIONS[which].recipient, Z);
}

static void
assert_same_decision(mayrelay_session *a, mayrelay_session *b)
{
    static char left[1 << 16];
    static char right[1 << 16];
    mayrelay_decision_explain(mayrelay_session_get_decision(a), MAYRELAY_JSON,
                              left, sizeof left);
    mayrelay_decision_explain(mayrelay_session_get_decision(b), MAYRELAY_JSON,
                              right, sizeof right);
    ck_assert_str_eq(left, right);
    ck_assert_str_eq(reply_of(a), reply_of(b));
}

static void
assert_same_decisions(mayrelay_policy *a, mayrelay_policy *b)
{
    mayrelay_session *left = mayrelay_session_new(a);
    mayrelay_session *right = mayrelay_session_new(b);
    for (int i = 0; i < 2 * COUNT(TRANSACTIONS); i++) {
        judge(left, i / 2, i % 2);
        judge(right, i / 2, i % 2);
        assert_same_decision(left, right);
    }
    mayrelay_session_free(left);
    mayrelay_session_free(right);
}

/* -- saved and loaded
 * -------------------------------------------------------------------- */

static const unsigned FLAGS[] = {
    0,
    MAYRELAY_LOAD_COPY,
    MAYRELAY_LOAD_VERIFY,
    MAYRELAY_LOAD_COPY | MAYRELAY_LOAD_VERIFY,
};

static void
round_trip(mayrelay_policy *policy)
{
    const char *image = in_folder("a.mrp");
    ck_assert_int_eq(mayrelay_policy_save(policy, image), MAYRELAY_OK);
    for (int i = 0; i < COUNT(FLAGS); i++) {
        mayrelay_report *report;
        mayrelay_policy *loaded =
            mayrelay_policy_load(image, FLAGS[i], &report);
        ck_assert_ptr_nonnull(loaded);
        ck_assert_ptr_null(report);
        ck_assert_str_eq(mayrelay_policy_get_digest(policy),
                         mayrelay_policy_get_digest(loaded));
        ck_assert_uint_eq(mayrelay_policy_get_facts(policy),
                          mayrelay_policy_get_facts(loaded));
        ck_assert_int_eq(mayrelay_policy_has_reroute(policy),
                         mayrelay_policy_has_reroute(loaded));
        assert_same_decisions(policy, loaded);
        mayrelay_policy_unref(loaded);
    }
}

START_TEST(a_loaded_image_decides_as_the_policy)
{
    mayrelay_policy *policy = must_parse(SMALL);
    round_trip(policy);
    mayrelay_policy_unref(policy);
}
END_TEST

static const char *
tests_dir(void)
{
    const char *dir = getenv("MAYRELAY_TESTS");
    return dir ? dir : "tests";
}

static const char *const POLICY_FOLDERS[] = {
    "../examples/policies",
    "conformance/cases/exchange",
    "conformance/cases/relay",
};

static bool
is_policy(const char *name)
{
    struct text text = text_of(name);
    return text_ends(text, TEXT(".yaml")) ||
           (text_starts(text, TEXT("policy-")) &&
            text_ends(text, TEXT(".json")));
}

/* The same policy: the same bytes, compiled again and saved again. */
static void
compile_again(const char *path, mayrelay_policy *policy)
{
    mayrelay_policy *again = mayrelay_policy_load(path, 0, NULL);
    ck_assert_int_eq(mayrelay_policy_save(again, in_folder("b.mrp")),
                     MAYRELAY_OK);
    assert_same_file(in_folder("a.mrp"), in_folder("b.mrp"));
    mayrelay_policy_unref(policy);
    policy = mayrelay_policy_load(in_folder("b.mrp"), 0, NULL);
    ck_assert_int_eq(mayrelay_policy_save(policy, in_folder("c.mrp")),
                     MAYRELAY_OK);
    assert_same_file(in_folder("a.mrp"), in_folder("c.mrp"));
    mayrelay_policy_unref(policy);
    mayrelay_policy_unref(again);
}

START_TEST(policies_decide_alike_from_their_images)
{
    char path[PATH_SIZE];
    int count = 0;
    snprintf(path, sizeof path, "%s/%s", tests_dir(), POLICY_FOLDERS[_i]);
    DIR *dir = opendir(path);
    ck_assert_msg(dir, "cannot open %s", path);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!is_policy(entry->d_name))
            continue;
        snprintf(path, sizeof path, "%s/%s/%s", tests_dir(), POLICY_FOLDERS[_i],
                 entry->d_name);
        mayrelay_policy *policy = mayrelay_policy_load(path, 0, NULL);
        ck_assert_msg(policy, "cannot load %s", path);
        round_trip(policy);
        compile_again(path, policy);
        count++;
    }
    closedir(dir);
    ck_assert_int_gt(count, 0);
}
END_TEST

/* -- what is not an image
 * --------------------------------------------------------------- */

static void
save_as(const char *yaml, const char *path)
{
    mayrelay_policy *policy = must_parse(yaml);
    ck_assert_int_eq(mayrelay_policy_save(policy, path), MAYRELAY_OK);
    mayrelay_policy_unref(policy);
}

static void
save_small(const char *path)
{
    save_as(SMALL, path);
}

/* NULL, and one finding of that id about that file. */
static void
assert_refused(const char *path, unsigned flags, const char *id)
{
    mayrelay_report *report;
    ck_assert_ptr_null(mayrelay_policy_load(path, flags, &report));
    ck_assert_uint_eq(mayrelay_report_count(report), 1);
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), id);
    ck_assert_int_eq(mayrelay_report_get_severity(report, 0), MAYRELAY_ERROR);
    ck_assert_str_eq(mayrelay_report_get_file(report, 0), path);
    mayrelay_report_free(report);
    ck_assert_ptr_null(mayrelay_policy_load(path, flags, NULL));
}

static const struct {
    size_t at;
    uint32_t value;
    const char *id;
} WRONG_HEADERS[] = {
    {offsetof(struct image_header, version), 0, ID_VERSION},
    {offsetof(struct image_header, version), IMAGE_VERSION + 1, ID_VERSION},
    {offsetof(struct image_header, byte_order), 0x04030201, ID_ORDER},
    {offsetof(struct image_header, byte_order), 0, ID_ORDER},
    {offsetof(struct image_header, section_count), 1, ID_INVALID},
    {offsetof(struct image_header, size), 1, ID_INVALID},
    {offsetof(struct image_header, stamp), 1, ID_INVALID},
};

START_TEST(another_header_is_refused)
{
    const char *path = in_folder("a.mrp");
    save_small(path);
    struct text content = file_content(path);
    char *data = (char *)(uintptr_t)content.data;
    memcpy(data + WRONG_HEADERS[_i].at, &WRONG_HEADERS[_i].value,
           sizeof WRONG_HEADERS[_i].value);
    file_write(path, data, content.size);
    content_free(content);
    for (int i = 0; i < COUNT(FLAGS); i++)
        assert_refused(path, FLAGS[i], WRONG_HEADERS[_i].id);
}
END_TEST

static const unsigned MAP_OR_COPY[] = {0, MAYRELAY_LOAD_COPY};

START_TEST(every_truncation_is_refused)
{
    const char *path = in_folder("a.mrp");
    unsigned flags = MAP_OR_COPY[_i];
    save_small(path);
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    for (off_t size = status.st_size - 1; size >= 0; size--) {
        ck_assert_int_eq(truncate(path, size), 0);
        if (size >= IMAGE_MAGIC_SIZE)
            assert_refused(path, flags, ID_INVALID);
        else /* not even its magic */
            ck_assert_ptr_null(mayrelay_policy_load(path, flags, NULL));
    }
}
END_TEST

START_TEST(bytes_behind_the_image_are_refused)
{
    const char *path = in_folder("a.mrp");
    save_small(path);
    FILE *file = fopen(path, "ab");
    fputc(0, file);
    fclose(file);
    for (int i = 0; i < COUNT(FLAGS); i++)
        assert_refused(path, FLAGS[i], ID_INVALID);
}
END_TEST

START_TEST(only_regular_files_are_read)
{
    const char *fifo = in_folder("fifo");
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    assert_refused(fifo, FLAGS[_i], ID_UNREADABLE);
    assert_refused(folder, FLAGS[_i], ID_UNREADABLE);
    assert_refused(in_folder("missing"), FLAGS[_i], ID_UNREADABLE);
    assert_refused("/dev/null", FLAGS[_i], ID_UNREADABLE);
    assert_refused("", FLAGS[_i], ID_UNREADABLE);
}
END_TEST

START_TEST(an_unreadable_file_is_refused)
{
    const char *path = in_folder("a.mrp");
    save_small(path);
    chmod(path, 0);
    if (geteuid() != 0) /* root reads everything */
        for (int i = 0; i < COUNT(FLAGS); i++)
            assert_refused(path, FLAGS[i], ID_UNREADABLE);
    chmod(path, 0600);
}
END_TEST

static const struct text NO_POLICIES[] = {
    TEXT(""),
    TEXT("\n"),
    TEXT("\x89PNG\r\n\x1a\n and more"),
    TEXT("\x89mrp\n\x1a\n and more"),
    TEXT("mayrelay: 2\n"),
    TEXT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
};

START_TEST(other_files_are_refused)
{
    const char *path = in_folder("a.mrp");
    file_write(path, NO_POLICIES[_i].data, NO_POLICIES[_i].size);
    for (int i = 0; i < COUNT(FLAGS); i++) {
        mayrelay_report *report;
        ck_assert_ptr_null(mayrelay_policy_load(path, FLAGS[i], &report));
        ck_assert_uint_ge(mayrelay_report_count_at(report, MAYRELAY_ERROR), 1);
        mayrelay_report_free(report);
    }
}
END_TEST

START_TEST(only_a_stamped_image_is_closed)
{
    const char *image = in_folder("a.mrp");
    const char *source = in_folder("a.yaml");
    save_small(image);
    file_write(source, SMALL, sizeof SMALL - 1);
    for (int i = 0; i < COUNT(FLAGS); i++) {
        unsigned flags = FLAGS[i] | MAYRELAY_LOAD_REQUIRE_CLOSED;
        assert_refused(image, flags, ID_NOT_CLOSED);
        assert_refused(source, flags, ID_NOT_CLOSED);
    }
}
END_TEST

/* -- damage
 * --------------------------------------------------------------------------------
 */

/* Whatever the bytes say: an end, and nothing but SMTP codes. */
static void
judge_safely(mayrelay_session *s, int which)
{
    static char text[1 << 12];
    judge(s, which, which % 2);
    const mayrelay_decision *d = mayrelay_session_get_decision(s);
    int code = mayrelay_decision_get_code(d);
    if (code != 250 && (code < 400 || code > 599))
        ck_abort_msg("code %d", code);
    if (strlen(mayrelay_decision_get_reply(d)) > 510)
        ck_abort_msg("a reply too long");
    mayrelay_decision_explain(d, which % 3 ? MAYRELAY_TEXT : MAYRELAY_JSON,
                              text, sizeof text);
}

enum {
    JUDGED_EACH = 2 /* of the transactions, for each damage; in turn */
};

/* True if load does not see the damage; the copy has no byte to spare. */
static bool
judge_damaged(const char *path)
{
    static int turn;
    mayrelay_policy *policy =
        mayrelay_policy_load(path, MAYRELAY_LOAD_COPY, NULL);
    if (!policy)
        return false;
    mayrelay_session *s = mayrelay_session_new(policy);
    for (int i = 0; i < JUDGED_EACH; i++)
        judge_safely(s, turn++ % COUNT(TRANSACTIONS));
    mayrelay_session_free(s);
    mayrelay_policy_unref(policy);
    return true;
}

static void
write_byte(int fd, size_t at, char byte)
{
    if (pwrite(fd, &byte, 1, (off_t)at) != 1)
        ck_abort_msg("cannot write");
}

/* Verifying sees it; true if nothing else does. */
static bool
judge_flipped(const char *path, size_t at)
{
    if (mayrelay_policy_load(path, MAYRELAY_LOAD_VERIFY, NULL))
        ck_abort_msg("damage of byte %zu was not seen", at);
    bool opened = judge_damaged(path);
    if (opened && at < sizeof(struct image_header))
        ck_abort_msg("damage of header byte %zu was not seen", at);
    return opened;
}

/* One bit of every byte: bit `first`, and then `step` further each byte. */
static void
flip_each_byte(const char *yaml, size_t first, size_t step)
{
    const char *path = in_folder("a.mrp");
    save_as(yaml, path);
    struct text content = file_content(path);
    int fd = open(path, O_RDWR);
    size_t unseen = 0;
    for (size_t at = 0; at < content.size; at++) {
        size_t bit = (first + at * step) % 8;
        write_byte(fd, at, (char)(content.data[at] ^ 1 << bit));
        unseen += judge_flipped(path, at);
        write_byte(fd, at, content.data[at]);
    }
    ck_assert_uint_gt(unseen, 0);
    close(fd);
    content_free(content);
}

START_TEST(every_flipped_bit_is_seen_or_harmless)
{
    flip_each_byte(TINY, (size_t)_i, 0);
}
END_TEST

START_TEST(damage_anywhere_is_seen_or_harmless)
{
    flip_each_byte(SMALL, 0, 3);
}
END_TEST

/* -- saving
 * --------------------------------------------------------------------------------
 */

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
    Suite *suite = suite_create("image");
    TCase *same = tcase_create("same");
    tcase_add_checked_fixture(same, folder_make, folder_remove);
    tcase_set_timeout(same, 60);
    tcase_add_test(same, a_loaded_image_decides_as_the_policy);
    tcase_add_loop_test(same, policies_decide_alike_from_their_images, 0,
                        COUNT(POLICY_FOLDERS));
    suite_add_tcase(suite, same);
    TCase *refused = tcase_create("refused");
    tcase_add_checked_fixture(refused, folder_make, folder_remove);
    tcase_set_timeout(refused, 60);
    tcase_add_loop_test(refused, another_header_is_refused, 0,
                        COUNT(WRONG_HEADERS));
    tcase_add_loop_test(refused, every_truncation_is_refused, 0,
                        COUNT(MAP_OR_COPY));
    tcase_add_test(refused, bytes_behind_the_image_are_refused);
    tcase_add_loop_test(refused, only_regular_files_are_read, 0, COUNT(FLAGS));
    tcase_add_test(refused, an_unreadable_file_is_refused);
    tcase_add_loop_test(refused, other_files_are_refused, 0,
                        COUNT(NO_POLICIES));
    tcase_add_test(refused, only_a_stamped_image_is_closed);
    suite_add_tcase(suite, refused);
    TCase *damaged = tcase_create("damaged");
    tcase_add_checked_fixture(damaged, folder_make, folder_remove);
    tcase_set_timeout(damaged, 120);
    tcase_add_loop_test(damaged, every_flipped_bit_is_seen_or_harmless, 0, 8);
    tcase_add_test(damaged, damage_anywhere_is_seen_or_harmless);
    suite_add_tcase(suite, damaged);
    TCase *saving = tcase_create("saving");
    tcase_add_checked_fixture(saving, folder_make, folder_remove);
    tcase_add_test(saving, saving_replaces_the_file);
    tcase_add_test(saving, a_failed_save_leaves_nothing);
    tcase_add_test(saving, a_failed_save_keeps_the_old_file);
    tcase_add_test(saving, a_save_cut_off_keeps_the_old_file);
    tcase_add_test(saving, a_relative_path_will_do);
    suite_add_tcase(suite, saving);
    return suite;
}
