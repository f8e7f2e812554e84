/* The IPv4 half of a prefix set.
 *
 * Many intervals: an index over the upper 16 bits to runs; a run is the sorted
 * lower halves of the firsts in that bucket and then their values, side by side
 * in memory.  Few: the sorted firsts, and their values. */
#ifndef MAYRELAY_SET_IPV4_SET_H
#define MAYRELAY_SET_IPV4_SET_H

#include "base/buffer.h"

struct interval;

/* As prefix_set_build, which checked the intervals. */
void ipv4_set_build(struct buffer *out, const struct interval *intervals,
                    size_t count);
bool ipv4_set_is_valid(const unsigned char *data, size_t size);
/* In bytes that are valid; false if they are damaged further in. */
bool ipv4_set_lookup(const unsigned char *data, uint32_t address,
                     uint32_t *value);

/* Goes through the intervals in order: `at` and `bucket` are 0 at first. */
struct ipv4_walk {
    size_t at;
    uint32_t bucket;
};
/* False at the end. */
bool ipv4_walk_next(const unsigned char *data, struct ipv4_walk *walk,
                    uint32_t *first, uint32_t *value);

#endif
