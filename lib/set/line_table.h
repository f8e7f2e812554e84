/* A hash table of 64-byte lines: ten tags of 16 bits, ten offsets, and two
 * flags each, so that nearly every look-up touches one cache line of it.
 *
 * A tag only narrows down: whoever searches compares what the offset points to.
 * An entry that finds its line full goes to the next one, and the full line
 * remembers that one went on. */
#ifndef MAYRELAY_SET_LINE_TABLE_H
#define MAYRELAY_SET_LINE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "set/radix_sort.h"

enum {
    LINE_SLOTS = 10
};

/* Tag n is in bits 16 (n mod 4) and up of word n / 4.  Above the last two tags
 * are the flags (bits 32-41 and 42-51), the number of slots used (52-55), and
 * whether an entry went on to the next line (63). */
struct line {
    uint64_t words[3];
    uint32_t offsets[LINE_SLOTS];
};

struct line_table {
    const struct line *lines;
    uint32_t count;
    uint32_t reach; /* the lines an entry may be away from its own, and 1 */
};

/* The lines that `entries` need. */
size_t line_table_lines(size_t entries);
/* Fills zeroed lines with entries sorted by key (the hash), whose index is the
 * offset and whose note are the flags (0 to 3); returns the reach. */
uint32_t line_table_fill(struct line *lines, uint32_t count,
                         const struct sort_item *entries, size_t entry_count);

/* The offsets whose entries may have a certain hash. */
struct line_search {
    const struct line_table *table;
    uint64_t tags; /* the tag four times over */
    uint64_t hits; /* slots to look at: bit 16 (slot mod 4) + slot / 4 */
    uint32_t at;
    uint32_t left; /* lines, this one included */
};

#define LINE_EACH_TAG UINT64_C(0x0001000100010001)
#define LINE_TOP_BITS UINT64_C(0x8000800080008000)
/* The third word has two tags. */
#define LINE_LAST_TOP_BITS UINT64_C(0x0000000080008000)

static inline uint32_t
line_home(uint64_t hash, uint32_t count)
{
    return (uint32_t)(((hash >> 32) * count) >> 32);
}

/* 0 is the tag of an empty slot. */
static inline uint64_t
line_tag(uint64_t hash)
{
    uint64_t tag = hash & 0xffff;
    return tag ? tag : 1;
}

static inline void
line_prefetch(const struct line_table *table, uint64_t hash)
{
    __builtin_prefetch(&table->lines[line_home(hash, table->count)]);
}

/* The top bit of each tag that is equal (and, seldom, of one right above). */
static inline uint64_t
line_equal_tags(uint64_t word, uint64_t tags)
{
    uint64_t apart = word ^ tags;
    return (apart - LINE_EACH_TAG) & ~apart & LINE_TOP_BITS;
}

static inline void
line_search_here(struct line_search *search)
{
    const uint64_t *words = search->table->lines[search->at].words;
    uint64_t last = line_equal_tags(words[2], search->tags);
    search->hits = line_equal_tags(words[0], search->tags) >> 15 |
                   line_equal_tags(words[1], search->tags) >> 14 |
                   (last & LINE_LAST_TOP_BITS) >> 13;
}

/* The table is not empty. */
static inline struct line_search
line_search_start(const struct line_table *table, uint64_t hash)
{
    struct line_search search = {table, line_tag(hash) * LINE_EACH_TAG, 0,
                                 line_home(hash, table->count), table->reach};
    line_search_here(&search);
    return search;
}

/* False when there are no more. */
static inline bool
line_search_next(struct line_search *search, uint32_t *offset, unsigned *flags)
{
    const struct line_table *table = search->table;
    while (search->hits == 0) {
        bool went_on = table->lines[search->at].words[2] >> 63;
        if (!went_on || --search->left == 0 || search->left >= table->count)
            return false;
        search->at = search->at + 1 == table->count ? 0 : search->at + 1;
        line_search_here(search);
    }
    unsigned bit = (unsigned)__builtin_ctzll(search->hits);
    unsigned slot = bit % 16 * 4 + bit / 16;
    const struct line *line = &table->lines[search->at];
    search->hits &= search->hits - 1;
    *offset = line->offsets[slot];
    *flags = (unsigned)(line->words[2] >> (32 + slot) & 1) |
             (unsigned)(line->words[2] >> (42 + slot) & 1) << 1;
    return true;
}

#endif
