#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "suite.h"

START_TEST(fresh_memory_is_zero)
{
    unsigned char *bytes = memory_new(100, 3);
    for (size_t i = 0; i < 300; i++)
        ck_assert_uint_eq(bytes[i], 0);
    memory_free(bytes);
    memory_free(NULL);
}
END_TEST

START_TEST(nothing_is_something_to_free)
{
    void *none = memory_new(0, 8);
    void *empty = memory_new(8, 0);
    ck_assert_ptr_nonnull(none);
    ck_assert_ptr_nonnull(empty);
    memory_free(none);
    memory_free(empty);
}
END_TEST

START_TEST(sizes_never_overflow)
{
    uint32_t *array = NULL;
    size_t room = 0;
    ck_assert(!memory_grow(&array, &room, SIZE_MAX, sizeof *array));
    ck_assert(!memory_grow(&array, &room, SIZE_MAX / 4 + 1, sizeof *array));
    ck_assert_ptr_null(array);
    ck_assert_uint_eq(room, 0);
}
END_TEST

START_TEST(growing_at_least_doubles_and_keeps)
{
    uint32_t *array = NULL;
    size_t room = 0;
    size_t grown = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        size_t before = room;
        ck_assert(memory_grow(&array, &room, i + 1, sizeof *array));
        ck_assert(room == before || room >= 2 * before);
        grown += room != before;
        array[i] = i;
    }
    for (uint32_t i = 0; i < 1000; i++)
        ck_assert_uint_eq(array[i], i);
    ck_assert_uint_le(grown, 10);
    memory_free(array);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("memory");
    TCase *tcase = tcase_create("memory");
    tcase_add_test(tcase, fresh_memory_is_zero);
    tcase_add_test(tcase, nothing_is_something_to_free);
    tcase_add_test(tcase, sizes_never_overflow);
    tcase_add_test(tcase, growing_at_least_doubles_and_keeps);
    suite_add_tcase(suite, tcase);
    return suite;
}
