/* Which client patterns of a relay rule are bound to one domain. */
#include "policy/pattern_tail.h"
#include "suite.h"

static const char *const BOUND[] = {
    ".*\\.example\\.com",     ".*\\.example\\.com$",
    "example\\.com",          "mx[0-9]+\\.example\\.com",
    "(a|b)\\.example\\.com",  "(?:a|b)\\.example\\.com",
    "[|]\\.example\\.com",    "[]|]\\.example\\.com",
    "[^]|]\\.example\\.com",  "(?!bad).*\\.example\\.com",
    "a\\|b\\.example\\.com",  ".*\\.a-b\\.c2\\.example\\.com",
    ".*\\\\\\.example\\.com",
};

static const char *const LOOSE[] = {
    "",
    ".*",
    "$",
    ".*\\.com",
    ".*example\\.com",
    ".*.example\\.com",
    ".*\\.example.com",
    ".*\\.exa?mple\\.com",
    ".*\\.example\\.com?",
    ".*\\.example\\.com\\$",
    ".*\\\\.example\\.com",
    ".*\\.example\\.(com|net)",
    ".*|\\.example\\.com",
    "a|b\\.example\\.com",
    "\\.example\\.com|.*\\.example\\.com",
    "(?x).*#\\.example\\.com",
    ".*(?#\\.example\\.com",
    ".*(*ACCEPT)\\.example\\.com",
    "(?|a|b)\\.example\\.com",
    "\\Q[\\E.*|.*\\.example\\.com",
    "[[:alpha:]|].*\\.example\\.com",
    "[a.*\\.example\\.com",
    "(.*\\.example\\.com",
    "a)|(.*\\.example\\.com",
    "\\.example\\.com\\",
    ".com",
    "\\.com",
    "[",
    "[^",
    "\\Ea\\.example\\.com",
    "a\\Kmx\\.example\\.com",
};

START_TEST(bound_patterns_are_good)
{
    struct text pattern = text_of(BOUND[_i]);
    ck_assert_msg(!pattern_tail_problem(pattern), "%s: %s", BOUND[_i],
                  pattern_tail_problem(pattern));
}
END_TEST

START_TEST(loose_patterns_are_not)
{
    ck_assert_msg(pattern_tail_problem(text_of(LOOSE[_i])), "%s", LOOSE[_i]);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("pattern_tail");
    TCase *patterns = tcase_create("patterns");
    tcase_add_loop_test(patterns, bound_patterns_are_good, 0,
                        sizeof BOUND / sizeof *BOUND);
    tcase_add_loop_test(patterns, loose_patterns_are_not, 0,
                        sizeof LOOSE / sizeof *LOOSE);
    suite_add_tcase(suite, patterns);
    return suite;
}
