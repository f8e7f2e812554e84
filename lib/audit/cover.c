#include "audit/cover.h"

#include "base/memory.h"

static bool
is_wanted(const struct surface *s, size_t grant, const struct cover_wish *wish)
{
    const struct entrance *entrance =
        &s->entrances.items[s->grants[grant].entrance];
    return (!wish->marks || wish->marks[grant]) &&
           (!wish->public_only || entrance_is_public(entrance));
}

static bool
has_internal(struct range range)
{
    struct tally tally = {0};
    tally_add(&tally, range);
    return tally.ipv4_internal || tally.ipv6_internal;
}

/* What is left of a grant's ranges. */
struct rest {
    const struct range *next, *end;
};

/* A heap: none begins before the one at the root of its part. */
static void
sink(struct rest *heap, size_t count, size_t at)
{
    for (;;) {
        size_t first = at;
        for (size_t i = 2 * at + 1; i <= 2 * at + 2 && i < count; i++)
            if (address_compare(heap[i].next->first, heap[first].next->first) <
                0)
                first = i;
        if (first == at)
            return;
        struct rest moved = heap[at];
        heap[at] = heap[first];
        heap[first] = moved;
        at = first;
    }
}

static bool
add_range(struct cover *cover, struct range range)
{
    if (!memory_grow(&cover->ranges, &cover->room, cover->count + 1,
                     sizeof *cover->ranges))
        return false;
    cover->ranges[cover->count++] = range;
    if (cover->count > 1)
        cover->count -= 2 - ranges_join(cover->ranges + cover->count - 2, 2);
    return true;
}

static bool
merge(struct cover *cover, struct rest *heap, size_t count,
      const struct cover_wish *wish)
{
    for (size_t i = count / 2; i-- > 0;)
        sink(heap, count, i);
    while (count) {
        struct range range = *heap->next++;
        if (heap->next == heap->end)
            *heap = heap[--count];
        sink(heap, count, 0);
        if (wish->internal_only && !has_internal(range))
            continue;
        if (!add_range(cover, range))
            return false;
    }
    return true;
}

bool
cover_build(struct cover *cover, const struct surface *s,
            struct cover_wish wish)
{
    struct rest *heap = memory_new(wish.to - wish.from, sizeof *heap);
    size_t count = 0;
    *cover = (struct cover){0};
    for (size_t i = wish.from; heap && i < wish.to; i++) {
        const struct grant *grant = &s->grants[i];
        if (is_wanted(s, i, &wish) && grant->count)
            heap[count++] =
                (struct rest){grant->ranges, grant->ranges + grant->count};
    }
    bool ok = heap && merge(cover, heap, count, &wish);
    memory_free(heap);
    return ok;
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
