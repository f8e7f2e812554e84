#include "net/range.h"

#include <stdlib.h>

/* 128 bits; an IPv4 address uses the last 32. */
struct bits {
    uint64_t high, low;
};

#define IPV4(value)                                                            \
    {                                                                          \
        ADDRESS_IPV4, 0, (value)                                               \
    }
#define IPV6(high, low)                                                        \
    {                                                                          \
        ADDRESS_IPV6, (high), (low)                                            \
    }

const struct range RANGES_LOOPBACK[2] = {
    {IPV4(0x7f000000), IPV4(0x7fffffff)},
    {IPV6(0, 1), IPV6(0, 1)},
};
const struct range RANGES_PRIVATE[4] = {
    {IPV4(0x0a000000), IPV4(0x0affffff)},
    {IPV4(0xac100000), IPV4(0xac1fffff)},
    {IPV4(0xc0a80000), IPV4(0xc0a8ffff)},
    {IPV6(0xfc00000000000000, 0), IPV6(0xfdffffffffffffff, UINT64_MAX)},
};
const struct range RANGES_LINK_LOCAL[2] = {
    {IPV4(0xa9fe0000), IPV4(0xa9feffff)},
    {IPV6(0xfe80000000000000, 0), IPV6(0xfebfffffffffffff, UINT64_MAX)},
};
const struct range RANGE_ALL_IPV4 = {IPV4(0), IPV4(UINT32_MAX)};
const struct range RANGE_ALL_IPV6 = {IPV6(0, 0), IPV6(UINT64_MAX, UINT64_MAX)};

static unsigned
width_of(enum address_family family)
{
    return family == ADDRESS_IPV4 ? 32 : 128;
}

/* The `count` last bits set: the host part of a network. */
static struct bits
last_bits(unsigned count)
{
    if (count >= 128)
        return (struct bits){UINT64_MAX, UINT64_MAX};
    if (count >= 64)
        return (struct bits){(UINT64_C(1) << (count - 64)) - 1, UINT64_MAX};
    return (struct bits){0, (UINT64_C(1) << count) - 1};
}

struct address
network_last(struct address address, unsigned host_bits)
{
    struct bits host = last_bits(host_bits);
    address.high |= host.high;
    address.low |= host.low;
    return address;
}

static struct range
network_around(struct address address, unsigned prefix)
{
    unsigned host_bits = width_of(address.family) - prefix;
    struct bits host = last_bits(host_bits);
    struct range range = {address, network_last(address, host_bits)};
    range.first.high &= ~host.high;
    range.first.low &= ~host.low;
    return range;
}

static enum range_problem
make_network(struct address address, unsigned prefix, struct range *range)
{
    *range = network_around(address, prefix);
    return address_equal(range->first, address) ? RANGE_OK : RANGE_HOST_BITS;
}

static bool
is_netmask(uint32_t mask)
{
    uint32_t host = ~mask;
    return (host & (host + 1)) == 0;
}

static unsigned
leading_ones(uint32_t mask)
{
    unsigned count = 0;
    while (count < 32 && mask >> (31 - count) & 1)
        count++;
    return count;
}

static enum range_problem
parse_masked(struct address address, uint32_t mask, struct range *range)
{
    if (is_netmask(mask))
        return make_network(address, leading_ones(mask), range);
    /* 0.255.255.255 is what routers call a wildcard: the mask upside down. */
    uint32_t meant = is_netmask(~mask) ? ~mask : mask;
    *range = network_around(address, leading_ones(meant));
    return RANGE_MASK_HOLES;
}

static bool
parse_prefix(struct text text, unsigned most, unsigned *prefix)
{
    uint32_t number;
    if (!text_number(text, most, &number))
        return false;
    *prefix = number;
    return text.size == 1 || text.data[0] != '0';
}

/* The prefix counts 128 bits, though the address has become IPv4. */
static enum range_problem
parse_mapped(struct address address, unsigned prefix, struct range *range)
{
    if (prefix >= 96)
        return make_network(address, prefix - 96, range);
    address.family = ADDRESS_IPV6;
    address.low |= UINT64_C(0xffff) << 32;
    return make_network(address, prefix, range);
}

static enum range_problem
parse_network(struct text left, struct text right, struct range *range)
{
    struct address address, mask;
    unsigned prefix;
    if (!address_parse(left, &address))
        return RANGE_NOT_ONE;
    *range = (struct range){address, address};
    bool ipv6_text = text_has(left, ':');
    if (!ipv6_text && !text_has(right, ':') && address_parse(right, &mask))
        return parse_masked(address, (uint32_t)mask.low, range);
    if (!parse_prefix(right, ipv6_text ? 128 : 32, &prefix))
        return RANGE_BAD_PREFIX;
    if (ipv6_text && address.family == ADDRESS_IPV4)
        return parse_mapped(address, prefix, range);
    return make_network(address, prefix, range);
}

static enum range_problem
parse_ends(struct text left, struct text right, struct range *range)
{
    if (!address_parse(left, &range->first) ||
        !address_parse(right, &range->last))
        return RANGE_NOT_ONE;
    if (range->first.family != range->last.family)
        return RANGE_FAMILIES;
    if (address_compare(range->first, range->last) <= 0)
        return RANGE_OK;
    *range = (struct range){range->last, range->first};
    return RANGE_BACKWARDS;
}

