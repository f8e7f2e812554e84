/* Addresses to values: which class an IP address is in.
 *
 * Built once from disjoint intervals, looked up in const bytes that hold
 * offsets only, so that they can be mapped from a file.  IPv4: an index over
 * the upper 16 bits to runs of sorted lower halves.  IPv6: an index over the
 * bits behind the common prefix to 64-byte lines of keys. */
#ifndef MAYRELAY_SET_PREFIX_SET_H
#define MAYRELAY_SET_PREFIX_SET_H

#include "base/buffer.h"
#include "net/address.h"
#include "set/ipv4_set.h"
#include "set/ipv6_set.h"

/* From `first` up to the next interval's first (or the family's last address)
 * the value is `value`. */
struct interval {
    struct address first;
    uint32_t value;
};

/* Appends the set to `out` (8-byte aligned at its start).  Each family's
 * intervals are sorted, distinct in `first`, and begin at the family's first
 * address; a family with no interval has value 0 everywhere.  The same
 * intervals give the same bytes.  Failure sticks in `out`. */
void prefix_set_build(struct buffer *out, const struct interval *ipv4,
                      size_t ipv4_count, const struct interval *ipv6,
                      size_t ipv6_count);

/* A look at built bytes; every access of a look-up is checked against them. */
struct prefix_set {
    const unsigned char *data;
    size_t size;
};

/* False if the bytes cannot be a prefix set. */
bool prefix_set_open(struct prefix_set *set, const void *data, size_t size);
/* False if the bytes are damaged there: an internal error, never a miss. */
bool prefix_set_lookup(const struct prefix_set *set, struct address address,
                       uint32_t *value);

/* All intervals of a family, in order of address. */
struct prefix_walk {
    const unsigned char *data; /* of the family's half; NULL: none */
    enum address_family family;
    struct ipv4_walk ipv4;
    struct ipv6_walk ipv6;
};

struct prefix_walk prefix_walk_start(const struct prefix_set *set,
                                     enum address_family family);
/* The next interval; false at the end.  A family without any has none, and
 * neighbours may have the same value. */
bool prefix_walk_next(struct prefix_walk *walk, struct interval *interval);

#endif
