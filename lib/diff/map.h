/* A function of all choices of a transaction, as a decision diagram: a node is
 * a choice that matters, an edge each of its options, a leaf a value.  Alike
 * nodes are one node, so equal functions have equal numbers. */
#ifndef MAYRELAY_DIFF_MAP_H
#define MAYRELAY_DIFF_MAP_H

#include "diff/choices.h"

/* What an edge leads to: a node, or a leaf and its value. */
#define LEAF(value) (UINT32_C(1) << 31 | (uint32_t)(value))

/* Edges made before one gives up. */
#define MAP_WORK_MOST ((uint64_t)60 * 1000 * 1000)

struct map {
    const struct choices *choices;
    struct intern nodes;
    struct intern tasks; /* done before, ... */
    uint32_t *results;   /* ... and what each came to */
    size_t result_room;
    uint64_t work;
    bool over_budget, failed; /* stick */
};

void map_init(struct map *map, const struct choices *choices);
void map_clear(struct map *map);
static inline void
map_charge(struct map *map, size_t work)
{
    map->work += work;
    map->over_budget |= map->work > MAP_WORK_MOST;
}
static inline bool
map_stopped(const struct map *map)
{
    return map->over_budget || map->failed;
}

static inline bool
leads_to_leaf(uint32_t leads)
{
    return (leads & LEAF(0)) != 0;
}

static inline uint32_t
leaf_value(uint32_t leads)
{
    return leads & ~LEAF(0);
}

struct map_node {
    size_t choice;
    const uint32_t *leads; /* by option; good until the next node */
};
struct map_node map_node(const struct map *map, uint32_t leads);
/* The choice of a node, SIZE_MAX of a leaf. */
size_t map_choice(const struct map *map, uint32_t leads);
/* What an option of a choice that is not behind the node's leads to. */
uint32_t map_follow(const struct map *map, uint32_t leads, size_t choice,
                    size_t option);
/* The node where each option of the choice leads so; `leads` has room for one
 * more. */
uint32_t map_add(struct map *map, size_t choice, uint32_t *leads);
/* Room for the leads of a node; to be freed. */
uint32_t *map_leads(struct map *map, size_t choice);

/* Puts two functions together, value by value. */
struct map_operation {
    uint32_t number; /* unique: results are remembered under it */
    void *context;
    /* Of the two values. */
    uint32_t (*join)(void *context, uint32_t a, uint32_t b);
    /* The first value alone settles it: it is the result.  May be NULL. */
    bool (*settles)(void *context, uint32_t a);
};
uint32_t map_join(struct map *map, const struct map_operation *operation,
                  uint32_t a, uint32_t b);
/* The same function where `care` is 1; elsewhere 0, or whatever makes it small.
 * `care` is 0 or 1, and 1 somewhere below each of its nodes. */
uint32_t map_restrict(struct map *map, uint32_t a, uint32_t care);

/* Of functions that are 0 or 1. */
uint32_t map_and(struct map *map, uint32_t a, uint32_t b);
uint32_t map_or(struct map *map, uint32_t a, uint32_t b);

#endif
