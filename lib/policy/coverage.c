#include "policy/coverage.h"

#include <stdlib.h>

#include "base/memory.h"

#define IPV4_ALL      ((uint64_t)1 << 32)
#define IPV6_ALL_HIGH ((uint64_t)1 << 61) /* 2000::/3: 2^125 */

static const struct range IN_USE = {
    {ADDRESS_IPV6, 0x2000000000000000, 0},
    {ADDRESS_IPV6, 0x3fffffffffffffff, UINT64_MAX}};

static void
add_ipv4(struct coverage *coverage, uint64_t addresses)
{
    uint64_t room = IPV4_ALL - coverage->ipv4;
    coverage->ipv4 += addresses < room ? addresses : room;
}

/* No part is above 2^125, so that two never overflow. */
static void
add_ipv6(struct coverage *coverage, uint64_t high, uint64_t low)
{
    coverage->ipv6_low += low;
    coverage->ipv6_high += high + (coverage->ipv6_low < low);
    if (coverage->ipv6_high < IPV6_ALL_HIGH)
        return;
    coverage->ipv6_high = IPV6_ALL_HIGH;
    coverage->ipv6_low = 0;
}

void
coverage_add(struct coverage *coverage, struct range range)
{
    if (range.first.family == ADDRESS_IPV4) {
        add_ipv4(coverage, range.last.low - range.first.low + 1);
        return;
    }
    if (!range_overlaps(range, IN_USE))
        return;
    struct address first = range.first;
    struct address last = range.last;
    if (address_compare(first, IN_USE.first) < 0)
        first = IN_USE.first;
    if (address_compare(last, IN_USE.last) > 0)
        last = IN_USE.last;
    uint64_t low = last.low - first.low;
    uint64_t high = last.high - first.high - (last.low < first.low);
    add_ipv6(coverage, high + (low == UINT64_MAX), low + 1);
}

void
coverage_sum(struct coverage *coverage, const struct coverage *more)
{
    add_ipv4(coverage, more->ipv4);
    add_ipv6(coverage, more->ipv6_high, more->ipv6_low);
}

bool
coverage_is_half(const struct coverage *coverage)
{
    return coverage->ipv4 >= IPV4_ALL / 2 ||
           coverage->ipv6_high >= IPV6_ALL_HIGH / 2;
}

static int
by_first(const void *left, const void *right)
{
    return range_compare(*(const struct range *)left,
                         *(const struct range *)right);
}

/* Sorted by first address: what an earlier one holds is cut off. */
static void
add_sorted(struct coverage *coverage, const struct range *ranges, size_t count)
{
    struct address last = {ADDRESS_NONE, 0, 0};
    for (size_t i = 0; i < count; i++) {
        struct range part = ranges[i];
        if (i && address_compare(part.last, last) <= 0)
            continue;
        if (i && address_compare(part.first, last) <= 0)
            address_next(last, &part.first);
        coverage_add(coverage, part);
        last = part.last;
    }
}

bool
coverage_of_union(const struct model *model, const uint32_t *lists,
                  size_t count, struct coverage *coverage)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += model->lists[lists[i]].count;
    struct range *ranges = memory_new(total, sizeof *ranges);
    if (!ranges)
        return false;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const struct list *list = &model->lists[lists[i]];
        for (size_t j = 0; j < list->count; j++)
            if (list->entries[j].kind == ENTRY_RANGE)
                ranges[used++] = list->entries[j].range;
    }
    qsort(ranges, used, sizeof *ranges, by_first);
    add_sorted(coverage, ranges, used);
    memory_free(ranges);
    return true;
}
