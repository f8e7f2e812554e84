/* Which recipients of our domains have a mailbox. */
#include "policies.h"
#include "suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static const char POLICY[] =
    "mayrelay: 1\n"
    "domains:\n"
    "  inbound:\n"
    "    - {domain: example.com, delimiter: '+', mailboxes: [joe, +ann]}\n"
    "    - {domain: whole.example, delimiter: '', mailboxes: [joe]}\n";

static const struct {
    const char *recipient;
    int code;
} RECIPIENTS[] = {
    {"joe@example.com", 250},
    {"JOE+tag@example.com", 250},
    {"joe+tag+more@example.com", 250},
    {"joe+@example.com", 250},
    {"jo+e@example.com", 550},
    {"+ann@example.com", 250},
    {"+joe@example.com", 550},
    /* What needs quotes has no tag, what does not need them may have. */
    {"\"joe\"@example.com", 250},
    {"\"joe+tag\"@example.com", 250},
    {"\"joe+a tag\"@example.com", 550},
    {"joe@whole.example", 250},
    {"joe+tag@whole.example", 550},
};

START_TEST(tags_are_left_out)
{
    mayrelay_policy *policy = must_parse(POLICY);
    ck_assert_int_eq(mayrelay_check(policy, "192.0.2.7", NULL, "<>",
                                    RECIPIENTS[_i].recipient, NULL, 0),
                     RECIPIENTS[_i].code);
    mayrelay_policy_unref(policy);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("mailboxes");
    TCase *tcase = tcase_create("mailboxes");
    tcase_add_loop_test(tcase, tags_are_left_out, 0, COUNT(RECIPIENTS));
    suite_add_tcase(suite, tcase);
    return suite;
}
