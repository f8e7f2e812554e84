/* Memory that lives and dies together: what is read from a policy file. */
#ifndef MAYRELAY_BASE_ARENA_H
#define MAYRELAY_BASE_ARENA_H

#include "base/text.h"

struct arena_block;

struct arena {
    struct arena_block *newest;
};

/* A zeroed arena is empty and ready. */
void arena_clear(struct arena *arena);
/* Zeroed memory, aligned for any type, or NULL. */
void *arena_new(struct arena *arena, size_t count, size_t size);
/* A NUL-terminated copy; `.data` is NULL when memory ran out. */
struct text arena_copy(struct arena *arena, struct text text);

#endif
