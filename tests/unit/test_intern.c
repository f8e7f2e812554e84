#include <stdio.h>

#include "image/intern.h"
#include "suite.h"

enum {
    MANY = 5000
};

static struct text
name_of(uint32_t i, char text[32])
{
    return (struct text){text, (size_t)snprintf(text, 32, "name-%u", i)};
}

START_TEST(numbers_count_up_and_stay)
{
    struct intern intern = {0};
    char text[32];
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < MANY; i++)
            ck_assert_uint_eq(intern_add(&intern, name_of(i, text)), i);
    ck_assert_uint_eq(intern.count, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        ck_assert_text_eq(intern_get(&intern, i), name_of(i, text).data);
        ck_assert_uint_eq(intern_find(&intern, name_of(i, text)), i + 1);
    }
    ck_assert_uint_eq(intern_find(&intern, name_of(MANY, text)), 0);
    ck_assert(!intern.failed);
    intern_clear(&intern);
    ck_assert_uint_eq(intern.count, 0);
}
END_TEST

START_TEST(any_bytes_will_do)
{
    struct intern intern = {0};
    ck_assert_uint_eq(intern_find(&intern, TEXT("")), 0);
    ck_assert_uint_eq(intern_add(&intern, TEXT("")), 0);
    ck_assert_uint_eq(intern_add(&intern, TEXT("\0")), 1);
    ck_assert_uint_eq(intern_add(&intern, TEXT("\0\0")), 2);
    ck_assert_uint_eq(intern_add(&intern, TEXT("a\0b")), 3);
    ck_assert_uint_eq(intern_add(&intern, TEXT("a\0c")), 4);
    ck_assert_uint_eq(intern_add(&intern, TEXT("")), 0);
    ck_assert_uint_eq(intern_get(&intern, 2).size, 2);
    intern_clear(&intern);
}
END_TEST

START_TEST(failure_sticks)
{
    struct intern intern = {.failed = true};
    ck_assert_uint_eq(intern_add(&intern, TEXT("a")), 0);
    ck_assert_uint_eq(intern.count, 0);
    intern_clear(&intern);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("intern");
    TCase *tcase = tcase_create("intern");
    tcase_add_test(tcase, numbers_count_up_and_stay);
    tcase_add_test(tcase, any_bytes_will_do);
    tcase_add_test(tcase, failure_sticks);
    suite_add_tcase(suite, tcase);
    return suite;
}
