/* How far the differences of one effect reach: along each axis everything that
 * is in some box of it.  All of it at once may be more than there is, never
 * less. */
#ifndef MAYRELAY_DIFF_EXTENT_H
#define MAYRELAY_DIFF_EXTENT_H

#include "base/output.h"
#include "diff/difference.h"

/* Cells of one kind. */
struct reached {
    enum choice_kind kind;
    const struct cells *cells;
    uint32_t unlisted; /* the cell of what no list names, and ... */
    bool *has;         /* by cell */
};

struct extent {
    enum mayrelay_diff_effect effect;
    struct range *clients; /* in order, never side by side */
    size_t client_count, room;
    struct reached identities, senders, recipients;
    uint32_t conditions; /* 1 << enum choice_kind: something else than what is
                            ordinary there is in every box */
};

/* False if memory runs out. */
bool extent_find(struct extent *extent, const struct difference *difference,
                 enum mayrelay_diff_effect effect);
void extent_clear(struct extent *extent);
static inline bool
extent_is_empty(const struct extent *extent)
{
    return extent->client_count == 0;
}
/* How many transactions, roughly: to compare extents. */
double extent_volume(const struct extent *extent);
/* "1 address × anybody × any foreign recipient". */
void extent_write(struct output *out, const struct extent *extent);

#endif
