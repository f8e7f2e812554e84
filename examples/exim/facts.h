/* What Exim knows of the transaction, read from its variables. */
#ifndef EXIM_FACTS_H
#define EXIM_FACTS_H

#include <mayrelay.h>

#include "failure.h"

enum stage {
    STAGE_CONNECT,
    STAGE_MAIL,
    STAGE_RCPT
};

/* Texts are Exim's; what a stage does not have yet is "". */
struct facts {
    const char *client;
    const char *listener_address;
    const char *listener_port;
    const char *cipher;      /* not empty: the session is encrypted */
    const char *certificate; /* of a certificate that Exim has verified */
    const char *identity;    /* of a client that has signed in */
    const char *sender;
    const char *argument;  /* of RCPT TO:, as the client has written it */
    const char *recipient; /* what Exim has made of it, and will deliver to */
};

bool facts_read(struct facts *facts, enum stage stage, struct failure *failure);
/* Makes the session look as the facts say, up to MAIL: whatever it was told
 * before.  Returns the code of the last step. */
int facts_state(const struct facts *facts, enum stage stage,
                mayrelay_session *session);

#endif
