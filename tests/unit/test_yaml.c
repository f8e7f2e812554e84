#include "policy/yaml.h"

#include <string.h>

#include "base/buffer.h"
#include "base/output.h"
#include "suite.h"

static struct arena arena;
static struct mayrelay_report *report;

static void
set_up(void)
{
    report = report_new();
    ck_assert_ptr_nonnull(report);
}

static void
tear_down(void)
{
    mayrelay_report_free(report);
    arena_clear(&arena);
}

static struct node *
read_text(struct text text)
{
    return yaml_read(text, "policy.yaml", &arena, report);
}

static struct node *
read_string(const char *string)
{
    return read_text(text_of(string));
}

static const struct node *
value_of(const struct node *mapping, const char *key)
{
    for (size_t i = 0; i < mapping->count; i++)
        if (text_equal(mapping->keys[i]->scalar, text_of(key)))
            return mapping->items[i];
    ck_abort_msg("no key '%s'", key);
    return NULL;
}

/* -- what is read --------------------------------------------------------- */

START_TEST(reads_a_tree)
{
    const struct node *root =
        read_string("mayrelay: 1\nlists:\n  drop: [a, \"b\", 'c']\n");
    ck_assert_ptr_nonnull(root);
    ck_assert_uint_eq(mayrelay_report_count(report), 0);
    ck_assert_int_eq(root->kind, NODE_MAPPING);
    ck_assert_uint_eq(root->count, 2);
    ck_assert_text_eq(value_of(root, "mayrelay")->scalar, "1");
    const struct node *drop = value_of(value_of(root, "lists"), "drop");
    ck_assert_int_eq(drop->kind, NODE_SEQUENCE);
    ck_assert_uint_eq(drop->count, 3);
    ck_assert_uint_eq(drop->line, 3);
    ck_assert_uint_eq(drop->column, 9);
    ck_assert(drop->items[0]->plain);
    ck_assert(!drop->items[1]->plain);
    ck_assert_text_eq(drop->items[2]->scalar, "c");
}
END_TEST

START_TEST(reads_empty_collections)
{
    const struct node *root = read_string("{}");
    ck_assert_ptr_nonnull(root);
    ck_assert_int_eq(root->kind, NODE_MAPPING);
    ck_assert_uint_eq(root->count, 0);
    root = read_string("a: []");
    ck_assert_ptr_nonnull(root);
    ck_assert_int_eq(root->items[0]->kind, NODE_SEQUENCE);
    ck_assert_uint_eq(root->items[0]->count, 0);
}
END_TEST

START_TEST(counts_columns_in_characters)
{
    const struct node *root = read_string("\xef\xbb\xbf{\"\xc3\xbc\": x}");
    ck_assert_ptr_nonnull(root);
    ck_assert_uint_eq(root->items[0]->column, 7);
}
END_TEST

START_TEST(an_alias_is_its_anchor)
{
    const struct node *root = read_string("a: &x [1, 2]\nb: *x\nc: [*x, 3]\n");
    ck_assert_ptr_nonnull(root);
    ck_assert_ptr_eq(value_of(root, "a"), value_of(root, "b"));
    ck_assert_ptr_eq(value_of(root, "c")->items[0], value_of(root, "a"));
}
END_TEST

static const struct {
    const char *text, *value;
} SCALARS[] = {
    {"{\"a\": \"\\/\"}", "/"},
    {"{\"a\": \"\\u00fc\"}", "\xc3\xbc"},
    {"{\"a\": \"\\ud83d\\ude00!\"}", "\xf0\x9f\x98\x80!"},
    {"{\"a\": \"\\\\ud83d\\\\ude00\"}", "\\ud83d\\ude00"},
    {" \n{\"a\": \"\\\"\\ud83d\\ude00\"}", "\"\xf0\x9f\x98\x80"},
    {"a: ::/0", "::/0"},
    {"a: \xe2\x80\xa6\xc3\x85\xe2\x82\xa8", "\xe2\x80\xa6\xc3\x85\xe2\x82\xa8"},
    {"a: 2001:db8::/32 # all of it", "2001:db8::/32"},
    {"a: not $all", "not $all"},
    {"a: \xc2\xa8\xe3\x80\xa8", "\xc2\xa8\xe3\x80\xa8"},
    {"a: '/\\d{1,2}/'", "/\\d{1,2}/"},
    {"%YAML 1.1\n---\na: no", "no"},
    {"%YAML 1.2\n---\na: no\n...\n", "no"},
};

