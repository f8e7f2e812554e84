/* Hashes of keys.
 *
 * The seed of a set comes from its own keys, so that who does not know all of
 * them cannot make up keys that collide, and the same keys give the same
 * bytes. */
#ifndef MAYRELAY_SET_HASH_H
#define MAYRELAY_SET_HASH_H

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/text.h"

static inline uint64_t
hash_text(struct text text, uint64_t seed)
{
    return XXH3_64bits_withSeed(text.size ? text.data : "", text.size, seed);
}

#endif
