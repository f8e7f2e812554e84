/* Memory: none is taken while deciding, and any that is refused elsewhere, to
 * the library or to those it calls, costs an error: nothing is accepted for it,
 * nothing leaks, and what there is can be used again. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "each_failure.h"
#include "failing_malloc.h"
#include "policies.h"
#include "suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define Z            MAYRELAY_ZSTR

/* -- nothing is taken while deciding -------------------------------------- */

#define PLAIN                                                                  \
    "mayrelay: 1\n"                                                            \
    "groups: {Staff: ask, Team: [steven]}\n"                                   \
    "domains:\n"                                                               \
    "  inbound:\n"                                                             \
    "    - example.com\n"                                                      \
    "    - b\xc3\xbc"                                                          \
    "cher.example\n"                                                           \
    "    - {domain: asks.example, mailboxes: ask}\n"                           \
    "  reroute: {old.example: example.com}\n"                                  \
    "owners: {steven@example.com: [steven]}\n"                                 \
    "connect: {deny: [{clients: [192.0.2.99, .bad.example]}]}\n"               \
    "submit: {deny: [{sender-owned: false}]}\n"                                \
    "relay:\n"                                                                 \
    "  deny:\n"                                                                \
    "    - {users: [mallory], reply: '550 5.7.1 No %{identity} %{rule}'}\n"    \
    "  allow:\n"                                                               \
    "    - {clients: [10.0.0.0/8, .trusted.example]}\n"                        \
    "    - {users: [$Staff, $Team], tls: true}\n"
#define PATTERNS                                                               \
    "    - {clients: ['/.*\\.pattern\\.example/']}\n"                          \
    "    - {users: ['/s.*n/'], senders: ['/.*@example[.]com/'],\n"             \
    "       recipients: ['/[a-z]+@far[.]example/']}\n"
/* Addresses in more lists than are gathered without memory. */
#define IN_FOUR                                                                \
    "    - {clients: [198.51.100.0/24], users: [a]}\n"                         \
    "    - {clients: [198.51.100.0/24], users: [b]}\n"                         \
    "    - {clients: [198.51.100.0/24], users: [c]}\n"                         \
    "    - {clients: [198.51.100.0/24], users: [d]}\n"
#define IN_SIXTEEN     IN_FOUR IN_FOUR IN_FOUR IN_FOUR
#define DENIED_BY_FILE "never-route: ['file:drop.txt']\n"
static const char *const POLICIES[] = {PLAIN, PLAIN PATTERNS};

static const char *const RECIPIENTS[] = {
    "joe@example.com",   "x@far.example", "joe@asks.example",
    "joe@old.example",   "a%b@c.example", "<postmaster>",
    "not an address",    "x@[192.0.2.1]", "\"quoted part\"@far.example",
    "UPPER@FAR.EXAMPLE",
};

/* Everything a session is asked, but for what the host tells it of names and
 * groups, which the session keeps. */
static void
decide_all(mayrelay_session *s, bool fill)
{
    static char text[1 << 16];
    static const unsigned char octets[16] = {0x20, 1, 0xd, 0xb8};
    mayrelay_session_connect_addr(s, octets, 16, octets, 16, 25);
    mayrelay_session_connect(s, "192.0.2.7", "192.0.2.25:25");
    mayrelay_session_tls(s, NULL, 0);
    mayrelay_session_auth(s, "steven", Z);
    if (fill)
        for (int i = 0; i < 3; i++) {
            mayrelay_session_add_group(s, i ? "Staff" : "Others", Z);
            mayrelay_session_add_client_name(s, "mx.pattern.example", Z);
        }
    mayrelay_session_answer(s, MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_KNOWN);
    mayrelay_session_answer(s, MAYRELAY_FACT_GROUPS, MAYRELAY_KNOWN);
    mayrelay_session_mail(s, "<Steven@Example.com>", Z);
    for (int i = 0; i < COUNT(RECIPIENTS); i++) {
        mayrelay_session_rcpt(s, RECIPIENTS[i], Z);
        mayrelay_session_set_recipient_exists(s, true);
        mayrelay_session_resume(s);
        const mayrelay_decision *d = mayrelay_session_get_decision(s);
        mayrelay_decision_to_json(d, text, sizeof text);
        mayrelay_decision_explain(d, MAYRELAY_TEXT, text, sizeof text);
        mayrelay_decision_explain(d, MAYRELAY_JSON, text, sizeof text);
    }
    mayrelay_session_reset(s);
}