START_TEST(reads_scalars)
{
    const struct node *root = read_string(SCALARS[_i].text);
    ck_assert_ptr_nonnull(root);
    ck_assert_uint_eq(mayrelay_report_count(report), 0);
    ck_assert_text_eq(root->items[0]->scalar, SCALARS[_i].value);
}
END_TEST

START_TEST(reads_a_line_of_a_megabyte)
{
    struct buffer buffer = {0};
    buffer_add(&buffer, "{\"a\": \"", 7);
    memset(buffer_extend(&buffer, 1 << 20), 'x', 1 << 20);
    buffer_add(&buffer, "\", \"b\": 1}", 10);
    const struct node *root =
        read_text((struct text){(const char *)buffer.data, buffer.size});
    ck_assert_ptr_nonnull(root);
    ck_assert_uint_eq(root->items[0]->scalar.size, 1 << 20);
    ck_assert_text_eq(root->items[1]->scalar, "1");
    buffer_clear(&buffer);
}
END_TEST

/* -- what is refused ------------------------------------------------------ */

static const struct {
    const char *text, *id;
    uint32_t line, column;
    const char *hint; /* a part of it */
} REFUSED[] = {
    {"", "MR104", 0, 0, "{mayrelay: 1, "},
    {"# nothing\n", "MR104", 0, 0, "inbound"},
    {"---\n", "MR104", 0, 0, "inbound"},
    {"a: x\n---\nb: y\n", "MR105", 2, 1, "one policy"},
    {"a: x\n...\nb\n", "MR105", 3, 1, "one policy"},
    {"a: !!str x", "MR106", 1, 4, "leave the tag out"},
    {"a: ! x", "MR106", 1, 4, "leave the tag out"},
    {"a: !x [b]", "MR106", 1, 4, "leave the tag out"},
    {"a: !x {b: c}", "MR106", 1, 4, "leave the tag out"},
    {"a: !x!y b", "MR112", 1, 4, "\"!x!y b\""},
    {"%YAML 1.3\n---\na: b", "MR107", 1, 1, "leave the directive out"},
    {"%TAG ! x:\n---\na: b", "MR107", 1, 1, "leave the directive out"},
    {"%FOO\n---\na: b", "MR107", 1, 1, "leave it out"},
    {"a: x\n<<: x", "MR108", 2, 1, "write the keys out"},
    {"? [a]\n: b", "MR109", 1, 3, "\"[a]\""},
    {"a: [[2001:db8::1]:25, b]", "MR109", 1, 5, "\"[2001:db8::1]:25\""},
    {"a: 1\nb: 2\na: 3", "MR110", 3, 1, "once"},
    {"{\"a\": 1, a: 2}", "MR110", 1, 10, "once"},
    {"a: *b", "MR111", 1, 4, "\"*b\""},
    {"a: &x [b, *x]", "MR111", 1, 11, "\"*x\""},
    {"a: *.example.com", "MR112", 1, 4, "\"*.example.com\""},
    {"a: [x, *.example.com, y]", "MR112", 1, 8, "\"*.example.com\""},
    {"a: *:25", "MR112", 1, 4, "\"*:25\""},
    {"a: [::/0]", "MR112", 1, 5, "\"::/0\""},
    {"a: [fe80::/10, ::1]", "MR112", 1, 16, "\"::1\""},
    {"a: {b: ::1}", "MR112", 1, 8, "\"::1\""},
    {"a: [2001:db8::1]:25", "MR112", 1, 17, "\"[2001:db8::1]:25\""},
    {"- [2001:db8::1]:25", "MR112", 1, 16, "\"[2001:db8::1]:25\""},
    {"a: @x", "MR112", 1, 4, "\"@x\""},
    {"a: %x", "MR112", 1, 4, "\"%x\""},
    {"a: `x", "MR112", 1, 4, "\"`x\""},
    {"a: & x", "MR112", 1, 4, "\"& x\""},
    {"a: *.example.com # all", "MR112", 1, 4, "\"*.example.com\""},
    {"a: *x#y", "MR112", 1, 4, "\"*x#y\""},
    {"a: @\"x", "MR112", 1, 4, "'@\"x'"},
    {"a: @\\'x", "MR112", 1, 4, "'@\\''x'"},
    {"a: [b, /x[0-9]{2}/, c]", "MR112", 1, 10, "'/x[0-9]{2}/'"},
    {"a: [/\\d{1,2}/]", "MR112", 1, 8, "'/\\d{1,2}/'"},
    {"a: [not /[ab]/]", "MR112", 1, 10, "'not /[ab]/'"},
    {"a: [b", "MR112", 2, 1, "close the bracket"},
    {"a: [b,, c]", "MR101", 1, 7, "comma"},
    {"a:\n\t- b", "MR113", 2, 1, "blanks"},
    {"a:\n  - b\n\t- c", "MR113", 3, 1, "blanks"},
    {"a: \"b", "MR101", 1, 4, "close the quote"},
    {"a: \"b\\d\"", "MR101", 1, 6, "single quotes"},
    {"a: \"\\ud83d\"", "MR101", 1, 4, "character itself"},
    {"{\"a\": \"\\ud8zz\"}", "MR101", 1, 10, NULL},
    {"{\"a\": \"\\ud83d\\u0041\"}", "MR101", 1, 7, NULL},
    {"{\"a\": \"\\ud83d\\uffff\"}", "MR101", 1, 7, NULL},
    {"{\"a\": \"\\", "MR101", 1, 8, NULL},
    {"{\"a\": \"\\ud83d\\ude00\\", "MR101", 1, 18, NULL},
    {"a: b\nc\n", "MR101", 2, 1, "key: value"},
    {"a: b: c", "MR101", 1, 5, "quote"},
    {"a: - b", "MR101", 1, 4, "line of its own"},
    {"- 'it's'", "MR101", 1, 7, "quote"},
    {"a: |x/", "MR112", 1, 4, "\"|x/\""},
    {"a: \"\x01\"", "MR103", 1, 5, "take it out"},
    {"a: b\n\xc3\xbc: \x7f", "MR103", 2, 4, "take it out"},
    {"a: b\nc: \xe4\n", "MR103", 2, 0, "UTF-8"},
    {"a: b # c\xe2\x80\xa8"
     "d: e",
     "MR103", 1, 9, "take it out"},
    {"a: b\n# c\xc2\x85"
     "d: e",
     "MR103", 2, 4, "take it out"},
    {"a: \"\\0\"", "MR103", 1, 4, NULL},
};

