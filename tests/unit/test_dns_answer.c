#include "mail/dns_answer.h"

#include <string.h>

#include "suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

enum {
    MOST = 3,
    TOLD_SIZE = 512
};

static const struct {
    enum mayrelay_dns_result result;
    struct dns_candidate candidates[MOST];
    size_t count;
    const char *told;
} ANSWERS[] = {
    {MAYRELAY_DNS_TIMEOUT,
     {{"", MAYRELAY_DNS_FAILED}},
     0,
     "DNS names of 192.0.2.7: not known (for 60 s)\n"
     "  PTR 192.0.2.7: timeout\n"},
    {MAYRELAY_DNS_NO_NAME,
     {{"", MAYRELAY_DNS_FAILED}},
     0,
     "DNS names of 192.0.2.7: none (for 60 s)\n"
     "  PTR 192.0.2.7: no-name\n"},
    {MAYRELAY_DNS_FOUND,
     {{"a.example", MAYRELAY_DNS_MISMATCH},
      {"b.example", MAYRELAY_DNS_CONFIRMED},
      {"c.example", MAYRELAY_DNS_CONFIRMED}},
     3,
     "DNS names of 192.0.2.7: b.example, c.example (for 60 s)\n"
     "  PTR 192.0.2.7: found\n"
     "  A b.example: confirmed\n"
     "  A c.example: confirmed\n"
     "  A a.example: mismatch\n"},
    /* One that has no answer leaves the whole unknown. */
    {MAYRELAY_DNS_FOUND,
     {{"b.example", MAYRELAY_DNS_CONFIRMED},
      {"c.example", MAYRELAY_DNS_TIMEOUT}},
     2,
     "DNS names of 192.0.2.7: not known (for 60 s)\n"
     "  PTR 192.0.2.7: found\n"
     "  A b.example: confirmed\n"
     "  A c.example: timeout\n"},
};

START_TEST(answers_tell_what_was_asked)
{
    char told[TOLD_SIZE];
    struct address client;
    ck_assert(address_parse(TEXT("192.0.2.7"), &client));
    struct mayrelay_dns_answer *answer =
        dns_answer_new(client, ANSWERS[_i].result, 60, ANSWERS[_i].candidates,
                       ANSWERS[_i].count);
    ck_assert_ptr_nonnull(answer);
    size_t size =
        mayrelay_dns_answer_explain(answer, MAYRELAY_TEXT, told, sizeof told);
    ck_assert_str_eq(told, ANSWERS[_i].told);
    ck_assert_uint_eq(size, strlen(told));
    mayrelay_dns_answer_free(answer);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("dns_answer");
    TCase *tcase = tcase_create("dns_answer");
    tcase_add_loop_test(tcase, answers_tell_what_was_asked, 0, COUNT(ANSWERS));
    suite_add_tcase(suite, tcase);
    return suite;
}
