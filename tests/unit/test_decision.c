/* What a decision says: replies, JSON, and the whole why.
 *
 * golden/ holds the explanations of the cases below, as text and JSON; with
 * MAYRELAY_GOLDEN=write in the environment they are written anew, to be read
 * before they are believed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policies.h"
#include "policy/list_file.h"
#include "suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define Z            MAYRELAY_ZSTR

enum {
    EXPLAIN_SIZE = 1 << 16,
    PATH_SIZE = 512
};

static const enum mayrelay_fact NAMES = MAYRELAY_FACT_CLIENT_NAME;
static const enum mayrelay_fact GROUPS = MAYRELAY_FACT_GROUPS;

#define CERTIFICATE                                                            \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

struct scene {
    const char *golden; /* file names without ending */
    const char *client, *listener;
    const char *name;        /* "": looked up, none; NULL: not looked up */
    const char *certificate; /* "": TLS without; NULL: no TLS */
    const char *identity, *group;
    const char *sender, *recipient; /* NULL: that stage is not reached */
};

static void
play(mayrelay_session *s, const struct scene *scene)
{
    mayrelay_session_connect(s, scene->client, scene->listener);
    if (scene->name && *scene->name)
        mayrelay_session_add_client_name(s, scene->name, Z);
    if (scene->name)
        mayrelay_session_answer(s, NAMES, MAYRELAY_KNOWN);
    if (scene->certificate)
        mayrelay_session_tls(s, *scene->certificate ? scene->certificate : NULL,
                             Z);
    if (scene->identity)
        mayrelay_session_auth(s, scene->identity, Z);
    if (scene->group)
        mayrelay_session_add_group(s, scene->group, Z);
    if (scene->group)
        mayrelay_session_answer(s, GROUPS, MAYRELAY_KNOWN);
    if (scene->sender)
        mayrelay_session_mail(s, scene->sender, Z);
    if (scene->recipient)
        mayrelay_session_rcpt(s, scene->recipient, Z);
    if (!scene->sender)
        mayrelay_session_resume(s);
}

static const mayrelay_decision *
decision_of(const mayrelay_session *s)
{
    return mayrelay_session_get_decision(s);
}

/* -- golden explanations
 * ---------------------------------------------------------------- */

#define L25 "192.0.2.25:25"
#define L26 "192.0.2.25:26"