START_TEST(refuses)
{
    read_string(REFUSED[_i].text);
    ck_assert_uint_eq(mayrelay_report_count(report), 1);
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), REFUSED[_i].id);
    ck_assert_uint_eq(mayrelay_report_get_line(report, 0), REFUSED[_i].line);
    ck_assert_uint_eq(mayrelay_report_get_column(report, 0),
                      REFUSED[_i].column);
    const char *hint = mayrelay_report_get_hint(report, 0);
    if (REFUSED[_i].hint)
        ck_assert_msg(hint && strstr(hint, REFUSED[_i].hint),
                      "'%s' in the hint '%s'", REFUSED[_i].hint, hint);
}
END_TEST

START_TEST(refuses_a_nul)
{
    ck_assert_ptr_null(read_text(TEXT("a: b\nc\0d: e")));
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), "MR103");
    ck_assert_uint_eq(mayrelay_report_get_line(report, 0), 2);
    ck_assert_uint_eq(mayrelay_report_get_column(report, 0), 2);
}
END_TEST

START_TEST(goes_on_behind_an_error)
{
    const struct node *root =
        read_string("a: !x 1\na: 2\n<<: 3\n? [b]\n: 4\nc: 5\n");
    ck_assert_ptr_nonnull(root);
    report_sort(report);
    static const char *const ids[] = {"MR106", "MR110", "MR108", "MR109"};
    ck_assert_uint_eq(mayrelay_report_count(report), 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(mayrelay_report_get_id(report, i), ids[i]);
    ck_assert_uint_eq(root->count, 3);
    ck_assert_text_eq(value_of(root, "c")->scalar, "5");
}
END_TEST

START_TEST(names_the_line_of_the_first_key)
{
    read_string("a: 1\nb: 2\na: 3\na: 4\n");
    ck_assert_uint_eq(mayrelay_report_count(report), 2);
    ck_assert_ptr_nonnull(
        strstr(mayrelay_report_get_text(report, 1), "line 1"));
    ck_assert_uint_eq(mayrelay_report_get_line(report, 1), 4);
}
END_TEST

START_TEST(an_aliased_key_has_its_own_place)
{
    const struct node *root = read_string("&k a: 1\nb: 2\n*k : 3\n");
    ck_assert_uint_eq(mayrelay_report_count(report), 1);
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), "MR110");
    ck_assert_uint_eq(mayrelay_report_get_line(report, 0), 3);
    ck_assert_ptr_nonnull(
        strstr(mayrelay_report_get_text(report, 0), "line 1"));
    ck_assert_text_eq(root->keys[2]->scalar, "a");
}
END_TEST

