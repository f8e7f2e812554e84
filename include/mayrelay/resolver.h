/* mayrelay/resolver.h: the client's confirmed host names, in the host's loop.
 *
 * A client's names are those that its PTR records give and whose A (or AAAA)
 * records give its address again (RFC 2505 §1.4); CNAMEs are followed (RFC
 * 2317), and all names that are confirmed count.  "No such name", "no such
 * record" and "does not lead back" say that a name is none of the client's.
 * If a server fails, nothing comes in time, an answer is malformed, or there
 * are more than ten PTR records, then the names are not known: not even those
 * that were confirmed, as one that is missing may stand in a deny list.
 *
 * The resolver belongs to one event loop: one thread at a time.  It never waits
 * (only resolve does), starts no thread, calls nothing of the host's, raises no
 * signal.  It knows no session: ask with a token of your own when
 * mayrelay_session_needs says MAYRELAY_FACT_CLIENT_NAME, watch one descriptor,
 * and hand what comes to mayrelay_session_take.  Sessions, answers and the
 * resolver may be freed in any order.
 *
 *     mayrelay_resolver_ask(resolver, "192.0.2.7", token);
 *     ... get_fd is readable:
 *     mayrelay_resolver_dispatch(resolver);
 *     while ((answer = mayrelay_resolver_next(resolver, &token))) {
 *         mayrelay_session_take(session_of(token), answer);
 *         mayrelay_dns_answer_free(answer);
 *         ... mayrelay_session_resume, and reply
 *     }
 *
 * Sockets are opened when they are needed.  A resolver that has been used is
 * not for the children of a fork: in a child, what the parent has asked and not
 * yet taken from next fails, be it finished or not, as its answer is for the
 * parent; the child leaves the parent alone, keeps the cache, and begins anew
 * with another descriptor.
 *
 * What DNS says is as true as the way to the servers is safe: use a resolver on
 * this machine or on a network of your own, best one that validates DNSSEC.
 *
 * A library built without DNS has all of these calls; new then returns NULL. */
#ifndef MAYRELAY_RESOLVER_H
#define MAYRELAY_RESOLVER_H

#include "mayrelay/common.h"
#include "mayrelay/dns_answer.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mayrelay_resolver mayrelay_resolver;

/* What mayrelay_resolver_get_sockets says of a descriptor: a set. */
enum mayrelay_socket_event {
    MAYRELAY_SOCKET_READ = 1,
    MAYRELAY_SOCKET_WRITE = 2
};

/* What is counted since the resolver was made, the last two as it stands now.
 */
enum mayrelay_resolver_count {
    MAYRELAY_COUNT_ASKED = 0,      /* asks and resolves that were accepted */
    MAYRELAY_COUNT_CACHE_HITS = 1, /* answered from the cache */
    MAYRELAY_COUNT_SHARED = 2,     /* joined a look-up that was under way */
    MAYRELAY_COUNT_LOOKUPS = 3,    /* look-ups begun */
    MAYRELAY_COUNT_QUERIES = 4,    /* DNS questions; repeats not counted */
    MAYRELAY_COUNT_FAILED = 5,     /* look-ups whose answer is not known */
    MAYRELAY_COUNT_EXPIRED = 6,    /* of those, by the deadline */
    MAYRELAY_COUNT_PENDING = 7,    /* look-ups under way */
    MAYRELAY_COUNT_CACHED = 8 /* answers in the cache, stale ones included */
};

/* -- life and settings ----------------------------------------------------- */

/* Asks the servers of the system (/etc/resolv.conf) until told otherwise.
 * NULL if memory ran out, or if the library was built without DNS. */
MAYRELAY_API mayrelay_resolver *mayrelay_resolver_new(void);
/* Also drops what is under way and what nobody has taken. */
MAYRELAY_API void mayrelay_resolver_free(mayrelay_resolver *resolver);
/* "192.0.2.53,127.0.0.1:5353,[::1]:53": at most eight, the first preferred.
 * NULL: the system's.  Empties the cache.  ERR_TEXT, and nothing changes, if
 * it does not parse; ERR_STAGE while look-ups are under way. */
