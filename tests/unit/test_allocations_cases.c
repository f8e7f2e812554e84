/* Cases while memory runs out. */
#include <string.h>

#include "each_failure.h"
#include "failing_malloc.h"
#include "mayrelay.h"
#include "policies.h"
#include "suite.h"

/* No cases, or all of them: one that is lost would be a decision that nobody
 * tests. */
static bool
same_cases(const mayrelay_cases *a, const mayrelay_cases *b)
{
    size_t count = mayrelay_cases_count(a);
    bool same = count == mayrelay_cases_count(b) &&
                mayrelay_cases_get_extent(a) == mayrelay_cases_get_extent(b);
    for (size_t i = 0; same && i < count; i++)
        same = strcmp(mayrelay_cases_get_facts(a, i),
                      mayrelay_cases_get_facts(b, i)) == 0 &&
               strcmp(mayrelay_cases_get_decision(a, i),
                      mayrelay_cases_get_decision(b, i)) == 0;
    return same;
}

static const char POLICY[] =
    "mayrelay: 1\n"
    "groups: {Staff: ask}\n"
    "relay: {allow: [{clients: [.a.example], users: [$Staff, '/s.*/']}]}\n";

/* The policy is new, so that its patterns are not compiled. */
static bool
cases_once(void *context)
{
    struct counting before = pause_counting();
    mayrelay_policy *policy = must_parse(POLICY);
    go_on_counting(before);
    mayrelay_cases *cases = mayrelay_policy_cases(policy, 12);
    bool right = !cases || same_cases(cases, context);
    mayrelay_cases_free(cases);
    mayrelay_policy_unref(policy);
    return right;
}

START_TEST(cases_without_memory_are_whole_or_none)
{
    mayrelay_policy *policy = must_parse(POLICY);
    mayrelay_cases *whole = mayrelay_policy_cases(policy, 12);
    ck_assert_uint_eq(mayrelay_cases_count(whole), 12);
    with_each_failure(cases_once, whole);
    mayrelay_cases_free(whole);
    mayrelay_policy_unref(policy);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("allocations_cases");
    TCase *refused = tcase_create("refused");
    tcase_set_timeout(refused, 100);
    tcase_add_test(refused, cases_without_memory_are_whole_or_none);
    suite_add_tcase(suite, refused);
    return suite;
}
