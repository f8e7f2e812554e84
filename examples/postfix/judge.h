/* From a request to what Postfix is told. */
#ifndef JUDGE_H
#define JUDGE_H

#include <mayrelay.h>

#include "request.h"

/* Whether it is something that we judge: a client that connects, says MAIL or
 * RCPT.  Of the rest of the dialogue we have no opinion. */
bool judge_request(mayrelay_session *session, const struct request *request);
/* Gives the facts that are missing, but for the client's names.  True if these
 * are wanted. */
bool judge_wants_names(mayrelay_session *session);
/* The last decision is one to be logged: not only that nothing is against the
 * client so far. */
bool judge_is_final(const mayrelay_session *session);
/* The action of access(5) for the last decision.  `reply`: the line for what
 * was refused. */
const char *judge_action(const mayrelay_session *session, const char *reply);

#endif
