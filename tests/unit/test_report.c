#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "base/report.h"
#include "suite.h"

static struct place
at(const char *file, uint32_t line, uint32_t column)
{
    return (struct place){file, line, column};
}

START_TEST(findings_are_kept_and_sorted)
{
    struct mayrelay_report *r = report_new();
    report_add(r, FINDING_IMAGE_INVALID, at("b", 2, 1), NULL, "%s", "third");
    report_add(r, FINDING_IMAGE_VERSION, at("a", 1, 1), "do", "fourth");
    report_add(r, FINDING_IMAGE_ORDER, at("b", 1, 9), NULL, "second");
    report_add(r, FINDING_IMAGE_DIGEST, at("b", 1, 2), NULL, "first");
    report_sort(r);
    static const char *const texts[] = {"first", "second", "third", "fourth"};
    ck_assert_uint_eq(mayrelay_report_count(r), 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(mayrelay_report_get_text(r, i), texts[i]);
    ck_assert_str_eq(mayrelay_report_get_id(r, 3), "MR512");
    ck_assert_str_eq(mayrelay_report_get_hint(r, 3), "do");
    ck_assert_ptr_null(mayrelay_report_get_hint(r, 0));
    ck_assert_ptr_null(mayrelay_report_get_witness(r, 0));
    ck_assert_str_eq(mayrelay_report_get_file(r, 1), "b");
    ck_assert_uint_eq(mayrelay_report_get_column(r, 1), 9);
    ck_assert(report_failed(r));
    mayrelay_report_free(r);
}
END_TEST

/* Whatever their order, and however many have the same place. */
START_TEST(sorting_takes_any_order)
{
    static const char *const files[] = {"a", "b"};
    char want[32];
    for (unsigned start = 0; start < 27; start++) {
        struct mayrelay_report *r = report_new();
        report_add(r, FINDING_IMAGE_INVALID, at("a", 9, 9), NULL, "z");
        for (unsigned i = 0; i < 27; i++) {
            unsigned n = (start + i * 10) % 27;
            report_add(r, FINDING_IMAGE_INVALID,
                       at(files[n / 9 % 2], n / 3 % 3, n % 3), NULL, "%02u",
                       n / 9 % 2 * 9 + n % 9);
        }
        report_sort(r);
        for (size_t i = 1; i < mayrelay_report_count(r); i++) {
            snprintf(want, sizeof want, "%s",
                     mayrelay_report_get_text(r, i - 1));
            ck_assert_str_le(want, mayrelay_report_get_text(r, i));
            if (*mayrelay_report_get_text(r, i) == 'z')
                break; /* then file b */
        }
        mayrelay_report_free(r);
    }
}
END_TEST

START_TEST(what_cannot_be_told_is_not_forgotten)
{
    struct mayrelay_report *r = report_new();
    report_add(r, FINDING_NAME_UNUSED, at("f", 1, 1), NULL, "%lc",
               (wint_t)0x110000); /* in no character set */
    ck_assert_uint_eq(mayrelay_report_count(r), 0);
    ck_assert(report_failed(r));
    mayrelay_report_free(r);
}
END_TEST

START_TEST(an_unknown_id_is_an_error)
{
    struct mayrelay_report *r = report_new();
    report_add(r, (enum finding)1, at("f", 1, 1), NULL, "x");
    ck_assert_int_eq(mayrelay_report_get_severity(r, 0), MAYRELAY_ERROR);
    ck_assert_int_eq(mayrelay_report_get_severity(r, 1), MAYRELAY_NOTE);
    ck_assert(report_failed(r));
    mayrelay_report_free(r);
}
END_TEST

START_TEST(a_finding_is_told_on_lines_of_its_own)
{
    char text[256];
    struct mayrelay_report *r = report_new();
    report_add(r, FINDING_IMAGE_INVALID, at("f\n", 3, 4), "h\r", "t\x1b\xc3");
    size_t size = mayrelay_report_to_text(r, 0, text, sizeof text);
    ck_assert_str_eq(text, "f?:3:4: error: t?? [MR511]\n    h?");
    ck_assert_uint_eq(size, strlen(text));
    ck_assert_uint_eq(mayrelay_report_to_text(r, 0, NULL, 0), size);
    ck_assert_uint_eq(mayrelay_report_to_text(r, 0, text, 5), size);
    ck_assert_uint_eq(strlen(text), 4);
    size = mayrelay_report_to_json(r, text, sizeof text);
    ck_assert_uint_eq(size, strlen(text));
    ck_assert_ptr_nonnull(strstr(text, "\"MR511\""));
    mayrelay_report_free(r);
}
END_TEST

START_TEST(long_texts_are_cut)
{
    static char text[5000];
    memset(text, 'x', sizeof text - 1);
    struct mayrelay_report *r = report_new();
    report_add(r, FINDING_IMAGE_INVALID, at(NULL, 0, 0), NULL, "%s", text);
    ck_assert_uint_lt(strlen(mayrelay_report_get_text(r, 0)), 1001);
    mayrelay_report_to_text(r, 0, text, sizeof text);
    ck_assert_int_eq(strncmp(text, "error: xxx", 10), 0);
    mayrelay_report_free(r);
}
END_TEST

START_TEST(an_endless_list_of_findings_ends)
{
    struct mayrelay_report *r = report_new();
    for (int i = 0; i < 10010; i++)
        report_add(r, FINDING_IMAGE_INVALID, at("f", 1, 1), NULL, "x");
    ck_assert_uint_le(mayrelay_report_count(r), 10000);
    ck_assert(report_failed(r));
    mayrelay_report_free(r);
}
END_TEST

START_TEST(warnings_without_end_refuse_nothing)
{
    struct mayrelay_report *r = report_new();
    for (int i = 0; i < 10010; i++)
        report_add(r, FINDING_NAME_UNUSED, at("f", 1, 1), NULL, "x");
    ck_assert_uint_gt(mayrelay_report_count(r), 0);
    ck_assert(!report_failed(r));
    report_add(r, FINDING_IMAGE_INVALID, at("f", 2, 1), NULL, "x");
    ck_assert_uint_eq(mayrelay_report_count_at(r, MAYRELAY_ERROR), 1);
    ck_assert(report_failed(r));
    mayrelay_report_free(r);
}
END_TEST

START_TEST(nothing_has_no_findings)
{
    char text[16] = "#";
    report_add(NULL, FINDING_IMAGE_INVALID, at("f", 1, 1), NULL, "x");
    ck_assert(report_failed(NULL));
    report_sort(NULL);
    mayrelay_report_free(NULL);
    ck_assert_uint_eq(mayrelay_report_count(NULL), 0);
    ck_assert_uint_eq(mayrelay_report_count_at(NULL, MAYRELAY_NOTE), 0);
    ck_assert_ptr_null(mayrelay_report_get_id(NULL, 0));
    ck_assert_ptr_null(mayrelay_report_get_text(NULL, 0));
    ck_assert_ptr_null(mayrelay_report_get_file(NULL, 7));
    ck_assert_uint_eq(mayrelay_report_get_line(NULL, 0), 0);
    mayrelay_report_to_text(NULL, 0, text, sizeof text);
    mayrelay_report_to_json(NULL, text, sizeof text);
    ck_assert_str_eq(text, "[]");
    struct mayrelay_report *r = report_new();
    ck_assert(!report_failed(r));
    ck_assert_ptr_null(mayrelay_report_get_text(r, 0));
    mayrelay_report_free(r);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("report");
    TCase *tcase = tcase_create("report");
    tcase_add_test(tcase, findings_are_kept_and_sorted);
    tcase_add_test(tcase, sorting_takes_any_order);
    tcase_add_test(tcase, what_cannot_be_told_is_not_forgotten);
    tcase_add_test(tcase, an_unknown_id_is_an_error);
    tcase_add_test(tcase, a_finding_is_told_on_lines_of_its_own);
    tcase_add_test(tcase, long_texts_are_cut);
    tcase_add_test(tcase, an_endless_list_of_findings_ends);
    tcase_add_test(tcase, warnings_without_end_refuse_nothing);
    tcase_add_test(tcase, nothing_has_no_findings);
    suite_add_tcase(suite, tcase);
    return suite;
}
