#include <string.h>

#include "base/buffer.h"
#include "suite.h"

START_TEST(bytes_are_appended)
{
    struct buffer buffer = {0};
    static const unsigned char wanted[12] = {'a', 'b', 0, 0, 7};
    buffer_add(&buffer, "ab", 2);
    buffer_add(&buffer, NULL, 0);
    buffer_align(&buffer, 4);
    buffer_align(&buffer, 4);
    uint32_t seven = 7;
    buffer_add_u32(&buffer, seven);
    ck_assert_uint_eq(buffer.size, 8);
    ck_assert_mem_eq(buffer.data, "ab\0\0", 4);
    ck_assert_mem_eq(buffer.data + 4, &seven, 4);
    unsigned char *more = buffer_extend(&buffer, 3);
    ck_assert_mem_eq(more, wanted + 5, 3);
    ck_assert_uint_eq(buffer.size, 11);
    buffer_clear(&buffer);
    ck_assert_uint_eq(buffer.size, 0);
}
END_TEST

START_TEST(failure_sticks)
{
    struct buffer buffer = {0};
    buffer_add(&buffer, "ab", 2);
    ck_assert_ptr_null(buffer_extend(&buffer, SIZE_MAX));
    ck_assert(buffer.failed);
    buffer_add(&buffer, "cd", 2);
    ck_assert_ptr_null(buffer_extend(&buffer, 1));
    ck_assert_uint_eq(buffer.size, 2);
    buffer_clear(&buffer);
    ck_assert(!buffer.failed);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("buffer");
    TCase *tcase = tcase_create("buffer");
    tcase_add_test(tcase, bytes_are_appended);
    tcase_add_test(tcase, failure_sticks);
    suite_add_tcase(suite, tcase);
    return suite;
}
