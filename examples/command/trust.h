/* --trust: the networks of ours, for the audit. */
#ifndef COMMAND_TRUST_H
#define COMMAND_TRUST_H

#include <mayrelay.h>

#include "options.h"

/* Yours; NULL if a network is none, and said so. */
mayrelay_audit_options *trust_read(const struct command *self,
                                   const struct options *options);

#endif
