/* All transactions of a connector at once: a decision diagram.
 *
 * A node is a step at which something matters, an edge one of its points, a
 * leaf the relay rule that is named, or a refusal.  Each right is explored by
 * itself, and then they are joined: what is left open of one does not multiply
 * what is left open of another.  Rules that can no longer
 * change the outcome are forgotten on the way, and what is left alike is one
 * node, so that the work grows with what a policy can tell apart and not with
 * the product of its lists. */
#ifndef MAYRELAY_AUDIT_DIAGRAM_H
#define MAYRELAY_AUDIT_DIAGRAM_H

#include "audit/axis.h"
#include "image/intern.h"

/* What an edge leads to. */
#define LEADS_NOWHERE UINT32_C(0)         /* refused */
#define LEADS_TO_RULE (UINT32_C(1) << 31) /* and the bit of the rule */
/* Of connect and submit alone: granted, by whatever rule. */
#define LEADS_ON (LEADS_TO_RULE | (LEADS_TO_RULE - 1))

struct diagram {
    struct ruleset rules;
    struct axes axes;
    struct step *steps; /* of each axis */
    struct intern nodes;
    struct intern states; /* seen before, ... */
    uint32_t *results;    /* ... and what each leads to */
    size_t result_room;
    struct intern pairs; /* of nodes that have been joined, ... */
    uint32_t *joined;    /* ... and to what */
    size_t joined_room;
    enum right right;  /* that is being explored */
    uint64_t *scratch; /* a state for every step */
    size_t state_words;
    struct budget *budget; /* borrowed; exceeded: what leads where is wrong */
    bool failed;           /* sticks */
};

/* Without roots yet. */
void diagram_init(struct diagram *diagram, const struct catalogue *catalogue,
                  uint32_t connector);
void diagram_clear(struct diagram *diagram);
/* There will be no more roots: frees what only these need. */
void diagram_settle(struct diagram *diagram);
/* What connections lead to whose listener is in lists that include these rules;
 * `listeners` has rules.words. */
uint32_t diagram_root(struct diagram *diagram, const uint64_t *listeners);

/* Of what leads on to a node: its axis, and what each point leads to. */
struct node {
    const struct axis *axis;
    size_t step;
    const uint32_t *leads;
};
struct node diagram_node(const struct diagram *diagram, uint32_t leads);

static inline bool
leads_to_rule(uint32_t leads)
{
    return (leads & LEADS_TO_RULE) != 0;
}

static inline const struct image_rule *
diagram_rule(const struct diagram *diagram, uint32_t leads)
{
    return ruleset_rule(&diagram->rules, leads & ~LEADS_TO_RULE);
}

#endif
