/* mayrelay_session_take: what a resolver found, as facts of a session. */
#include "suite.h"

#include <string.h>

#include "mail/dns_answer.h"
#include "policies.h"

#define Z MAYRELAY_ZSTR
#define BY_NAME                                                                \
    "mayrelay: 1\n"                                                            \
    "domains: {inbound: [example.com]}\n"                                      \
    "relay:\n"                                                                 \
    "  allow: [{clients: [.good.example]}]\n"                                  \
    "  deny: [{clients: [bad.good.example]}]\n"

static struct mayrelay_dns_answer *
answer_with(const char *client, enum mayrelay_dns_result result,
            const char *name, enum mayrelay_dns_result of_name)
{
    struct dns_candidate candidate = {.result = of_name};
    struct address address;
    ck_assert(address_parse(text_of(client), &address));
    if (name)
        strcpy(candidate.name, name);
    return dns_answer_new(address, result, 60, &candidate, name ? 1 : 0);
}

static mayrelay_session *
asking(void)
{
    mayrelay_session *s = session_over(must_parse(BY_NAME));
    mayrelay_session_connect(s, "192.0.2.7", NULL);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@far.example", Z), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s), MAYRELAY_FACT_CLIENT_NAME);
    return s;
}

static const struct {
    const char *client;
    enum mayrelay_dns_result result;
    const char *name;
    enum mayrelay_dns_result of_name;
    enum mayrelay_status status;
    int code;
} ANSWERS[] = {
    {"192.0.2.7", MAYRELAY_DNS_FOUND, "mx.good.example", MAYRELAY_DNS_CONFIRMED,
     MAYRELAY_OK, 250},
    {"192.0.2.7", MAYRELAY_DNS_FOUND, "bad.good.example",
     MAYRELAY_DNS_CONFIRMED, MAYRELAY_OK, 550},
    {"192.0.2.7", MAYRELAY_DNS_FOUND, "mx.good.example", MAYRELAY_DNS_MISMATCH,
     MAYRELAY_OK, 550},
    {"192.0.2.7", MAYRELAY_DNS_FOUND, "mx.good.example", MAYRELAY_DNS_NO_NAME,
     MAYRELAY_OK, 550},
    {"192.0.2.7", MAYRELAY_DNS_FOUND, "mx.good.example",
     MAYRELAY_DNS_ILL_FORMED, MAYRELAY_OK, 550},
    {"192.0.2.7", MAYRELAY_DNS_FOUND, "mx.good.example", MAYRELAY_DNS_TIMEOUT,
     MAYRELAY_OK, 451},
    {"192.0.2.7", MAYRELAY_DNS_FOUND, "mx.good.example", MAYRELAY_DNS_FAILED,
     MAYRELAY_OK, 451},
    {"192.0.2.7", MAYRELAY_DNS_NO_NAME, NULL, MAYRELAY_DNS_FAILED, MAYRELAY_OK,
     550},
    {"192.0.2.7", MAYRELAY_DNS_TOO_MANY, NULL, MAYRELAY_DNS_FAILED, MAYRELAY_OK,
     451},
    {"192.0.2.7", MAYRELAY_DNS_UNREACHABLE, "mx.good.example",
     MAYRELAY_DNS_CONFIRMED, MAYRELAY_OK, 451},
    /* The answer of another client authorises nobody. */
    {"192.0.2.8", MAYRELAY_DNS_FOUND, "mx.good.example", MAYRELAY_DNS_CONFIRMED,
     MAYRELAY_ERR_ARGUMENT, 451},
    {"::7", MAYRELAY_DNS_FOUND, "mx.good.example", MAYRELAY_DNS_CONFIRMED,
     MAYRELAY_ERR_ARGUMENT, 451},
    {"::ffff:192.0.2.7", MAYRELAY_DNS_FOUND, "mx.good.example",
     MAYRELAY_DNS_CONFIRMED, MAYRELAY_OK, 250},
};

