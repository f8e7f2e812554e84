#include <xxhash.h>

#include "image/image.h"
#include "images.h"

/* -- saved and loaded --------------------------------------------------- */

static void
assert_same_rules(const mayrelay_policy *policy, const mayrelay_policy *loaded)
{
    size_t count = mayrelay_policy_count_rules(policy);
    ck_assert_uint_eq(mayrelay_policy_count_rules(loaded), count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_str_eq(mayrelay_policy_get_rule(policy, i),
                         mayrelay_policy_get_rule(loaded, i));
        ck_assert_str_eq(mayrelay_policy_get_rule_file(policy, i),
                         mayrelay_policy_get_rule_file(loaded, i));
        ck_assert_uint_eq(mayrelay_policy_get_rule_line(policy, i),
                          mayrelay_policy_get_rule_line(loaded, i));
    }
    ck_assert_ptr_null(mayrelay_policy_get_rule(loaded, count));
    ck_assert_ptr_null(mayrelay_policy_get_rule_file(loaded, SIZE_MAX));
    ck_assert_uint_eq(mayrelay_policy_get_rule_line(loaded, count), 0);
}

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
        assert_same_rules(policy, loaded);
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

/* -- what is not an image ----------------------------------------------- */

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
    {offsetof(struct image_header, unused), 1, ID_INVALID},
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

START_TEST(an_unknown_flag_is_refused)
{
    mayrelay_report *report;
    save_small(in_folder("a.mrp"));
    ck_assert_ptr_null(mayrelay_policy_load(in_folder("a.mrp"), 8, &report));
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), ID_UNREADABLE);
    mayrelay_report_free(report);
}
END_TEST

/* Makes the header believed again. */
static void
seal(struct image_header *header)
{
    header->header_check = 0;
    header->header_check = XXH3_64bits(header, sizeof *header);
}

/* As when a file changes between two looks at it. */
START_TEST(bytes_of_no_image_are_not_opened)
{
    struct image image;
    mayrelay_report *report = report_new();
    _Alignas(64) static const char text[1024] = "mayrelay: 1\n";
    ck_assert(!image_open(&image, text, sizeof text, "a.mrp", report));
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), ID_INVALID);
    mayrelay_report_free(report);
}
END_TEST

/* -- damage ------------------------------------------------------------- */

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

static const char PATTERN_RULE[] =
    "mayrelay: 1\n"
    "domains: {inbound: [example.com]}\n"
    "submit: {deny: [{senders: ['/x.*@a\\.example/']}]}\n";

static void
wrap_counts(struct text content)
{
    char *data = (char *)(uintptr_t)content.data;
    const struct image_header *header = (const void *)data;
    struct image_section rules = header->sections[SECTION_RULES];
    struct image_rule *rule = (void *)(data + rules.offset);
    rule->select[SELECT_SENDERS].include_count = UINT32_MAX;
    rule->select[SELECT_SENDERS].exclude_count = 2;
}

