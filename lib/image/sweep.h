/* One sweep over all networks and ranges: addresses to classes. */
#ifndef MAYRELAY_IMAGE_SWEEP_H
#define MAYRELAY_IMAGE_SWEEP_H

#include "image/classes.h"
#include "set/prefix_set.h"

/* Ranges of lists, in any order. */
struct sweep {
    struct edge *edges;
    size_t count, room;
    bool failed; /* memory ran out; sticks */
};

void sweep_add(struct sweep *sweep, struct range range, uint32_t list);
void sweep_clear(struct sweep *sweep);
/* Gives a value to the addresses that just these lists hold. */
typedef uint32_t sweep_value(void *context, const uint32_t *lists,
                             size_t count);
/* Sweeps and appends a prefix set; failure sticks in `out`.  `lists` is
 * one more than the highest list number. */
void sweep_build(struct sweep *sweep, size_t lists, sweep_value *value,
                 void *context, struct buffer *out);

#endif
