#include "image/sweep.h"

#include <stdlib.h>

#include "base/memory.h"

/* Where a range begins (and its list holds from here on), or has ended. */
struct edge {
    struct address at;
    uint32_t list;
    bool begins;
};

void
sweep_clear(struct sweep *sweep)
{
    memory_free(sweep->edges);
    *sweep = (struct sweep){0};
}

void
sweep_add(struct sweep *sweep, struct range range, uint32_t list)
{
    if (sweep->failed || !memory_grow(&sweep->edges, &sweep->room,
                                      sweep->count + 2, sizeof *sweep->edges)) {
        sweep->failed = true;
        return;
    }
    struct address behind;
    sweep->edges[sweep->count++] = (struct edge){range.first, list, true};
    if (address_next(range.last, &behind))
        sweep->edges[sweep->count++] = (struct edge){behind, list, false};
}

static int
by_address(const void *left, const void *right)
{
    const struct edge *a = left;
    const struct edge *b = right;
    return address_compare(a->at, b->at);
}

/* The lists that hold at the point the sweep has reached. */
struct active {
    uint32_t *depth; /* by list: how many of its ranges are open */
    uint32_t *place; /* by list: its place in `lists` */
    uint32_t *lists;
    size_t count;
};

static bool
active_start(struct active *active, size_t lists)
{
    *active = (struct active){0};
    active->depth = memory_new(lists, sizeof *active->depth);
    active->place = memory_new(lists, sizeof *active->place);
    active->lists = memory_new(lists, sizeof *active->lists);
    return active->depth && active->place && active->lists;
}

static void
active_clear(struct active *active)
{
    memory_free(active->depth);
    memory_free(active->place);
    memory_free(active->lists);
}

static void
active_cross(struct active *active, const struct edge *edge)
{
    uint32_t list = edge->list;
    if (edge->begins) {
        if (active->depth[list]++ > 0)
            return;
        active->place[list] = (uint32_t)active->count;
        active->lists[active->count++] = list;
    } else {
        if (--active->depth[list] > 0)
            return;
        uint32_t last = active->lists[--active->count];
        active->lists[active->place[list]] = last;
        active->place[last] = active->place[list];
    }
}

/* The intervals of one family. */
struct intervals {
    struct interval *items;
    size_t count, room;
    bool failed;
};

static void
intervals_add(struct intervals *intervals, struct address first, uint32_t value)
{
    if (intervals->count &&
        intervals->items[intervals->count - 1].value == value)
        return;
    if (!memory_grow(&intervals->items, &intervals->room, intervals->count + 1,
                     sizeof *intervals->items)) {
        intervals->failed = true;
        return;
    }
    intervals->items[intervals->count++] = (struct interval){first, value};
}

/* Edges of one family, in order; ranges that reach the family's last address
 * have no end, so `active` is made anew for each family. */
static struct intervals
sweep_family(const struct sweep *sweep, size_t from, size_t to, size_t lists,
             sweep_value *value, void *context)
{
    struct intervals intervals = {0};
    struct active active;
    if (!active_start(&active, lists)) {
        intervals.failed = true;
    } else if (from < to) {
        struct address origin = {sweep->edges[from].at.family, 0, 0};
        if (!address_equal(sweep->edges[from].at, origin))
            intervals_add(&intervals, origin, value(context, NULL, 0));
        while (from < to) {
            struct address at = sweep->edges[from].at;
            while (from < to && address_equal(sweep->edges[from].at, at))
                active_cross(&active, &sweep->edges[from++]);
            intervals_add(&intervals, at,
                          value(context, active.lists, active.count));
        }
    }
    active_clear(&active);
    return intervals;
}

void
sweep_build(struct sweep *sweep, size_t lists, sweep_value *value,
            void *context, struct buffer *out)
{
    if (sweep->count)
        qsort(sweep->edges, sweep->count, sizeof *sweep->edges, by_address);
    size_t split = 0;
    while (split < sweep->count &&
           sweep->edges[split].at.family == ADDRESS_IPV4)
        split++;
    struct intervals ipv4 =
        sweep_family(sweep, 0, split, lists, value, context);
    struct intervals ipv6 =
        sweep_family(sweep, split, sweep->count, lists, value, context);
    if (sweep->failed || ipv4.failed || ipv6.failed)
        out->failed = true;
    else
        prefix_set_build(out, ipv4.items, ipv4.count, ipv6.items, ipv6.count);
    memory_free(ipv4.items);
    memory_free(ipv6.items);
}
