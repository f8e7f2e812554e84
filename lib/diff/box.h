/* Differences one by one, as boxes that are apart from each other: the clients
 * of a field, and for every choice that matters a set of its options. */
#ifndef MAYRELAY_DIFF_BOX_H
#define MAYRELAY_DIFF_BOX_H

#include "diff/difference.h"

/* The options of a choice that lead from a node to the same. */
struct box_side {
    uint32_t node, leads;
};

struct box {
    const struct plane *plane;
    const struct field *field;
    struct box_side *sides; /* in order of their choices */
    size_t count;
    uint32_t value; /* of the change */
};

/* Visits the boxes of a field until a visit returns false; false then, and if
 * memory runs out (*failed). */
typedef bool visit_box(void *context, const struct box *box);
bool boxes_each(const struct difference *difference, const struct field *field,
                visit_box *visit, void *context, bool *failed);
/* How many boxes there are; UINT64_MAX: as many or more. */
uint64_t boxes_count(const struct difference *difference,
                     const struct field *field, bool *failed);
/* Visits each value that the field leads to, at least once. */
typedef void visit_value(void *context, uint32_t value);
bool values_each(const struct difference *difference, const struct field *field,
                 visit_value *visit, void *context);

/* The side about a choice, NULL if the choice does not matter. */
const struct box_side *box_side(const struct box *box, size_t choice);
/* Is the option of the choice in the box? */
bool box_holds(const struct box *box, size_t choice, size_t option);
/* What is in the box hangs on patterns. */
bool box_is_symbolic(const struct box *box);

#endif
