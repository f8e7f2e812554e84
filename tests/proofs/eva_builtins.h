/* What Eva knows too little of, in C. */
#ifndef PROOFS_EVA_BUILTINS_H
#define PROOFS_EVA_BUILTINS_H

#include <assert.h>
#include <string.h>

static inline int
eva_popcountll(unsigned long long value)
{
    int count = 0;
    for (int bit = 0; bit < 64; bit++)
        count += (int)(value >> bit & 1);
    return count;
}

/* In C too, so that the place it finds is related to what is behind it. */
static inline void *
eva_memchr(const void *bytes, int byte, unsigned long size)
{
    const unsigned char *at = bytes;
    for (unsigned long i = 0; i < size; i++)
        if (at[i] == (unsigned char)byte)
            return (void *)(at + i);
    return 0;
}

/* Sizes are asserted where they are compiled. */
#undef static_assert
#define static_assert(...) extern int eva_asserted
#define _Static_assert(...) extern int eva_asserted
#define __builtin_popcountll    eva_popcountll
#define memchr                  eva_memchr
#define __builtin_prefetch(...) ((void)0)

#endif
