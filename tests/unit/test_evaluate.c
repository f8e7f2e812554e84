/* Policies of so many rules that only the blocks that can matter are looked at:
 * each rule is found, and no other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "policies.h"
#include "suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define Z            MAYRELAY_ZSTR

enum {
    LINE_SIZE = 128
};

/* One block, a few blocks, one window of 64 blocks, and beyond. */
static const unsigned SIZES[] = {3, 64, 300, 4096, 4500};

static void
add_line(struct buffer *yaml, const char *format, unsigned number)
{
    char line[LINE_SIZE];
    int size = snprintf(line, sizeof line, format, number, number >> 8,
                        number & 255, number);
    buffer_add(yaml, line, (size_t)size);
}

static void
add_text(struct buffer *yaml, const char *text)
{
    buffer_add(yaml, text, strlen(text));
}

/* Clears the text. */
static mayrelay_session *
session_of(struct buffer *yaml)
{
    buffer_add(yaml, "", 1);
    ck_assert(!yaml->failed);
    mayrelay_session *session = session_over(must_parse((char *)yaml->data));
    buffer_clear(yaml);
    return session;
}

/* Rule n is about 10.n, or about host n, and lets it send to n; deny rules
 * likewise, to never.n. */
static mayrelay_session *
start(unsigned count)
{
    struct buffer yaml = {0};
    add_text(&yaml, "mayrelay: 1\ndomains: {inbound: [example.com]}\n"
                    "groups: {g: ask}\nrelay:\n  deny:\n");
    for (unsigned i = 0; i < count; i++)
        add_line(&yaml,
                 "    - {name: d%u, clients: [10.1.%u.%u], "
                 "recipients: [never.n%u.example]}\n",
                 i);
    add_text(&yaml, "  allow:\n");
    for (unsigned i = 0; i < count; i++)
        add_line(&yaml,
                 "    - {name: a%u, clients: [10.1.%u.%u], "
                 "recipients: [.n%u.example]}\n",
                 i);
    add_text(&yaml,
             "    - {clients: [.named.example], recipients: [n.example]}\n"
             "    - {users: [$g], recipients: [g.example]}\n"
             "    - {users: ['/joe.*/'], recipients: [p.example]}\n"
             "    - {tls: true, clients: [$all], open-relay: true,\n"
             "       recipients: [t.example]}\n");
    return session_of(&yaml);
}

static void
connect_from(mayrelay_session *session, unsigned number)
{
    char client[LINE_SIZE];
    snprintf(client, sizeof client, "10.1.%u.%u", number >> 8, number & 255);
    mayrelay_session_connect(session, client, NULL);
    mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_KNOWN);
    mayrelay_session_mail(session, "<>", Z);
}

static int
send_to(mayrelay_session *session, const char *host, unsigned number)
{
    char recipient[LINE_SIZE];
    snprintf(recipient, sizeof recipient, "x@%s.n%u.example", host, number);
    return mayrelay_session_rcpt(session, recipient, Z);
}

static void
expect_rule(const mayrelay_session *session, char kind, unsigned number)
{
    char name[LINE_SIZE];
    snprintf(name, sizeof name, "%c%u", kind, number);
    ck_assert_str_eq(
        mayrelay_decision_get_rule(mayrelay_session_get_decision(session)),
        name);
}

START_TEST(each_rule_is_found_and_no_other)
{
    unsigned count = SIZES[_i];
    mayrelay_session *session = start(count);
    unsigned step = count < 100 ? 1 : 37;
    for (unsigned i = 0; i < count; i += step) {
        connect_from(session, i);
        ck_assert_int_eq(send_to(session, "some", i), 250);
        expect_rule(session, 'a', i);
        ck_assert_int_eq(send_to(session, "never", i), 550);
        expect_rule(session, 'd', i);
        ck_assert_int_eq(send_to(session, "some", i + 1), 550);
        ck_assert_reason(session, RELAY_DENIED);
    }
    mayrelay_session_free(session);
}
END_TEST

START_TEST(the_last_rules_are_found_by_what_may_be_unknown)
{
    mayrelay_session *s = start(SIZES[_i]);
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@n.example", Z), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s), MAYRELAY_FACT_CLIENT_NAME);
    mayrelay_session_add_client_name(s, "mx.named.example", Z);
    mayrelay_session_answer(s, MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@t.example", Z), 550);
    mayrelay_session_tls(s, NULL, 0);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@t.example", Z), 250);
    mayrelay_session_auth(s, "joe", Z);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@p.example", Z), 250);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@g.example", Z), 451);
    mayrelay_session_add_group(s, "g", Z);
    mayrelay_session_answer(s, MAYRELAY_FACT_GROUPS, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(routing_is_never_allowed_and_always_denied)
{
    mayrelay_session *s = start(SIZES[_i]);
    connect_from(s, SIZES[_i] - 1);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "a%b.example@n1.example", Z),
                     550);
    mayrelay_session_free(s);
}
END_TEST

/* Rules that wait for names fill some blocks, those that wait for groups the
 * next ones; the last wait for both. */
START_TEST(missing_facts_are_gathered_over_all_blocks)
{
    static const char *const LINES[] = {
        "    - {name: n%u, clients: [.n%u.n%u.example]}\n",
        "    - {name: g%u, users: [$g], recipients: [far.example]}\n",
        "    - {name: b%u, users: [$g], clients: [.b%u.example]}\n",
    };
    struct buffer yaml = {0};
    add_text(&yaml, "mayrelay: 1\ndomains: {inbound: [example.com]}\n"
                    "groups: {g: ask}\nrelay:\n  allow:\n");
    for (int kind = 0; kind < COUNT(LINES); kind++)
        for (unsigned i = 0; i < 150; i++)
            add_line(&yaml, LINES[kind], i);
    mayrelay_session *s = session_of(&yaml);
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@far.example", Z), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s), MAYRELAY_FACT_CLIENT_NAME);
    mayrelay_session_auth(s, "joe", Z);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@far.example", Z), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s),
                      MAYRELAY_FACT_CLIENT_NAME | MAYRELAY_FACT_GROUPS);
    mayrelay_session_answer(s, MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s), MAYRELAY_FACT_GROUPS);
    mayrelay_session_add_group(s, "g", Z);
    mayrelay_session_answer(s, MAYRELAY_FACT_GROUPS, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    mayrelay_session_free(s);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("evaluate");
    TCase *tests = tcase_create("evaluate");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, each_rule_is_found_and_no_other, 0,
                        COUNT(SIZES));
    tcase_add_loop_test(tests, the_last_rules_are_found_by_what_may_be_unknown,
                        0, COUNT(SIZES));
    tcase_add_loop_test(tests, routing_is_never_allowed_and_always_denied, 0,
                        COUNT(SIZES));
    tcase_add_test(tests, missing_facts_are_gathered_over_all_blocks);
    suite_add_tcase(suite, tests);
    return suite;
}