MAYRELAY_API enum mayrelay_status
mayrelay_resolver_set_servers(mayrelay_resolver *resolver, const char *servers);
/* The longest time a look-up may take, for those that begin later; 10,000 at
 * first, at least 10, at most 600,000: what is beyond is clamped.  Tries and
 * repeats are spread over it. */
MAYRELAY_API enum mayrelay_status
mayrelay_resolver_set_deadline_ms(mayrelay_resolver *resolver,
                                  uint32_t deadline_ms);
/* How many answers are kept, and for how long at most whatever DNS says;
 * 10,000 and 3,600 s at first.  0 entries: none.  Failed look-ups are kept for
 * at most five seconds (RFC 9520 §3.2).  Empties the cache. */
MAYRELAY_API enum mayrelay_status
mayrelay_resolver_set_cache(mayrelay_resolver *resolver, size_t entries,
                            uint32_t seconds);
MAYRELAY_API uint64_t mayrelay_resolver_get_count(
    const mayrelay_resolver *resolver, enum mayrelay_resolver_count which);

/* -- in an event loop ------------------------------------------------------ */

/* The descriptor to watch for reading; level-triggered, readable when dispatch
 * has something to do, or when ask or next has left something for next.  Stays
 * the same as long as the resolver lives (but see fork, above), and is the
 * resolver's to close. -1 if there is none: for want of descriptors or memory
 * (errno says which), or because the system has no epoll; get_sockets is there
 * for that. */
MAYRELAY_API int mayrelay_resolver_get_fd(mayrelay_resolver *resolver);
/* For systems without epoll: fills in up to `room` descriptors, and for each
 * a set of enum mayrelay_socket_event; returns how many there are.  Ask anew
 * before every wait, wait no longer than get_timeout_ms, then dispatch. */
MAYRELAY_API size_t mayrelay_resolver_get_sockets(
    const mayrelay_resolver *resolver, int *fds, unsigned *events, size_t room);
/* As poll takes it: 0 if there is something to do now, -1 if nothing is under
 * way. */
MAYRELAY_API int
mayrelay_resolver_get_timeout_ms(const mayrelay_resolver *resolver);
/* Reads what has come and asks what follows from it; never waits.  To be
 * called when the descriptor is readable, and followed by next until that gives
 * NULL; calling it for nothing is harmless.
 */
MAYRELAY_API enum mayrelay_status
mayrelay_resolver_dispatch(mayrelay_resolver *resolver);
/* Asks for the names of a client, "192.0.2.7" or "2001:db8::1".  After
 * MAYRELAY_OK, and only then, next will give exactly one answer with this
 * token, at the latest when the deadline is over: at once if it is in the
 * cache, so call next behind ask too.  A look-up of the same address that is
 * under way is joined.  ERR_TEXT if the client does not parse. */
MAYRELAY_API enum mayrelay_status
mayrelay_resolver_ask(mayrelay_resolver *resolver, const char *client,
                      uint64_t token);
/* The next finished answer, with the token it was asked with (which may be
 * NULL); yours.  NULL if there is none. */
MAYRELAY_API mayrelay_dns_answer *
mayrelay_resolver_next(mayrelay_resolver *resolver, uint64_t *token);
/* Forgets whatever was asked with this token: next will not give it.  For
 * hosts whose token points to something that ends. */
MAYRELAY_API void mayrelay_resolver_cancel(mayrelay_resolver *resolver,
                                           uint64_t token);

/* -- for hosts without one ------------------------------------------------- */

/* Waits for the answer, at most `timeout_ms` and at most the deadline; if
 * nothing comes it is one that is not known.  What else is under way goes on
 * meanwhile.  NULL if the client does not parse or memory ran out, which
 * mayrelay_session_take counts as a failed look-up. */
MAYRELAY_API mayrelay_dns_answer *
mayrelay_resolver_resolve(mayrelay_resolver *resolver, const char *client,
                          uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
