/* What the drivers share: inputs that may be anything.
 *
 * Eva does not relate a text's size to what is behind it, so sizes are gone
 * through one by one, and each text ends with its array: a read one byte
 * behind it is a read outside, which is an alarm. */
#ifndef PROOFS_EVA_H
#define PROOFS_EVA_H

#include <__fc_builtin.h>

#include "base/text.h"

static unsigned char eva_bytes[4096];

/* `size` octets of any value, the last of them the last of an array. */
static inline unsigned char *
any_bytes(size_t size)
{
    unsigned char *bytes = eva_bytes + sizeof eva_bytes - size;
    Frama_C_make_unknown((char *)bytes, size);
    return bytes;
}

static inline struct text
any_text(size_t size)
{
    return (struct text){(const char *)any_bytes(size), size};
}

static inline uint64_t
any_uint64(void)
{
    uint64_t value;
    Frama_C_make_unknown((char *)&value, sizeof value);
    return value;
}

static inline uint32_t
any_uint32(void)
{
    return (uint32_t)any_uint64();
}

#endif
