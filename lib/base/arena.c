#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"

enum {
    BLOCK_SIZE = 64 * 1024
};

struct arena_block {
    struct arena_block *older;
    size_t used, room;
    alignas(max_align_t) unsigned char bytes[];
};

void
arena_clear(struct arena *arena)
{
    for (struct arena_block *block = arena->newest; block;) {
        struct arena_block *older = block->older;
        memory_free(block);
        block = older;
    }
    arena->newest = NULL;
}

static bool
arena_add_block(struct arena *arena, size_t need)
{
    size_t room = need > BLOCK_SIZE / 4 ? need : BLOCK_SIZE;
    struct arena_block *block = memory_new(1, sizeof *block + room);
    if (!block)
        return false;
    block->room = room;
    block->older = arena->newest;
    arena->newest = block;
    return true;
}

static void *
arena_take(struct arena *arena, size_t size, size_t align)
{
    struct arena_block *block = arena->newest;
    size_t at = block ? (block->used + align - 1) / align * align : 0;
    if (!block || at > block->room || block->room - at < size) {
        if (!arena_add_block(arena, size))
            return NULL;
        block = arena->newest;
        at = 0;
    }
    block->used = at + size;
    return block->bytes + at;
}

void *
arena_new(struct arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / 4 / size)
        return NULL;
    return arena_take(arena, count * size, alignof(max_align_t));
}

struct text
arena_copy(struct arena *arena, struct text text)
{
    char *copy = arena_take(arena, text.size + 1, 1);
    if (!copy)
        return (struct text){NULL, 0};
    if (text.size)
        memcpy(copy, text.data, text.size);
    return (struct text){copy, text.size};
}
