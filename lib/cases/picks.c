#include "cases/picks.h"

#include <stdlib.h>

#include "base/memory.h"

/* -- one pick ------------------------------------------------------------- */

static void
add(struct picks *p, const struct pick *pick)
{
    if (p->failed)
        return;
    struct text key = {(const char *)pick, sizeof *pick};
    if (intern_find(&p->seen, key))
        return;
    if (p->count >= p->most) {
        p->full = true;
        return;
    }
    intern_add(&p->seen, key);
    if (p->seen.failed ||
        !memory_grow(&p->items, &p->room, p->count + 1, sizeof *p->items))
        p->failed = true;
    else
        p->items[p->count++] = *pick;
}

static void
add_way(struct picks *p, const struct way *way)
{
    struct pick pick = {.member = {0}};
    memcpy(pick.class, way->class, sizeof pick.class);
    add(p, &pick);
}

/* -- rules ---------------------------------------------------------------- */

static void
add_rules(struct picks *p)
{
    for (uint32_t i = 0; i < p->chart->rules && !p->failed; i++) {
        const struct shown *shown = &p->chart->shown[i];
        struct way way;
        if (shown->has_decided)
            add_way(p, &shown->decided);
        else if (shown->has_held)
            add_way(p, &shown->held);
        else if (p->chart->over_budget && chart_seek_rule(p->chart, i, &way))
            add_way(p, &way);
        p->failed |= p->chart->failed;
    }
}

/* -- combinations --------------------------------------------------------- */

/* The first class of each group at a node: those that lead to the same. */
struct groups {
    const uint32_t *classes;
    size_t count;
};

static struct groups
groups_of(const struct picks *p, uint32_t number)
{
    return (struct groups){p->firsts + p->begins[number],
                           p->begins[number + 1] - p->begins[number]};
}

static bool
find_groups(struct picks *p)
{
    const struct chart *chart = p->chart;
    size_t nodes = chart->nodes.count;
    size_t targets = nodes > chart->leaves.count ? nodes : chart->leaves.count;
    uint32_t *met_at = memory_new(targets, sizeof *met_at);
    size_t room = 0;
    size_t count = 0;
    p->begins = memory_new(nodes + 1, sizeof *p->begins);
    p->failed |= !met_at || !p->begins;
    for (uint32_t i = 0; i < nodes && !p->failed; i++) {
        struct chart_node node = chart_node(chart, i);
        for (uint32_t c = 0; c < node.count && !p->failed; c++) {
            if (met_at[node.leads[c]] == i + 1)
                continue;
            met_at[node.leads[c]] = i + 1;
            p->failed |=
                !memory_grow(&p->firsts, &room, count + 1, sizeof *p->firsts);
            if (!p->failed)
                p->firsts[count++] = c;
        }
        p->begins[i + 1] = count;
    }
    memory_free(met_at);
    return !p->failed;
}

static uint64_t
add_up(uint64_t a, uint64_t b)
{
    return a + b < a ? UINT64_MAX : a + b;
}

/* Nodes have higher numbers than those that they lead to. */
static bool
count_combinations(struct picks *p)
{
    const struct chart *chart = p->chart;
    uint64_t *counts = memory_new(chart->nodes.count, sizeof *counts);
    for (uint32_t i = 0; counts && i < chart->nodes.count; i++) {
        struct chart_node node = chart_node(chart, i);
        struct groups groups = groups_of(p, i);
        for (size_t g = 0; g < groups.count; g++)
            counts[i] =
                add_up(counts[i], node.step == STEP_RECIPIENT
                                      ? 1
                                      : counts[node.leads[groups.classes[g]]]);
    }
    if (counts)
        p->combinations = counts[chart->root];
    p->failed |= !counts;
    memory_free(counts);
    return !p->failed;
}

static void
add_combinations(struct picks *p, uint32_t number, struct way *way)
{
    struct chart_node node = chart_node(p->chart, number);
    struct groups groups = groups_of(p, number);
    for (size_t g = 0; g < groups.count && !p->failed; g++) {
        uint32_t class = groups.classes[g];
        way->class[node.step] = class;
        if (node.step == STEP_RECIPIENT)
            add_way(p, way);
        else
            add_combinations(p, node.leads[class], way);
    }
    way->class[node.step] = 0;
}

/* -- what tells classes apart --------------------------------------------- */

/* Classes behind a step with which two nodes of it lead to different leaves. */
static void
find_difference(const struct chart *chart, uint32_t a, uint32_t b,
                struct way *way)
{
    struct chart_node left = chart_node(chart, a);
    struct chart_node right = chart_node(chart, b);
    uint32_t count =
        (uint32_t)(left.count > right.count ? left.count : right.count);
    for (uint32_t c = 0; c < count; c++) {
        uint32_t to_left = chart_lead(&left, c);
        uint32_t to_right = chart_lead(&right, c);
        if (to_left == to_right)
            continue;
        way->class[left.step] = c;
        if (left.step != STEP_RECIPIENT)
            find_difference(chart, to_left, to_right, way);
        return;
    }
}

/* A node on a way that leads to it. */
struct spot {
    struct chart_node node;
    struct groups groups;
    struct way way;
};

