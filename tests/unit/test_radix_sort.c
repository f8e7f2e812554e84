#include "set/radix_sort.h"

#include "damage.h"
#include "suite.h"

static const struct sort_row {
    size_t count;
    uint64_t mask; /* which bits of the keys differ */
} rows[] = {
    {0, 0},
    {1, UINT64_MAX},
    {2, UINT64_MAX},
    {1000, UINT64_MAX},
    {1000, 0},
    {1000, 1},
    {1000, UINT64_C(1) << 63},
    {5000, 0x7ff},
    {5000, UINT64_C(0xffe00000000000ff)},
    {100000, UINT64_MAX},
};

START_TEST(keys_ascend_and_the_same_stay_in_order)
{
    uint64_t state = 3, sum = 0;
    size_t count = rows[_i].count;
    struct sort_item *items = calloc(count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        uint64_t key = random_next(&state) & rows[_i].mask;
        items[i] = (struct sort_item){key, (uint32_t)i, (uint32_t)(key >> 7)};
        sum += key;
    }
    ck_assert(radix_sort(items, count));
    for (size_t i = 0; i < count; i++) {
        sum -= items[i].key;
        ck_assert(items[i].note == (uint32_t)(items[i].key >> 7));
        if (i == 0)
            continue;
        ck_assert(items[i - 1].key <= items[i].key);
        if (items[i - 1].key == items[i].key)
            ck_assert(items[i - 1].index < items[i].index);
    }
    ck_assert(sum == 0);
    free(items);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("radix_sort");
    TCase *tests = tcase_create("radix_sort");
    tcase_add_loop_test(tests, keys_ascend_and_the_same_stay_in_order, 0,
                        sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tests);
    return suite;
}
