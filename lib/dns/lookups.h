/* The look-ups under way, shared by whoever waits for the same address.
 *
 * Nothing here is asked of a session, and no clock is read: whoever calls says
 * what time it is. */
#ifndef MAYRELAY_DNS_LOOKUPS_H
#define MAYRELAY_DNS_LOOKUPS_H

#include "dns/cache.h"
#include "dns/cares.h"

/* Somebody who has asked; once finished it has its answer. */
struct waiter {
    struct waiter *next;
    uint64_t token;
    bool resolving; /* inside mayrelay_resolver_resolve */
    bool lost;      /* the answer is another process's */
    struct mayrelay_dns_answer *answer;
};

struct lookup;

enum {
    LOOKUPS_MOST = 4096,
    /* Far below 65,536, which is all that a question's id can tell apart. */
    QUESTIONS_MOST = 16384,
    QUESTIONS_OF_PORT = 1000
};

struct lookups {
    struct cares *cares;   /* NULL until it is needed */
    struct cares *retired; /* has had its time, and is asked no more; or NULL */
    uint64_t retired_until_ms; /* by then nobody waits for it */
    struct cares_settings settings;
    struct sockets sockets;
    struct cache cache;
    struct table under_way;
    struct lookup *first, *last;                /* by deadline */
    struct waiter *finished, **finished_behind; /* first in, first out */
    uint64_t now_ms; /* as the caller has said last */
    uint64_t questions_at_open;
    uint64_t started, questions, failed, expired, shared, cache_hits;
};

bool lookups_init(struct lookups *lookups);
/* Drops everything, waiters and their answers too. */
void lookups_clear(struct lookups *lookups);
/* The waiter will be finished, perhaps at once, unless this returns false for
 * want of memory. */
bool lookups_join(struct lookups *lookups, struct address client,
                  struct waiter *waiter);
/* Reads what has come within `timeout_ms`; the caller then says what time it
 * is, and expires. */
void lookups_poll(struct lookups *lookups, int timeout_ms);
/* Finishes the look-ups whose deadline is over, and closes the sockets that
 * have had their time. */
void lookups_expire(struct lookups *lookups);
/* Fails every look-up, and whatever is finished but not taken; closes all
 * sockets. */
void lookups_abandon(struct lookups *lookups);
/* Closes the sockets if nothing needs them, so that new settings hold. */
void lookups_renew(struct lookups *lookups);
/* Takes the waiters of a token off, wherever they are, and frees them. */
void lookups_forget(struct lookups *lookups, uint64_t token);
/* The same for one waiter of a look-up for `client`. */
void lookups_drop(struct lookups *lookups, struct address client,
                  struct waiter *waiter);
/* The first that is finished; the caller's.  NULL also if memory ran out; it
 * then stays. */
struct waiter *lookups_take(struct lookups *lookups);
/* When something is due that is under way; UINT64_MAX if nothing is. */
uint64_t lookups_due_ms(const struct lookups *lookups);
void waiter_free(struct waiter *waiter);

#endif
