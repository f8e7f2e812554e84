#include <stdio.h>

#include "dialogue.h"
#include "suite.h"

static char line[16384];

static const char *
logged(mayrelay_session *s, enum mayrelay_format format)
{
    size_t size =
        mayrelay_session_to_log(s, format, NULL, NULL, line, sizeof line);
    ck_assert_uint_lt(size, sizeof line);
    ck_assert_uint_eq(size, strlen(line));
    return line;
}

static void
assert_has(mayrelay_session *s, const char *text, const char *json)
{
    logged(s, MAYRELAY_TEXT);
    ck_assert_msg(strstr(line, text), "no %s in\n%s", text, line);
    logged(s, MAYRELAY_JSON);
    ck_assert_msg(strstr(line, json), "no %s in\n%s", json, line);
}

static void
assert_lacks(mayrelay_session *s, const char *key)
{
    for (int format = MAYRELAY_TEXT; format <= MAYRELAY_JSON; format++) {
        logged(s, (enum mayrelay_format)format);
        ck_assert_msg(!strstr(line, key), "%s in\n%s", key, line);
    }
}

/* -- facts -------------------------------------------------------------- */

START_TEST(every_fact_is_there)
{
    mayrelay_session *s = start();
    say_all(s);
    mayrelay_session_rcpt(s, "<X@Asks.Example>", Z);
    mayrelay_session_set_recipient_exists(s, true);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    assert_has(s,
               "client=10.0.0.1 listener=192.0.2.25:25 "
               "client_names=mx.trusted.example tls=true "
               "certificate=" CERTIFICATE " identity=steven groups=staff "
               "sender=a@sender.example recipient=<X@Asks.Example> "
               "recipient_exists=true canonical=X@asks.example",
               "\"client\":\"10.0.0.1\",\"listener\":\"192.0.2.25:25\","
               "\"client_names\":[\"mx.trusted.example\"],\"tls\":true,"
               "\"certificate\":\"" CERTIFICATE "\",\"identity\":\"steven\","
               "\"groups\":[\"staff\"],\"sender\":\"a@sender.example\","
               "\"recipient\":\"<X@Asks.Example>\",\"recipient_exists\":true,"
               "\"canonical\":\"X@asks.example\"");
    mayrelay_session_free(s);
}
END_TEST

START_TEST(what_was_not_said_is_not_there)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "10.0.0.1", NULL);
    assert_has(s, "stage=connect", "\"stage\":\"connect\"");
    static const char *const keys[] = {
        "listener", "client_names", "tls",       "certificate", "identity",
        "groups",   "sender",       "recipient", "rewrites",    "canonical",
        "needs",    "rule",         "source",    "relay=true"};
    for (int i = 0; i < COUNT(keys); i++)
        assert_lacks(s, keys[i]);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(look_ups_that_failed_or_found_nothing)
{
    mayrelay_session *s = start();
    say_all(s);
    mayrelay_session_answer(s, NAME, MAYRELAY_FAILED);
    mayrelay_session_auth(s, "steven", Z);
    mayrelay_session_answer(s, GROUPS, MAYRELAY_KNOWN);
    assert_has(s, " client_names=tempfail ", "\"client_names\":\"tempfail\",");
    assert_has(s, " groups=[]", "\"groups\":[],");
    mayrelay_session_connect(s, "10.0.0.1", NULL);
    mayrelay_session_add_client_name(s, "tempfail", Z);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    assert_has(s, " client_names=\"tempfail\"",
               "\"client_names\":[\"tempfail\"],");
    mayrelay_session_free(s);
}
END_TEST

START_TEST(what_is_half_known)
{
    static const unsigned char client[] = {10, 0, 0, 1};
    mayrelay_session *s = start();
    mayrelay_session_connect_addr(s, client, sizeof client, NULL, 0, 25);
    assert_has(s, " listener=*:25", "\"listener\":\"*:25\"");
    mayrelay_session_mail(s, "<>", Z);
    mayrelay_session_rcpt(s, "x@asks.example", Z);
    mayrelay_session_set_recipient_exists(s, false);
    mayrelay_session_resume(s);
    assert_has(s, " recipient_exists=false", "\"recipient_exists\":false");
    mayrelay_session_free(s);
}
END_TEST

START_TEST(given_facts_are_forgotten_with_the_facts)
{
    mayrelay_session *s = start();
    say_all(s);
    mayrelay_session_rcpt(s, "x@far.example", Z);
    mayrelay_session_reset(s);
    assert_lacks(s, "recipient");
    assert_lacks(s, "sender");
    say_all(s);
    mayrelay_session_auth(s, NULL, 0);
    assert_lacks(s, "steven");
    assert_lacks(s, "sender");
    say_all(s);
    mayrelay_session_tls(s, NULL, 0);
    assert_lacks(s, "certificate");
    assert_lacks(s, "steven");
    say_all(s);
    mayrelay_session_connect(s, "10.0.0.2", NULL);
    assert_lacks(s, "tls");
    assert_lacks(s, "sender");
    mayrelay_session_free(s);
}
END_TEST

START_TEST(an_identity_that_counts_for_nobody_is_told)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "10.0.0.2", NULL);
    mayrelay_session_auth(s, "guest", Z);
    assert_has(s, " identity=guest", "\"identity\":\"guest\"");
    mayrelay_session_free(s);
}
END_TEST

/* -- outcome ------------------------------------------------------------ */

