/* Checked memory: no size ever overflows, and fresh memory is zero. */
#ifndef MAYRELAY_BASE_MEMORY_H
#define MAYRELAY_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* `count` zeroed elements of `size` bytes, or NULL. */
void *memory_new(size_t count, size_t size);
void memory_free(void *memory);
/* Grows the array at `*array` (of `*room` elements) to hold at least `need`,
 * at least doubling; the new part is not zeroed.  On failure nothing changes.
 */
bool memory_grow(void *array, size_t *room, size_t need, size_t size);

#endif
