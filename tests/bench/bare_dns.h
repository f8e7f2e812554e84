/* Forward-confirmed look-ups with c-ares and nothing else: what a host would
 * write for itself.  One socket that stays open, an epoll, no deadline, no
 * cache, IPv4 alone, the first name that leads back is enough. */
#ifndef BENCH_BARE_DNS_H
#define BENCH_BARE_DNS_H

#include <stddef.h>

enum {
    CLIENT_TEXT_SIZE = 32
};

/* The address of client `number`: 10.a.b.c. */
void client_text(char out[CLIENT_TEXT_SIZE], size_t number);
/* Returns how many of the clients from 0 were confirmed. */
size_t bare_dns_run(const char *server, size_t checks, size_t in_flight);

#endif