static const struct scene SCENES[] = {
    {"dropped-by-file", "198.51.101.7", L25, NULL, NULL, NULL, NULL, NULL,
     NULL},
    {"dropped-network", "2001:db8:bad::1", L25, NULL, NULL, NULL, NULL,
     "a@b.example", "x@far.example"},
    {"proceed", "203.0.113.9", L25, NULL, NULL, NULL, NULL, NULL, NULL},
    {"spoofed", "203.0.113.9", L25, "", NULL, NULL, NULL, "joe@example.com",
     "x@example.com"},
    {"spoofing-excluded-by-mailbox", "203.0.113.9", L25, "", NULL, NULL, NULL,
     "trusted@example.com", "x@example.com"},
    {"spoofing-excluded-by-range", "10.3.0.5", L25, "", NULL, NULL, NULL,
     "joe@sub.branch.example.com", "x@partner.example"},
    {"own-literal-spoofed", "203.0.113.9", L25, "", NULL, NULL, NULL,
     "joe@[192.0.2.25]", "x@example.com"},
    {"user-of-file", "203.0.113.9", L25, "", "", "Alice", "others",
     "a@b.example", "x@far.example"},
    {"user-of-group", "203.0.113.9", L25, "", "", "zoe", "domain admins",
     "a@b.example", "x@far.example"},
    {"user-by-pattern", "203.0.113.9", L25, "", "", "ADM-root", "", "<>",
     "x@far.example"},
    {"groups-missing", "203.0.113.9", L25, "", "", "zoe", NULL, "a@b.example",
     "x@far.example"},
    {"name-missing", "203.0.113.9", L25, NULL, NULL, NULL, NULL, "a@b.example",
     "sales@far.example"},
    {"name-below", "203.0.113.9", L25, "pc.office.example", NULL, NULL, NULL,
     "a@b.example", "sales@far.example"},
    {"name-itself", "203.0.113.9", L25, "H.example.", NULL, NULL, NULL,
     "a@b.example", "x@sub.partner.example"},
    {"recipient-by-pattern", "10.1.2.3", L25, "", NULL, NULL, NULL,
     "a@b.example", "x@my.friends.example"},
    {"recipient-by-mailbox", "10.1.2.3", L25, "", NULL, NULL, NULL,
     "a@b.example", "Friend@mail.example"},
    {"listener-differs", "10.1.2.3", L26, "", NULL, NULL, NULL, "a@b.example",
     "friend@mail.example"},
    {"certificate", "203.0.113.9", L25, "", CERTIFICATE, NULL, NULL, "<>",
     "x@far.example"},
    {"owner", "203.0.113.9", L25, "", NULL, "steven", "", "steven@example.com",
     "x@far.example"},
    {"former", "203.0.113.9", L25, "", "", "mallory", "domain admins", "<>",
     "x@far.example"},
    {"always-relay", "203.0.113.9", L25, "", NULL, NULL, NULL, "<>",
     "x@always.example"},
    {"wide", "10.1.2.3", L25, "", NULL, "steven", "", "<>", "x@always.example"},
    {"nearest", "203.0.113.9", L25, "", NULL, NULL, NULL, "a@b.example",
     "x@far.example"},
    {"routing", "10.1.2.3", L25, "", NULL, NULL, NULL, "a@b.example",
     "x%far.example@partner.example"},
    {"inbound", "203.0.113.9", L25, "", NULL, NULL, NULL, "a@b.example",
     "x@example.com"},
    {"mailbox-missing", "203.0.113.9", L25, "", NULL, NULL, NULL, "a@b.example",
     "x@asks.example"},
    {"cannot-rewrite", "203.0.113.9", L25, "", NULL, NULL, NULL, "a@b.example",
     "x@old.example"},
    {"malformed", "203.0.113.9", L25, "", NULL, NULL, NULL, "a@b.example",
     "not an address"},
    {"nobody-relays", "203.0.113.9", "192.0.2.25:99", NULL, NULL, NULL, NULL,
     "a@b.example", "x@far.example"},
    {"port-only", "10.1.2.3", "*:25", "", NULL, NULL, NULL, "a@b.example",
     "friend@mail.example"},
    {"forgotten", "203.0.113.9", NULL, NULL, NULL, NULL, NULL, "a@b.example",
     "x@far.example"},
};

static char golden_folder[PATH_SIZE];

static void
enter_golden(void)
{
    const char *tests = getenv("MAYRELAY_TESTS");
    if (!*golden_folder) {
        char here[PATH_SIZE / 2];
        ck_assert_ptr_nonnull(getcwd(here, sizeof here));
        snprintf(golden_folder, sizeof golden_folder, "%s%s%s/unit/golden",
                 tests && *tests == '/' ? "" : here,
                 tests && *tests == '/' ? "" : "/", tests ? tests : "tests");
    }
    ck_assert_msg(chdir(golden_folder) == 0, "no %s", golden_folder);
}

static mayrelay_session *
golden_session(void)
{
    enter_golden();
    mayrelay_policy *policy = mayrelay_policy_load("policy.yaml", 0, NULL);
    ck_assert_ptr_nonnull(policy);
    return session_over(policy);
}

