/* What one mistake brings with it: its own finding, and no other. */
#include "policy/model.h"
#include "suite.h"

enum {
    POLICY_SIZE = 16384
};

static void
judge_nothing(const struct model *model, struct mayrelay_report *report)
{
    (void)model;
    (void)report;
}

static void
check_only(struct text policy, const char *id)
{
    struct mayrelay_report *found = report_new();
    ck_assert_ptr_null(
        model_read(policy, "x.yaml", judge_nothing, NULL, found));
    ck_assert_msg(mayrelay_report_count(found) == 1, "%zu findings in\n%s",
                  mayrelay_report_count(found), policy.data);
    ck_assert_str_eq(mayrelay_report_get_id(found, 0), id);
    mayrelay_report_free(found);
}

/* Lists of which something is wrong, */
static const struct {
    const char *list, *id;
} FLAWED[] = {
    {"", "MR166"},
    {"[~]", "MR166"},
    {"{a: b}", "MR165"},
    {"10.0.0.1/8", "MR135"},
    {"[[10.0.0]]", "MR133"},
    {"$nobody", "MR170"},
    {"file:missing", "MR501"},
};

/* and where an empty one would be another finding. */
static const struct {
    const char *before, *behind;
} PLACES[] = {
    {"relay: {deny: {clients: ", "}}"},
    {"relay: {deny: {clients: $a}}\nlists: {a: ", "}"},
    {"connectors: {clients: ", "}"},
};

enum {
    FLAWED_COUNT = sizeof FLAWED / sizeof *FLAWED,
    PLACE_KINDS = sizeof PLACES / sizeof *PLACES
};

START_TEST(a_flawed_list_is_not_called_empty)
{
    size_t flaw = (size_t)_i % FLAWED_COUNT;
    size_t place = (size_t)_i / FLAWED_COUNT;
    char text[POLICY_SIZE];
    struct output out = output_to(text, sizeof text);
    output_format(
        &out, "mayrelay: 1\ndomains: {inbound: [example.com]}\n%s%s%s",
        PLACES[place].before, FLAWED[flaw].list, PLACES[place].behind);
    check_only(output_written(&out), FLAWED[flaw].id);
}
END_TEST

START_TEST(lists_that_are_too_deep_are_not_called_unused)
{
    char text[POLICY_SIZE];
    struct output out = output_to(text, sizeof text);
    output_string(&out, "mayrelay: 1\ndomains: {inbound: [example.com]}\n"
                        "relay: {deny: {clients: $a399}}\n"
                        "lists:\n  a0: 10.0.0.1\n");
    for (unsigned i = 1; i < 400; i++)
        output_format(&out, "  a%u: $a%u\n", i, i - 1);
    check_only(output_written(&out), "MR175");
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("model");
    TCase *tests = tcase_create("model");
    tcase_add_loop_test(tests, a_flawed_list_is_not_called_empty, 0,
                        FLAWED_COUNT * PLACE_KINDS);
    tcase_add_test(tests, lists_that_are_too_deep_are_not_called_unused);
    suite_add_tcase(suite, tests);
    return suite;
}
