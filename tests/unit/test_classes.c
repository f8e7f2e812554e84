#include "image/classes.h"
#include "suite.h"

START_TEST(the_same_lists_are_one_class)
{
    struct classes classes;
    classes_start(&classes);
    uint32_t nothing[] = {0};
    uint32_t lists[] = {0, 3, 1, 2};
    uint32_t again[] = {0, 2, 2, 3, 1, 1};
    uint32_t fewer[] = {0, 1, 2};
    uint32_t extra[] = {9, 1, 2, 3};
    ck_assert_uint_eq(classes_number(&classes, nothing, 0), 0);
    ck_assert_uint_eq(classes_number(&classes, lists, 3), 1);
    ck_assert_uint_eq(classes_number(&classes, again, 5), 1);
    ck_assert_uint_eq(classes_number(&classes, fewer, 2), 2);
    ck_assert_uint_eq(classes_number(&classes, extra, 3), 3);
    size_t count;
    const uint32_t *set = classes_get(&classes, 3, &count);
    static const uint32_t sorted[] = {9, 1, 2, 3};
    ck_assert_uint_eq(count, 3);
    ck_assert_mem_eq(set, sorted, sizeof sorted);
    classes_get(&classes, 0, &count);
    ck_assert_uint_eq(count, 0);
    ck_assert(!classes_failed(&classes));
    classes_clear(&classes);
}
END_TEST

START_TEST(the_budget_is_kept)
{
    struct classes classes;
    classes_start(&classes);
    uint32_t set[] = {0, 1};
    classes.work = CLASS_WORK_MOST - 1;
    classes_number(&classes, set, 1);
    ck_assert(!classes_failed(&classes));
    ck_assert_uint_eq(classes_number(&classes, set, 1), 0);
    ck_assert(classes_failed(&classes));
    classes_clear(&classes);
}
END_TEST

/* Lists 0, 1, 2 in blocks 0 and 1, 1, 0 and 2. */
static uint32_t first[] = {0, 2, 3, 5};
static struct image_mask masks[] = {
    {1, 2, 0, 0}, {4, 0, 1, 0}, {8, 16, 1, 0}, {32, 0, 0, 0}, {0, 64, 2, 0},
};

START_TEST(masks_are_united_by_block)
{
    struct uses uses = {first, masks};
    struct mask_pool pool = {0};
    static const uint32_t lists[] = {0, 1, 2};
    static const struct image_mask sum[] = {
        {33, 2, 0, 0}, {12, 16, 1, 0}, {0, 64, 2, 0}};
    ck_assert_uint_eq(mask_pool_add(&pool, &uses, lists, 0), 0);
    ck_assert_uint_eq(mask_pool_add(&pool, &uses, lists, 3), 1);
    ck_assert_uint_eq(mask_pool_add(&pool, &uses, lists, 3), 1);
    ck_assert_uint_eq(mask_pool_add(&pool, &uses, lists + 1, 1), 2);
    struct text united = intern_get(&pool.lists, 1);
    ck_assert_uint_eq(united.size, sizeof sum);
    ck_assert_mem_eq(united.data, sum, sizeof sum);
    ck_assert_uint_eq(pool.total, 4);
    ck_assert(!pool.over_budget);
    intern_clear(&pool.lists);
}
END_TEST

START_TEST(masks_have_a_budget_too)
{
    struct uses uses = {first, masks};
    struct mask_pool pool = {.total = CLASS_MASKS_MOST - 1};
    static const uint32_t lists[] = {1, 0};
    mask_pool_add(&pool, &uses, lists, 1);
    ck_assert(!pool.over_budget);
    ck_assert(!pool.lists.failed);
    mask_pool_add(&pool, &uses, lists, 2);
    ck_assert(pool.over_budget);
    ck_assert(pool.lists.failed);
    intern_clear(&pool.lists);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("classes");
    TCase *tcase = tcase_create("classes");
    tcase_add_test(tcase, the_same_lists_are_one_class);
    tcase_add_test(tcase, the_budget_is_kept);
    tcase_add_test(tcase, masks_are_united_by_block);
    tcase_add_test(tcase, masks_have_a_budget_too);
    suite_add_tcase(suite, tcase);
    return suite;
}
