#include "set/line_table.h"

enum {
    SLOTS_FILLED = 8, /* of ten, on average: full enough to be small */
    FIRST_FLAGS_SHIFT = 32,
    SECOND_FLAGS_SHIFT = 42,
    USED_SHIFT = 52
};

#define WENT_ON (UINT64_C(1) << 63)

_Static_assert(sizeof(struct line) == 64, "a cache line");

size_t
line_table_lines(size_t entries)
{
    return entries / SLOTS_FILLED + (entries % SLOTS_FILLED != 0);
}

static unsigned
used(const struct line *line)
{
    return (unsigned)(line->words[2] >> USED_SHIFT & 15);
}

static void
put(struct line *line, const struct sort_item *entry)
{
    unsigned slot = used(line);
    line->words[slot / 4] |= line_tag(entry->key) << slot % 4 * 16;
    line->words[2] += UINT64_C(1) << USED_SHIFT;
    line->words[2] |= (uint64_t)(entry->note & 1) << (FIRST_FLAGS_SHIFT + slot);
    line->words[2] |= (uint64_t)(entry->note >> 1 & 1)
                      << (SECOND_FLAGS_SHIFT + slot);
    line->offsets[slot] = entry->index;
}

uint32_t
line_table_fill(struct line *lines, uint32_t count,
                const struct sort_item *entries, size_t entry_count)
{
    uint32_t reach = 1;
    for (size_t i = 0; i < entry_count; i++) {
        uint32_t at = line_home(entries[i].key, count);
        uint32_t steps = 1;
        for (; used(&lines[at]) == LINE_SLOTS; steps++) {
            lines[at].words[2] |= WENT_ON;
            at = at + 1 == count ? 0 : at + 1;
        }
        put(&lines[at], &entries[i]);
        reach = steps > reach ? steps : reach;
    }
    return reach;
}
