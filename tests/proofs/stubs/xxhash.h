/* xxhash as far as lib/image uses it, for a proof: any number may
 * be the hash of any text. */
#ifndef PROOFS_STUBS_XXHASH_H
#define PROOFS_STUBS_XXHASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t low64, high64;
} XXH128_hash_t;

typedef struct {
    unsigned char digest[16];
} XXH128_canonical_t;

uint64_t XXH3_64bits(const void *data, size_t size);
XXH128_hash_t XXH3_128bits(const void *data, size_t size);
void XXH128_canonicalFromHash(XXH128_canonical_t *to, XXH128_hash_t hash);

#endif
