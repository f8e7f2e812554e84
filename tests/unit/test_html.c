#include "audit/html.h"

#include <string.h>

#include "suite.h"

/* Whatever is written stays text, in ASCII, and what cannot be seen shows. */
static const struct {
    const char *text, *html;
} TEXTS[] = {
    {"", ""},
    {"plain text, 1-2_3.", "plain text, 1-2_3."},
    {"<script>", "&#60;script&#62;"},
    {"\" onload='x' & y", "&#34; onload=&#39;x&#39; &#38; y"},
    {"two\nlines", "two\nlines"},
    {"&amp;", "&#38;amp;"},
    {"\t\r\x1b[31m\x7f", "&#65533;&#65533;&#65533;[31m&#65533;"},
    {"b\xc3\xbc"
     "cher",
     "b&#252;cher"},
    {"\xf0\x9f\x93\xa8", "&#128232;"},
    /* C1 controls; marks of direction, of nothing at all, of bytes' order */
    {"\xc2\x85\xc2\x9f\xc2\xa0", "&#65533;&#65533;&#160;"},
    {"\xe2\x80\x8b\xe2\x80\x8f\xe2\x80\x90", "&#65533;&#65533;&#8208;"},
    {"\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf", "&#65533;&#65533;&#8239;"},
    {"\xe2\x81\xa0\xe2\x81\xaf\xe2\x81\xb0", "&#65533;&#65533;&#8304;"},
    {"\xef\xbb\xbf\xc2\xad", "&#65533;&#65533;"},
};

START_TEST(text_stays_text)
{
    char html[200];
    struct output out = output_to(html, sizeof html);
    html_string(&out, TEXTS[_i].text);
    ck_assert_str_eq(html, TEXTS[_i].html);
    ck_assert_uint_eq(out.size, strlen(TEXTS[_i].html));
}
END_TEST

static bool
is_ascii_without_marks(const char *html)
{
    for (; *html; html++)
        if ((*html != '\n' && (*html < ' ' || *html > '~')) ||
            strchr("<>\"'", *html))
            return false;
    return true;
}

/* What is no UTF-8 is no mark-up either. */
START_TEST(any_octet_is_ascii_without_marks)
{
    unsigned wrong = 0;
    for (unsigned first = 1; first < 256; first++)
        for (unsigned second = 1; second < 256; second++) {
            char text[] = {(char)first, (char)second, '<', '\0'};
            char html[100];
            struct output out = output_to(html, sizeof html);
            html_string(&out, text);
            wrong += !is_ascii_without_marks(html);
        }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(nothing_is_no_text)
{
    char html[8];
    struct output out = output_to(html, sizeof html);
    html_string(&out, NULL);
    ck_assert_str_eq(html, "");
}
END_TEST

static const struct {
    uint64_t number;
    const char *html;
} NUMBERS[] = {
    {0, "0"},
    {999, "999"},
    {1000, "1,000"},
    {16777216, "16,777,216"},
    {UINT64_MAX, "18,446,744,073,709,551,615"},
};

START_TEST(thousands_stand_apart)
{
    char html[40];
    struct output out = output_to(html, sizeof html);
    html_number(&out, NUMBERS[_i].number);
    ck_assert_str_eq(html, NUMBERS[_i].html);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("html");
    TCase *texts = tcase_create("texts");
    tcase_add_loop_test(texts, text_stays_text, 0,
                        (int)(sizeof TEXTS / sizeof *TEXTS));
    tcase_add_test(texts, any_octet_is_ascii_without_marks);
    tcase_add_test(texts, nothing_is_no_text);
    tcase_add_loop_test(texts, thousands_stand_apart, 0,
                        (int)(sizeof NUMBERS / sizeof *NUMBERS));
    suite_add_tcase(suite, texts);
    return suite;
}
