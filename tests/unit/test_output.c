#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/output.h"
#include "suite.h"

static void
write_everything(struct output *out)
{
    output_text(out, TEXT("ab"));
    output_string(out, "cd");
    output_string(out, NULL);
    output_byte(out, '-');
    output_number(out, UINT64_MAX);
    output_number(out, 0);
    output_format(out, "%s/%d", "x", -7);
    output_printable(out, TEXT("a\r\n\x7f\xc3\xa4\0~ "));
}

static const char WHOLE[] = "abcd-184467440737095516150x/-7a??????~ ";

START_TEST(what_does_not_fit_is_counted)
{
    for (size_t room = 0; room < sizeof WHOLE + 3; room++) {
        char *data = malloc(room ? room : 1); /* not a byte to spare */
        struct output out = output_to(data, room);
        write_everything(&out);
        ck_assert_uint_eq(out.size, sizeof WHOLE - 1);
        size_t fits = room < sizeof WHOLE ? room : sizeof WHOLE;
        if (room) {
            ck_assert_uint_eq(strlen(data), fits - 1);
            ck_assert_mem_eq(data, WHOLE, fits - 1);
        }
        ck_assert_uint_eq(output_written(&out).size, room ? fits - 1 : 0);
        free(data);
    }
}
END_TEST

START_TEST(nowhere_is_fine)
{
    struct output out = output_to(NULL, 100);
    write_everything(&out);
    ck_assert_uint_eq(out.size, sizeof WHOLE - 1);
}
END_TEST

START_TEST(what_cannot_be_formatted_adds_nothing)
{
    char data[16];
    struct output out = output_to(data, sizeof data);
    output_string(&out, "ab");
    output_format(&out, "%lc", (wint_t)0x110000); /* in no character set */
    output_format(&out, "%s", "");
    ck_assert_uint_eq(out.size, 2);
    ck_assert_text_eq(output_written(&out), "ab");
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("output");
    TCase *tcase = tcase_create("output");
    tcase_add_test(tcase, what_does_not_fit_is_counted);
    tcase_add_test(tcase, nowhere_is_fine);
    tcase_add_test(tcase, what_cannot_be_formatted_adds_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}
