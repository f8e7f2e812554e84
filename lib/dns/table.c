#include "dns/table.h"

#include <unistd.h>
#include <xxhash.h>

#include "base/memory.h"

enum {
    BUCKETS_FIRST = 64
};

bool
table_init(struct table *table)
{
    *table = (struct table){.bucket_count = BUCKETS_FIRST};
    /* Without entropy the place in memory has to do. */
    if (getentropy(&table->seed, sizeof table->seed) != 0)
        table->seed = (uint64_t)(uintptr_t)table;
    table->buckets = memory_new(BUCKETS_FIRST, sizeof(struct table_entry *));
    return table->buckets != NULL;
}

void
table_clear(struct table *table)
{
    memory_free(table->buckets);
    *table = (struct table){0};
}

static struct table_entry **
bucket_of(const struct table *table, struct address key)
{
    uint64_t words[3] = {key.high, key.low, (uint64_t)key.family};
    uint64_t hash = XXH3_64bits_withSeed(words, sizeof words, table->seed);
    return &table->buckets[hash & (table->bucket_count - 1)];
}

struct table_entry *
table_find(const struct table *table, struct address key)
{
    struct table_entry *entry = *bucket_of(table, key);
    while (entry && !address_equal(entry->key, key))
        entry = entry->next;
    return entry;
}

static void
push(struct table *table, struct table_entry *entry)
{
    struct table_entry **bucket = bucket_of(table, entry->key);
    entry->next = *bucket;
    *bucket = entry;
}

static void
grow(struct table *table)
{
    struct table old = *table;
    struct table_entry **buckets =
        memory_new(old.bucket_count * 2, sizeof(struct table_entry *));
    if (!buckets)
        return;
    table->buckets = buckets;
    table->bucket_count = old.bucket_count * 2;
    for (size_t i = 0; i < old.bucket_count; i++) {
        struct table_entry *entry = old.buckets[i];
        while (entry) {
            struct table_entry *next = entry->next;
            push(table, entry);
            entry = next;
        }
    }
    memory_free(old.buckets);
}

void
table_add(struct table *table, struct table_entry *entry)
{
    if (table->count >= table->bucket_count)
        grow(table);
    push(table, entry);
    table->count++;
}

void
table_remove(struct table *table, struct table_entry *entry)
{
    struct table_entry **link = bucket_of(table, entry->key);
    while (*link && *link != entry)
        link = &(*link)->next;
    if (!*link)
        return;
    *link = entry->next;
    table->count--;
}
