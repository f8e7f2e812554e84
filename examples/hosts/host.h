/* What is the same around every loop: a policy that follows its files, a
 * resolver, clients whose decisions may wait for it, and signals.
 *
 * usage: HOST POLICY ADDRESS:PORT [DNS-SERVERS]
 *
 * Port 0 is any that is free; which one it is, is printed. */
#ifndef HOST_H
#define HOST_H

#include "connection.h"

struct host {
    mayrelay_watch *watch;
    mayrelay_resolver *resolver; /* NULL if the library was built without */
    int listener;
    int signals;                /* a signalfd */
    int spare;                  /* a descriptor for when there are no more */
    struct connection *clients; /* all that are connected */
};

/* False if anything of it cannot be had; that has been said then. */
bool host_open(struct host *host, int argc, char **argv);
void host_close(struct host *host);

/* When mayrelay_watch_get_fd can be read: says what came of it. */
void host_dispatch_watch(struct host *host);
/* When there is a signal: SIGHUP reloads; false: it is time to end. */
bool host_take_signal(struct host *host);
/* When the listener can be read: a client under the policy of now, or NULL, as
 * where descriptors have run out: it has been turned away then. */
struct connection *host_accept(struct host *host);
/* When mayrelay_resolver_get_fd can be read, until it is NULL: a client whose
 * decision waited, and does no longer. */
struct connection *host_next_answered(struct host *host);
/* To call with each client that was accepted, answered or read.  True: it is to
 * be read when it has something to say.  False: it waits for DNS, and comes
 * back from host_next_answered; or it is over, and gone. */
bool host_go_on(struct connection *client);
void host_drop(struct connection *client);

#endif
