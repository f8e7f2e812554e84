/* The small pools that policies and transactions share, so that they meet. */
#ifndef TESTS_POOLS_H
#define TESTS_POOLS_H

#include "plain.h"
#include "random.h"

/* Any two of these are disjoint, or one holds the other: so connectors never
 * overlap partly. */
struct pool_range {
    const char *text, *first, *last;
    enum entry_kind kind;
    bool wide;
};

struct pool_endpoint {
    const char *text, *address;
    int port;
    bool internal;
};

struct pool_text {
    const char *written, *canonical;
};

enum {
    POOL_RANGES = 25,
    POOL_NARROW_RANGES = 21, /* those before are not wide */
    POOL_ENDPOINTS = 10,
    POOL_CERTIFICATES = 3,
    POOL_DOMAINS = 18,
    POOL_LOCALS = 17,
    POOL_PLAIN_LOCALS = 11, /* those before stand in policies too */
    POOL_CLIENT_NAMES = 11,
    POOL_IDENTITIES = 8,
    POOL_LITERALS = 8
};

extern const struct pool_range RANGES[POOL_RANGES];
extern const struct pool_endpoint ENDPOINTS[POOL_ENDPOINTS];
extern const struct pool_text CERTIFICATES[POOL_CERTIFICATES];
extern const struct pool_text DOMAINS[POOL_DOMAINS];
extern const struct pool_text LOCALS[POOL_LOCALS];
extern const struct pool_text CLIENT_NAMES[POOL_CLIENT_NAMES];
extern const char *const IDENTITIES[POOL_IDENTITIES];
/* As written behind the @, and the address. */
extern const struct pool_text LITERALS[POOL_LITERALS];

/* So many letters that the catastrophic pattern gives up. */
#define ENDLESS "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

#endif
