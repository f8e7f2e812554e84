/* Hosts that do it wrongly, and codes that they get all the same. */
#include <stdio.h>
#include <stdlib.h>

#include "dialogue.h"
#include "suite.h"

/* -- hosts that do it wrongly ------------------------------------------- */

START_TEST(rcpt_before_mail_is_an_internal_error)
{
    mayrelay_session *s = start();
    ck_assert_reason(s, INTERNAL_ERROR);
    mayrelay_session_connect(s, "10.0.0.1", NULL);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@example.com", Z), 451);
    ck_assert_reason(s, INTERNAL_ERROR);
    ck_assert_ptr_null(
        mayrelay_decision_get_connector(mayrelay_session_get_decision(s)));
    mayrelay_session_free(s);
}
END_TEST

START_TEST(mail_before_connect_is_an_internal_error)
{
    mayrelay_session *s = start();
    ck_assert_int_eq(mayrelay_session_mail(s, "<>", Z), 451);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@example.com", Z), 451);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    ck_assert_reason(s, INTERNAL_ERROR);
    mayrelay_session_reset(s);
    ck_assert_reason(s, INTERNAL_ERROR);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(setters_before_connect_are_harmless)
{
    mayrelay_session *s = start();
    mayrelay_session_tls(s, CERTIFICATE, Z);
    mayrelay_session_auth(s, "steven", Z);
    mayrelay_session_add_group(s, "staff", Z);
    mayrelay_session_add_client_name(s, "h.trusted.example", Z);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_uint_eq(facts_left(s), 0);
    mayrelay_session_free(s);
}
END_TEST

static const struct {
    const char *client, *listener;
} BAD_CONNECTIONS[] = {
    {NULL, NULL},        {"", NULL},
    {"10.0.0.1 ", NULL}, {"10.0.0.01", NULL},
    {"localhost", NULL}, {"10.0.0.1", "nonsense"},
    {"10.0.0.1", ""},    {"10.0.0.1", "192.0.2.25:99999"},
};

START_TEST(what_does_not_parse_is_not_given)
{
    mayrelay_session *s = start();
    int code = mayrelay_session_connect(s, BAD_CONNECTIONS[_i].client,
                                        BAD_CONNECTIONS[_i].listener);
    ck_assert_int_eq(code, 421);
    ck_assert_reason(s, INTERNAL_ERROR);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@example.com", Z), 451);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(addresses_come_as_octets_too)
{
    static const unsigned char client[4] = {10, 0, 0, 1};
    static const unsigned char mapped[16] = {[10] = 0xff, 0xff, 10, 0, 0, 1};
    mayrelay_session *s = start();
    ck_assert_int_eq(mayrelay_session_connect_addr(s, client, 4, client, 4, 25),
                     250);
    ck_assert_int_eq(mayrelay_session_connect_addr(s, mapped, 16, NULL, 0, 0),
                     250);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_uint_eq(facts_left(s), ADDRESS);
    ck_assert_int_eq(mayrelay_session_connect_addr(s, mapped, 15, NULL, 0, 0),
                     421);
    ck_assert_int_eq(mayrelay_session_connect_addr(s, client, 4, client, 5, 25),
                     421);
    ck_assert_int_eq(mayrelay_session_connect_addr(s, NULL, 4, NULL, 0, 0),
                     421);
    mayrelay_session_free(s);
}
END_TEST

static const struct text BAD_MAILBOXES[] = {
    TEXT("a\0@sender.example"),
    TEXT("a@sender.example\0"),
    TEXT("\0"),
    TEXT("a@sender.exam\xff"),
    TEXT("a@sender.example\n"),
    TEXT("a b@sender.example"),
    {long_text, 513},
    {long_text, sizeof long_text},
};

START_TEST(nul_and_its_like_are_refused)
{
    mayrelay_session *s = start();
    make_long_text();
    say_all(s);
    struct text bad = BAD_MAILBOXES[_i];
    ck_assert_int_eq(mayrelay_session_rcpt(s, bad.data, bad.size), 501);
    ck_assert_reason(s, BAD_RECIPIENT);
    ck_assert_int_eq(mayrelay_session_mail(s, bad.data, bad.size), 501);
    ck_assert_reason(s, BAD_SENDER);
    ck_assert_uint_eq(facts_left(s), 0);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(no_sender_and_no_recipient_are_not_given)
{
    mayrelay_session *s = start();
    say_all(s);
    ck_assert_int_eq(mayrelay_session_rcpt(s, NULL, 0), 451);
    ck_assert_reason(s, INTERNAL_ERROR);
    ck_assert_int_eq(mayrelay_session_mail(s, NULL, 0), 451);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@example.com", Z), 451);
    mayrelay_session_free(s);
}
END_TEST

/* -- codes -------------------------------------------------------------- */

START_TEST(a_connection_is_deferred_with_421)
{
    mayrelay_session *s = start();
    ck_assert_int_eq(mayrelay_session_connect(s, "192.0.2.99", NULL), 421);
    ck_assert_str_eq(reply_of(s), "421 4.7.1 Not now");
    ck_assert_int_eq(
        mayrelay_decision_get_verdict(mayrelay_session_get_decision(s)),
        MAYRELAY_DEFER);
    ck_assert_int_eq(mayrelay_session_mail(s, "<>", Z), 451);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@example.com", Z), 451);
    ck_assert_str_eq(reply_of(s), "451 4.7.1 Not now");
    ck_assert_int_eq(mayrelay_session_connect(s, "192.0.2.98", NULL), 554);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(reroute_needs_a_host_that_rewrites)
{
    mayrelay_session *s = start();
    say_all(s);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@old.example", Z), 451);
    ck_assert_reason(s, CANNOT_REWRITE);
    ck_assert_str_eq(
        mayrelay_decision_get_recipient(mayrelay_session_get_decision(s)),
        "joe@example.com");
    mayrelay_session_rewrites(s, true);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    ck_assert_reason(s, REROUTED);
    say_all(s); /* outlives connect */
    ck_assert_int_eq(mayrelay_session_rcpt(s, "joe@old.example", Z), 250);
    mayrelay_session_rewrites(s, false);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(a_session_holds_its_policy)
{
    mayrelay_policy *policy = must_parse(POLICY);
    mayrelay_session *a = mayrelay_session_new(policy);
    mayrelay_session *b = mayrelay_session_new(policy);
    mayrelay_policy_unref(policy);
    mayrelay_session_free(a);
    say_all(b);
    ck_assert_uint_eq(facts_left(b), EVERYTHING);
    mayrelay_session_free(b);
}
END_TEST

/* Whatever is said between a decision and its explanation. */
START_TEST(an_explanation_survives_new_facts)
{
    mayrelay_session *s = start();
    say_all(s);
    mayrelay_session_rcpt(s, "x@nowhere.example", Z);
    for (int i = 0; i < 40; i++) {
        char text[32];
        snprintf(text, sizeof text, "h%d.example", i);
        mayrelay_session_add_client_name(s, text, Z);
        mayrelay_session_add_group(s, text, Z);
        ck_assert_uint_gt(
            mayrelay_decision_explain(mayrelay_session_get_decision(s),
                                      MAYRELAY_TEXT, NULL, 0),
            0);
    }
    mayrelay_session_free(s);
}
END_TEST

/* -- NULL --------------------------------------------------------------- */

START_TEST(no_session_is_an_internal_error)
{
    ck_assert_ptr_null(mayrelay_session_new(NULL));
    mayrelay_session_free(NULL);
    ck_assert_int_eq(mayrelay_session_connect(NULL, "10.0.0.1", NULL), 451);
    ck_assert_int_eq(mayrelay_session_connect_addr(NULL, "aaaa", 4, 0, 0, 0),
                     451);
    ck_assert_int_eq(mayrelay_session_mail(NULL, "<>", Z), 451);
    ck_assert_int_eq(mayrelay_session_rcpt(NULL, "joe@example.com", Z), 451);
    ck_assert_int_eq(mayrelay_session_resume(NULL), 451);
    mayrelay_session_reset(NULL);
    mayrelay_session_rewrites(NULL, true);
    ck_assert_int_lt(mayrelay_session_tls(NULL, NULL, 0), 0);
    ck_assert_int_lt(mayrelay_session_auth(NULL, "steven", Z), 0);
    ck_assert_int_lt(mayrelay_session_add_client_name(NULL, "h.example", Z), 0);
    ck_assert_int_lt(mayrelay_session_add_group(NULL, "staff", Z), 0);
    ck_assert_int_lt(mayrelay_session_set_recipient_exists(NULL, true), 0);
    ck_assert_int_lt(mayrelay_session_answer(NULL, NAME, MAYRELAY_KNOWN), 0);
    ck_assert_uint_eq(mayrelay_session_needs(NULL), 0);
    ck_assert_reason(NULL, INTERNAL_ERROR);
}
END_TEST

START_TEST(no_decision_is_an_internal_error)
{
    char text[512];
    ck_assert_int_eq(mayrelay_decision_get_verdict(NULL), MAYRELAY_DEFER);
    ck_assert_int_eq(mayrelay_decision_get_code(NULL), 451);
    ck_assert_str_eq(mayrelay_decision_get_enhanced(NULL), "4.3.0");
    ck_assert_str_eq(mayrelay_decision_get_text(NULL),
                     "Internal error, try again later");
    ck_assert_str_eq(mayrelay_decision_get_reply(NULL),
                     "451 4.3.0 Internal error, try again later");
    ck_assert_int_eq(mayrelay_decision_get_reason(NULL),
                     MAYRELAY_REASON_INTERNAL_ERROR);
    ck_assert_int_eq(mayrelay_decision_get_kind(NULL), MAYRELAY_KIND_INTERNAL);
    ck_assert_ptr_null(mayrelay_decision_get_rule(NULL));
    ck_assert_ptr_null(mayrelay_decision_get_file(NULL));
    ck_assert_uint_eq(mayrelay_decision_get_line(NULL), 0);
    ck_assert_ptr_null(mayrelay_decision_get_connector(NULL));
    ck_assert_ptr_null(mayrelay_decision_get_recipient(NULL));
    ck_assert(!mayrelay_decision_get_is_relay(NULL));
    ck_assert_uint_eq(mayrelay_decision_get_needs(NULL), 0);
    ck_assert_uint_gt(mayrelay_decision_to_json(NULL, text, sizeof text), 0);
    ck_assert_ptr_nonnull(strstr(text, "\"internal-error\""));
    mayrelay_decision_explain(NULL, MAYRELAY_TEXT, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "internal-error"));
    mayrelay_decision_explain(NULL, MAYRELAY_JSON, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "internal-error"));
}
END_TEST

START_TEST(no_policy_and_no_report_are_nothing)
{
    mayrelay_policy_unref(NULL);
    ck_assert_ptr_null(mayrelay_policy_ref(NULL));
    ck_assert_str_eq(mayrelay_policy_get_digest(NULL), "");
    ck_assert_uint_eq(mayrelay_policy_get_facts(NULL), 0);
    ck_assert(!mayrelay_policy_has_reroute(NULL));
    ck_assert_uint_eq(mayrelay_policy_count_rules(NULL), 0);
    ck_assert_ptr_null(mayrelay_policy_get_rule(NULL, 0));
    ck_assert_ptr_null(mayrelay_policy_get_rule_file(NULL, 0));
    ck_assert_uint_eq(mayrelay_policy_get_rule_line(NULL, 0), 0);
    ck_assert_int_eq(mayrelay_policy_save(NULL, "x"), MAYRELAY_ERR_ARGUMENT);
    ck_assert_ptr_null(mayrelay_policy_load(NULL, 0, NULL));
    ck_assert_ptr_null(mayrelay_policy_parse(NULL, 0, NULL, NULL));
    ck_assert_ptr_null(mayrelay_policy_parse(NULL, 99, NULL, NULL));
}
END_TEST

START_TEST(names_of_unknown_values_are_text)
{
    ck_assert_str_eq(mayrelay_verdict_name((enum mayrelay_verdict)9),
                     "unknown");
    ck_assert_str_eq(mayrelay_reason_name((enum mayrelay_reason)99), "unknown");
    ck_assert_str_eq(mayrelay_kind_name((enum mayrelay_kind)99), "unknown");
    ck_assert_str_eq(mayrelay_fact_name((enum mayrelay_fact)99), "unknown");
    ck_assert_str_ne(mayrelay_status_text((enum mayrelay_status)99), "");
}
END_TEST

/* -- mayrelay_check ----------------------------------------------------- */

static const struct {
    const char *client, *identity, *sender, *recipient;
    int code;
} CHECKS[] = {
    {"10.0.0.1", NULL, "", "x@address.example", 250},
    {"10.0.0.1", NULL, "<>", "x@address.example", 250},
    {"10.0.0.2", NULL, "<>", "x@address.example", 550},
    {"10.0.0.2", "steven", "a@b.example", "x@identity.example", 250},
    {"10.0.0.2", "guest", "a@b.example", "x@identity.example", 550},
    {"10.0.0.2", "", "a@b.example", "x@identity.example", 550},
    {"10.0.0.2", "steven", "a@b.example", "x@group.example", 451},
    {"10.0.0.2", NULL, "a@b.example", "x@name.example", 451},
    {"10.0.0.2", NULL, "a@b.example", "x@asks.example", 451},
    {"10.0.0.2", "ste\nven", "a@b.example", "x@example.com", 451},
    {NULL, NULL, "a@b.example", "x@example.com", 451},
    {"10.0.0.2", NULL, NULL, "x@example.com", 451},
    {"10.0.0.2", NULL, "a@b.example", NULL, 451},
    {"10.0.0.2", NULL, "a@b.example", "", 501},
    {"10.0.0.2", NULL, "a@b.example", "x@example.com", 250},
};

START_TEST(check_is_the_whole_dialogue)
{
    char reply[600];
    mayrelay_policy *policy = must_parse(POLICY);
    int code = mayrelay_check(policy, CHECKS[_i].client, CHECKS[_i].identity,
                              CHECKS[_i].sender, CHECKS[_i].recipient, reply,
                              sizeof reply);
    ck_assert_int_eq(code, CHECKS[_i].code);
    ck_assert_int_eq(atoi(reply), code);
    mayrelay_policy_unref(policy);
}
END_TEST

START_TEST(check_cuts_its_reply)
{
    static const char whole[] = "451 4.3.0 Internal error, try again later";
    for (size_t size = 0; size < sizeof whole + 2; size++) {
        char *reply = malloc(size + 1);
        memset(reply, '#', size + 1);
        ck_assert_int_eq(
            mayrelay_check(NULL, "10.0.0.1", NULL, "<>", "a@b.c", reply, size),
            451);
        ck_assert_int_eq(reply[size], '#');
        size_t most = size < sizeof whole ? size : sizeof whole;
        if (size) {
            ck_assert_mem_eq(reply, whole, most - 1);
            ck_assert_int_eq(reply[most - 1], '\0');
        }
        free(reply);
    }
    ck_assert_int_eq(mayrelay_check(NULL, NULL, NULL, NULL, NULL, NULL, 0),
                     451);
    ck_assert_int_eq(mayrelay_check(NULL, NULL, NULL, NULL, NULL, NULL, 99),
                     451);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("misuse");
    TCase *wrong = tcase_create("wrong");
    tcase_add_test(wrong, rcpt_before_mail_is_an_internal_error);
    tcase_add_test(wrong, mail_before_connect_is_an_internal_error);
    tcase_add_test(wrong, setters_before_connect_are_harmless);
    tcase_add_loop_test(wrong, what_does_not_parse_is_not_given, 0,
                        COUNT(BAD_CONNECTIONS));
    tcase_add_test(wrong, addresses_come_as_octets_too);
    tcase_add_loop_test(wrong, nul_and_its_like_are_refused, 0,
                        COUNT(BAD_MAILBOXES));
    tcase_add_test(wrong, no_sender_and_no_recipient_are_not_given);
    tcase_add_test(wrong, an_explanation_survives_new_facts);
    tcase_add_test(wrong, no_session_is_an_internal_error);
    tcase_add_test(wrong, no_decision_is_an_internal_error);
    tcase_add_test(wrong, no_policy_and_no_report_are_nothing);
    tcase_add_test(wrong, names_of_unknown_values_are_text);
    suite_add_tcase(suite, wrong);
    TCase *codes = tcase_create("codes");
    tcase_add_test(codes, a_connection_is_deferred_with_421);
    tcase_add_test(codes, reroute_needs_a_host_that_rewrites);
    tcase_add_test(codes, a_session_holds_its_policy);
    tcase_add_loop_test(codes, check_is_the_whole_dialogue, 0, COUNT(CHECKS));
    tcase_add_test(codes, check_cuts_its_reply);
    suite_add_tcase(suite, codes);
    return suite;
}
