/* The closure, way by way: of each grant the sets of identities, senders and
 * recipients that lead to a rule, as boxes that are apart from each other. */
#ifndef MAYRELAY_AUDIT_CLOSURE_H
#define MAYRELAY_AUDIT_CLOSURE_H

#include "audit/surface.h"

/* One step of a way: the points of a node that lead on alike. */
struct box_side {
    struct node node;
    uint32_t leads;
};

struct box {
    const struct diagram *diagram;
    struct box_side *sides;
    size_t count;
    const struct image_rule *rule;
};

/* Visits the boxes that something leads to, until a visit returns false.
 * False if memory runs out. */
typedef bool visit_box(void *context, const struct box *box);
bool closure_each(const struct diagram *diagram, uint32_t leads,
                  visit_box *visit, void *context);
/* Visits each rule that something leads to, as a box without sides, once or a
 * few times. */
bool closure_each_leaf(const struct diagram *diagram, uint32_t leads,
                       visit_box *visit, void *context);
/* How many boxes there are; UINT64_MAX: as many or more. */
uint64_t closure_count(const struct diagram *diagram, uint32_t leads);

/* Is the cell in the set of a side? */
static inline bool
side_holds(const struct box_side *side, size_t cell)
{
    return side->node.leads[side->node.axis->point_of_cell[cell]] ==
           side->leads;
}

#endif