START_TEST(answers_become_facts)
{
    mayrelay_session *s = asking();
    mayrelay_dns_answer *answer =
        answer_with(ANSWERS[_i].client, ANSWERS[_i].result, ANSWERS[_i].name,
                    ANSWERS[_i].of_name);
    ck_assert_int_eq(mayrelay_session_take(s, answer), ANSWERS[_i].status);
    mayrelay_dns_answer_free(answer);
    ck_assert_int_eq(mayrelay_session_resume(s), ANSWERS[_i].code);
    ck_assert_uint_eq(mayrelay_session_needs(s), 0);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(the_last_answer_counts_whole)
{
    mayrelay_session *s = asking();
    mayrelay_dns_answer *good =
        answer_with("192.0.2.7", MAYRELAY_DNS_FOUND, "mx.good.example",
                    MAYRELAY_DNS_CONFIRMED);
    mayrelay_dns_answer *none = answer_with("192.0.2.7", MAYRELAY_DNS_NO_NAME,
                                            NULL, MAYRELAY_DNS_FAILED);
    mayrelay_session_add_client_name(s, "bad.good.example", Z);
    ck_assert_int_eq(mayrelay_session_take(s, good), MAYRELAY_OK);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    ck_assert_int_eq(mayrelay_session_take(s, none), MAYRELAY_OK);
    ck_assert_int_eq(mayrelay_session_resume(s), 550);
    ck_assert_int_eq(mayrelay_session_take(s, good), MAYRELAY_OK);
    ck_assert_int_eq(mayrelay_session_take(s, NULL), MAYRELAY_ERR_ARGUMENT);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    ck_assert_int_eq(mayrelay_session_take(NULL, good), MAYRELAY_ERR_ARGUMENT);
    /* Nobody is connected: the answer is about nobody. */
    mayrelay_session *fresh = session_over(must_parse(BY_NAME));
    ck_assert_int_eq(mayrelay_session_take(fresh, good), MAYRELAY_ERR_ARGUMENT);
    mayrelay_session_free(fresh);
    mayrelay_dns_answer_free(good);
    mayrelay_dns_answer_free(none);
    mayrelay_session_free(s);
}
END_TEST

/* One that comes late, and not for this client, takes nothing away from what
 * is known, and gives nothing where nothing is. */
START_TEST(the_answer_of_another_changes_nothing)
{
    mayrelay_session *s = asking();
    mayrelay_dns_answer *good =
        answer_with("192.0.2.7", MAYRELAY_DNS_FOUND, "mx.good.example",
                    MAYRELAY_DNS_CONFIRMED);
    mayrelay_dns_answer *none = answer_with("192.0.2.7", MAYRELAY_DNS_NO_NAME,
                                            NULL, MAYRELAY_DNS_FAILED);
    mayrelay_dns_answer *other =
        answer_with("192.0.2.8", MAYRELAY_DNS_FOUND, "bad.good.example",
                    MAYRELAY_DNS_CONFIRMED);
    mayrelay_dns_answer *failed = answer_with("192.0.2.8", MAYRELAY_DNS_TIMEOUT,
                                              NULL, MAYRELAY_DNS_FAILED);
    const mayrelay_dns_answer *const wrong[] = {other, failed};
    for (size_t i = 0; i < 2; i++) {
        mayrelay_session_take(s, good);
        ck_assert_int_eq(mayrelay_session_take(s, wrong[i]),
                         MAYRELAY_ERR_ARGUMENT);
        ck_assert_int_eq(mayrelay_session_resume(s), 250);
        mayrelay_session_take(s, none);
        ck_assert_int_eq(mayrelay_session_take(s, wrong[i]),
                         MAYRELAY_ERR_ARGUMENT);
        ck_assert_int_eq(mayrelay_session_resume(s), 550);
    }
    /* What has been added is not known before it is all. */
    mayrelay_session_add_client_name(s, "mx.good.example", Z);
    ck_assert_int_eq(mayrelay_session_take(s, other), MAYRELAY_ERR_ARGUMENT);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    ck_assert_int_eq(mayrelay_session_take(s, good), MAYRELAY_OK);
    ck_assert_int_eq(mayrelay_session_resume(s), 250);
    /* The session has another connection, the answer is of the one before. */
    mayrelay_session_connect(s, "192.0.2.8", NULL);
    ck_assert_int_eq(mayrelay_session_take(s, good), MAYRELAY_ERR_ARGUMENT);
    mayrelay_session_mail(s, "<>", Z);
    ck_assert_int_eq(mayrelay_session_rcpt(s, "x@far.example", Z), 451);
    ck_assert_uint_eq(mayrelay_session_needs(s), 0);
    ck_assert_int_eq(mayrelay_session_take(s, other), MAYRELAY_OK);
    ck_assert_int_eq(mayrelay_session_resume(s), 550);
    mayrelay_dns_answer_free(good);
    mayrelay_dns_answer_free(none);
    mayrelay_dns_answer_free(other);
    mayrelay_dns_answer_free(failed);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(names_have_a_limit)
{
    mayrelay_session *s = asking();
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(
            mayrelay_session_add_client_name(s, "mx.good.example", Z),
            MAYRELAY_OK);
    ck_assert_int_eq(mayrelay_session_add_client_name(s, "mx.good.example", Z),
                     MAYRELAY_ERR_TEXT);
    mayrelay_session_answer(s, MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_KNOWN);
    ck_assert_int_eq(mayrelay_session_resume(s), 451);
    mayrelay_session_free(s);
}
END_TEST

START_TEST(answers_explain_themselves)
{
    char text[1000];
    mayrelay_dns_answer *answer =
        answer_with("2001:db8::7", MAYRELAY_DNS_FOUND, "mx.good.example",
                    MAYRELAY_DNS_CONFIRMED);
    size_t size =
        mayrelay_dns_answer_explain(answer, MAYRELAY_TEXT, text, sizeof text);
    ck_assert_uint_eq(size, strlen(text));
    ck_assert_str_eq(text,
                     "DNS names of 2001:db8::7: mx.good.example (for 60 s)\n"
                     "  PTR 2001:db8::7: found\n"
                     "  AAAA mx.good.example: confirmed\n");
    mayrelay_dns_answer_explain(answer, MAYRELAY_JSON, text, sizeof text);
    ck_assert_str_eq(
        text, "{\"client\":\"2001:db8::7\",\"known\":true,"
              "\"names\":[\"mx.good.example\"],\"ttl\":60,\"questions\":["
              "{\"type\":\"PTR\",\"name\":\"2001:db8::7\",\"result\":\"found\"}"
              ",{\"type\":\"AAAA\",\"name\":\"mx.good.example\",\"result\":"
              "\"confirmed\"}]}");
    ck_assert_uint_eq(
        mayrelay_dns_answer_explain(answer, MAYRELAY_TEXT, NULL, 0), size);
    mayrelay_dns_answer_free(answer);
    ck_assert_str_eq(mayrelay_dns_result_name((enum mayrelay_dns_result)77),
                     "failed");
}
END_TEST

START_TEST(null_is_no_answer)
{
    ck_assert(!mayrelay_dns_answer_is_known(NULL));
    ck_assert_uint_eq(mayrelay_dns_answer_count(NULL), 0);
    ck_assert_ptr_null(mayrelay_dns_answer_get_name(NULL, 0));
    ck_assert_ptr_null(mayrelay_dns_answer_get_client(NULL));
    ck_assert_int_eq(mayrelay_dns_answer_get_result(NULL), MAYRELAY_DNS_FAILED);
    ck_assert_uint_eq(mayrelay_dns_answer_get_ttl(NULL), 0);
    ck_assert_uint_eq(mayrelay_dns_answer_explain(NULL, MAYRELAY_TEXT, NULL, 0),
                      0);
    mayrelay_dns_answer_free(NULL);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("take");
    TCase *take = tcase_create("take");
    tcase_add_loop_test(take, answers_become_facts, 0,
                        (int)(sizeof ANSWERS / sizeof ANSWERS[0]));
    tcase_add_test(take, the_last_answer_counts_whole);
    tcase_add_test(take, the_answer_of_another_changes_nothing);
    tcase_add_test(take, names_have_a_limit);
    tcase_add_test(take, answers_explain_themselves);
    tcase_add_test(take, null_is_no_answer);
    suite_add_tcase(suite, take);
    return suite;
}
