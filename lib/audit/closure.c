#include "audit/closure.h"

#include "base/memory.h"

struct walk {
    struct box box;
    visit_box *visit;
    void *context;
};

/* No point before this one leads there. */
static bool
is_new(const struct node *node, size_t point)
{
    for (size_t i = 0; i < point; i++)
        if (node->leads[i] == node->leads[point])
            return false;
    return true;
}

static bool
walk_on(struct walk *walk, uint32_t leads)
{
    if (leads == LEADS_NOWHERE)
        return true;
    if (leads_to_rule(leads)) {
        walk->box.rule = diagram_rule(walk->box.diagram, leads);
        return walk->visit(walk->context, &walk->box);
    }
    struct node node = diagram_node(walk->box.diagram, leads);
    bool goes_on = true;
    for (size_t i = 0; i < node.axis->point_count && goes_on; i++) {
        if (!is_new(&node, i))
            continue;
        walk->box.sides[walk->box.count++] =
            (struct box_side){node, node.leads[i]};
        goes_on = walk_on(walk, node.leads[i]);
        walk->box.count--;
    }
    return goes_on;
}

bool
closure_each(const struct diagram *diagram, uint32_t leads, visit_box *visit,
             void *context)
{
    struct walk walk = {
        .box = {.diagram = diagram}, .visit = visit, .context = context};
    walk.box.sides =
        memory_new(diagram->axes.count + 1, sizeof *walk.box.sides);
    if (!walk.box.sides)
        return false;
    walk_on(&walk, leads);
    memory_free(walk.box.sides);
    return true;
}

static void
walk_leaves(struct walk *walk, uint32_t leads, bool *seen)
{
    if (leads == LEADS_NOWHERE)
        return;
    if (leads_to_rule(leads)) {
        walk->box.rule = diagram_rule(walk->box.diagram, leads);
        walk->visit(walk->context, &walk->box);
        return;
    }
    if (seen[leads])
        return;
    seen[leads] = true;
    struct node node = diagram_node(walk->box.diagram, leads);
    for (size_t i = 0; i < node.axis->point_count; i++)
        walk_leaves(walk, node.leads[i], seen);
}

bool
closure_each_leaf(const struct diagram *diagram, uint32_t leads,
                  visit_box *visit, void *context)
{
    struct walk walk = {
        .box = {.diagram = diagram}, .visit = visit, .context = context};
    bool *seen = memory_new(diagram->nodes.count, sizeof *seen);
    if (!seen)
        return false;
    walk_leaves(&walk, leads, seen);
    memory_free(seen);
    return true;
}

struct counting {
    const struct diagram *diagram;
    uint64_t *counts; /* by node, + 1 */
};

static uint64_t
count_from(const struct counting *c, uint32_t leads)
{
    if (leads == LEADS_NOWHERE || leads_to_rule(leads))
        return leads != LEADS_NOWHERE;
    if (c->counts[leads])
        return c->counts[leads] - 1;
    struct node node = diagram_node(c->diagram, leads);
    uint64_t sum = 0;
    for (size_t i = 0; i < node.axis->point_count; i++) {
        uint64_t more = is_new(&node, i) ? count_from(c, node.leads[i]) : 0;
        sum = sum + more < sum ? UINT64_MAX - 1 : sum + more;
    }
    c->counts[leads] = sum + 1 ? sum + 1 : UINT64_MAX;
    return c->counts[leads] - 1;
}

uint64_t
closure_count(const struct diagram *diagram, uint32_t leads)
{
    struct counting c = {diagram,
                         memory_new(diagram->nodes.count, sizeof *c.counts)};
    uint64_t count = c.counts ? count_from(&c, leads) : UINT64_MAX;
    memory_free(c.counts);
    return count;
}
