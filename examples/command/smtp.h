/* mayrelay explain --smtp: the client's side of an SMTP dialogue on standard
 * input, answered as a server with this policy would, and explained. */
#ifndef COMMAND_SMTP_H
#define COMMAND_SMTP_H

#include <mayrelay.h>

#include "facts.h"

/* The facts are those of the connection.  json: one object a step.  Returns
 * the exit status. */
int smtp_run(mayrelay_policy *policy, const struct facts *facts, bool json);

#endif
