#include "audit/lines.h"

#include <stdlib.h>

#include "base/memory.h"
#include "image/provenance.h"

struct line {
    uint64_t key; /* hash and kind */
    uint32_t list, file, line;
};

/* The hash has 48 bits. */
static uint64_t
key_of(enum entry_kind kind, uint64_t hash)
{
    return hash << 8 | (uint64_t)kind;
}

static bool
take_list(struct lines *lines, uint32_t number)
{
    struct provenance stream = provenance_of_list(lines->image, number);
    struct provenance_item item;
    while (provenance_next(&stream, &item)) {
        if (item.kind == ENTRY_RANGE)
            continue;
        if (!memory_grow(&lines->items, &lines->room, lines->count + 1,
                         sizeof *lines->items))
            return false;
        lines->items[lines->count++] = (struct line){
            key_of(item.kind, item.hash), number, item.file, item.line};
    }
    return true;
}

static int
by_key(const void *left, const void *right)
{
    const struct line *a = left;
    const struct line *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->list != b->list)
        return a->list < b->list ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static void
build(struct lines *lines)
{
    uint32_t lists = (uint32_t)image_count(lines->image, SECTION_LISTS);
    bool whole = true;
    for (uint32_t i = 0; whole && i < lists; i++)
        whole = take_list(lines, i);
    if (!whole)
        lines->count = 0;
    if (lines->count)
        qsort(lines->items, lines->count, sizeof *lines->items, by_key);
    lines->built = true;
}

void
lines_clear(struct lines *lines)
{
    memory_free(lines->items);
}

/* $inbound and $always-relay are what `domains:` says. */
static bool
is_of_class(const struct lines *lines, const struct image_selection *select,
            uint32_t list)
{
    uint32_t first =
        (uint32_t)image_count(lines->image, SECTION_LISTS) - EXTRA_LISTS;
    if (list == first + EXTRA_ALWAYS_RELAY)
        return select->flags & SELECTION_ALWAYS_RELAY;
    return select->flags & SELECTION_INBOUND &&
           (list == first + EXTRA_INBOUND || list == first + EXTRA_REROUTE);
}

static bool
includes(const struct lines *lines, const struct image_rule *rule,
         enum selection_kind kind, uint32_t list)
{
    const struct image_selection *select = &rule->select[kind];
    const uint32_t *lists =
        image_numbers(lines->image, select->first, select->include_count);
    for (uint32_t i = 0; lists && i < select->include_count; i++)
        if (lists[i] == list)
            return true;
    if (kind == SELECT_SENDERS && rule->sender_owned == WISH_TRUE &&
        list + EXTRA_LISTS - EXTRA_OWNERS ==
            image_count(lines->image, SECTION_LISTS))
        return true;
    return is_of_class(lines, select, list);
}

/* The first item with the key, or where it would be. */
static size_t
lower_bound(const struct lines *lines, uint64_t key)
{
    size_t low = 0;
    size_t high = lines->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lines->items[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct image_source
lines_find(struct lines *lines, const struct image_rule *rule,
           enum selection_kind kind, const struct candidates *all)
{
    if (!lines->built)
        build(lines);
    for (size_t i = 0; i < all->count; i++) {
        uint64_t key = key_of(all->items[i].kind, all->items[i].hash);
        for (size_t at = lower_bound(lines, key);
             at < lines->count && lines->items[at].key == key; at++) {
            const struct line *line = &lines->items[at];
            if (includes(lines, rule, kind, line->list))
                return (struct image_source){line->file, line->line, 0};
        }
    }
    return (struct image_source){0};
}
