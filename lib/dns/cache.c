#include "dns/cache.h"

#include "base/memory.h"

struct cached {
    struct table_entry entry; /* first, so that either leads to the other */
    struct cached *newer, *older;
    struct mayrelay_dns_answer *answer;
    uint64_t stale_ms; /* from then on it no longer holds */
};

bool
cache_init(struct cache *cache, size_t entries_most, uint32_t seconds_most)
{
    *cache = (struct cache){.entries_most = entries_most,
                            .seconds_most = seconds_most};
    return table_init(&cache->table);
}

/* -- the order of use ---------------------------------------------------- */

static void
unlink_cached(struct cache *cache, struct cached *cached)
{
    if (cached->newer)
        cached->newer->older = cached->older;
    else
        cache->newest = cached->older;
    if (cached->older)
        cached->older->newer = cached->newer;
    else
        cache->oldest = cached->newer;
}

static void
link_newest(struct cache *cache, struct cached *cached)
{
    cached->newer = NULL;
    cached->older = cache->newest;
    if (cache->newest)
        cache->newest->newer = cached;
    else
        cache->oldest = cached;
    cache->newest = cached;
}

/* -- entries -------------------------------------------------------------- */

static void
drop(struct cache *cache, struct cached *cached)
{
    unlink_cached(cache, cached);
    table_remove(&cache->table, &cached->entry);
    mayrelay_dns_answer_free(cached->answer);
    memory_free(cached);
}

static void
drop_all(struct cache *cache)
{
    while (cache->oldest)
        drop(cache, cache->oldest);
}

void
cache_reset(struct cache *cache, size_t entries_most, uint32_t seconds_most)
{
    drop_all(cache);
    cache->entries_most = entries_most;
    cache->seconds_most = seconds_most;
}

void
cache_clear(struct cache *cache)
{
    drop_all(cache);
    table_clear(&cache->table);
}

static struct cached *
find(const struct cache *cache, struct address client)
{
    return (struct cached *)table_find(&cache->table, client);
}

struct mayrelay_dns_answer *
cache_get(struct cache *cache, struct address client, uint64_t now_ms)
{
    struct cached *cached = find(cache, client);
    if (!cached)
        return NULL;
    if (now_ms >= cached->stale_ms) {
        drop(cache, cached);
        return NULL;
    }
    unlink_cached(cache, cached);
    link_newest(cache, cached);
    return dns_answer_ref(cached->answer);
}

void
cache_put(struct cache *cache, struct mayrelay_dns_answer *answer,
          uint64_t now_ms)
{
    struct address client = dns_answer_client(answer);
    struct cached *cached = find(cache, client);
    if (cached)
        drop(cache, cached);
    uint64_t seconds = mayrelay_dns_answer_get_ttl(answer);
    if (seconds > cache->seconds_most)
        seconds = cache->seconds_most;
    if (seconds == 0 || cache->entries_most == 0)
        return;
    if (cache->table.count >= cache->entries_most)
        drop(cache, cache->oldest);
    cached = memory_new(1, sizeof *cached);
    if (!cached)
        return;
    cached->entry.key = client;
    cached->answer = dns_answer_ref(answer);
    cached->stale_ms = now_ms + seconds * 1000;
    table_add(&cache->table, &cached->entry);
    link_newest(cache, cached);
}
