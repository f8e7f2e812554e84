#include "negotiation.h"

#include "macros.h"

enum {
    /* Steps of which we need not hear. */
    SKIPPED_STEPS = SMFIP_NOHELO | SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY |
                    SMFIP_NODATA | SMFIP_NOUNKNOWN,
    /* And that for which nobody need wait: libmilter itself answers a mail
     * server that waits all the same. */
    SILENT_STEPS = SMFIP_NR_CONN
};

sfsistat
negotiation_agree(SMFICTX *context, unsigned long actions, unsigned long steps,
                  unsigned long unused_2, unsigned long unused_3,
                  unsigned long *wanted_actions, unsigned long *wanted_steps,
                  unsigned long *wanted_2, unsigned long *wanted_3)
{
    (void)unused_2, (void)unused_3;
    *wanted_actions = actions & NEGOTIATION_ACTIONS;
    *wanted_steps = (steps & SKIPPED_STEPS) | SILENT_STEPS;
    *wanted_2 = *wanted_3 = 0;
    bool good = *wanted_actions == NEGOTIATION_ACTIONS && macros_ask(context);
    return good ? SMFIS_CONTINUE : SMFIS_REJECT;
}
