#include "set/prefix_set.h"

#include "damage.h"
#include "suite.h"

static struct interval *
new_intervals(size_t count)
{
    return calloc(count + 1, sizeof(struct interval));
}

static int
compare_intervals(const void *left, const void *right)
{
    const struct address *a = &((const struct interval *)left)->first;
    const struct address *b = &((const struct interval *)right)->first;
    if (a->high != b->high)
        return a->high < b->high ? -1 : 1;
    return a->low < b->low ? -1 : a->low > b->low;
}

/* Sorts, and drops what begins at the same address. */
static size_t
make_sound(struct interval *intervals, size_t count)
{
    size_t kept = 0;
    qsort(intervals, count, sizeof *intervals, compare_intervals);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 ||
            compare_intervals(&intervals[kept - 1], &intervals[i]) != 0)
            intervals[kept++] = intervals[i];
    return kept;
}

static struct address
ipv4(uint64_t low)
{
    return (struct address){ADDRESS_IPV4, 0, low};
}

static struct address
ipv6(uint64_t high, uint64_t low)
{
    return (struct address){ADDRESS_IPV6, high, low};
}

/* Half of them crowd into one /16; the ends of the family are there. */
static size_t
random_ipv4(struct interval *intervals, size_t count, uint64_t *state,
            uint32_t most)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t low = random_next(state) >> 32;
        if (i % 2)
            low = UINT64_C(0x0a0b0000) | (low & 0xffff);
        intervals[i].first = ipv4(i == 0 ? 0 : i == 1 ? UINT32_MAX : low);
        intervals[i].value = (uint32_t)random_below(state, (size_t)most + 1);
    }
    return make_sound(intervals, count);
}

/* Networks of /32 to /64 under 2000::/3, some neighbours, some inside one /64,
 * and the ends of the family. */
static size_t
random_ipv6(struct interval *intervals, size_t count, uint64_t *state,
            uint32_t most)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t high = UINT64_C(1) << 61 | random_next(state) >> 3;
        uint64_t low = 0;
        if (i % 3 == 1)
            high &= UINT64_MAX << random_below(state, 33);
        if (i % 8 == 2)
            high = intervals[i - 1].first.high + 1;
        if (i % 8 == 5)
            high = intervals[i - 1].first.high;
        if (i % 8 == 5 || i % 64 == 3)
            low = random_next(state) >> random_below(state, 64);
        intervals[i].first = ipv6(high, low);
        intervals[i].value = (uint32_t)random_below(state, (size_t)most + 1);
    }
    intervals[0].first = ipv6(0, 0);
    if (count > 2)
        intervals[1].first = ipv6(UINT64_MAX, 0);
    if (count > 3)
        intervals[2].first = ipv6(UINT64_MAX, UINT64_MAX);
    return make_sound(intervals, count);
}

static struct prefix_set
build(struct buffer *out, const struct interval *v4, size_t v4_count,
      const struct interval *v6, size_t v6_count)
{
    struct prefix_set set;
    prefix_set_build(out, v4, v4_count, v6, v6_count);
    ck_assert(!out->failed);
    unsigned char *exact = exact_copy(out->data, out->size);
    ck_assert(prefix_set_open(&set, exact, out->size));
    return set;
}

static void
drop(struct prefix_set *set)
{
    free((void *)(uintptr_t)set->data);
}

static void
expect(const struct prefix_set *set, struct address address, uint32_t value)
{
    uint32_t found = ~value;
    bool sound = prefix_set_lookup(set, address, &found);
    if (!sound || found != value)
        ck_abort_msg("%llx:%llx has %u, not %u (sound: %d)",
                     (unsigned long long)address.high,
                     (unsigned long long)address.low, found, value, sound);
}

/* At each interval's first address and on both sides of it. */
static void
expect_ends(const struct prefix_set *set, const struct interval *intervals,
            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct address at = intervals[i].first;
        struct interval after = {at, 0};
        expect(set, at, intervals[i].value);
        if (i > 0) {
            struct address before = at;
            before.high -= at.low == 0 && at.family == ADDRESS_IPV6;
            before.low--;
            expect(set, before, intervals[i - 1].value);
        }
        if (at.low == (at.family == ADDRESS_IPV4 ? UINT32_MAX : UINT64_MAX))
            continue;
        after.first.low++;
        bool next =
            i + 1 < count && compare_intervals(&after, &intervals[i + 1]) == 0;
        expect(set, after.first, intervals[i + next].value);
    }
}