START_TEST(counts_that_wrap_around_stay_in_their_section)
{
    const char *path = in_folder("a.mrp");
    save_as(PATTERN_RULE, path);
    struct text content = file_content(path);
    wrap_counts(content);
    file_write(path, content.data, content.size);
    content_free(content);
    mayrelay_policy *policy =
        mayrelay_policy_load(path, MAYRELAY_LOAD_COPY, NULL);
    mayrelay_session *s = mayrelay_session_new(policy);
    mayrelay_session_connect(s, "192.0.2.1", NULL);
    mayrelay_session_mail(s, "b@a.example", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@example.com", Z), 451);
    mayrelay_session_free(s);
    mayrelay_policy_unref(policy);
}
END_TEST

/* -- what no compiler writes ---------------------------------------------- */

enum {
    MANY_RULES = 300, /* more than are looked at without their windows */
    RULE_ROOM = 64
};

static const char OTHER_RULES[] =
    "mayrelay: 1\n"
    "domains:\n"
    "  inbound: [{domain: example.com, mailboxes: [joe, jim]}]\n"
    "  reroute: {old.example: example.com}\n"
    "relay:\n"
    "  deny: [{clients: [10.0.0.1]}]\n"
    "  allow:\n";

/* Rules of which a pattern has to be tried. */
static mayrelay_policy *
many_rules(void)
{
    static char yaml[sizeof OTHER_RULES + MANY_RULES * RULE_ROOM];
    size_t size = sizeof OTHER_RULES - 1;
    memcpy(yaml, OTHER_RULES, sizeof OTHER_RULES);
    for (unsigned i = 0; i < MANY_RULES; i++)
        size +=
            (size_t)snprintf(yaml + size, RULE_ROOM,
                             "    - {senders: ['/a%u@.*/'], users: [u]}\n", i);
    return must_parse(yaml);
}

static void
lose_blocks(char *data, struct image_header *header)
{
    (void)data;
    header->sections[SECTION_BLOCKS].size = 2 * sizeof(struct image_block);
}

static void
lose_windows(char *data, struct image_header *header)
{
    (void)data;
    header->sections[SECTION_WINDOWS].size = 0;
}

static void
accept_where_denied(char *data, struct image_header *header)
{
    struct image_section section = header->sections[SECTION_RULES];
    struct image_rule *rules = (void *)(data + section.offset);
    for (size_t i = 0; i < section.size / sizeof *rules; i++)
        if (rules[i].deny)
            rules[i].reason = MAYRELAY_REASON_INBOUND;
}

static void
lose_target(char *data, struct image_header *header)
{
    struct image_section section = header->sections[SECTION_DOMAINS];
    struct image_domain *domains = (void *)(data + section.offset);
    for (size_t i = 0; i < section.size / sizeof *domains; i++)
        domains[i].target = 0;
}

/* No look-up finds its way. */
static void
fill_mailboxes(char *data, struct image_header *header)
{
    struct image_section section = header->sections[SECTION_MAILBOXES];
    const size_t head = 64, words = 24;
    for (size_t at = head; at + 64 <= section.size; at += 64)
        memset(data + section.offset + at + words, 0xff, 64 - words);
}

static const struct {
    void (*harm)(char *data, struct image_header *header);
    const char *client, *recipient, *told;
} HARMS[] = {
    {lose_blocks, "192.0.2.7", "x@far.example", "damaged"},
    {lose_windows, "192.0.2.7", "x@far.example", "damaged"},
    {accept_where_denied, "10.0.0.1", "x@far.example", "internal-error"},
    {lose_target, "192.0.2.7", "joe@old.example", "internal-error"},
    {fill_mailboxes, "192.0.2.7", "joe@example.com", "lookup-failed"},
};

static mayrelay_session *
decide_one(mayrelay_policy *policy, int which)
{
    mayrelay_session *s = session_over(policy);
    mayrelay_session_rewrites(s, true);
    mayrelay_session_connect(s, HARMS[which].client, NULL);
    mayrelay_session_auth(s, "u", Z);
    mayrelay_session_mail(s, "x@y.example", Z);
    mayrelay_session_rcpt(s, HARMS[which].recipient, Z);
    return s;
}

static void
harm_file(const char *path, int which)
{
    struct text content = file_content(path);
    char *data = (char *)(uintptr_t)content.data;
    HARMS[which].harm(data, (void *)data);
    seal((void *)data);
    file_write(path, data, content.size);
    content_free(content);
}

START_TEST(what_no_compiler_writes_is_deferred)
{
    static char told[1 << 20];
    const char *path = in_folder("a.mrp");
    mayrelay_policy *policy = many_rules();
    ck_assert_int_eq(mayrelay_policy_save(policy, path), MAYRELAY_OK);
    mayrelay_session *s = decide_one(policy, _i);
    ck_assert_int_ne(atoi(reply_of(s)), 451);
    mayrelay_session_free(s);
    harm_file(path, _i);
    s = decide_one(mayrelay_policy_load(path, MAYRELAY_LOAD_COPY, NULL), _i);
    ck_assert_int_eq(atoi(reply_of(s)), 451);
    const mayrelay_decision *d = mayrelay_session_get_decision(s);
    mayrelay_decision_explain(d, MAYRELAY_TEXT, told, sizeof told);
    ck_assert_ptr_nonnull(strstr(told, HARMS[_i].told));
    mayrelay_decision_explain(d, MAYRELAY_JSON, told, sizeof told);
    ck_assert_ptr_nonnull(strstr(told, HARMS[_i].told));
    mayrelay_session_free(s);
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
    tcase_add_test(refused, an_unknown_flag_is_refused);
    tcase_add_test(refused, bytes_of_no_image_are_not_opened);
    suite_add_tcase(suite, refused);
    TCase *damaged = tcase_create("damaged");
    tcase_add_checked_fixture(damaged, folder_make, folder_remove);
    tcase_set_timeout(damaged, 120);
    tcase_add_loop_test(damaged, every_flipped_bit_is_seen_or_harmless, 0, 8);
    tcase_add_test(damaged, damage_anywhere_is_seen_or_harmless);
    tcase_add_test(damaged, counts_that_wrap_around_stay_in_their_section);
    tcase_add_loop_test(damaged, what_no_compiler_writes_is_deferred, 0,
                        COUNT(HARMS));
    suite_add_tcase(suite, damaged);
    return suite;
}
