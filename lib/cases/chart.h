/* All transactions of a policy's classes as a decision diagram.
 *
 * A node is a step, an edge one of its classes, a leaf what the evaluator
 * itself decides there.  Two ways of telling the first steps are one where the
 * rules that can still hold have been left alike; and what leads to the same
 * leaves is one node.  So two classes lead from a node to different ones
 * exactly if some transaction tells them apart. */
#ifndef MAYRELAY_CASES_CHART_H
#define MAYRELAY_CASES_CHART_H

#include "cases/values.h"

/* A way through the chart: a class at each step. */
struct way {
    uint32_t class[STEPS];
};

/* Where a rule was first seen to hold, and to decide. */
struct shown {
    struct way held, decided;
    bool has_held, has_decided;
};

/* A rule, and how far it holds by what has been told. */
struct candidate {
    uint32_t slot;
    enum truth settled; /* by the conditions that are decided */
    enum truth pending; /* by the one that the next step goes on with */
};

struct chart {
    const struct values *values;
    struct mayrelay_session *session;
    struct intern nodes;  /* what each class leads to; the step */
    struct intern states; /* told before, ... */
    uint32_t *results;    /* ... and the node that came of each */
    size_t result_room;
    struct intern leaves; /* what decisions come to */
    struct alive {
        struct candidate *items; /* rules that can still hold */
        size_t count, room;
    } alive[STEPS + 1];
    struct way way;      /* being told */
    struct shown *shown; /* by rule */
    size_t rules;
    uint32_t root;
    uint64_t work;
    bool over_budget, failed; /* stick */
};

/* Told values and judged rules before one gives up. */
#define CHART_WORK_MOST ((uint64_t)10 * 1000 * 1000)

void chart_build(struct chart *chart, const struct values *values);
void chart_clear(struct chart *chart);

struct chart_node {
    enum step step;
    const uint32_t *leads; /* to nodes; of the last step to leaves */
    size_t count;          /* 1: whatever the class */
};
struct chart_node chart_node(const struct chart *chart, uint32_t number);

static inline uint32_t
chart_lead(const struct chart_node *node, uint32_t class)
{
    return node->leads[node->count == 1 ? 0 : class];
}

/* The leaf of what the chart's session has decided. */
uint32_t chart_leaf(struct chart *chart);

/* A way on which a rule holds, as far as classes can be chosen one by one; for
 * charts that are not whole.  False if none is found. */
bool chart_seek_rule(struct chart *chart, uint32_t rule, struct way *way);

#endif
