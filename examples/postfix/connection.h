/* One connection of Postfix's, which it keeps open for as long as it likes:
 * requests in, actions out, one after the other.
 *
 * Whatever goes wrong ends the connection without a reply, and Postfix defers
 * the recipient in question (SMTPD_POLICY_README, "451 4.3.5"). */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "policyd.h"

/* Takes the next client of a listening socket, if there is one.  False if the
 * system has no room for it, and it waits: try again later. */
bool connection_accept(struct policyd *policyd, int listener);
/* Answers those that have waited for DNS, and no longer do. */
void connection_take_answers(struct policyd *policyd);
/* Ends those that wait for nothing; the others end with their answer. */
void connection_stop_all(struct policyd *policyd);
/* Ends all of them. */
void connection_drop_all(struct policyd *policyd);

#endif
