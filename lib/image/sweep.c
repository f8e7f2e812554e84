#include "image/sweep.h"

#include "base/memory.h"
#include "set/radix_sort.h"

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

/* The edges of one family in order of address: indices of edges. */
struct ordered {
    struct sort_item *items;
    size_t count;
};

/* Sorts by the lower half, and then, as equal keys stay in order, by the upper
 * one; false if memory runs out. */
static bool
sort_edges(const struct sweep *sweep, struct ordered *ordered)
{
    for (size_t i = 0; i < ordered->count; i++)
        ordered->items[i].key = sweep->edges[ordered->items[i].index].at.low;
    if (!radix_sort(ordered->items, ordered->count))
        return false;
    for (size_t i = 0; i < ordered->count; i++)
        ordered->items[i].key = sweep->edges[ordered->items[i].index].at.high;
    return radix_sort(ordered->items, ordered->count);
}

static bool
order_edges(const struct sweep *sweep, enum address_family family,
            struct ordered *ordered)
{
    *ordered = (struct ordered){.count = 0};
    if (sweep->failed || sweep->count > UINT32_MAX)
        return false;
    ordered->items = memory_new(sweep->count, sizeof *ordered->items);
    if (!ordered->items)
        return false;
    for (uint32_t i = 0; i < sweep->count; i++)
        if (sweep->edges[i].at.family == family)
            ordered->items[ordered->count++].index = i;
    return sort_edges(sweep, ordered);
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

/* Edges in the order of their addresses lie anywhere, so they are fetched
 * beforehand. */
static const struct edge *
edge_at(const struct sweep *sweep, const struct ordered *ordered, size_t i)
{
    enum {
        AHEAD = 16
    };
    if (i + AHEAD < ordered->count)
        __builtin_prefetch(&sweep->edges[ordered->items[i + AHEAD].index]);
    return &sweep->edges[ordered->items[i].index];
}

/* Ranges that reach the family's last address have no end, so `active` is made
 * anew for each family. */
static void
sweep_ordered(const struct sweep *sweep, const struct ordered *ordered,
              struct active *active, struct intervals *intervals,
              sweep_value *value, void *context)
{
    for (size_t i = 0; i < ordered->count;) {
        struct address at = sweep->edges[ordered->items[i].index].at;
        struct address origin = {at.family, 0, 0};
        if (i == 0 && !address_equal(at, origin))
            intervals_add(intervals, origin, value(context, NULL, 0));
        while (i < ordered->count) {
            const struct edge *edge = edge_at(sweep, ordered, i);
            if (!address_equal(edge->at, at))
                break;
            active_cross(active, edge);
            i++;
        }
        intervals_add(intervals, at,
                      value(context, active->lists, active->count));
    }
}

static struct intervals
sweep_family(const struct sweep *sweep, enum address_family family,
             size_t lists, sweep_value *value, void *context)
{
    struct intervals intervals = {0};
    struct active active;
    struct ordered ordered;
    bool ok = active_start(&active, lists);
    ok &= order_edges(sweep, family, &ordered);
    if (ok)
        sweep_ordered(sweep, &ordered, &active, &intervals, value, context);
    else
        intervals.failed = true;
    memory_free(ordered.items);
    active_clear(&active);
    return intervals;
}

void
sweep_build(struct sweep *sweep, size_t lists, sweep_value *value,
            void *context, struct buffer *out)
{
    struct intervals ipv4 =
        sweep_family(sweep, ADDRESS_IPV4, lists, value, context);
    struct intervals ipv6 =
        sweep_family(sweep, ADDRESS_IPV6, lists, value, context);
    if (ipv4.failed || ipv6.failed)
        out->failed = true;
    else
        prefix_set_build(out, ipv4.items, ipv4.count, ipv6.items, ipv6.count);
    memory_free(ipv4.items);
    memory_free(ipv6.items);
}
