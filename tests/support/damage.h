/* What the tests of stored sections share: repeatable randomness, and damaged
 * copies of built bytes, each of exactly its size, so that a sanitizer sees the
 * first byte read outside. */
#ifndef TESTS_DAMAGE_H
#define TESTS_DAMAGE_H

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

/* Marsaglia's xorshift64*; `state` is not 0. */
static inline uint64_t
random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static inline size_t
random_below(uint64_t *state, size_t end)
{
    return (size_t)(random_next(state) >> 11) % end;
}

/* A heap copy without a spare byte. */
static inline unsigned char *
exact_copy(const void *data, size_t size)
{
    unsigned char *copy = malloc(size ? size : 1);
    if (copy && size)
        memcpy(copy, data, size);
    return copy;
}

typedef void damage_probe(const void *data, size_t size);

/* Shows `probe` every truncation, and `flips` copies with a few bytes changed;
 * every other one in the first `head` bytes, where the sizes are. */
static inline void
damage_each(const struct buffer *built, size_t head, unsigned flips,
            damage_probe *probe)
{
    uint64_t state = 7;
    for (size_t size = 0; size < built->size; size++) {
        unsigned char *copy = exact_copy(built->data, size);
        probe(copy, size);
        free(copy);
    }
    for (unsigned i = 0; i < flips; i++) {
        unsigned char *copy = exact_copy(built->data, built->size);
        size_t end = i % 2 && head < built->size ? head : built->size;
        for (size_t left = 1 + random_below(&state, 3); left > 0; left--)
            copy[random_below(&state, end)] ^=
                (unsigned char)(1 + random_below(&state, 255));
        probe(copy, built->size);
        free(copy);
    }
}

#endif
