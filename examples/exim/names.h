/* The client's confirmed host names: looked up only if a decision needs them,
 * and at most once in a connection. */
#ifndef EXIM_NAMES_H
#define EXIM_NAMES_H

#include <mayrelay.h>

#include "options.h"

struct names {
    bool asked;
    bool failed;                 /* Exim's look-up has */
    mayrelay_dns_answer *answer; /* our resolver's; NULL if it has none */
};

/* Tells the session what is known, or that it cannot be had.  The next client
 * is another process' one, so that what is kept is always this client's. */
void names_supply(struct names *names, const struct options *options,
                  const char *client, mayrelay_session *session);

#endif
