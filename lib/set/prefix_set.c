#include "set/prefix_set.h"

#include "set/stored.h"

enum {
    PREFIX_MAGIC = 0x78667072
};

/* The IPv4 half follows the header, the IPv6 half is at `ipv6_at`. */
struct header {
    uint32_t magic;
    uint32_t reserved;
    uint64_t ipv6_at;
    uint64_t reserved_too[6];
};

_Static_assert(sizeof(struct header) == STORED_LINE, "stored");

/* The caller's promise: from the first address on, in order. */
static bool
are_sound(const struct interval *intervals, size_t count,
          enum address_family family)
{
    if (count > UINT32_MAX)
        return false;
    if (count && (intervals->first.high || intervals->first.low))
        return false;
    for (size_t i = 0; i < count; i++)
        if (intervals[i].first.family != family ||
            (i &&
             address_compare(intervals[i - 1].first, intervals[i].first) >= 0))
            return false;
    return count == 0 || family == ADDRESS_IPV6 ||
           (intervals[count - 1].first.high == 0 &&
            intervals[count - 1].first.low <= UINT32_MAX);
}

void
prefix_set_build(struct buffer *out, const struct interval *ipv4,
                 size_t ipv4_count, const struct interval *ipv6,
                 size_t ipv6_count)
{
    size_t start = out->size;
    if (!are_sound(ipv4, ipv4_count, ADDRESS_IPV4) ||
        !are_sound(ipv6, ipv6_count, ADDRESS_IPV6))
        out->failed = true;
    buffer_extend(out, sizeof(struct header));
    if (out->failed)
        return;
    ipv4_set_build(out, ipv4, ipv4_count);
    stored_fill_line(out, start);
    struct header header = {.magic = PREFIX_MAGIC,
                            .ipv6_at = out->size - start};
    ipv6_set_build(out, ipv6, ipv6_count);
    if (!out->failed)
        memcpy(out->data + start, &header, sizeof header);
}

bool
prefix_set_open(struct prefix_set *set, const void *data, size_t size)
{
    const struct header *header = data;
    const unsigned char *bytes = data;
    *set = (struct prefix_set){data, size};
    if (size < sizeof *header || !stored_is_aligned(data) ||
        header->magic != PREFIX_MAGIC || header->ipv6_at < sizeof *header ||
        header->ipv6_at > size || header->ipv6_at % STORED_LINE != 0)
        return false;
    size_t ipv6_at = (size_t)header->ipv6_at;
    return ipv4_set_is_valid(bytes + sizeof *header,
                             ipv6_at - sizeof *header) &&
           ipv6_set_is_valid(bytes + ipv6_at, size - ipv6_at);
}

bool
prefix_set_lookup(const struct prefix_set *set, struct address address,
                  uint32_t *value)
{
    const struct header *header = (const void *)set->data;
    *value = 0;
    switch (address.family) {
    case ADDRESS_IPV4:
        return ipv4_set_lookup(set->data + sizeof *header,
                               (uint32_t)address.low, value);
    case ADDRESS_IPV6:
        return ipv6_set_lookup(set->data + header->ipv6_at, address, value);
    case ADDRESS_NONE: break;
    }
    return false;
}

struct prefix_walk
prefix_walk_start(const struct prefix_set *set, enum address_family family)
{
    const struct header *header = (const void *)set->data;
    return (struct prefix_walk){.data = set->data + (family == ADDRESS_IPV4
                                                         ? sizeof *header
                                                         : header->ipv6_at),
                                .family = family};
}

bool
prefix_walk_next(struct prefix_walk *walk, struct interval *interval)
{
    uint32_t first = 0;
    if (walk->family == ADDRESS_IPV6)
        return ipv6_walk_next(walk->data, &walk->ipv6, &interval->first,
                              &interval->value);
    if (!ipv4_walk_next(walk->data, &walk->ipv4, &first, &interval->value))
        return false;
    interval->first = address_ipv4(first);
    return true;
}
