#include "image/classes.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void
classes_start(struct classes *classes)
{
    uint32_t nothing[1] = {0};
    *classes = (struct classes){0};
    classes_number(classes, nothing, 0);
}

void
classes_clear(struct classes *classes)
{
    intern_clear(&classes->sets);
}

bool
classes_failed(const struct classes *classes)
{
    return classes->sets.failed || classes->over_budget;
}

static int
by_number(const void *left, const void *right)
{
    uint32_t a;
    uint32_t b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return (a > b) - (a < b);
}

static size_t
sort_distinct(uint32_t *numbers, size_t count)
{
    bool sorted = true;
    for (size_t i = 1; i < count && sorted; i++)
        sorted = numbers[i - 1] < numbers[i];
    if (sorted)
        return count;
    qsort(numbers, count, sizeof *numbers, by_number);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || numbers[kept - 1] != numbers[i])
            numbers[kept++] = numbers[i];
    return kept;
}

uint32_t
classes_number(struct classes *classes, uint32_t *set, size_t count)
{
    classes->work += count;
    size_t members = classes->sets.bytes.size / sizeof *set;
    if (classes->work > CLASS_WORK_MOST || members > CLASS_MEMBERS_MOST)
        classes->over_budget = true;
    if (classes_failed(classes))
        return 0;
    count = sort_distinct(set + 1, count);
    return intern_add(&classes->sets, (struct text){(const char *)set,
                                                    (count + 1) * sizeof *set});
}

const uint32_t *
classes_get(const struct classes *classes, uint32_t class, size_t *count)
{
    struct text set = intern_get(&classes->sets, class);
    *count = set.size / sizeof(uint32_t) - 1;
    return (const uint32_t *)(const void *)set.data;
}

/* -- masks -------------------------------------------------------------- */

/* One list's masks on their way into the union. */
struct cursor {
    const struct image_mask *at, *end;
};

static size_t
union_blocks(struct cursor *cursors, size_t count, struct image_mask *out)
{
    size_t size = 0;
    for (;;) {
        uint32_t block = UINT32_MAX;
        for (size_t i = 0; i < count; i++)
            if (cursors[i].at < cursors[i].end && cursors[i].at->block < block)
                block = cursors[i].at->block;
        if (block == UINT32_MAX)
            return size;
        struct image_mask mask = {.block = block};
        for (size_t i = 0; i < count; i++)
            if (cursors[i].at < cursors[i].end &&
                cursors[i].at->block == block) {
                mask.inc |= cursors[i].at->inc;
                mask.exc |= cursors[i].at->exc;
                cursors[i].at++;
            }
        out[size++] = mask;
    }
}

static size_t
cursors_of(const struct uses *uses, const uint32_t *lists, size_t count,
           struct cursor *cursors, size_t *most)
{
    size_t used = 0;
    *most = 0;
    for (size_t i = 0; i < count; i++) {
        if (!uses_any(uses, lists[i]))
            continue;
        cursors[used++] =
            (struct cursor){uses->masks + uses->first[lists[i]],
                            uses->masks + uses->first[lists[i] + 1]};
        *most += uses->first[lists[i] + 1] - uses->first[lists[i]];
    }
    return used;
}

uint32_t
mask_pool_add(struct mask_pool *pool, const struct uses *uses,
              const uint32_t *lists, size_t count)
{
    size_t most;
    struct cursor *cursors = memory_new(count, sizeof *cursors);
    size_t used = cursors ? cursors_of(uses, lists, count, cursors, &most) : 0;
    struct image_mask *masks =
        cursors ? memory_new(used ? most : 0, sizeof *masks) : NULL;
    uint32_t number = 0;
    if (masks) {
        size_t size = used ? union_blocks(cursors, used, masks) : 0;
        size_t before = pool->lists.count;
        number = intern_add(&pool->lists, (struct text){(const char *)masks,
                                                        size * sizeof *masks});
        pool->total += pool->lists.count > before ? size : 0;
    }
    pool->over_budget |= pool->total > CLASS_MASKS_MOST;
    pool->lists.failed |= !masks || pool->over_budget;
    memory_free(cursors);
    memory_free(masks);
    return number;
}
