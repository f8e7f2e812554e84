/* Domain names to values: the most specific of exact names and sub-domains.
 *
 * Names are hashed label by label from the right; a look-up stops at the first
 * suffix under which nothing is stored. */
#ifndef MAYRELAY_SET_NAME_SET_H
#define MAYRELAY_SET_NAME_SET_H

#include "base/buffer.h"

/* `name` is canonical.  Each value is complete: what holds for the name itself,
 * and for every name below it that is not nearer to another one. */
struct named_value {
    struct text name;
    uint32_t exact; /* the name itself */
    uint32_t below; /* every name below it */
};

/* Appends the set to `out` (8-byte aligned at its start).  Names are distinct,
 * in any order.  `otherwise` is the value of names at or below none of them.
 * The same names give the same bytes, in whatever order. */
void name_set_build(struct buffer *out, const struct named_value *names,
                    size_t count, uint32_t otherwise);

struct name_set {
    const unsigned char *data;
    size_t size;
};

bool name_set_open(struct name_set *set, const void *data, size_t size);
/* The value of a canonical name; false if the bytes are damaged there. */
bool name_set_lookup(const struct name_set *set, struct text name,
                     uint32_t *value);

/* All names, in an order that depends on the names alone; `*at` is 0 at first,
 * and names point into the set's bytes.  False at the end. */
bool name_set_next(const struct name_set *set, size_t *at,
                   struct named_value *name);

#endif
