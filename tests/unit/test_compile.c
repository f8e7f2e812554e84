#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/compile.h"
#include "mayrelay.h"
#include "suite.h"

enum {
    LINE_SIZE = 96
};

/* `count` ranges, each inside the one before, each in a rule of its own: every
 * address between two of them is in another set of lists. */
static char *
nested_ranges(unsigned count)
{
    static const char head[] = "mayrelay: 1\n"
                               "domains: {inbound: [example.com]}\n"
                               "relay:\n  allow:\n";
    char *text = malloc(sizeof head + (size_t)count * LINE_SIZE);
    size_t size = sizeof head - 1;
    memcpy(text, head, sizeof head);
    for (unsigned i = 0; i < count; i++)
        size += (size_t)snprintf(
            text + size, LINE_SIZE,
            "    - {clients: [10.0.%u.%u-10.1.%u.%u], authenticated: true}\n",
            i / 256, i % 256, (65535 - i) / 256, (65535 - i) % 256);
    return text;
}

static mayrelay_policy *
parse(unsigned ranges, mayrelay_report **report)
{
    char *text = nested_ranges(ranges);
    mayrelay_policy *policy =
        mayrelay_policy_parse(text, MAYRELAY_ZSTR, "nested.yaml", report);
    free(text);
    return policy;
}

START_TEST(lists_that_overlap_compile)
{
    mayrelay_report *report;
    mayrelay_policy *policy = parse(500, &report);
    ck_assert_ptr_nonnull(policy);
    ck_assert_int_eq(mayrelay_check(policy, "10.0.1.0", "joe", "a@b.example",
                                    "c@d.example", NULL, 0),
                     250);
    ck_assert_int_eq(mayrelay_check(policy, "10.2.0.0", "joe", "a@b.example",
                                    "c@d.example", NULL, 0),
                     550);
    mayrelay_policy_unref(policy);
    mayrelay_report_free(report);
}
END_TEST

START_TEST(lists_that_overlap_in_too_many_ways_are_refused)
{
    mayrelay_report *report;
    ck_assert_ptr_null(parse(6000, &report));
    ck_assert_uint_eq(mayrelay_report_count_at(report, MAYRELAY_ERROR), 1);
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), "MR503");
    ck_assert_str_eq(mayrelay_report_get_file(report, 0), "nested.yaml");
    ck_assert_ptr_nonnull(mayrelay_report_get_hint(report, 0));
    mayrelay_report_free(report);
}
END_TEST

START_TEST(the_same_policy_gives_the_same_bytes)
{
    mayrelay_policy *a = parse(300, NULL);
    mayrelay_policy *b = parse(300, NULL);
    mayrelay_policy *c = parse(301, NULL);
    ck_assert_str_eq(mayrelay_policy_get_digest(a),
                     mayrelay_policy_get_digest(b));
    ck_assert_str_ne(mayrelay_policy_get_digest(a),
                     mayrelay_policy_get_digest(c));
    mayrelay_policy_unref(a);
    mayrelay_policy_unref(b);
    mayrelay_policy_unref(c);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("compile");
    TCase *budget = tcase_create("budget");
    tcase_set_timeout(budget, 120);
    tcase_add_test(budget, lists_that_overlap_compile);
    tcase_add_test(budget, lists_that_overlap_in_too_many_ways_are_refused);
    tcase_add_test(budget, the_same_policy_gives_the_same_bytes);
    suite_add_tcase(suite, budget);
    return suite;
}
