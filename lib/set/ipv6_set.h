/* The IPv6 half of a prefix set.
 *
 * Nearly all networks are /64 or shorter, so the first 64 bits are looked up
 * alone: 64-byte lines of ascending keys and their codes, and an index from
 * the upper bits of (key - the lowest key) to lines.  A code is a value, or
 * stands for a /64 that is split further: rows of last 64 bits and values. */
#ifndef MAYRELAY_SET_IPV6_SET_H
#define MAYRELAY_SET_IPV6_SET_H

#include "base/buffer.h"
#include "net/address.h"

struct interval;

/* As prefix_set_build, which checked the intervals. */
void ipv6_set_build(struct buffer *out, const struct interval *intervals,
                    size_t count);
bool ipv6_set_is_valid(const unsigned char *data, size_t size);
/* In bytes that are valid; false if they are damaged further in. */
bool ipv6_set_lookup(const unsigned char *data, struct address address,
                     uint32_t *value);

/* Goes through the intervals in order; all 0 at first.  Neighbours may have the
 * same value. */
struct ipv6_walk {
    size_t at;            /* the key */
    size_t row, last_row; /* of the split that the key before stands for */
    uint64_t high;        /* of the key before */
};
/* False at the end. */
bool ipv6_walk_next(const unsigned char *data, struct ipv6_walk *walk,
                    struct address *first, uint32_t *value);

#endif
