/* How much of the Internet ranges hold. */
#include "policy/coverage.h"
#include "suite.h"

enum {
    RANGES_MOST = 5
};

static const struct {
    const char *ranges[RANGES_MOST];
    bool half;
} SETS[] = {
    {{"0.0.0.0/0"}, true},
    {{"0.0.0.0/1"}, true},
    {{"0.0.0.1-127.255.255.255"}, false},
    {{"0.0.0.1-128.0.0.0"}, true},
    {{"0.0.0.0/2", "0.0.0.0/2", "10.0.0.0/8", "32.0.0.0/3"}, false},
    {{"0.0.0.0/2", "192.0.0.0/2"}, true},
    {{"0.0.0.0/2", "16.0.0.0-127.255.255.255"}, true},
    {{"::/0"}, true},
    {{"2000::/3"}, true},
    {{"2000::/4"}, true},
    {{"3000::/4"}, true},
    {{"2000::1-2fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}, false},
    {{"2000::/5", "2800::/5"}, true},
    {{"2000::/5", "2000::/5", "2000::/6"}, false},
    {{"::/3", "4000::/2", "8000::/1"}, false},
    {{"::/2"}, true},
    {{"0.0.0.0/2", "2000::/5"}, false},
};

START_TEST(half_is_told_exactly)
{
    struct entry entries[RANGES_MOST] = {{.kind = ENTRY_RANGE}};
    struct list list = {.entries = entries};
    for (; list.count < RANGES_MOST && SETS[_i].ranges[list.count];
         list.count++)
        ck_assert_int_eq(range_parse(text_of(SETS[_i].ranges[list.count]),
                                     &entries[list.count].range),
                         RANGE_OK);
    struct model model = {.lists = &list, .list_count = 1};
    uint32_t number = 0;
    struct coverage coverage = {0};
    ck_assert(coverage_of_union(&model, &number, 1, &coverage));
    ck_assert_int_eq(coverage_is_half(&coverage), SETS[_i].half);
}
END_TEST

START_TEST(sums_do_not_overflow)
{
    struct coverage coverage = {0};
    for (int i = 0; i < 100; i++) {
        coverage_add(&coverage, RANGE_ALL_IPV6);
        coverage_add(&coverage, RANGE_ALL_IPV4);
        struct coverage copy = coverage;
        coverage_sum(&coverage, &copy);
        ck_assert(coverage_is_half(&coverage));
    }
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("coverage");
    TCase *halves = tcase_create("halves");
    tcase_add_loop_test(halves, half_is_told_exactly, 0,
                        sizeof SETS / sizeof *SETS);
    tcase_add_test(halves, sums_do_not_overflow);
    suite_add_tcase(suite, halves);
    return suite;
}
