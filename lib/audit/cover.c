#include "audit/cover.h"

#include <string.h>

#include "base/memory.h"
#include "set/radix_sort.h"

bool
entrance_is_public(const struct entrance *entrance)
{
    struct address address = entrance->listener.address;
    return address.family == ADDRESS_NONE ||
           !range_is_internal((struct range){address, address});
}

static bool
is_wanted(const struct surface *s, size_t grant, const struct cover_wish *wish)
{
    const struct entrance *entrance =
        &s->entrances.items[s->grants[grant].entrance];
    return (!wish->marks || wish->marks[grant]) &&
           (!wish->public_only || entrance_is_public(entrance));
}

/* By the first address: by its lower half, then, as equal keys stay in order,
 * by the upper half, and by the family.  False if memory runs out. */
static bool
sort_items(const struct range *ranges, struct sort_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i] = (struct sort_item){ranges[i].first.low, (uint32_t)i, 0};
    if (!radix_sort(items, count))
        return false;
    for (size_t i = 0; i < count; i++)
        items[i].key = ranges[items[i].index].first.high;
    if (!radix_sort(items, count))
        return false;
    for (size_t i = 0; i < count; i++)
        items[i].key = ranges[items[i].index].first.family;
    return radix_sort(items, count);
}

static bool
sort(struct cover *cover)
{
    size_t count = cover->count;
    struct sort_item *items = memory_new(count, sizeof *items);
    struct range *sorted = memory_new(count, sizeof *sorted);
    bool ok = items && sorted && count <= UINT32_MAX &&
              sort_items(cover->ranges, items, count);
    for (size_t i = 0; ok && i < count; i++)
        sorted[i] = cover->ranges[items[i].index];
    memory_free(items);
    memory_free(ok ? cover->ranges : sorted);
    if (ok)
        cover->ranges = sorted;
    return ok;
}

bool
cover_build(struct cover *cover, const struct surface *s,
            struct cover_wish wish)
{
    size_t total = 0;
    *cover = (struct cover){0};
    for (size_t i = wish.from; i < wish.to; i++)
        total += is_wanted(s, i, &wish) ? s->grants[i].count : 0;
    cover->ranges = memory_new(total, sizeof *cover->ranges);
    if (!cover->ranges)
        return false;
    for (size_t i = wish.from; i < wish.to; i++) {
        const struct grant *grant = &s->grants[i];
        if (!is_wanted(s, i, &wish) || !grant->count)
            continue;
        memcpy(cover->ranges + cover->count, grant->ranges,
               grant->count * sizeof *grant->ranges);
        cover->count += grant->count;
    }
    if (!sort(cover))
        return false;
    cover->count = ranges_join(cover->ranges, cover->count);
    return true;
}

void
cover_clear(struct cover *cover)
{
    memory_free(cover->ranges);
}

bool
cover_meets(const struct cover *cover, struct range range)
{
    size_t at = ranges_find(cover->ranges, cover->count, range.first);
    return at < cover->count && range_overlaps(cover->ranges[at], range);
}