/* -- limits --------------------------------------------------------------- */

static struct node *
read_nested(size_t depth)
{
    struct buffer buffer = {0};
    for (size_t i = 0; i < depth; i++)
        buffer_add(&buffer, "[", 1);
    buffer_add(&buffer, "x", 1);
    for (size_t i = 0; i < depth; i++)
        buffer_add(&buffer, "]", 1);
    struct node *root =
        read_text((struct text){(const char *)buffer.data, buffer.size});
    buffer_clear(&buffer);
    return root;
}

START_TEST(limits_the_depth)
{
    ck_assert_ptr_nonnull(read_nested(32));
    ck_assert_ptr_null(read_nested(33));
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), "MR102");
}
END_TEST

START_TEST(limits_the_depth_behind_aliases)
{
    struct buffer buffer = {0};
    buffer_add(&buffer, "- &n0 [x]\n", 10);
    for (int i = 1; i < 32; i++) {
        char line[32];
        struct output out = output_to(line, sizeof line);
        output_format(&out, "- &n%d [*n%d]\n", i, i - 1);
        buffer_add(&buffer, line, out.size);
    }
    ck_assert_ptr_null(
        read_text((struct text){(const char *)buffer.data, buffer.size}));
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), "MR102");
    ck_assert_uint_eq(mayrelay_report_get_line(report, 0), 32);
    buffer_clear(&buffer);
}
END_TEST

START_TEST(limits_what_aliases_stand_for)
{
    ck_assert_ptr_null(read_string("a: &a [x,x,x,x,x,x,x,x,x,x]\n"
                                   "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                                   "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                                   "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                                   "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
                                   "f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"));
    ck_assert_uint_eq(mayrelay_report_count(report), 1);
    ck_assert_str_eq(mayrelay_report_get_id(report, 0), "MR102");
}
END_TEST

/* -- scalars with a meaning ----------------------------------------------- */

static const struct {
    const char *text;
    bool null, boolean, value;
} MEANINGS[] = {
    {"a: true", false, true, true},     {"a: false", false, true, false},
    {"a: 'true'", false, false, false}, {"a: True", false, false, false},
    {"a: yes", false, false, false},    {"a: on", false, false, false},
    {"a: [true]", false, false, false}, {"a:", true, false, false},
    {"a: ~", true, false, false},       {"a: null", true, false, false},
    {"a: Null", true, false, false},    {"a: NULL", true, false, false},
    {"a: nULL", false, false, false},   {"a: nothing", false, false, false},
    {"a: ''", false, false, false},     {"a: 'null'", false, false, false},
    {"a: {}", false, false, false},
};

START_TEST(knows_null_and_booleans)
{
    const struct node *root = read_string(MEANINGS[_i].text);
    ck_assert_ptr_nonnull(root);
    bool value = !MEANINGS[_i].value;
    ck_assert_int_eq(node_is_null(root->items[0]), MEANINGS[_i].null);
    ck_assert_int_eq(node_is_bool(root->items[0], &value),
                     MEANINGS[_i].boolean);
    if (MEANINGS[_i].boolean)
        ck_assert_int_eq(value, MEANINGS[_i].value);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("yaml");
    TCase *tests = tcase_create("yaml");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, reads_a_tree);
    tcase_add_test(tests, reads_empty_collections);
    tcase_add_test(tests, counts_columns_in_characters);
    tcase_add_test(tests, an_alias_is_its_anchor);
    tcase_add_loop_test(tests, reads_scalars, 0,
                        sizeof SCALARS / sizeof *SCALARS);
    tcase_add_test(tests, reads_a_line_of_a_megabyte);
    tcase_add_loop_test(tests, refuses, 0, sizeof REFUSED / sizeof *REFUSED);
    tcase_add_test(tests, refuses_a_nul);
    tcase_add_test(tests, goes_on_behind_an_error);
    tcase_add_test(tests, names_the_line_of_the_first_key);
    tcase_add_test(tests, an_aliased_key_has_its_own_place);
    tcase_add_test(tests, limits_the_depth);
    tcase_add_test(tests, limits_the_depth_behind_aliases);
    tcase_add_test(tests, limits_what_aliases_stand_for);
    tcase_add_loop_test(tests, knows_null_and_booleans, 0,
                        sizeof MEANINGS / sizeof *MEANINGS);
    suite_add_tcase(suite, tests);
    return suite;
}
