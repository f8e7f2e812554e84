#include "audit/entries.h"

#include <stdlib.h>

#include "audit/closure.h"
#include "base/memory.h"
#include "image/provenance.h"

static void
take_list(struct entries *all, uint32_t number)
{
    struct provenance stream = provenance_of_list(all->image, number);
    struct provenance_item item;
    while (!all->failed && provenance_next(&stream, &item)) {
        if (item.kind != ENTRY_RANGE)
            continue;
        if (!memory_grow(&all->items, &all->room, all->count + 1,
                         sizeof *all->items)) {
            all->failed = true;
            return;
        }
        all->items[all->count++] = (struct range_entry){
            .range = item.range, .file = item.file, .line = item.line};
    }
}

static int
by_first(const void *left, const void *right)
{
    const struct range_entry *a = left;
    const struct range_entry *b = right;
    int order = range_compare(a->range, b->range);
    return order ? order : (a->line > b->line) - (a->line < b->line);
}

void
entries_build(struct entries *all, const struct image *image,
              const struct image_rule *rule)
{
    const struct image_selection *select = &rule->select[SELECT_CLIENTS];
    const uint32_t *lists =
        image_numbers(image, select->first, select->include_count);
    *all = (struct entries){.image = image, .select = select};
    for (uint32_t i = 0; lists && i < select->include_count; i++)
        take_list(all, lists[i]);
    if (all->count)
        qsort(all->items, all->count, sizeof *all->items, by_first);
    for (size_t i = 0; i < all->count; i++) {
        struct range_entry *entry = &all->items[i];
        entry->highest = entry->range.last;
        if (i && address_compare(entry[-1].highest, entry->highest) > 0)
            entry->highest = entry[-1].highest;
    }
}

void
entries_clear(struct entries *all)
{
    memory_free(all->items);
}

const struct range_entry *
entries_find(const struct entries *all, struct address address)
{
    size_t low = 0;
    size_t high = all->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (address_compare(all->items[middle].range.first, address) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low > 0; low--) {
        const struct range_entry *entry = &all->items[low - 1];
        if (address_compare(entry->highest, address) < 0)
            return NULL;
        if (range_contains(entry->range, address))
            return entry;
    }
    return NULL;
}

struct image_source
entries_source(const struct entries *all, const struct range_entry *entry)
{
    if (!entry->line)
        return all->select->source;
    return (struct image_source){entry->file, entry->line, 0};
}

/* -- by rule ------------------------------------------------------------ */

void
entries_by_rule_clear(struct entries_by_rule *all)
{
    entries_clear(&all->entries);
}

/* Any rule, but always-relay only if there is no other: it names no clients. */
static bool
take_rule(void *context, const struct box *box)
{
    const struct image_rule **rule = context;
    if (!*rule || (*rule)->always_relay)
        *rule = box->rule;
    return true;
}

const struct entries *
entries_of_grant(struct entries_by_rule *all, const struct diagram *diagram,
                 const struct grant *grant)
{
    const struct image_rule *rule = NULL;
    closure_each_leaf(diagram, grant->leads, take_rule, &rule);
    if (!rule || rule == all->rule)
        return &all->entries;
    entries_clear(&all->entries);
    entries_build(&all->entries, all->image, rule);
    all->rule = rule;
    return &all->entries;
}
