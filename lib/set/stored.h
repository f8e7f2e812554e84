/* How sets are stored: numbers as wide as the largest one needs, at offsets
 * from the start of the section, which is 8-byte aligned. */
#ifndef MAYRELAY_SET_STORED_H
#define MAYRELAY_SET_STORED_H

#include <string.h>

#include "base/buffer.h"

enum {
    STORED_LINE = 64 /* bytes: a cache line, the unit memory is paid in */
};

/* 1, 2 or 4: the bytes that hold `most`. */
static inline unsigned
stored_width(uint32_t most)
{
    return most <= UINT8_MAX ? 1 : most <= UINT16_MAX ? 2 : 4;
}

static inline bool
stored_width_is_valid(uint32_t width)
{
    return width == 1 || width == 2 || width == 4;
}

static inline uint32_t
stored_load(const unsigned char *at, unsigned width)
{
    uint16_t half;
    uint32_t whole;
    if (width == 1)
        return *at;
    if (width == 2) {
        memcpy(&half, at, sizeof half);
        return half;
    }
    memcpy(&whole, at, sizeof whole);
    return whole;
}

static inline void
stored_save(unsigned char *at, unsigned width, uint32_t value)
{
    uint8_t byte = (uint8_t)value;
    uint16_t half = (uint16_t)value;
    if (width == 1)
        memcpy(at, &byte, sizeof byte);
    else if (width == 2)
        memcpy(at, &half, sizeof half);
    else
        memcpy(at, &value, sizeof value);
}

static inline bool
stored_is_aligned(const void *data)
{
    return ((uintptr_t)data & 7) == 0;
}

/* As buffer_extend, for a size that may not fit this machine. */
static inline unsigned char *
stored_extend(struct buffer *out, uint64_t size)
{
    if (size <= SIZE_MAX / 4)
        return buffer_extend(out, (size_t)size);
    out->failed = true;
    return NULL;
}

/* Zeroes up to the next whole line, counted from `start`. */
static inline void
stored_fill_line(struct buffer *out, size_t start)
{
    size_t past = (out->size - start) % STORED_LINE;
    if (past)
        buffer_extend(out, STORED_LINE - past);
}

#endif
