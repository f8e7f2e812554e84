#include <stdio.h>
#include <stdlib.h>

#include <xxhash.h>

#include "image/intern.h"
#include "set/radix_sort.h"
#include "suite.h"

enum {
    MANY = 5000,
    HASHED = 300000
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

static int
by_key(const void *left, const void *right)
{
    const struct sort_item *a = left, *b = right;
    return (a->key > b->key) - (a->key < b->key);
}

/* Of so many texts some have the same hash of 32 bits. */
START_TEST(texts_of_one_hash_stay_two)
{
    static struct sort_item items[HASHED];
    struct intern intern = {0};
    char text[32];
    char other[32];
    unsigned met = 0;
    intern_prefetch(&intern, TEXT("nothing is there yet"));
    for (uint32_t i = 0; i < HASHED; i++) {
        struct text name = name_of(i, text);
        items[i] = (struct sort_item){
            (uint32_t)XXH3_64bits(name.data, name.size), i, 0};
    }
    qsort(items, HASHED, sizeof *items, by_key);
    for (size_t i = 1; i < HASHED; i++) {
        if (items[i].key != items[i - 1].key)
            continue;
        uint32_t one = intern_add(&intern, name_of(items[i].index, text));
        uint32_t two = intern_add(&intern, name_of(items[i - 1].index, other));
        ck_assert_uint_ne(one, two);
        ck_assert_text_eq(intern_get(&intern, one), text);
        ck_assert_text_eq(intern_get(&intern, two), other);
        met++;
    }
    ck_assert_uint_gt(met, 0);
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
    tcase_add_test(tcase, texts_of_one_hash_stay_two);
    tcase_add_test(tcase, failure_sticks);
    suite_add_tcase(suite, tcase);
    return suite;
}
