#include "base/buffer.h"

#include <string.h>

#include "base/memory.h"

void
buffer_clear(struct buffer *buffer)
{
    memory_free(buffer->data);
    *buffer = (struct buffer){0};
}

void *
buffer_extend(struct buffer *buffer, size_t size)
{
    if (buffer->failed || size > SIZE_MAX / 4 - buffer->size ||
        !memory_grow(&buffer->data, &buffer->room, buffer->size + size + 1,
                     1)) {
        buffer->failed = true;
        return NULL;
    }
    unsigned char *at = buffer->data + buffer->size;
    memset(at, 0, size);
    buffer->size += size;
    return at;
}

void
buffer_add(struct buffer *buffer, const void *bytes, size_t size)
{
    void *at = buffer_extend(buffer, size);
    if (at && size)
        memcpy(at, bytes, size);
}

void
buffer_add_u32(struct buffer *buffer, uint32_t value)
{
    buffer_add(buffer, &value, sizeof value);
}

void
buffer_align(struct buffer *buffer, size_t align)
{
    size_t past = buffer->size & (align - 1);
    if (past)
        buffer_extend(buffer, align - past);
}
