#include <string.h>

#include "mayrelay/common.h"
#include "suite.h"

START_TEST(the_version_is_told)
{
    ck_assert_uint_gt(strlen(mayrelay_version()), 0);
}
END_TEST

START_TEST(every_status_has_a_text_of_its_own)
{
    static const enum mayrelay_status all[] = {MAYRELAY_OK,
                                               MAYRELAY_ERR_ARGUMENT,
                                               MAYRELAY_ERR_MEMORY,
                                               MAYRELAY_ERR_TEXT,
                                               MAYRELAY_ERR_STAGE,
                                               MAYRELAY_ERR_IO,
                                               (enum mayrelay_status)99};
    enum {
        COUNT = sizeof all / sizeof *all
    };
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(mayrelay_status_text(all[i]),
                             mayrelay_status_text(all[j]));
    ck_assert_str_eq(mayrelay_status_text(all[COUNT - 1]), "unknown status");
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("version");
    TCase *tcase = tcase_create("version");
    tcase_add_test(tcase, the_version_is_told);
    tcase_add_test(tcase, every_status_has_a_text_of_its_own);
    suite_add_tcase(suite, tcase);
    return suite;
}