START_TEST(deciding_takes_no_memory)
{
    mayrelay_session *s = session_over(must_parse(POLICIES[_i]));
    bool first_use_of_patterns = _i > 0;
    if (first_use_of_patterns)
        decide_all(s, true);
    count_anew(0, 0);
    decide_all(s, false);
    ck_assert_uint_eq(counting.calls, 0);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(names_and_groups_are_kept_in_memory_once)
{
    mayrelay_session *s = session_over(must_parse(POLICIES[_i]));
    count_anew(0, 0);
    decide_all(s, true);
    ck_assert_uint_gt(counting.calls, 0);
    count_anew(0, 0);
    decide_all(s, true);
    ck_assert_uint_eq(counting.calls, 0);
    mayrelay_session_free(s);
}
END_TEST

/* -- memory that is refused ----------------------------------------------- */

static int
code_of(mayrelay_policy *policy, const char *client, const char *recipient)
{
    return mayrelay_check(policy, client, "mallory", "<>", recipient, NULL, 0);
}

/* Whatever fails here has nothing to do with memory. */
static bool
same_decisions(mayrelay_policy *a, mayrelay_policy *b)
{
    static const char *const clients[] = {"10.0.0.1", "192.0.2.99", "::1"};
    struct counting before = pause_counting();
    bool same = true;
    for (int i = 0; i < COUNT(RECIPIENTS) * COUNT(clients); i++)
        same = same && code_of(a, clients[i % COUNT(clients)],
                               RECIPIENTS[i / COUNT(clients)]) ==
                           code_of(b, clients[i % COUNT(clients)],
                                   RECIPIENTS[i / COUNT(clients)]);
    go_on_counting(before);
    return same;
}

/* No policy, or the whole one: what was lost on the way could have opened it,
 * or let one pass that does not load.
 */
static bool
none_or_same(mayrelay_policy *policy, mayrelay_policy *whole)
{
    return !policy || (whole && same_decisions(policy, whole));
}

static bool
parse_once(void *whole)
{
    mayrelay_report *report;
    mayrelay_policy *policy = mayrelay_policy_parse(PLAIN PATTERNS IN_SIXTEEN,
                                                    Z, "policy.yaml", &report);
    bool right = none_or_same(policy, whole);
    mayrelay_policy_unref(policy);
    mayrelay_report_free(report);
    return right;
}

START_TEST(reading_survives_without_memory)
{
    mayrelay_policy *whole = must_parse(PLAIN PATTERNS IN_SIXTEEN);
    with_each_failure(parse_once, whole);
    mayrelay_policy_unref(whole);
}
END_TEST

struct files {
    char source[64], image[64], list[64];
    const char *load;
    unsigned flags;
    mayrelay_policy *policy;
};

static bool
load_once(void *context)
{
    struct files *files = context;
    mayrelay_report *report;
    mayrelay_policy *policy =
        mayrelay_policy_load(files->load, files->flags, &report);
    bool right = none_or_same(policy, files->policy);
    mayrelay_report_free(report);
    mayrelay_policy_unref(policy);
    return right;
}

static bool
save_once(void *context)
{
    struct files *files = context;
    enum mayrelay_status status =
        mayrelay_policy_save(files->policy, files->image);
    return status == MAYRELAY_OK || status == MAYRELAY_ERR_MEMORY ||
           status == MAYRELAY_ERR_IO;
}

static void
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void
files_make(struct files *files)
{
    char folder[32] = "/tmp/mayrelay-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(files->source, sizeof files->source, "%s/policy.yaml", folder);
    snprintf(files->image, sizeof files->image, "%s/policy.mrp", folder);
    snprintf(files->list, sizeof files->list, "%s/drop.txt", folder);
    write_file(files->list, "192.0.2.0/24\n10.0.0.9 # not him\n::1\n");
    write_file(files->source, PLAIN PATTERNS DENIED_BY_FILE);
    files->policy = mayrelay_policy_load(files->source, 0, NULL);
    ck_assert_ptr_nonnull(files->policy);
    ck_assert_int_eq(mayrelay_policy_save(files->policy, files->image),
                     MAYRELAY_OK);
}

static void
files_clear(struct files *files)
{
    mayrelay_policy_unref(files->policy);
    remove(files->source);
    remove(files->image);
    remove(files->list);
    *strrchr(files->source, '/') = '\0';
    ck_assert_msg(rmdir(files->source) == 0, "a temporary file was left");
}

START_TEST(files_survive_without_memory)
{
    struct files files = {.flags = 0};
    files_make(&files);
    files.load = files.source;
    with_each_failure(load_once, &files);
    files.load = files.image;
    with_each_failure(load_once, &files);
    files.flags = MAYRELAY_LOAD_COPY | MAYRELAY_LOAD_VERIFY;
    with_each_failure(load_once, &files);
    with_each_failure(save_once, &files);
    files_clear(&files);
}
END_TEST

/* Those with errors and with warnings too: each has its own way to be read. */
START_TEST(every_policy_survives_without_memory)
{
    static const char *const folders[] = {"everything", "warnings", "."};
    char pattern[512];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/policies/%s/*.yaml",
             getenv("MAYRELAY_TESTS"), folders[_i]);
    ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct files files = {
            .load = found.gl_pathv[i],
            .policy = mayrelay_policy_load(found.gl_pathv[i], 0, NULL)};
        with_each_failure(load_once, &files);
        mayrelay_policy_unref(files.policy);
    }
    globfree(&found);
}
END_TEST

static bool
check_once(void *context)
{
    char reply[600];
    int code =
        mayrelay_check(context, "203.0.113.9", "steven", "other@example.com",
                       "x@far.example", reply, sizeof reply);
    return (code == 550 || code == 451) && atoi(reply) == code;
}

START_TEST(a_check_without_memory_never_accepts)
{
    mayrelay_policy *policy = must_parse(PLAIN PATTERNS);
    with_each_failure(check_once, policy);
    mayrelay_policy_unref(policy);
}
END_TEST

/* What a host that looks at no status is told, step by step. */
enum {
    STEPS = 2 * COUNT(RECIPIENTS) + 3
};

struct dialogue {
    const char *client, *name, *identity, *group, *sender;
};

static const struct dialogue DIALOGUES[] = {
    {"203.0.113.9", "mx.bad.example", "mallory", "staff", "<>"},
    {"203.0.113.9", "a.other.example", "simon", "others", "<>"},
    {"10.1.2.3", "mx.trusted.example", "steven", "staff",
     "a@b\xc3\xbc.example"},
    {"203.0.113.9", "mx.pattern.example", "joe", "x", "steven@example.com"},
};

static bool
explains(mayrelay_session *s)
{
    static char text[1 << 16];
    const mayrelay_decision *d = mayrelay_session_get_decision(s);
    return mayrelay_decision_to_json(d, text, sizeof text) > 0 &&
           mayrelay_decision_explain(d, MAYRELAY_TEXT, text, sizeof text) > 0 &&
           mayrelay_decision_explain(d, MAYRELAY_JSON, text, sizeof text) > 0 &&
           mayrelay_decision_get_code(d) ==
               atoi(mayrelay_decision_get_reply(d));
}

/* The codes; false if something cannot be explained. */
static bool
talk(mayrelay_session *s, const struct dialogue *dialogue, int codes[STEPS])
{
    int *code = codes;
    *code++ = mayrelay_session_connect(s, dialogue->client, NULL);
    for (int i = 0; i < 20; i++)
        mayrelay_session_add_client_name(s, dialogue->name, Z);
    mayrelay_session_add_client_name(s,
                                     "b\xc3\xbc"
                                     "cher.example",
                                     Z);
    mayrelay_session_answer(s, MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_KNOWN);
    mayrelay_session_tls(s, NULL, 0);
    mayrelay_session_auth(s, dialogue->identity, Z);
    for (int i = 0; i < 20; i++)
        mayrelay_session_add_group(s, dialogue->group, Z);
    mayrelay_session_answer(s, MAYRELAY_FACT_GROUPS, MAYRELAY_KNOWN);
    *code++ = mayrelay_session_mail(s, dialogue->sender, Z);
    bool explained = true;
    for (int i = 0; i < COUNT(RECIPIENTS); i++) {
        *code++ = mayrelay_session_rcpt(s, RECIPIENTS[i], Z);
        mayrelay_session_set_recipient_exists(s, true);
        *code++ = mayrelay_session_resume(s);
        explained = explained && explains(s);
    }
    *code++ = mayrelay_session_rcpt(s,
                                    "x@b\xc3\xbc"
                                    "cher.example",
                                    Z);
    return explained && explains(s);
}

struct talk {
    mayrelay_policy *policy; /* or the image that is loaded each time */
    const char *image;
    const struct dialogue *dialogue;
    int expected[STEPS];
};

/* Each decision is the one that there is with memory, or deferred. */
static bool
same_or_deferred(const int codes[STEPS], const int expected[STEPS])
{
    for (int i = 0; i < STEPS; i++)
        if (codes[i] != expected[i] && codes[i] / 100 != 4)
            return false;
    return true;
}

/* Once memory is back the same session decides as if nothing had been. */
static bool
talks_as_expected(mayrelay_session *s, const struct talk *talking)
{
    int codes[STEPS];
    struct counting before = pause_counting();
    bool right = talk(s, talking->dialogue, codes) &&
                 memcmp(codes, talking->expected, sizeof codes) == 0;
    go_on_counting(before);
    return right;
}

static bool
talk_once(void *context)
{
    const struct talk *talking = context;
    int codes[STEPS];
    mayrelay_policy *policy =
        talking->image ? mayrelay_policy_load(talking->image, 0, NULL)
                       : mayrelay_policy_ref(talking->policy);
    mayrelay_session *s = mayrelay_session_new(policy);
    mayrelay_policy_unref(policy);
    bool right = talk(s, talking->dialogue, codes) &&
                 same_or_deferred(codes, talking->expected) &&
                 (!s || talks_as_expected(s, talking));
    mayrelay_session_free(s);
    return right;
}

/* Refused and accepted; and with patterns, from an image that is loaded anew
 * each time, so that they are still to be compiled. */
START_TEST(a_dialogue_without_memory_is_deferred)
{
    struct files files = {.flags = 0};
    files_make(&files);
    struct talk talking = {.policy = must_parse(PLAIN),
                           .dialogue = &DIALOGUES[_i / 2],
                           .image = _i % 2 ? files.image : NULL};
    mayrelay_session *s =
        mayrelay_session_new(talking.image ? files.policy : talking.policy);
    ck_assert(talk(s, talking.dialogue, talking.expected));
    mayrelay_session_free(s);
    with_each_failure(talk_once, &talking);
    mayrelay_policy_unref(talking.policy);
    files_clear(&files);
}
END_TEST

/* -- policies that follow their files ------------------------------------- */

#define BEFORE "mayrelay: 1\ndomains: {inbound: [example.com]}\n"
#define AFTER  "mayrelay: 1\ndomains: {inbound: [far.example]}\n"

int __real_timerfd_settime(int fd, int flags, const struct itimerspec *when,
                           struct itimerspec *old);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when,
                           struct itimerspec *old);

static bool tries_again;

int
__wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when,
                       struct itimerspec *old)
{
    tries_again = when->it_value.tv_sec == 1;
    return __real_timerfd_settime(fd, flags, when, old);
}

