/* The first thread, which does for all the others what one thread must do: it
 * follows the policy's files, asks DNS, and takes SIGHUP.
 *
 * libmilter starts a thread for each connection.  A resolver belongs to one
 * thread, and its cache is worth something only if it is everybody's: so the
 * threads ask this one, and wait. */
#ifndef MILTER_KEEPER_H
#define MILTER_KEEPER_H

#include <pthread.h>

#include "adapter/decision_log.h"
#include "adapter/settings.h"

struct question;

struct keeper {
    const struct settings *settings; /* lives as long */
    mayrelay_watch *watch;
    mayrelay_resolver *resolver; /* NULL: names are not looked up */
    struct decision_log log;
    pthread_mutex_t lock;       /* of what follows */
    struct question *questions; /* that nobody has put to the resolver */
    bool over;
};

/* False if anything of it cannot be had; that has been said then.  To be called
 * before any thread is started: all inherit that signals are blocked. */
bool keeper_open(struct keeper *keeper, const struct settings *settings);
/* For the first thread.  Returns once a signal ends the program; false: it
 * cannot go on, or keeper_stop was called. */
bool keeper_run(struct keeper *keeper);
/* From any thread. */
void keeper_stop(struct keeper *keeper);
/* What DNS says of a client, from any thread but the first; waits for it, as
 * long as --dns-deadline at most.  NULL: it cannot be asked. */
mayrelay_dns_answer *keeper_ask(struct keeper *keeper, const char *client);

#endif
