/* Growing bytes, for what is built once: the sections of an image.
 *
 * A failure to grow sticks: further writes do nothing, and the builder looks
 * at `failed` once, at its end. */
#ifndef MAYRELAY_BASE_BUFFER_H
#define MAYRELAY_BASE_BUFFER_H

#include "base/text.h"

struct buffer {
    unsigned char *data;
    size_t size, room;
    bool failed;
};

/* A zeroed buffer is empty and ready. */
void buffer_clear(struct buffer *buffer);
void buffer_add(struct buffer *buffer, const void *bytes, size_t size);
void buffer_add_u32(struct buffer *buffer, uint32_t value);
/* Zeroes up to the next multiple of `align`, a power of two. */
void buffer_align(struct buffer *buffer, size_t align);
/* `size` zeroed bytes at the end, or NULL; good until the next write. */
void *buffer_extend(struct buffer *buffer, size_t size);

#endif