struct change {
    struct files files;
    mayrelay_policy *before, *after;
    mayrelay_watch *watch;
};

static bool
in_force(mayrelay_watch *watch, mayrelay_policy *wanted)
{
    mayrelay_policy *policy = mayrelay_watch_ref_policy(watch);
    bool same = same_decisions(policy, wanted);
    mayrelay_policy_unref(policy);
    return same;
}

/* An image, as reading it takes memory a few times only: the end of a watch
 * takes its time in the kernel. */
static bool
watch_once(void *context)
{
    struct files *files = context;
    mayrelay_report *report;
    mayrelay_watch *watch = mayrelay_watch_new(files->image, 0, &report);
    bool right = !watch || in_force(watch, files->policy);
    mayrelay_report_free(report);
    mayrelay_watch_free(watch);
    return right;
}

/* With memory again it goes on as if nothing had been. */
static bool
reload_well(struct change *change, const char *text, mayrelay_policy *wanted)
{
    struct counting before = pause_counting();
    write_file(change->files.source, text);
    bool right =
        mayrelay_watch_reload(change->watch, NULL) != MAYRELAY_RELOAD_FAILED &&
        in_force(change->watch, wanted);
    go_on_counting(before);
    return right;
}

static bool
reload_once(void *context)
{
    struct change *change = context;
    mayrelay_report *report;
    bool right = reload_well(change, BEFORE, change->before);
    struct counting before = pause_counting();
    write_file(change->files.source, AFTER);
    go_on_counting(before);
    tries_again = false;
    switch (mayrelay_watch_reload(change->watch, &report)) {
    case MAYRELAY_RELOAD_NONE: right = false; break;
    case MAYRELAY_RELOAD_DONE:
        right = right && in_force(change->watch, change->after);
        break;
    case MAYRELAY_RELOAD_FAILED:
        right = right && tries_again && in_force(change->watch, change->before);
        break;
    }
    mayrelay_report_free(report);
    return right && reload_well(change, AFTER, change->after);
}

