/* The resolver as hosts see it: tokens in, answers out, one descriptor. */
#include "dns/resolver.h"

#include <limits.h>
#include <time.h>

#include "base/memory.h"
#include "dns/lookups.h"
#include "dns/process.h"

enum {
    DEADLINE_LEAST_MS = 10,
    DEADLINE_MOST_MS = 600000
};

struct mayrelay_resolver {
    struct lookups lookups;
    resolver_clock *clock;
    uint64_t asked;
    struct process process; /* whose sockets these are */
};

static uint64_t
monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* -- life and settings --------------------------------------------------- */

mayrelay_resolver *
mayrelay_resolver_new(void)
{
    struct mayrelay_resolver *resolver = memory_new(1, sizeof *resolver);
    if (!resolver)
        return NULL;
    resolver->clock = monotonic_ms;
    if (lookups_init(&resolver->lookups)) {
        process_init(&resolver->process);
        return resolver;
    }
    memory_free(resolver);
    return NULL;
}

void
mayrelay_resolver_free(mayrelay_resolver *resolver)
{
    if (!resolver)
        return;
    lookups_clear(&resolver->lookups);
    process_clear(&resolver->process);
    memory_free(resolver);
}

void
resolver_set_clock(mayrelay_resolver *resolver, resolver_clock *clock)
{
    resolver->clock = clock;
}

/* Every call begins so: what time it is, and whose sockets these are. */
static void
begin(struct mayrelay_resolver *resolver)
{
    if (!process_is_same(&resolver->process))
        lookups_abandon(&resolver->lookups);
    resolver->lookups.now_ms = resolver->clock();
}

static void
wake_at(struct mayrelay_resolver *resolver, uint64_t due_ms)
{
    struct lookups *lookups = &resolver->lookups;
    descriptor_wake(&lookups->sockets.descriptor, lookups->now_ms, due_ms);
}

static bool
has_descriptor(const struct mayrelay_resolver *resolver)
{
    return resolver->lookups.sockets.descriptor.fd >= 0;
}

/* And those that may have changed what is due, so. */
static void
end(struct mayrelay_resolver *resolver)
{
    if (has_descriptor(resolver))
        wake_at(resolver, resolver->lookups.finished
                              ? 0
                              : lookups_due_ms(&resolver->lookups));
}

static bool
parse_servers(struct text list, struct cares_settings *settings)
{
    struct text part;
    settings->server_count = 0;
    while (text_split(&list, ',', &part)) {
        struct endpoint *server = &settings->servers[settings->server_count];
        if (settings->server_count == CARES_SERVERS_MOST ||
            !endpoint_parse(text_trim(part), server) ||
            server->address.family == ADDRESS_NONE)
            return false;
        settings->server_count++;
    }
    return settings->server_count > 0;
}

enum mayrelay_status
mayrelay_resolver_set_servers(mayrelay_resolver *resolver, const char *servers)
{
    if (!resolver)
        return MAYRELAY_ERR_ARGUMENT;
    struct lookups *lookups = &resolver->lookups;
    struct cares_settings settings = lookups->settings;
    settings.server_count = 0;
    if (servers && !parse_servers(text_of(servers), &settings))
        return MAYRELAY_ERR_TEXT;
    begin(resolver);
    if (lookups->first)
        return MAYRELAY_ERR_STAGE;
    lookups->settings = settings;
    lookups_renew(lookups);
    cache_reset(&lookups->cache, lookups->cache.entries_most,
                lookups->cache.seconds_most);
    return MAYRELAY_OK;
}

enum mayrelay_status
mayrelay_resolver_set_deadline_ms(mayrelay_resolver *resolver,
                                  uint32_t deadline_ms)
{
    if (!resolver)
        return MAYRELAY_ERR_ARGUMENT;
    if (deadline_ms < DEADLINE_LEAST_MS)
        deadline_ms = DEADLINE_LEAST_MS;
    if (deadline_ms > DEADLINE_MOST_MS)
        deadline_ms = DEADLINE_MOST_MS;
    begin(resolver);
    resolver->lookups.settings.deadline_ms = deadline_ms;
    lookups_renew(&resolver->lookups);
    return MAYRELAY_OK;
}

enum mayrelay_status
mayrelay_resolver_set_cache(mayrelay_resolver *resolver, size_t entries,
                            uint32_t seconds)
{
    if (!resolver)
        return MAYRELAY_ERR_ARGUMENT;
    cache_reset(&resolver->lookups.cache, entries, seconds);
    return MAYRELAY_OK;
}

uint64_t
mayrelay_resolver_get_count(const mayrelay_resolver *resolver,
                            enum mayrelay_resolver_count which)
{
    if (!resolver)
        return 0;
    const struct lookups *lookups = &resolver->lookups;
    switch (which) {
    case MAYRELAY_COUNT_ASKED: return resolver->asked;
    case MAYRELAY_COUNT_CACHE_HITS: return lookups->cache_hits;
    case MAYRELAY_COUNT_SHARED: return lookups->shared;
    case MAYRELAY_COUNT_LOOKUPS: return lookups->started;
    case MAYRELAY_COUNT_QUERIES: return lookups->questions;
    case MAYRELAY_COUNT_FAILED: return lookups->failed;
    case MAYRELAY_COUNT_EXPIRED: return lookups->expired;
    case MAYRELAY_COUNT_PENDING: return lookups->under_way.count;
    case MAYRELAY_COUNT_CACHED: return lookups->cache.table.count;
    }
    return 0;
}

/* -- in an event loop ----------------------------------------------------- */

int
mayrelay_resolver_get_fd(mayrelay_resolver *resolver)
{
    if (!resolver)
        return -1;
    begin(resolver);
    int fd = sockets_open(&resolver->lookups.sockets);
    end(resolver);
    return fd;
}

