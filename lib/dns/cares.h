/* c-ares: questions to DNS servers, over UDP and TCP, with repeats.
 *
 * It does not wait; its sockets are in the sockets, and whoever has polled them
 * says so with cares_process. */
#ifndef MAYRELAY_DNS_CARES_H
#define MAYRELAY_DNS_CARES_H

#include "dns/sockets.h"
#include "mayrelay/dns_answer.h"
#include "net/endpoint.h"

struct cares;

enum {
    CARES_SERVERS_MOST = 8
};

struct cares_settings {
    struct endpoint servers[CARES_SERVERS_MOST];
    size_t server_count; /* 0: those of the system */
    uint32_t deadline_ms;
};

/* FOUND, with an answer as it was received (whatever it says); or how it
 * failed.  The data is gone afterwards. */
typedef void cares_done(void *context, enum mayrelay_dns_result result,
                        const void *data, size_t size);

/* NULL if memory or descriptors ran out. */
struct cares *cares_new(const struct cares_settings *settings,
                        struct sockets *sockets);
/* What is under way is done with, as FAILED. */
void cares_free(struct cares *cares);
/* Calls `done` once, perhaps before it returns.  From within, more may be
 * asked, but nothing else. */
void cares_ask(struct cares *cares, const char *name, uint16_t type,
               cares_done *done, void *context);
/* How many questions are not yet done with. */
size_t cares_pending(const struct cares *cares);
/* Does what is due: reads and writes the socket `fd` as poll has said of it (-1
 * for none), and repeats questions or gives them up. */
void cares_process(struct cares *cares, int fd, short ready);
/* The time until something is due, or -1. */
int cares_timeout_ms(const struct cares *cares);

#endif