static void
write_golden(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void
assert_golden(const mayrelay_session *s, const char *name, const char *ending,
              enum mayrelay_format format)
{
    static char told[EXPLAIN_SIZE];
    char path[PATH_SIZE];
    struct text golden;
    const char *problem = "";
    size_t size = mayrelay_decision_explain(decision_of(s), format, told,
                                            sizeof told - 1);
    ck_assert_uint_lt(size, sizeof told - 1);
    if (format == MAYRELAY_JSON)
        strcpy(told + size, "\n");
    snprintf(path, sizeof path, "%s.%s", name, ending);
    if (getenv("MAYRELAY_GOLDEN"))
        write_golden(path, told);
    ck_assert_msg(file_read(path, &golden, &problem), "%s: %s", path, problem);
    ck_assert_text_eq(golden, told);
    free((void *)(uintptr_t)golden.data);
}

START_TEST(explanations_are_golden)
{
    mayrelay_session *s = golden_session();
    play(s, &SCENES[_i]);
    assert_golden(s, SCENES[_i].golden, "txt", MAYRELAY_TEXT);
    assert_golden(s, SCENES[_i].golden, "json", MAYRELAY_JSON);
    mayrelay_session_free(s);
}
END_TEST

/* What each kind of entry is called, with its file and line. */
static const struct {
    const char *golden, *entry;
} ENTRIES[] = {
    {"dropped-by-file",
     "clients: by 198.51.101.7 of file:drop.txt (drop.txt:3)"},
    {"dropped-network",
     "clients: by 2001:db8:bad::/48 of file:drop.txt (drop.txt:2)"},
    {"spoofed", "senders: by example.com of $inbound (policy.yaml:10)"},
    {"spoofed", "clients: by $all (policy.yaml:29)"},
    {"own-literal-spoofed", "senders: by $inbound (policy.yaml:27)"},
    {"spoofing-excluded-by-mailbox",
     "senders: excluded by trusted@example.com (policy.yaml:27)"},
    {"spoofing-excluded-by-range",
     "clients: excluded by 10.3.0.1-10.3.0.9 (policy.yaml:29)"},
    {"spoofing-excluded-by-range",
     "senders: by .branch.example.com of $inbound (policy.yaml:11)"},
    {"spoofing-excluded-by-range",
     "recipients: by partner.example of $partners (policy.yaml:4)"},
    {"user-of-file", "users: by alice of file:approved.txt (approved.txt:2)"},
    {"user-of-group", "users: by domain admins (policy.yaml:"},
    {"user-by-pattern", "users: by /adm-.*/ (policy.yaml:34)"},
    {"name-below", "clients: by .office.example (policy.yaml:37)"},
    {"name-below", "recipients: by sales@ (policy.yaml:39)"},
    {"name-itself", "clients: by h.example (policy.yaml:37)"},
    {"name-itself", "recipients: by .partner.example of $partners ("},
    {"recipient-by-pattern", "recipients: by /.*@.*\\.friends\\.example/ of"},
    {"recipient-by-mailbox",
     "recipients: by friend@mail.example (policy.yaml:39)"},
    {"recipient-by-mailbox", "clients: by 10.1.0.0/16 (policy.yaml:37)"},
    {"recipient-by-mailbox", "listeners: by "},
    {"certificate", "certificates: by the client's certificate ("},
    {"certificate", "senders: by <> (policy.yaml:43)"},
    {"wide", "recipients: by always.example of $always-relay (policy.yaml:13)"},
};

static const struct scene *
scene_of(const char *golden)
{
    int i = 0;
    while (i < COUNT(SCENES) && strcmp(SCENES[i].golden, golden) != 0)
        i++;
    ck_assert_int_lt(i, COUNT(SCENES));
    return &SCENES[i];
}

START_TEST(entries_are_told_with_file_and_line)
{
    static char told[EXPLAIN_SIZE];
    mayrelay_session *s = golden_session();
    play(s, scene_of(ENTRIES[_i].golden));
    mayrelay_decision_explain(decision_of(s), MAYRELAY_TEXT, told, sizeof told);
    ck_assert_msg(strstr(told, ENTRIES[_i].entry), "no '%s' in %s",
                  ENTRIES[_i].entry, told);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(the_rule_is_told_with_file_and_line)
{
    mayrelay_session *s = golden_session();
    play(s, scene_of("former"));
    const mayrelay_decision *d = decision_of(s);
    ck_assert_str_eq(mayrelay_decision_get_rule(d), "former");
    ck_assert_str_eq(mayrelay_decision_get_file(d), "policy.yaml");
    ck_assert_uint_eq(mayrelay_decision_get_line(d), 48);
    ck_assert_str_eq(mayrelay_decision_get_connector(d), "internet");
    ck_assert_int_eq(mayrelay_decision_get_kind(d), MAYRELAY_KIND_FORBIDDEN);
    ck_assert(mayrelay_decision_get_is_relay(d));
    mayrelay_session_free(s);
}
END_TEST

/* -- nearest misses
 * --------------------------------------------------------------------- */

/* In the file the nearest comes last. */
static const char MISSES[] =
    "mayrelay: 1\n"
    "domains: {inbound: [example.com]}\n"
    "relay:\n"
    "  allow:\n"
    "    - {name: three, clients: [10.0.0.1], users: [a], tls: true}\n"
    "    - {name: also-two, clients: [10.0.0.1], users: [a]}\n"
    "    - {name: two, clients: [10.0.0.2], authenticated: true}\n"
    "    - {name: too-many, clients: [10.0.0.2], users: [a]}\n"
    "    - {name: one, clients: [10.0.0.3]}\n";

START_TEST(the_nearest_misses_come_first)
{
    char told[4096];
    mayrelay_session *s = session_over(must_parse(MISSES));
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@far.example", Z), 550);
    mayrelay_decision_explain(decision_of(s), MAYRELAY_TEXT, told, sizeof told);
    const char *nearest = strstr(told, "nearest:\n");
    ck_assert_ptr_nonnull(nearest);
    ck_assert_str_eq(
        nearest,
        "nearest:\n"
        "    one would need a client in the list at policy.yaml:9\n"
        "    also-two would need a client in the list at policy.yaml:6, and "
        "an identity in the list at policy.yaml:6\n"
        "    two would need a client in the list at policy.yaml:7, and "
        "an authenticated client\n");
    mayrelay_session_free(s);
}
END_TEST

/* -- replies
 * ----------------------------------------------------------------------------
 */

#define REPLIES                                                                \
    "mayrelay: 1\n"                                                            \
    "domains: {inbound: [example.com]}\n"                                      \
    "connect: {deny: [{clients: [192.0.2.98]}]}\n"                             \
    "submit:\n"                                                                \
    "  deny:\n"                                                                \
    "    - {senders: [a@b.example], authenticated: false}\n"                   \
    "    - {senders: [c@d.example], name: named,\n"                            \
    "       reply: '550 5.7.1 %{rule}: %{sender} %{client} %{identity}'}\n"    \
    "    - {senders: [e@f.example], reply: 451}\n"                             \
    "    - {senders: [g@h.example], reply: 552 5.2.2 Full}\n"                  \
    "relay: {allow: [{users: [steven]}]}\n"

static const struct {
    const char *more, *client, *sender, *recipient, *reply;
} REPLY_CASES[] = {
    {"", "192.0.2.7", "x@y.example", "joe@example.com",
     "250 2.1.5 Recipient OK"},
    {"", "192.0.2.7", "x@y.example", "joe@far.example",
     "550 5.7.1 Unable to relay for joe@far.example"},
    {"", "192.0.2.7", "x@y.example", "joe%a@far.example",
     "550 5.7.1 Source routing is refused: joe%a@far.example"},
    {"", "192.0.2.7", "x@", "joe@far.example",
     "501 5.1.7 Bad sender address syntax"},
    {"", "192.0.2.7", "<>", "@far.example",
     "501 5.1.3 Bad recipient address syntax"},
    {"", "192.0.2.98", NULL, NULL,
     "554 5.7.1 Connection from 192.0.2.98 refused"},
    {"", "192.0.2.7", "a@b.example", "x@far.example",
     "530 5.7.0 Authentication required"},
    {"", "192.0.2.7", "c@d.example", "x@far.example",
     "550 5.7.1 named: c@d.example 192.0.2.7 "},
    {"", "192.0.2.7", "e@f.example", "x@far.example",
     "451 4.7.1 You may not submit mail here as e@f.example"},
    {"", "192.0.2.7", "g@h.example", "x@far.example", "552 5.2.2 Full"},
    {"soft-bounce: true\n", "192.0.2.7", "g@h.example", "x@far.example",
     "451 4.2.2 Full"},
    {"soft-bounce: true\n", "192.0.2.98", NULL, NULL,
     "421 4.7.1 Connection from 192.0.2.98 refused"},
    {"soft-bounce: true\n", "192.0.2.7", "<>", "x@example.com",
     "250 2.1.5 Recipient OK"},
    {"replies: {relay-denied: 450}\n", "192.0.2.7", "<>", "x@far.example",
     "450 4.7.1 Unable to relay for x@far.example"},
    {"replies: {relay-denied: '551 5.7.9 By %{rule}%'}\n", "192.0.2.7", "<>",
     "x@far.example", "551 5.7.9 By %"},
    {"replies: {relay-denied: 551 5.7.9 Go away}\n", "192.0.2.7", "<>",
     "x@far.example", "551 5.7.9 Go away"},
    {"replies: {connect-refused: 451 4.7.2 Later}\n", "192.0.2.98", NULL, NULL,
     "421 4.7.2 Later"},
    {"replies: {submit-denied: 553 5.7.3 No}\n", "192.0.2.7", "e@f.example",
     "x@far.example", "451 4.7.3 No"},
    {"replies: {internal-error: 452 4.3.1 Oops}\n", NULL, "<>", "x@far.example",
     "452 4.3.1 Oops"},
};

START_TEST(replies_are_as_the_policy_says)
{
    char yaml[2048];
    snprintf(yaml, sizeof yaml, "%s%s", REPLIES, REPLY_CASES[_i].more);
    mayrelay_session *s = session_over(must_parse(yaml));
    mayrelay_session_connect(s, REPLY_CASES[_i].client, NULL);
    if (REPLY_CASES[_i].sender) {
        mayrelay_session_mail(s, REPLY_CASES[_i].sender, Z);
        mayrelay_session_rcpt(s, REPLY_CASES[_i].recipient, Z);
    }
    const mayrelay_decision *d = decision_of(s);
    ck_assert_str_eq(reply_of(s), REPLY_CASES[_i].reply);
    ck_assert_int_eq(mayrelay_decision_get_code(d), atoi(reply_of(s)));
    ck_assert_str_eq(mayrelay_decision_get_text(d), REPLY_CASES[_i].reply + 10);
    ck_assert_mem_eq(mayrelay_decision_get_enhanced(d),
                     REPLY_CASES[_i].reply + 4, 5);
    mayrelay_session_free(s);
}
END_TEST

/* -- hostile values
 * ------------------------------------------------------------------------- */

static const char HOSTILE[] =
    "mayrelay: 1\n"
    "domains: {inbound: [example.com]}\n"
    "relay: {deny: [{clients: [$all], name: here,\n"
    "  reply: '550 5.7.1 %{identity}|%{sender}|%{recipient}|%{rule}|%{client}'"
    "}]}\n";

static char long_identity[1024];

static const struct {
    struct text identity;
    const char *sender, *recipient;
} HOSTILE_VALUES[] = {
    {TEXT("stev\xc3\xa9n"), "<\xc3\xa4@example.com>", "\xc3\xb6@far.example"},
    {TEXT("a\r\n250 2.0.0 OK"), "<>", "x@far.example"},
    {TEXT("%{recipient}%{recipient}"), "\"%{client}\"@x.example",
     "\"a b\"@far.example"},
    {TEXT("a\0b"), "<a\r\nb@x.example>", "x@far.example\r\n"},
    {{long_identity, sizeof long_identity}, "<>", "\"%s%n%s%n\"@far.example"},
    {TEXT("\xff\xfe"), "\xe2\x80\xa8@x.example", "x@[IPv6:2001:db8::1]"},
};

START_TEST(a_reply_is_one_printable_line)
{
    mayrelay_session *s = session_over(must_parse(HOSTILE));
    memset(long_identity, 'x', sizeof long_identity);
    mayrelay_session_connect(s, "2001:db8::1", NULL);
    mayrelay_session_auth(s, HOSTILE_VALUES[_i].identity.data,
                          HOSTILE_VALUES[_i].identity.size);
    mayrelay_session_mail(s, HOSTILE_VALUES[_i].sender, Z);
    mayrelay_session_rcpt(s, HOSTILE_VALUES[_i].recipient, Z);
    const char *reply = reply_of(s);
    size_t size = strlen(reply);
    ck_assert_uint_le(size, 510);
    ck_assert_uint_gt(size, 10);
    for (size_t i = 0; i < size; i++)
        ck_assert(reply[i] >= ' ' && reply[i] <= '~');
    ck_assert_int_ne(reply[0], '2');
    mayrelay_session_free(s);
}
END_TEST

START_TEST(a_value_is_not_a_template)
{
    mayrelay_session *s = session_over(must_parse(HOSTILE));
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_auth(s, "%{client}", Z);
    mayrelay_session_mail(s, "<>", Z);
    mayrelay_session_rcpt(s, "x@far.example", Z);
    ck_assert_str_eq(reply_of(s),
                     "550 5.7.1 %{client}|<>|x@far.example|here|192.0.2.7");
    mayrelay_session_free(s);
}
END_TEST

/* -- sizes
 * ------------------------------------------------------------------------------
 */

typedef size_t tell(const mayrelay_decision *d, char *buffer, size_t size);

static size_t
tell_text(const mayrelay_decision *d, char *buffer, size_t size)
{
    return mayrelay_decision_explain(d, MAYRELAY_TEXT, buffer, size);
}

static size_t
tell_json(const mayrelay_decision *d, char *buffer, size_t size)
{
    return mayrelay_decision_explain(d, MAYRELAY_JSON, buffer, size);
}

static tell *const TELLERS[] = {mayrelay_decision_to_json, tell_text,
                                tell_json};

START_TEST(what_does_not_fit_is_cut)
{
    mayrelay_session *s = golden_session();
    play(s, scene_of("nearest"));
    tell *told = TELLERS[_i];
    size_t whole = told(decision_of(s), NULL, 0);
    char *full = malloc(whole + 1);
    ck_assert_uint_eq(told(decision_of(s), full, whole + 1), whole);
    ck_assert_uint_eq(strlen(full), whole);
    for (size_t size = 0; size <= whole; size += size < 80 ? 1 : 97) {
        char *part = malloc(size ? size : 1); /* not a byte to spare */
        ck_assert_uint_eq(told(decision_of(s), part, size), whole);
        if (size) {
            ck_assert_uint_eq(strlen(part), size - 1);
            ck_assert_mem_eq(part, full, size - 1);
        }
        free(part);
    }
    free(full);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(json_is_one_line)
{
    char told[2048];
    mayrelay_session *s = golden_session();
    play(s, scene_of("former"));
    mayrelay_decision_to_json(decision_of(s), told, sizeof told);
    ck_assert_str_eq(
        told, "{\"verdict\":\"defer\",\"code\":450,\"enhanced\":\"4.7.1\","
              "\"text\":\"Relaying for x@far.example is forbidden here\","
              "\"reason\":\"relay-forbidden\",\"kind\":\"forbidden\","
              "\"rule\":\"former\",\"source\":\"policy.yaml:48\","
              "\"connector\":\"internet\",\"recipient\":\"x@far.example\","
              "\"relay\":true,\"needs\":[]}");
    mayrelay_session_free(s);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("decision");
    TCase *why = tcase_create("why");
    tcase_add_loop_test(why, explanations_are_golden, 0, COUNT(SCENES));
    tcase_add_loop_test(why, entries_are_told_with_file_and_line, 0,
                        COUNT(ENTRIES));
    tcase_add_test(why, the_rule_is_told_with_file_and_line);
    tcase_add_test(why, the_nearest_misses_come_first);
    tcase_add_loop_test(why, what_does_not_fit_is_cut, 0, COUNT(TELLERS));
    tcase_add_test(why, json_is_one_line);
    suite_add_tcase(suite, why);
    TCase *replies = tcase_create("replies");
    tcase_add_loop_test(replies, replies_are_as_the_policy_says, 0,
                        COUNT(REPLY_CASES));
    tcase_add_loop_test(replies, a_reply_is_one_printable_line, 0,
                        COUNT(HOSTILE_VALUES));
    tcase_add_test(replies, a_value_is_not_a_template);
    suite_add_tcase(suite, replies);
    return suite;
}