START_TEST(the_rule_and_its_entries_are_named)
{
    mayrelay_session *s = start();
    say_all(s);
    mayrelay_session_rcpt(s, "x@address.example", Z);
    assert_has(s,
               "stage=rcpt verdict=accept code=250 enhanced=2.1.5 "
               "reason=relay-allowed kind=granted rule=relay.allow[1] source=",
               "\"code\":250,\"enhanced\":\"2.1.5\","
               "\"reason\":\"relay-allowed\",\"kind\":\"granted\","
               "\"rule\":\"relay.allow[1]\",\"source\":");
    assert_has(s, " matched=\"clients 10.0.0.1 (", "[\"clients 10.0.0.1 (");
    mayrelay_session_free(s);
}
END_TEST

START_TEST(near_misses_are_named)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "10.0.0.9", NULL);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    mayrelay_session_mail(s, "<>", Z);
    mayrelay_session_rcpt(s, "x@tls.example", Z);
    assert_has(s, " needs an encrypted session\"",
               " needs an encrypted session\"");
    mayrelay_session_free(s);
}
END_TEST

START_TEST(missing_facts_are_named)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "10.0.0.9", NULL);
    mayrelay_session_mail(s, "<>", Z);
    mayrelay_session_rcpt(s, "x@name.example", Z);
    assert_has(s, " needs=client-name ", "\"needs\":[\"client-name\"]");
    mayrelay_session_free(s);
}
END_TEST

/* -- hostile text ------------------------------------------------------- */

static const char *const HOSTILE[] = {"a b@x",    "a\nverdict=accept",
                                      "\r\n",     "\"",
                                      "\\",       "=",
                                      "",         "\x1b[31m",
                                      "\x7f",     "\xc3\xa9@x",
                                      "\xff\xfe", "\xe2\x80\xa8",
                                      "tempfail", "[]"};

/* Printable, and as many quotes as open and close. */
static void
assert_is_one_line(const char *text)
{
    unsigned quotes = 0;
    for (const char *c = text; *c; c++) {
        ck_assert_msg(*c >= ' ' && *c <= '~', "0x%02x in the log",
                      (unsigned char)*c);
        if (*c == '\\')
            c++;
        else
            quotes += *c == '"';
    }
    ck_assert_uint_eq(quotes % 2, 0);
}

START_TEST(no_text_can_forge_a_field)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "10.0.0.9", NULL);
    mayrelay_session_auth(s, HOSTILE[_i], Z);
    mayrelay_session_mail(s, HOSTILE[_i], Z);
    mayrelay_session_rcpt(s, HOSTILE[_i], Z);
    for (int format = MAYRELAY_TEXT; format <= MAYRELAY_JSON; format++)
        assert_is_one_line(logged(s, (enum mayrelay_format)format));
    assert_lacks(s, " verdict=accept");
    mayrelay_session_free(s);
}
END_TEST

START_TEST(embedded_nuls_are_seen)
{
    mayrelay_session *s = start();
    mayrelay_session_connect(s, "10.0.0.9", NULL);
    mayrelay_session_mail(s, "a\0b@x", 5);
    assert_has(s, " sender=\"a\\u0000b@x\"", "\"sender\":\"a\\u0000b@x\"");
    mayrelay_session_free(s);
}
END_TEST

START_TEST(long_paths_are_cut_behind_the_limit)
{
    mayrelay_session *s = start();
    char wanted[600];
    mayrelay_session_connect(s, "10.0.0.9", NULL);
    mayrelay_session_mail(s, long_text, sizeof long_text);
    snprintf(wanted, sizeof wanted, " sender=%.513s ", long_text);
    ck_assert(strstr(logged(s, MAYRELAY_TEXT), wanted));
    mayrelay_session_free(s);
}
END_TEST

START_TEST(lengths_are_as_of_snprintf)
{
    mayrelay_session *s = start();
    char shorter[50];
    say_all(s);
    for (int format = MAYRELAY_TEXT; format <= MAYRELAY_JSON; format++) {
        enum mayrelay_format as = (enum mayrelay_format)format;
        size_t size = strlen(logged(s, as));
        ck_assert_uint_eq(mayrelay_session_to_log(s, as, NULL, NULL, NULL, 0),
                          size);
        ck_assert_uint_eq(
            mayrelay_session_to_log(s, as, NULL, NULL, shorter, sizeof shorter),
            size);
        ck_assert_uint_eq(strlen(shorter), sizeof shorter - 1);
        ck_assert(strncmp(shorter, line, sizeof shorter - 1) == 0);
    }
    ck_assert_uint_eq(
        mayrelay_session_to_log(NULL, MAYRELAY_TEXT, "t", "i", line, 9), 0);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(time_and_id_are_the_hosts)
{
    mayrelay_session *s = start();
    mayrelay_session_to_log(s, MAYRELAY_TEXT, "2026-11-25", "a b", line,
                            sizeof line);
    ck_assert(strstr(line, "mayrelay=1 time=2026-11-25 id=\"a b\" stage=none"));
    mayrelay_session_free(s);
}
END_TEST

Suite *
test_suite(void)
{
    const TTest *const tests[] = {
        every_fact_is_there,
        what_was_not_said_is_not_there,
        look_ups_that_failed_or_found_nothing,
        what_is_half_known,
        given_facts_are_forgotten_with_the_facts,
        an_identity_that_counts_for_nobody_is_told,
        the_rule_and_its_entries_are_named,
        near_misses_are_named,
        missing_facts_are_named,
        embedded_nuls_are_seen,
        long_paths_are_cut_behind_the_limit,
        lengths_are_as_of_snprintf,
        time_and_id_are_the_hosts,
    };
    make_long_text();
    Suite *suite = suite_create("log");
    TCase *tcase = tcase_create("log");
    for (int i = 0; i < COUNT(tests); i++)
        tcase_add_test(tcase, tests[i]);
    tcase_add_loop_test(tcase, no_text_can_forge_a_field, 0, COUNT(HOSTILE));
    suite_add_tcase(suite, tcase);
    return suite;
}
