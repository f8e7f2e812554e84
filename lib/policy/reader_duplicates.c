#include "policy/reader_duplicates.h"

#include <xxhash.h>

#include "base/memory.h"

enum {
    WARNINGS_MOST = 3, /* per list */
    /* Entries made to collide must not cost more than this each; a duplicate
     * among them may go without its warning. */
    PROBES_MOST = 256,
    TOGETHER = 32 /* entries whose slots are fetched from memory at once */
};

/* Entries by their hash, with open addressing.  The hash's upper half is kept
 * beside the entry, so that few others are looked at. */
struct slot {
    uint32_t hash, entry; /* 1 + its number; 0: free */
};

struct table {
    struct slot *slots;
    size_t mask;
    unsigned warnings;
};

static uint64_t
hash_of(const struct entry *entry)
{
    if (entry->kind == ENTRY_RANGE) {
        struct address first = entry->range.first;
        struct address last = entry->range.last;
        uint64_t numbers[] = {first.high, first.low, last.high, last.low};
        return XXH3_64bits(numbers, sizeof numbers);
    }
    if (entry->kind == ENTRY_ENDPOINT) {
        struct address address = entry->endpoint.address;
        uint64_t numbers[] = {address.high, address.low, entry->endpoint.port};
        return XXH3_64bits(numbers, sizeof numbers);
    }
    return XXH3_64bits(entry->text.data, entry->text.size);
}

static bool
same_content(const struct entry *a, const struct entry *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == ENTRY_RANGE)
        return range_equal(a->range, b->range);
    if (a->kind == ENTRY_ENDPOINT)
        return address_equal(a->endpoint.address, b->endpoint.address) &&
               a->endpoint.port == b->endpoint.port;
    return text_equal(a->text, b->text);
}

/* The equal entry that was put before, or NULL once this one is put. */
static const struct entry *
put(struct table *table, const struct list *list, size_t number, uint64_t hash)
{
    const struct entry *entry = &list->entries[number];
    uint32_t upper = (uint32_t)(hash >> 32);
    for (size_t i = 0; i < PROBES_MOST; i++) {
        struct slot *slot = &table->slots[(hash + i) & table->mask];
        if (!slot->entry) {
            *slot = (struct slot){upper, (uint32_t)number + 1};
            return NULL;
        }
        const struct entry *other = &list->entries[slot->entry - 1];
        if (slot->hash == upper && same_content(other, entry))
            return other;
    }
    return NULL;
}

static bool
table_new(struct table *table, size_t count)
{
    size_t size = 1;
    while (size < 2 * count)
        size *= 2;
    *table =
        (struct table){memory_new(size, sizeof *table->slots), size - 1, 0};
    return table->slots != NULL;
}

static void
warn(struct reader *reader, const struct entry *entry,
     const struct entry *first)
{
    report_add(reader->report, FINDING_ENTRY_TWICE,
               model_place(reader->model, entry->source), NULL,
               "the same entry stands in line %u already", first->source.line);
}

static void
put_some(struct reader *reader, struct table *table, const struct list *list,
         size_t from, size_t to)
{
    uint64_t hashes[TOGETHER];
    for (size_t i = from; i < to; i++) {
        hashes[i - from] = hash_of(&list->entries[i]);
        __builtin_prefetch(&table->slots[hashes[i - from] & table->mask], 1);
    }
    for (size_t i = from; i < to; i++) {
        const struct entry *first = put(table, list, i, hashes[i - from]);
        if (first && table->warnings++ < WARNINGS_MOST)
            warn(reader, &list->entries[i], first);
    }
}

void
duplicates_warn(struct reader *reader, const struct list *list)
{
    struct table table;
    if (list->count < 2)
        return;
    if (!table_new(&table, list->count)) {
        reader->out_of_memory = true;
        return;
    }
    for (size_t from = 0, to; from < list->count; from = to) {
        to = list->count - from > TOGETHER ? from + TOGETHER : list->count;
        put_some(reader, &table, list, from, to);
    }
    memory_free(table.slots);
}
