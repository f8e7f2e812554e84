#include "set/radix_sort.h"

#include <string.h>

#include "base/memory.h"

enum {
    DIGIT_BITS = 11,
    DIGITS = 6, /* 66 bits */
    DIGIT_VALUES = 1 << DIGIT_BITS
};

typedef size_t histogram[DIGIT_VALUES];

static size_t
digit_of(uint64_t key, unsigned digit)
{
    return key >> (digit * DIGIT_BITS) & (DIGIT_VALUES - 1);
}

static void
count_digits(histogram *counts, const struct sort_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (unsigned digit = 0; digit < DIGITS; digit++)
            counts[digit][digit_of(items[i].key, digit)]++;
}

static void
counts_to_places(size_t *counts)
{
    size_t place = 0;
    for (size_t i = 0; i < DIGIT_VALUES; i++) {
        size_t here = counts[i];
        counts[i] = place;
        place += here;
    }
}

static void
scatter(struct sort_item *to, const struct sort_item *from, size_t count,
        unsigned digit, size_t *places)
{
    counts_to_places(places);
    for (size_t i = 0; i < count; i++)
        to[places[digit_of(from[i].key, digit)]++] = from[i];
}

/* A digit that all keys share moves nothing, so its turn is left out. */
static void
sort_digits(struct sort_item *items, struct sort_item *spare, size_t count,
            histogram *counts)
{
    struct sort_item *from = items, *to = spare;
    count_digits(counts, items, count);
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        if (counts[digit][digit_of(items->key, digit)] == count)
            continue;
        scatter(to, from, count, digit, counts[digit]);
        struct sort_item *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, count * sizeof *items);
}

bool
radix_sort(struct sort_item *items, size_t count)
{
    if (count < 2)
        return true;
    histogram *counts = memory_new(DIGITS, sizeof *counts);
    struct sort_item *spare = memory_new(count, sizeof *spare);
    bool sorted = counts && spare;
    if (sorted)
        sort_digits(items, spare, count, counts);
    memory_free(spare);
    memory_free(counts);
    return sorted;
}
