/* Answers that DNS lets us keep, the least recently used given up first.
 *
 * It reads no clock: whoever calls says what time it is. */
#ifndef MAYRELAY_DNS_CACHE_H
#define MAYRELAY_DNS_CACHE_H

#include "dns/table.h"
#include "mail/dns_answer.h"

struct cached;

struct cache {
    struct table table;
    struct cached *newest, *oldest;
    size_t entries_most;
    uint32_t seconds_most;
};

bool cache_init(struct cache *cache, size_t entries_most,
                uint32_t seconds_most);
void cache_clear(struct cache *cache);
/* Forgets every answer, and sets new limits. */
void cache_reset(struct cache *cache, size_t entries_most,
                 uint32_t seconds_most);
/* Yours; NULL if there is none that still holds. */
struct mayrelay_dns_answer *cache_get(struct cache *cache,
                                      struct address client, uint64_t now_ms);
/* Keeps a reference of its own, in the place of what is there; or nothing, if
 * DNS forbids it or memory ran out. */
void cache_put(struct cache *cache, struct mayrelay_dns_answer *answer,
               uint64_t now_ms);

#endif
