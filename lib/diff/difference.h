/* Where two policies decide differently: which client networks meet which part
 * of the differences. */
#ifndef MAYRELAY_DIFF_DIFFERENCE_H
#define MAYRELAY_DIFF_DIFFERENCE_H

#include "audit/entrance.h"
#include "audit/surface.h"
#include "diff/outcome.h"
#include "mayrelay/diff.h"

/* Listeners that both policies treat alike. */
struct door {
    struct endpoint listener; /* as the policies name it */
    struct endpoint actual;   /* as a connection has it */
    struct entrance sides[SIDES];
    bool alone;  /* some mailbox stands at this very address */
    size_t more; /* others like it that the policies name */
};

/* The transactions that meet one connector of each policy. */
struct plane {
    uint32_t connectors[SIDES]; /* or NO_CONNECTOR */
    struct choices choices;
    struct map map;
};

/* Clients behind one door that meet the same differences. */
struct field {
    uint32_t door, plane;
    uint32_t leads;       /* to a node or leaf of the plane's map */
    struct range *ranges; /* in order, never side by side */
    size_t count, room;
    struct tally tally;
};

/* A value of the maps: 0 is no difference, else the number + 1. */
struct change {
    uint32_t outcomes[SIDES];
};

struct difference {
    struct pair pair;
    struct values values;
    struct outcomes outcomes;
    struct door *doors;
    size_t door_count, door_room;
    struct plane **planes;
    size_t plane_count, plane_room;
    struct field *fields;
    size_t field_count, field_room;
    struct intern changes;
    bool over_budget, failed; /* stick */
};

void difference_build(struct difference *difference, mayrelay_policy *old,
                      mayrelay_policy *new);
void difference_clear(struct difference *difference);

static inline const struct change *
difference_change(const struct difference *difference, uint32_t value)
{
    return (const void *)intern_get(&difference->changes, value - 1).data;
}
static inline const struct ending *
difference_outcome(const struct difference *difference, uint32_t value,
                   enum side side)
{
    const struct change *change = difference_change(difference, value);
    return &difference->outcomes.items[change->outcomes[side]];
}
enum mayrelay_diff_effect difference_effect(const struct difference *difference,
                                            uint32_t value);

#endif