size_t
mayrelay_resolver_get_sockets(const mayrelay_resolver *resolver, int *fds,
                              unsigned *events, size_t room)
{
    if (!resolver)
        return 0;
    const struct sockets *sockets = &resolver->lookups.sockets;
    for (size_t i = 0; i < sockets->count && i < room; i++) {
        short wanted = sockets->list[i].events;
        fds[i] = sockets->list[i].fd;
        events[i] = 0;
        if (wanted & POLLIN)
            events[i] |= MAYRELAY_SOCKET_READ;
        if (wanted & POLLOUT)
            events[i] |= MAYRELAY_SOCKET_WRITE;
    }
    return sockets->count;
}

/* The time until something is due, as poll takes it. */
static int
timeout_ms(uint64_t now_ms, uint64_t due_ms)
{
    if (due_ms == UINT64_MAX)
        return -1;
    if (due_ms <= now_ms)
        return 0;
    return due_ms - now_ms > INT_MAX ? INT_MAX : (int)(due_ms - now_ms);
}

int
mayrelay_resolver_get_timeout_ms(const mayrelay_resolver *resolver)
{
    if (!resolver)
        return -1;
    if (resolver->lookups.finished)
        return 0;
    return timeout_ms(resolver->clock(), lookups_due_ms(&resolver->lookups));
}

static void
dispatch(struct mayrelay_resolver *resolver, int wait_ms)
{
    lookups_poll(&resolver->lookups, wait_ms);
    resolver->lookups.now_ms = resolver->clock();
    lookups_expire(&resolver->lookups);
}

enum mayrelay_status
mayrelay_resolver_dispatch(mayrelay_resolver *resolver)
{
    if (!resolver)
        return MAYRELAY_ERR_ARGUMENT;
    begin(resolver);
    dispatch(resolver, 0);
    /* Answers are taken next; the timer is set for them only if some are left
     * behind then. */
    if (has_descriptor(resolver))
        wake_at(resolver, lookups_due_ms(&resolver->lookups));
    return MAYRELAY_OK;
}

/* The waiter of a new question, or NULL. */
static struct waiter *
join(struct mayrelay_resolver *resolver, struct address client, uint64_t token,
     bool resolving)
{
    struct waiter *waiter = memory_new(1, sizeof *waiter);
    if (!waiter)
        return NULL;
    waiter->token = token;
    waiter->resolving = resolving;
    if (!lookups_join(&resolver->lookups, client, waiter)) {
        waiter_free(waiter);
        return NULL;
    }
    resolver->asked++;
    return waiter;
}

enum mayrelay_status
mayrelay_resolver_ask(mayrelay_resolver *resolver, const char *client,
                      uint64_t token)
{
    struct address address;
    if (!resolver || !client)
        return MAYRELAY_ERR_ARGUMENT;
    if (!address_parse(text_of(client), &address))
        return MAYRELAY_ERR_TEXT;
    begin(resolver);
    bool joined = join(resolver, address, token, false) != NULL;
    end(resolver);
    return joined ? MAYRELAY_OK : MAYRELAY_ERR_MEMORY;
}

static struct mayrelay_dns_answer *
take_answer(struct waiter *waiter)
{
    struct mayrelay_dns_answer *answer = waiter->answer;
    waiter->answer = NULL;
    waiter_free(waiter);
    return answer;
}

mayrelay_dns_answer *
mayrelay_resolver_next(mayrelay_resolver *resolver, uint64_t *token)
{
    if (!resolver)
        return NULL;
    begin(resolver);
    struct waiter *waiter = lookups_take(&resolver->lookups);
    if (resolver->lookups.finished && has_descriptor(resolver))
        wake_at(resolver, 0);
    if (!waiter)
        return NULL;
    if (token)
        *token = waiter->token;
    return take_answer(waiter);
}

void
mayrelay_resolver_cancel(mayrelay_resolver *resolver, uint64_t token)
{
    if (!resolver)
        return;
    begin(resolver);
    lookups_forget(&resolver->lookups, token);
    end(resolver);
}

/* -- for hosts without one ------------------------------------------------- */

/* What was not had in time: the look-up goes on without this waiter. */
static struct mayrelay_dns_answer *
give_up(struct mayrelay_resolver *resolver, struct address client,
        struct waiter *waiter)
{
    lookups_drop(&resolver->lookups, client, waiter);
    return dns_answer_new(client, MAYRELAY_DNS_TIMEOUT, 0, NULL, 0);
}

static void
wait_for(struct mayrelay_resolver *resolver, const struct waiter *waiter,
         uint64_t until_ms)
{
    struct lookups *lookups = &resolver->lookups;
    while (!waiter->answer && lookups->now_ms < until_ms) {
        uint64_t due_ms = lookups_due_ms(lookups);
        if (due_ms > until_ms)
            due_ms = until_ms;
        dispatch(resolver, timeout_ms(lookups->now_ms, due_ms));
    }
}

mayrelay_dns_answer *
mayrelay_resolver_resolve(mayrelay_resolver *resolver, const char *client,
                          uint32_t timeout_ms)
{
    struct address address;
    if (!resolver || !client || !address_parse(text_of(client), &address))
        return NULL;
    begin(resolver);
    struct waiter *waiter = join(resolver, address, 0, true);
    if (!waiter)
        return NULL;
    wait_for(resolver, waiter, resolver->lookups.now_ms + timeout_ms);
    struct mayrelay_dns_answer *answer =
        waiter->answer ? take_answer(waiter)
                       : give_up(resolver, address, waiter);
    end(resolver);
    return answer;
}
