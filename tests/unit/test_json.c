#include "base/json.h"
#include "suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

START_TEST(commas_place_themselves)
{
    char data[256];
    struct output out = output_to(data, sizeof data);
    struct json json = json_to(&out);
    json_open_object(&json);
    json_key(&json, "a");
    json_open_array(&json);
    json_number(&json, UINT64_MAX);
    json_bool(&json, true);
    json_bool(&json, false);
    json_null(&json);
    json_open_array(&json);
    json_close_array(&json);
    json_open_object(&json);
    json_close_object(&json);
    json_close_array(&json);
    json_key(&json, "b");
    json_string(&json, NULL);
    json_key(&json, "c");
    json_string(&json, "x");
    json_close_object(&json);
    ck_assert_str_eq(data,
                     "{\"a\":[18446744073709551615,true,false,null,[],{}],"
                     "\"b\":null,\"c\":\"x\"}");
}
END_TEST

static const struct {
    struct text text;
    const char *json;
} TEXTS[] = {
    {TEXT(""), "\"\""},
    {TEXT("a\"b\\c/d"), "\"a\\\"b\\\\c/d\""},
    {TEXT("\r\n\t\0\x1f\x7f"),
     "\"\\u000d\\u000a\\u0009\\u0000\\u001f\\u007f\""},
    {TEXT("\xc3\xa4\xe2\x82\xac"), "\"\\u00e4\\u20ac\""},
    {TEXT("\xf0\x9f\x98\x80"), "\"\\ud83d\\ude00\""},
    {TEXT("\xf4\x8f\xbf\xbf"), "\"\\udbff\\udfff\""},
    {TEXT("\xff"), "\"\\ufffd\""},
    {TEXT("\x80x"), "\"\\ufffdx\""},
    {TEXT("\xc3"), "\"\\ufffd\""},
    {TEXT("\xc3("), "\"\\ufffd(\""},
    {TEXT("\xc0\x80"), "\"\\ufffd\\ufffd\""},
    {TEXT("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\""},
    {TEXT("\xf4\x90\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {TEXT("\xf0\x9f\x98"), "\"\\ufffd\\ufffd\\ufffd\""},
};

START_TEST(texts_are_ascii)
{
    char data[256];
    struct output out = output_to(data, sizeof data);
    struct json json = json_to(&out);
    json_text(&json, TEXTS[_i].text);
    ck_assert_str_eq(data, TEXTS[_i].json);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("json");
    TCase *tcase = tcase_create("json");
    tcase_add_test(tcase, commas_place_themselves);
    tcase_add_loop_test(tcase, texts_are_ascii, 0, COUNT(TEXTS));
    suite_add_tcase(suite, tcase);
    return suite;
}
