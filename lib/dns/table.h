/* A hash table by address, of entries that live in structs of the user's.
 *
 * Clients choose their addresses, so the hash has a secret seed. */
#ifndef MAYRELAY_DNS_TABLE_H
#define MAYRELAY_DNS_TABLE_H

#include "net/address.h"

struct table_entry {
    struct address key;
    struct table_entry *next;
};

struct table {
    struct table_entry **buckets;
    size_t bucket_count; /* a power of two */
    size_t count;
    uint64_t seed;
};

bool table_init(struct table *table);
/* Frees the buckets; the entries are the user's. */
void table_clear(struct table *table);
struct table_entry *table_find(const struct table *table, struct address key);
/* The key must not be there yet.  Never fails: without memory for more buckets
 * the chains grow. */
void table_add(struct table *table, struct table_entry *entry);
void table_remove(struct table *table, struct table_entry *entry);

#endif