START_TEST(watches_survive_without_memory)
{
    struct change change = {.before = must_parse(BEFORE),
                            .after = must_parse(AFTER)};
    files_make(&change.files);
    with_each_failure(watch_once, &change.files);
    change.watch = mayrelay_watch_new(change.files.source, 0, NULL);
    with_each_failure(reload_once, &change);
    mayrelay_watch_free(change.watch);
    mayrelay_policy_unref(change.before);
    mayrelay_policy_unref(change.after);
    files_clear(&change.files);
}
END_TEST

#define SMALL(networks)                                                        \
    "mayrelay: 1\n"                                                            \
    "groups: {Staff: ask}\n"                                                   \
    "domains: {inbound: [{domain: a.example, mailboxes: ['/b/', c]}],\n"       \
    "  reroute: {old.example: a.example}}\n"                                   \
    "owners: {steven@a.example: [steven]}\n"                                   \
    "relay: {allow: [{clients: [" networks ", .b.example]},\n"                 \
    "  {users: [$Staff, steven, '/s/'], tls: true, sender-owned: true}]}\n"
/* A comparison that has lost something proves nothing. */
struct comparison {
    mayrelay_policy *policies[2];
    enum mayrelay_diff_verdict verdict;
};

static bool
compare_once(void *context)
{
    const struct comparison *c = context;
    char text[64];
    mayrelay_diff *diff = mayrelay_policy_diff(c->policies[0], c->policies[1]);
    bool right = !diff || (mayrelay_diff_get_verdict(diff) == c->verdict &&
                           !mayrelay_diff_get_bug(diff));
    mayrelay_diff_to_text(diff, 1, text, sizeof text);
    mayrelay_diff_to_json(diff, 1, text, sizeof text);
    mayrelay_diff_free(diff);
    return right;
}

