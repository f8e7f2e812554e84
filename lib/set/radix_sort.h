/* Sorting by a 64-bit key in time that is linear in the count. */
#ifndef MAYRELAY_SET_RADIX_SORT_H
#define MAYRELAY_SET_RADIX_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sort_item {
    uint64_t key;
    uint32_t index; /* comes along */
    uint32_t note;  /* so does this */
};

/* Ascending; items of the same key stay in order.  False: out of memory. */
bool radix_sort(struct sort_item *items, size_t count);

#endif
