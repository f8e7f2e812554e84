/* Exact keys (any bytes) to values: 64-byte lines of tags and offsets, keys
 * compared in full. */
#ifndef MAYRELAY_SET_TEXT_SET_H
#define MAYRELAY_SET_TEXT_SET_H

#include "base/buffer.h"

struct keyed_value {
    struct text key;
    uint32_t value; /* not 0 */
};

/* Appends the set to `out` (8-byte aligned at its start).  Keys are distinct,
 * in any order; at most 64 KiB each.  The same keys and values give the same
 * bytes, in whatever order. */
void text_set_build(struct buffer *out, const struct keyed_value *keys,
                    size_t count);

struct text_set {
    const unsigned char *data;
    size_t size;
};

bool text_set_open(struct text_set *set, const void *data, size_t size);
/* The key's value, 0 if it is not there; false if the bytes are damaged. */
bool text_set_lookup(const struct text_set *set, struct text key,
                     uint32_t *value);

/* All keys, in an order that depends on the keys alone; `*at` is 0 at first,
 * and keys point into the set's bytes.  False at the end. */
bool text_set_next(const struct text_set *set, size_t *at,
                   struct keyed_value *entry);

#endif