enum range_problem
range_parse(struct text text, struct range *range)
{
    *range = (struct range){0};
    if (address_parse(text, &range->first)) {
        range->last = range->first;
        return RANGE_OK;
    }
    size_t slash = text_find(text, '/');
    if (slash != TEXT_NONE)
        return parse_network(text_slice(text, 0, slash),
                             text_from(text, slash + 1), range);
    size_t dash = text_find(text, '-');
    if (dash == TEXT_NONE)
        return RANGE_NOT_ONE;
    return parse_ends(text_slice(text, 0, dash), text_from(text, dash + 1),
                      range);
}

static unsigned
bit_count(struct bits bits)
{
    return (unsigned)(__builtin_popcountll(bits.high) +
                      __builtin_popcountll(bits.low));
}

/* Its ends differ in the last bits alone, which are all clear in the first and
 * all set in the last: then the prefix is what they share. */
static bool
is_network(struct range range, unsigned *prefix)
{
    struct bits host = {range.first.high ^ range.last.high,
                        range.first.low ^ range.last.low};
    unsigned count = bit_count(host);
    struct bits solid = last_bits(count);
    *prefix = width_of(range.first.family) - count;
    return host.high == solid.high && host.low == solid.low &&
           (range.first.high & host.high) == 0 &&
           (range.first.low & host.low) == 0;
}

void
range_write(struct output *out, struct range range)
{
    unsigned prefix;
    address_write(out, range.first);
    if (address_equal(range.first, range.last))
        return;
    if (is_network(range, &prefix)) {
        output_byte(out, '/');
        output_number(out, prefix);
        return;
    }
    output_byte(out, '-');
    address_write(out, range.last);
}

bool
range_contains(struct range range, struct address address)
{
    return address_compare(range.first, address) <= 0 &&
           address_compare(address, range.last) <= 0;
}

bool
range_holds(struct range outer, struct range inner)
{
    return address_compare(outer.first, inner.first) <= 0 &&
           address_compare(inner.last, outer.last) <= 0;
}

bool
range_overlaps(struct range a, struct range b)
{
    return address_compare(a.first, b.last) <= 0 &&
           address_compare(b.first, a.last) <= 0;
}

bool
range_equal(struct range a, struct range b)
{
    return address_equal(a.first, b.first) && address_equal(a.last, b.last);
}

int
range_compare(struct range a, struct range b)
{
    int order = address_compare(a.first, b.first);
    return order ? order : address_compare(b.last, a.last);
}

/* The number of addresses less one, which always fits. */
static struct bits
distance(struct range range)
{
    uint64_t borrow = range.last.low < range.first.low;
    return (struct bits){range.last.high - range.first.high - borrow,
                         range.last.low - range.first.low};
}

int
range_compare_size(struct range a, struct range b)
{
    struct bits x = distance(a);
    struct bits y = distance(b);
    if (x.high != y.high)
        return x.high < y.high ? -1 : 1;
    return (x.low > y.low) - (x.low < y.low);
}

static unsigned
log2_of(uint64_t value)
{
    return 63 - (unsigned)__builtin_clzll(value);
}

unsigned
range_size_log2(struct range range)
{
    struct bits size = distance(range);
    if (++size.low == 0 && ++size.high == 0)
        return 128;
    return size.high ? 64 + log2_of(size.high) : log2_of(size.low);
}

bool
range_is_at_most(struct range range, uint64_t limit)
{
    struct bits less_one = distance(range);
    return less_one.high == 0 && less_one.low < limit;
}

static bool
is_within_one_of(const struct range *ranges, size_t count, struct range range)
{
    for (size_t i = 0; i < count; i++)
        if (range_holds(ranges[i], range))
            return true;
    return false;
}

bool
range_is_internal(struct range range)
{
    return is_within_one_of(RANGES_LOOPBACK, 2, range) ||
           is_within_one_of(RANGES_PRIVATE, 4, range) ||
           is_within_one_of(RANGES_LINK_LOCAL, 2, range);
}

/* -- several ------------------------------------------------------------ */

/* `next` begins within a range that ends at `last`, or right behind it. */
static bool
goes_on(struct address last, struct address next)
{
    struct address behind;
    return !address_next(last, &behind) || address_compare(next, behind) <= 0;
}

static int
by_first(const void *left, const void *right)
{
    return range_compare(*(const struct range *)left,
                         *(const struct range *)right);
}

void
ranges_sort(struct range *ranges, size_t count)
{
    if (count)
        qsort(ranges, count, sizeof *ranges, by_first);
}

size_t
ranges_join(struct range *ranges, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct range *last = kept ? &ranges[kept - 1] : NULL;
        if (!last || last->last.family != ranges[i].first.family ||
            !goes_on(last->last, ranges[i].first))
            ranges[kept++] = ranges[i];
        else if (address_compare(last->last, ranges[i].last) < 0)
            last->last = ranges[i].last;
    }
    return kept;
}

size_t
ranges_find(const struct range *ranges, size_t count, struct address address)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (address_compare(ranges[middle].last, address) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
