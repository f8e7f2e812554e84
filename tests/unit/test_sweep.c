#include <string.h>

#include "damage.h"
#include "image/sweep.h"
#include "suite.h"

enum {
    LISTS = 6,
    RANGES = 40,
    ROUNDS = 60,
    PROBES = 300
};

/* The value of an address: a bit for each list that holds it. */
static uint32_t
bits_of(void *context, const uint32_t *lists, size_t count)
{
    uint32_t bits = 0;
    (void)context;
    for (size_t i = 0; i < count; i++)
        bits |= 1u << lists[i];
    return bits;
}

struct listed {
    struct range range;
    uint32_t list;
};

static uint32_t
naive(const struct listed *all, size_t count, struct address address)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < count; i++)
        if (range_contains(all[i].range, address))
            bits |= 1u << all[i].list;
    return bits;
}

/* Near both ends of a family, and close to one another. */
static struct address
random_address(uint64_t *state, bool ipv4)
{
    uint64_t low = random_below(state, 60);
    bool at_end = random_below(state, 2);
    if (ipv4)
        return address_ipv4((uint32_t)(at_end ? UINT32_MAX - low : low));
    uint64_t high = at_end ? UINT64_MAX : random_below(state, 2);
    return (struct address){ADDRESS_IPV6, high,
                            at_end ? UINT64_MAX - low : low};
}

static struct listed
random_listed(uint64_t *state, bool ipv4)
{
    struct address a = random_address(state, ipv4);
    struct address b = random_address(state, ipv4);
    bool ordered = address_compare(a, b) <= 0;
    return (struct listed){ordered ? (struct range){a, b}
                                   : (struct range){b, a},
                           (uint32_t)random_below(state, LISTS)};
}

static void
compare_round(uint64_t *state, size_t count)
{
    struct listed all[RANGES];
    struct sweep sweep = {0};
    struct buffer out = {0};
    struct prefix_set set;
    for (size_t i = 0; i < count; i++) {
        all[i] = random_listed(state, random_below(state, 2));
        sweep_add(&sweep, all[i].range, all[i].list);
    }
    sweep_build(&sweep, LISTS, bits_of, NULL, &out);
    ck_assert(!out.failed);
    ck_assert(prefix_set_open(&set, out.data, out.size));
    for (int i = 0; i < PROBES; i++) {
        struct address address = random_address(state, i % 2);
        uint32_t value = UINT32_MAX;
        ck_assert(prefix_set_lookup(&set, address, &value));
        ck_assert_uint_eq(value, naive(all, count, address));
    }
    sweep_clear(&sweep);
    buffer_clear(&out);
}

START_TEST(sweeps_agree_with_naive_membership)
{
    uint64_t state = 42;
    for (size_t round = 0; round < ROUNDS; round++)
        compare_round(&state, round * RANGES / ROUNDS);
}
END_TEST

START_TEST(order_changes_no_byte)
{
    uint64_t state = 43;
    struct buffer outs[2] = {{0}, {0}};
    struct sweep sweeps[2] = {{0}, {0}};
    struct listed all[RANGES];
    for (size_t i = 0; i < RANGES; i++)
        all[i] = random_listed(&state, i % 2);
    for (size_t i = 0; i < RANGES; i++) {
        struct listed behind = all[RANGES - 1 - i];
        sweep_add(&sweeps[0], all[i].range, all[i].list);
        sweep_add(&sweeps[1], behind.range, behind.list);
    }
    for (int i = 0; i < 2; i++)
        sweep_build(&sweeps[i], LISTS, bits_of, NULL, &outs[i]);
    ck_assert_uint_eq(outs[0].size, outs[1].size);
    ck_assert_mem_eq(outs[0].data, outs[1].data, outs[0].size);
    for (int i = 0; i < 2; i++) {
        sweep_clear(&sweeps[i]);
        buffer_clear(&outs[i]);
    }
}
END_TEST

Suite *
test_suite(void)
{
    Suite *suite = suite_create("sweep");
    TCase *tcase = tcase_create("sweep");
    tcase_add_test(tcase, sweeps_agree_with_naive_membership);
    tcase_add_test(tcase, order_changes_no_byte);
    suite_add_tcase(suite, tcase);
    return suite;
}
