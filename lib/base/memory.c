#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *
memory_new(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

void
memory_free(void *memory)
{
    free(memory);
}

bool
memory_grow(void *array, size_t *room, size_t need, size_t size)
{
    if (need <= *room)
        return true;
    size_t most = SIZE_MAX / 2 / size;
    if (need > most)
        return false;
    /* At most twice `most`: its size does not overflow, and is not to be had.
     */
    size_t wanted = *room < 8 ? 8 : *room * 2;
    if (wanted < need)
        wanted = need;
    void *old;
    memcpy(&old, array, sizeof old); /* any T ** may be passed */
    void *grown = realloc(old, wanted * size);
    if (!grown)
        return false;
    memcpy(array, &grown, sizeof grown);
    *room = wanted;
    return true;
}