START_TEST(a_comparison_without_memory_proves_nothing)
{
    static const struct {
        const char *old_text, *new_text;
        enum mayrelay_diff_verdict verdict;
    } PAIRS[] = {
        {SMALL("10.0.0.0/9"), SMALL("10.0.0.0/8"), MAYRELAY_DIFF_LOOSER},
        {SMALL("10.0.0.0/8"), SMALL("10.0.0.0/9, 10.128.0.0/9"),
         MAYRELAY_DIFF_EQUIVALENT}};
    struct comparison c = {
        {must_parse(PAIRS[_i].old_text), must_parse(PAIRS[_i].new_text)},
        PAIRS[_i].verdict};
    with_each_failure(compare_once, &c);
    mayrelay_policy_unref(c.policies[0]);
    mayrelay_policy_unref(c.policies[1]);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("allocations");
    TCase *none = tcase_create("none");
    tcase_add_loop_test(none, deciding_takes_no_memory, 0, COUNT(POLICIES));
    tcase_add_loop_test(none, names_and_groups_are_kept_in_memory_once, 0,
                        COUNT(POLICIES));
    suite_add_tcase(suite, none);
    TCase *refused = tcase_create("refused");
    tcase_set_timeout(refused, 100);
    tcase_add_test(refused, reading_survives_without_memory);
    tcase_add_test(refused, files_survive_without_memory);
    tcase_add_loop_test(refused, every_policy_survives_without_memory, 0, 3);
    tcase_add_test(refused, a_check_without_memory_never_accepts);
    tcase_add_loop_test(refused, a_dialogue_without_memory_is_deferred, 0,
                        2 * COUNT(DIALOGUES));
    tcase_add_test(refused, watches_survive_without_memory);
    tcase_add_loop_test(refused, a_comparison_without_memory_proves_nothing, 0,
                        2);
    suite_add_tcase(suite, refused);
    return suite;
}