static uint32_t
naive(const struct interval *intervals, size_t count, struct address address)
{
    struct interval wanted = {address, 0};
    for (size_t i = count; i > 0; i--)
        if (compare_intervals(&intervals[i - 1], &wanted) <= 0)
            return intervals[i - 1].value;
    return 0;
}

static const struct size_row {
    size_t count;
    uint32_t most;
    unsigned random;
} sizes[] = {
    {1, 1, 50},
    {2, 9, 50},
    {7, 255, 200},
    {8, 256, 200},
    {40, 3, 500},
    {300, 70000, 500},
    {300, 65535, 500},
    {2047, 200, 300},
    {2060, 200, 300},
    {4000, 0xffff00, 300},
    {100000, 200, 20},
    {100000, 5000, 20},
    {50, 0xfffffff0, 100},
};

/* Of each family, what a walk says: every place where the value changes. */
static void
walk_agrees(const struct prefix_set *set, enum address_family family,
            const struct interval *intervals, size_t count)
{
    struct prefix_walk walk = prefix_walk_start(set, family);
    struct interval here;
    uint32_t value = 0;
    size_t at = 0;
    bool first = true;
    while (prefix_walk_next(&walk, &here)) {
        if (!first && here.value == value)
            continue; /* neighbours may have the same value */
        while (!first && at < count && intervals[at].value == value)
            at++;
        ck_assert_uint_lt(at, count);
        ck_assert(address_equal(here.first, intervals[at].first));
        ck_assert_uint_eq(here.value, intervals[at].value);
        value = here.value;
        first = false;
    }
    while (at < count && !first && intervals[at].value == value)
        at++;
    ck_assert_uint_eq(at, count);
}

START_TEST(both_families_agree_with_the_naive_search)
{
    const struct size_row *row = &sizes[_i];
    struct buffer out = {0};
    uint64_t state = 1 + (uint64_t)_i;
    struct interval *v4 = new_intervals(row->count);
    struct interval *v6 = new_intervals(row->count);
    size_t v4_count = random_ipv4(v4, row->count, &state, row->most);
    size_t v6_count = random_ipv6(v6, row->count, &state, row->most);
    struct prefix_set set = build(&out, v4, v4_count, v6, v6_count);
    expect_ends(&set, v4, v4_count);
    expect_ends(&set, v6, v6_count);
    walk_agrees(&set, ADDRESS_IPV4, v4, v4_count);
    walk_agrees(&set, ADDRESS_IPV6, v6, v6_count);
    for (unsigned i = 0; i < row->random; i++) {
        struct address a = ipv4(random_next(&state) >> 32);
        struct address b = ipv6(random_next(&state) >> random_below(&state, 4),
                                random_next(&state));
        struct address c = ipv6(v6[random_below(&state, v6_count)].first.high,
                                random_next(&state));
        expect(&set, a, naive(v4, v4_count, a));
        expect(&set, b, naive(v6, v6_count, b));
        expect(&set, c, naive(v6, v6_count, c));
    }
    drop(&set);
    buffer_clear(&out);
    free(v4);
    free(v6);
}
END_TEST

START_TEST(an_empty_family_has_value_0)
{
    struct interval all4 = {ipv4(0), 5}, all6 = {ipv6(0, 0), 6};
    struct buffer out = {0};
    struct prefix_set set = build(&out, &all4, 1, NULL, 0);
    expect(&set, ipv4(UINT32_MAX), 5);
    expect(&set, ipv6(UINT64_MAX, 1), 0);
    drop(&set);
    buffer_clear(&out);
    set = build(&out, NULL, 0, &all6, 1);
    expect(&set, ipv4(9), 0);
    expect(&set, ipv6(0, 0), 6);
    expect(&set, ipv6(UINT64_MAX, UINT64_MAX), 6);
    drop(&set);
    buffer_clear(&out);
}
END_TEST

