/* Identities and groups as facts, whatever size the caller lets through. */
#include <stdlib.h>
#include <string.h>

#include "decide/facts.h"
#include "image/policy.h"
#include "policies.h"
#include "suite.h"

static const char POLICY[] = "mayrelay: 1\n"
                             "groups: {g: ask}\n"
                             "domains: {inbound: [example.com]}\n"
                             "relay: {allow: [{users: [$g, '/x+/']}]}\n";

static char longest[IDENTITY_MOST + 1];

START_TEST(what_is_too_long_is_nobody)
{
    mayrelay_policy *policy = must_parse(POLICY);
    struct facts *facts = calloc(1, sizeof *facts);
    memset(longest, 'x', sizeof longest);
    facts_init(facts, policy_image(policy));
    facts_auth(facts, (struct text){longest, IDENTITY_MOST});
    ck_assert(facts->identity.authenticated);
    ck_assert_uint_eq(facts->identity.name_size, IDENTITY_MOST);
    facts_auth(facts, (struct text){longest, IDENTITY_MOST + 1});
    ck_assert(!facts->identity.authenticated);
    ck_assert_uint_eq(facts->identity.name_size, 0);
    facts_clear(facts);
    free(facts);
    mayrelay_policy_unref(policy);
}
END_TEST

START_TEST(a_group_that_is_too_long_is_not_kept)
{
    mayrelay_policy *policy = must_parse(POLICY);
    struct facts *facts = calloc(1, sizeof *facts);
    memset(longest, 'x', sizeof longest);
    facts_init(facts, policy_image(policy));
    facts_auth(facts, TEXT("joe"));
    ck_assert(facts_add_group(facts, (struct text){longest, IDENTITY_MOST}));
    ck_assert(
        !facts_add_group(facts, (struct text){longest, IDENTITY_MOST + 1}));
    ck_assert_uint_eq(facts->identity.group_count, 0);
    ck_assert(facts_add_group(facts, TEXT("G")));
    ck_assert_uint_eq(facts->identity.group_count, 1);
    facts_clear(facts);
    free(facts);
    mayrelay_policy_unref(policy);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("identity_facts");
    TCase *tcase = tcase_create("identity_facts");
    tcase_add_test(tcase, what_is_too_long_is_nobody);
    tcase_add_test(tcase, a_group_that_is_too_long_is_not_kept);
    suite_add_tcase(suite, tcase);
    return suite;
}
