/* The resolver of a library that was built without DNS: there is none, and
 * every call says so. */
#include "mayrelay/resolver.h"

mayrelay_resolver *
mayrelay_resolver_new(void)
{
    return NULL;
}

void
mayrelay_resolver_free(mayrelay_resolver *resolver)
{
    (void)resolver;
}

enum mayrelay_status
mayrelay_resolver_set_servers(mayrelay_resolver *resolver, const char *servers)
{
    (void)resolver;
    (void)servers;
    return MAYRELAY_ERR_ARGUMENT;
}

enum mayrelay_status
mayrelay_resolver_set_deadline_ms(mayrelay_resolver *resolver,
                                  uint32_t deadline_ms)
{
    (void)resolver;
    (void)deadline_ms;
    return MAYRELAY_ERR_ARGUMENT;
}

enum mayrelay_status
mayrelay_resolver_set_cache(mayrelay_resolver *resolver, size_t entries,
                            uint32_t seconds)
{
    (void)resolver;
    (void)entries;
    (void)seconds;
    return MAYRELAY_ERR_ARGUMENT;
}

uint64_t
mayrelay_resolver_get_count(const mayrelay_resolver *resolver,
                            enum mayrelay_resolver_count which)
{
    (void)resolver;
    (void)which;
    return 0;
}

int
mayrelay_resolver_get_fd(mayrelay_resolver *resolver)
{
    (void)resolver;
    return -1;
}

size_t
mayrelay_resolver_get_sockets(const mayrelay_resolver *resolver, int *fds,
                              unsigned *events, size_t room)
{
    (void)resolver;
    (void)fds;
    (void)events;
    (void)room;
    return 0;
}

int
mayrelay_resolver_get_timeout_ms(const mayrelay_resolver *resolver)
{
    (void)resolver;
    return -1;
}

enum mayrelay_status
mayrelay_resolver_dispatch(mayrelay_resolver *resolver)
{
    (void)resolver;
    return MAYRELAY_ERR_ARGUMENT;
}

enum mayrelay_status
mayrelay_resolver_ask(mayrelay_resolver *resolver, const char *client,
                      uint64_t token)
{
    (void)resolver;
    (void)client;
    (void)token;
    return MAYRELAY_ERR_ARGUMENT;
}

mayrelay_dns_answer *
mayrelay_resolver_next(mayrelay_resolver *resolver, uint64_t *token)
{
    (void)resolver;
    (void)token;
    return NULL;
}

void
mayrelay_resolver_cancel(mayrelay_resolver *resolver, uint64_t token)
{
    (void)resolver;
    (void)token;
}

mayrelay_dns_answer *
mayrelay_resolver_resolve(mayrelay_resolver *resolver, const char *client,
                          uint32_t timeout_ms)
{
    (void)resolver;
    (void)client;
    (void)timeout_ms;
    return NULL;
}