START_TEST(what_begins_inside_a_64_reaches_into_the_next)
{
    const struct interval v6[] = {
        {ipv6(0, 0), 0}, {ipv6(7, 0), 1},
        {ipv6(7, 5), 2}, {ipv6(7, UINT64_MAX), 3},
        {ipv6(8, 9), 4}, {ipv6(UINT64_MAX, UINT64_MAX), 5},
    };
    struct buffer out = {0};
    struct prefix_set set = build(&out, NULL, 0, v6, 6);
    expect_ends(&set, v6, 6);
    expect(&set, ipv6(8, 0), 3);
    expect(&set, ipv6(9, 0), 4);
    expect(&set, ipv6(UINT64_MAX, 0), 4);
    drop(&set);
    buffer_clear(&out);
}
END_TEST

START_TEST(no_family_is_damage_not_a_miss)
{
    struct buffer out = {0};
    uint32_t value;
    struct prefix_set set = build(&out, NULL, 0, NULL, 0);
    ck_assert(!prefix_set_lookup(&set, (struct address){0}, &value));
    drop(&set);
    buffer_clear(&out);
}
END_TEST

START_TEST(unsound_intervals_fail)
{
    const struct {
        struct interval first, second;
    } rows[] = {
        {{ipv4(1), 1}, {ipv4(2), 2}},          /* not from the first on */
        {{ipv4(0), 1}, {ipv4(0), 2}},          /* twice */
        {{ipv6(0, 0), 1}, {ipv6(0, 1), 2}},    /* the other family */
        {{ipv4(0), 1}, {ipv4(1ULL << 32), 2}}, /* beyond the last */
        {{ipv4(0), 1}, {{ADDRESS_IPV4, 1, 0}, 2}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer out = {0};
        prefix_set_build(&out, &rows[i].first, 2, NULL, 0);
        ck_assert_msg(out.failed, "row %zu", i);
        buffer_clear(&out);
    }
}
END_TEST

/* Codes of split /64s follow the values, so the largest value leaves none. */
START_TEST(values_and_splits_share_32_bits)
{
    const struct interval v6[] = {{ipv6(0, 0), UINT32_MAX}, {ipv6(1, 1), 1}};
    struct buffer out = {0};
    prefix_set_build(&out, NULL, 0, v6, 2);
    ck_assert(out.failed);
    buffer_clear(&out);
    struct prefix_set set = build(&out, NULL, 0, v6, 1);
    expect(&set, ipv6(3, 3), UINT32_MAX);
    drop(&set);
    buffer_clear(&out);
}
END_TEST

START_TEST(a_million_addresses_take_few_bytes)
{
    uint64_t state = 3;
    size_t count = 200000;
    struct interval *v4 = new_intervals(count), *v6 = new_intervals(count);
    for (size_t i = 0; i < count; i++) {
        v4[i] = (struct interval){ipv4(random_next(&state) >> 32), 1};
        v6[i] = (struct interval){ipv6(random_next(&state), 0), 1};
    }
    v4[0].first.low = v6[0].first.high = 0;
    size_t v4_count = make_sound(v4, count), v6_count = make_sound(v6, count);
    struct buffer out = {0};
    prefix_set_build(&out, v4, v4_count, NULL, 0);
    ck_assert_uint_le(out.size, 3 * count + (1 << 18) + 512);
    buffer_clear(&out);
    prefix_set_build(&out, NULL, 0, v6, v6_count);
    ck_assert_uint_le(out.size, 10 * count);
    buffer_clear(&out);
    free(v4);
    free(v6);
}
END_TEST

static void
probe(const void *data, size_t size)
{
    static const uint64_t parts[] = {
        0, 1, 0x0a0b0000, 0x0a0bffff, UINT32_MAX, UINT64_C(1) << 61, UINT64_MAX,
    };
    enum {
        COUNT = sizeof parts / sizeof *parts
    };
    struct prefix_set set;
    uint32_t value;
    if (!prefix_set_open(&set, data, size))
        return;
    for (unsigned i = 0; i < COUNT; i++) {
        prefix_set_lookup(&set, ipv4(parts[i]), &value);
        for (unsigned j = 0; j < COUNT; j++)
            prefix_set_lookup(&set, ipv6(parts[i], parts[j]), &value);
    }
}

START_TEST(damage_never_leads_outside)
{
    struct buffer out = {0};
    uint64_t state = 5;
    size_t most = _i ? 2300 : 60;
    struct interval *v4 = new_intervals(most), *v6 = new_intervals(60);
    size_t v4_count = random_ipv4(v4, most, &state, 300);
    size_t v6_count = random_ipv6(v6, 60, &state, 300);
    prefix_set_build(&out, v4, v4_count, v6, v6_count);
    if (_i == 0) {
        damage_each(&out, 64, 20000, probe);
    } else {
        struct prefix_set set;
        uint64_t at = random_next(&state);
        for (unsigned i = 0; i < 300; i++, at = random_next(&state)) {
            unsigned char *copy = exact_copy(out.data, out.size);
            /* the IPv4 index: its entries lead to the runs */
            memset(copy + 80 + at % ((1 << 18) - 4000), (int)(at >> 56), 4000);
            if (prefix_set_open(&set, copy, out.size))
                for (uint64_t low = 0; low < 1 << 16; low += 97) {
                    uint32_t value;
                    prefix_set_lookup(&set, ipv4(low << 16 | 7), &value);
                }
            free(copy);
        }
    }
    buffer_clear(&out);
    free(v4);
    free(v6);
}
END_TEST

START_TEST(unsound_ipv6_intervals_fail)
{
    const struct {
        struct interval first, second;
    } rows[] = {
        {{ipv6(0, 1), 1}, {ipv6(0, 2), 2}}, /* not from the first on */
        {{ipv6(1, 0), 1}, {ipv6(2, 0), 2}},
        {{ipv6(0, 0), 1}, {ipv6(0, 0), 2}}, /* twice */
        {{ipv6(0, 0), 1}, {ipv4(1), 2}},    /* the other family */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer out = {0};
        prefix_set_build(&out, NULL, 0, &rows[i].first, 2);
        ck_assert_msg(out.failed, "row %zu", i);
        buffer_clear(&out);
    }
}
END_TEST

/* Each of a set's own words, one at a time, as no build leaves it. */
START_TEST(wrong_heads_are_no_set)
{
    static const struct {
        size_t at;
        uint32_t word;
    } rows[] = {
        {0, 0},                          /* not a prefix set */
        {8, 0},                          /* the IPv6 half within the head */
        {8, 1 << 20},  {8, 65}, {8, 64}, /* no room for an IPv4 half */
        {64, 0},                         /* not an IPv4 half */
        {68, 1 << 30},                   /* more intervals than bytes */
        {72, 3},                         /* values of three bytes */
    };
    struct interval only = {ipv4(0), 7};
    struct buffer out = {0};
    struct prefix_set set;
    prefix_set_build(&out, &only, 1, NULL, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned char *copy = exact_copy(out.data, out.size);
        ck_assert(prefix_set_open(&set, copy, out.size));
        memcpy(copy + rows[i].at, &rows[i].word, sizeof rows[i].word);
        ck_assert_msg(!prefix_set_open(&set, copy, out.size), "row %zu", i);
        free(copy);
    }
    unsigned char *apart = malloc(out.size + 1);
    memcpy(apart + 1, out.data, out.size);
    ck_assert(!prefix_set_open(&set, apart + 1, out.size));
    free(apart);
    buffer_clear(&out);
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("prefix_set");
    TCase *tests = tcase_create("prefix_set");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, both_families_agree_with_the_naive_search, 0,
                        sizeof sizes / sizeof *sizes);
    tcase_add_test(tests, an_empty_family_has_value_0);
    tcase_add_test(tests, what_begins_inside_a_64_reaches_into_the_next);
    tcase_add_test(tests, no_family_is_damage_not_a_miss);
    tcase_add_test(tests, unsound_intervals_fail);
    tcase_add_test(tests, unsound_ipv6_intervals_fail);
    tcase_add_test(tests, wrong_heads_are_no_set);
    tcase_add_test(tests, values_and_splits_share_32_bits);
    tcase_add_test(tests, a_million_addresses_take_few_bytes);
    tcase_add_loop_test(tests, damage_never_leads_outside, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
