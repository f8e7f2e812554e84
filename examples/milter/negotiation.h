/* What a mail server and we agree upon before each SMTP connection: of which of
 * its steps we hear, and what we may do to a message. */
#ifndef MILTER_NEGOTIATION_H
#define MILTER_NEGOTIATION_H

#include <libmilter/mfapi.h>

enum {
    NEGOTIATION_ACTIONS = SMFIF_ADDRCPT | SMFIF_DELRCPT | SMFIF_SETSYMLIST
};

/* A callback of libmilter: asks for just these, and for macros.h's macros.
 * xxfi_connect has to return SMFIS_NOREPLY afterwards. */
sfsistat negotiation_agree(SMFICTX *context, unsigned long actions,
                           unsigned long steps, unsigned long unused_2,
                           unsigned long unused_3,
                           unsigned long *wanted_actions,
                           unsigned long *wanted_steps, unsigned long *wanted_2,
                           unsigned long *wanted_3);

#endif
