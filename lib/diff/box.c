#include "diff/box.h"

#include "base/memory.h"

struct walk {
    const struct map *map;
    struct box box;
    visit_box *visit;
    void *context;
};

/* No option before this one leads there. */
static bool
is_new(const struct map_node *node, size_t option)
{
    for (size_t i = 0; i < option; i++)
        if (node->leads[i] == node->leads[option])
            return false;
    return true;
}

static size_t
option_count(const struct map *map, const struct map_node *node)
{
    return map->choices->items[node->choice].option_count;
}

static bool
walk_on(struct walk *walk, uint32_t leads)
{
    if (leads == LEAF(0))
        return true;
    if (leads_to_leaf(leads)) {
        walk->box.value = leaf_value(leads);
        return walk->visit(walk->context, &walk->box);
    }
    struct map_node node = map_node(walk->map, leads);
    bool goes_on = true;
    for (size_t i = 0; i < option_count(walk->map, &node) && goes_on; i++) {
        if (!is_new(&node, i))
            continue;
        walk->box.sides[walk->box.count++] =
            (struct box_side){leads, node.leads[i]};
        goes_on = walk_on(walk, node.leads[i]);
        walk->box.count--;
    }
    return goes_on;
}

bool
boxes_each(const struct difference *d, const struct field *field,
           visit_box *visit, void *context, bool *failed)
{
    const struct plane *plane = d->planes[field->plane];
    struct walk walk = {.map = &plane->map,
                        .box = {.plane = plane, .field = field},
                        .visit = visit,
                        .context = context};
    walk.box.sides =
        memory_new(plane->choices.count + 1, sizeof *walk.box.sides);
    *failed |= !walk.box.sides;
    bool whole = walk.box.sides && walk_on(&walk, field->leads);
    memory_free(walk.box.sides);
    return whole;
}

/* -- counting ------------------------------------------------------------- */

struct counting {
    const struct map *map;
    uint64_t *counts; /* by node, + 1 */
    visit_value *visit;
    void *context;
};

static uint64_t
count_from(const struct counting *c, uint32_t leads)
{
    if (leads_to_leaf(leads)) {
        if (leads != LEAF(0) && c->visit)
            c->visit(c->context, leaf_value(leads));
        return leads != LEAF(0);
    }
    if (c->counts[leads])
        return c->counts[leads] - 1;
    struct map_node node = map_node(c->map, leads);
    uint64_t sum = 0;
    for (size_t i = 0; i < option_count(c->map, &node); i++) {
        uint64_t more = is_new(&node, i) ? count_from(c, node.leads[i]) : 0;
        sum = sum + more < sum ? UINT64_MAX - 1 : sum + more;
    }
    c->counts[leads] = sum + 1 ? sum + 1 : UINT64_MAX;
    return c->counts[leads] - 1;
}

static bool
count_field(const struct difference *d, const struct field *field,
            visit_value *visit, void *context, uint64_t *count)
{
    struct counting c = {.map = &d->planes[field->plane]->map,
                         .visit = visit,
                         .context = context};
    c.counts = memory_new(c.map->nodes.count + 1, sizeof *c.counts);
    if (!c.counts)
        return false;
    *count = count_from(&c, field->leads);
    memory_free(c.counts);
    return true;
}

uint64_t
boxes_count(const struct difference *d, const struct field *field, bool *failed)
{
    uint64_t count = 0;
    *failed |= !count_field(d, field, NULL, NULL, &count);
    return count;
}

bool
values_each(const struct difference *d, const struct field *field,
            visit_value *visit, void *context)
{
    uint64_t count;
    return count_field(d, field, visit, context, &count);
}

/* -- one box -------------------------------------------------------------- */

const struct box_side *
box_side(const struct box *box, size_t choice)
{
    for (size_t i = 0; i < box->count; i++)
        if (map_node(&box->plane->map, box->sides[i].node).choice == choice)
            return &box->sides[i];
    return NULL;
}

bool
box_holds(const struct box *box, size_t choice, size_t option)
{
    const struct box_side *side = box_side(box, choice);
    return !side ||
           map_node(&box->plane->map, side->node).leads[option] == side->leads;
}

bool
box_is_symbolic(const struct box *box)
{
    for (size_t i = 0; i < box->count; i++) {
        struct map_node node = map_node(&box->plane->map, box->sides[i].node);
        if (choice_is_pattern(&box->plane->choices.items[node.choice]))
            return true;
    }
    return false;
}