typedef void take_pick(struct picks *p, struct pick *pick, enum step step);

/* The class at this place with all that tells it from the others. */
static void
tell_apart(struct picks *p, const struct spot *spot, uint32_t class,
           take_pick *take)
{
    const struct chart_node *node = &spot->node;
    struct pick pick = {.member = {0}};
    memcpy(pick.class, spot->way.class, sizeof pick.class);
    pick.class[node->step] = class;
    if (node->step == STEP_RECIPIENT) {
        take(p, &pick, node->step);
        return;
    }
    for (size_t g = 0; g < spot->groups.count && !p->full; g++) {
        uint32_t other = spot->groups.classes[g];
        if (node->leads[other] == node->leads[class])
            continue;
        struct way behind = {{0}};
        find_difference(p->chart, node->leads[class], node->leads[other],
                        &behind);
        for (int step = (int)node->step + 1; step < STEPS; step++)
            pick.class[step] = behind.class[step];
        take(p, &pick, node->step);
    }
}

static void
take_class(struct picks *p, struct pick *pick, enum step step)
{
    (void)step;
    add(p, pick);
}

static void
take_members(struct picks *p, struct pick *pick, enum step step)
{
    const struct value_class *class =
        &p->values->steps[step].classes[pick->class[step]];
    for (uint32_t i = 1; i < class->count; i++) {
        pick->member[step] = i;
        add(p, pick);
    }
    pick->member[step] = 0;
}

/* Every node once, on the first way that leads there. */
struct walk {
    struct picks *picks;
    bool *visited;
    take_pick *take;
    struct way way;
};

static void
walk_node(struct walk *walk, uint32_t number)
{
    struct picks *p = walk->picks;
    struct spot spot = {chart_node(p->chart, number), groups_of(p, number),
                        walk->way};
    if (walk->visited[number])
        return;
    walk->visited[number] = true;
    size_t count = spot.node.count > 1 ? spot.node.count : 0;
    for (uint32_t c = 0; c < count && !p->full; c++)
        tell_apart(p, &spot, c, walk->take);
    if (spot.node.step == STEP_RECIPIENT)
        return;
    for (uint32_t c = 0; c < spot.node.count && !p->failed && !p->full; c++) {
        walk->way.class[spot.node.step] = c;
        walk_node(walk, spot.node.leads[c]);
    }
    walk->way.class[spot.node.step] = 0;
}

static void
walk_nodes(struct picks *p, take_pick *take)
{
    struct walk walk = {.picks = p, .take = take};
    walk.visited = memory_new(p->chart->nodes.count, sizeof *walk.visited);
    p->failed |= !walk.visited;
    if (!p->failed)
        walk_node(&walk, p->chart->root);
    memory_free(walk.visited);
}

/* -- what is left --------------------------------------------------------- */

/* Which values have had a case: by class and member. */
static void
add_rest_of(struct picks *p, enum step step)
{
    const struct choices *choices = &p->values->steps[step];
    struct intern had = {0};
    for (size_t i = 0; i < p->count; i++) {
        uint32_t key[2] = {p->items[i].class[step], p -> items[i].member[step]};
        intern_add(&had, (struct text){(const char *)key, sizeof key});
    }
    for (uint32_t c = 0; c < choices->count && !p->failed; c++)
        for (uint32_t m = 0; m < choices->classes[c].count; m++) {
            uint32_t key[2] = {c, m};
            struct pick pick = {.member = {0}};
            if (intern_find(&had, (struct text){(const char *)key, sizeof key}))
                continue;
            pick.class[step] = c;
            pick.member[step] = m;
            if (step == STEP_GROUPS) /* somebody's */
                pick.class[STEP_IDENTITY] = 1;
            add(p, &pick);
        }
    p->failed |= had.failed;
    intern_clear(&had);
}

static int
by_steps(const void *left, const void *right)
{
    const struct pick *a = left;
    const struct pick *b = right;
    for (int step = 0; step < STEPS; step++) {
        if (a->class[step] != b->class[step])
            return a->class[step] < b->class[step] ? -1 : 1;
        if (a->member[step] != b->member[step])
            return a->member[step] < b->member[step] ? -1 : 1;
    }
    return 0;
}

void
picks_find(struct picks *p, struct chart *chart, size_t most)
{
    *p = (struct picks){.chart = chart,
                        .values = chart->values,
                        .most = most,
                        .combinations = UINT64_MAX};
    add_rules(p);
    bool whole = !chart->over_budget && find_groups(p);
    if (whole && count_combinations(p) && p->combinations <= most - p->count) {
        struct way way = {{0}};
        add_combinations(p, chart->root, &way);
        p->has_combinations = true;
    }
    if (whole) {
        walk_nodes(p, take_class);
        walk_nodes(p, take_members);
    }
    for (int step = 0; step < STEPS; step++)
        add_rest_of(p, (enum step)step);
    if (p->count)
        qsort(p->items, p->count, sizeof *p->items, by_steps);
}

void
picks_clear(struct picks *p)
{
    memory_free(p->items);
    memory_free(p->firsts);
    memory_free(p->begins);
    intern_clear(&p->seen);
}
