#include "base/text.h"
#include "suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static const struct text NOTHING = {NULL, 0};

START_TEST(texts_compare)
{
    ck_assert(text_equal(TEXT(""), NOTHING));
    ck_assert(text_equal(TEXT("a\0b"), TEXT("a\0b")));
    ck_assert(!text_equal(TEXT("a\0b"), TEXT("a\0c")));
    ck_assert(!text_equal(TEXT("a"), TEXT("A")));
    ck_assert(text_equal_fold(TEXT("aZ[`"), TEXT("Az[`")));
    ck_assert(!text_equal_fold(TEXT("["), TEXT("{")));
    ck_assert(!text_equal_fold(TEXT("\xc3\xa4"), TEXT("\xc3\x84")));
    ck_assert_int_lt(text_compare(TEXT("a"), TEXT("ab")), 0);
    ck_assert_int_gt(text_compare(TEXT("\xff"), TEXT("a")), 0);
    ck_assert_int_eq(text_compare(NOTHING, TEXT("")), 0);
    ck_assert(text_starts(TEXT("abc"), TEXT("ab")));
    ck_assert(!text_starts(TEXT("a"), TEXT("ab")));
    ck_assert(text_starts_fold(TEXT("ABc"), TEXT("ab")));
    ck_assert(text_ends(TEXT("abc"), TEXT("bc")));
    ck_assert(text_ends(TEXT("abc"), TEXT("")));
    ck_assert(!text_ends(TEXT("c"), TEXT("bc")));
}
END_TEST

START_TEST(bytes_are_found)
{
    ck_assert_uint_eq(text_find(TEXT("a.b.c"), '.'), 1);
    ck_assert_uint_eq(text_find_last(TEXT("a.b.c"), '.'), 3);
    ck_assert_uint_eq(text_find(TEXT("abc"), '.'), TEXT_NONE);
    ck_assert_uint_eq(text_find_last(NOTHING, '.'), TEXT_NONE);
    ck_assert(text_has(TEXT("a\0"), '\0'));
    ck_assert(!text_has(NOTHING, '\0'));
}
END_TEST

START_TEST(slices_are_clamped)
{
    ck_assert_text_eq(text_slice(TEXT("abc"), 1, 2), "b");
    ck_assert_text_eq(text_slice(TEXT("abc"), 1, TEXT_NONE), "bc");
    ck_assert_text_eq(text_slice(TEXT("abc"), 5, 9), "");
    ck_assert_text_eq(text_slice(TEXT("abc"), 2, 1), "");
    ck_assert_text_eq(text_from(TEXT("abc"), 3), "");
    ck_assert_uint_eq(text_from(NOTHING, 3).size, 0);
    ck_assert_text_eq(text_trim(TEXT(" \t\ra b \r")), "a b");
    ck_assert_text_eq(text_trim(TEXT(" \t ")), "");
}
END_TEST

START_TEST(texts_split)
{
    struct text rest = TEXT("a,,b");
    struct text part;
    static const char *const parts[] = {"a", "", "b"};
    for (int i = 0; i < COUNT(parts); i++) {
        ck_assert(text_split(&rest, ',', &part));
        ck_assert_text_eq(part, parts[i]);
    }
    ck_assert(!text_split(&rest, ',', &part));
    rest = TEXT("");
    ck_assert(!text_split(&rest, ',', &part));
}
END_TEST

static const struct {
    struct text text;
    bool ok;
    uint32_t value;
} NUMBERS[] = {
    {TEXT("0"), true, 0},           {TEXT("007"), true, 7},
    {TEXT("65535"), true, 65535},   {TEXT("65536"), false, 0},
    {TEXT(""), false, 0},           {TEXT("-1"), false, 0},
    {TEXT("+1"), false, 0},         {TEXT("1 "), false, 0},
    {TEXT("4294967296"), false, 0}, {TEXT("00000000001"), false, 0},
    {TEXT("1\0"), false, 0},
};

START_TEST(numbers_are_strict)
{
    uint32_t value = 0;
    ck_assert_int_eq(text_number(NUMBERS[_i].text, 65535, &value),
                     NUMBERS[_i].ok);
    ck_assert_uint_eq(value, NUMBERS[_i].value);
}
END_TEST

static const struct {
    struct text text;
    bool utf8, control;
} BYTES[] = {
    {TEXT(""), true, false},
    {TEXT("plain"), true, false},
    {TEXT("\0"), true, true},
    {TEXT("\x1f"), true, true},
    {TEXT("\x7f"), true, true},
    {TEXT("\xc2\x80"), true, true},
    {TEXT("\xc2\x9f"), true, true},
    {TEXT("\xc2\xa0"), true, false},
    {TEXT("\xe2\x82\xac"), true, false},
    {TEXT("\xed\x9f\xbf\xee\x80\x80"), true, false},
    {TEXT("\xf4\x8f\xbf\xbf"), true, false},
    {TEXT("\xc1\xbf"), false, false},
    {TEXT("\xe0\x9f\xbf"), false, false},
    {TEXT("\xf0\x8f\xbf\xbf"), false, false},
    {TEXT("\xed\xa0\x80"), false, false},
    {TEXT("\xf4\x90\x80\x80"), false, false},
    {TEXT("\xf5\x80\x80\x80"), false, false},
    {TEXT("\xc2"), false, false},
    {TEXT("\xc3"), false, false},
    {TEXT("\xe2\x82"), false, false},
    {TEXT("\x80"), false, false},
    {TEXT("\xff"), false, false},
};

START_TEST(bytes_are_judged)
{
    ck_assert_int_eq(text_is_utf8(BYTES[_i].text), BYTES[_i].utf8);
    ck_assert_int_eq(text_has_control(BYTES[_i].text), BYTES[_i].control);
}
END_TEST

START_TEST(only_ascii_folds)
{
    char out[4];
    text_fold(out, TEXT("A\xc3\x84z"));
    ck_assert_mem_eq(out, "a\xc3\x84z", 4);
    ck_assert(text_is_ascii(TEXT("a\x7f")));
    ck_assert(!text_is_ascii(TEXT("\x80")));
    ck_assert_int_eq(ascii_hex_value('F'), 15);
    ck_assert_int_eq(ascii_hex_value('g'), -1);
    ck_assert_int_eq(ascii_hex_value('\xff'), -1);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("text");
    TCase *tcase = tcase_create("text");
    tcase_add_test(tcase, texts_compare);
    tcase_add_test(tcase, bytes_are_found);
    tcase_add_test(tcase, slices_are_clamped);
    tcase_add_test(tcase, texts_split);
    tcase_add_loop_test(tcase, numbers_are_strict, 0, COUNT(NUMBERS));
    tcase_add_loop_test(tcase, bytes_are_judged, 0, COUNT(BYTES));
    tcase_add_test(tcase, only_ascii_folds);
    suite_add_tcase(suite, tcase);
    return suite;
}
