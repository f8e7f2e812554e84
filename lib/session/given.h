/* What the host gave, as it gave it, for the decision log: the canonical forms
 * that the facts keep do not say what a client really wrote. */
#ifndef MAYRELAY_SESSION_GIVEN_H
#define MAYRELAY_SESSION_GIVEN_H

#include "base/text.h"
#include "decide/facts.h"

/* A path that is too long is cut behind the octet that makes it too long. */
enum {
    GIVEN_PATH_MOST = 513,
    FINGERPRINT_SIZE = 32
};

struct given {
    struct text sender, recipient, identity; /* no data: not given */
    bool has_certificate;
    unsigned char certificate[FINGERPRINT_SIZE];
    char sender_room[GIVEN_PATH_MOST], recipient_room[GIVEN_PATH_MOST];
    char identity_room[IDENTITY_MOST];
};

void given_keep_identity(struct given *given, struct text identity);
void given_keep_sender(struct given *given, struct text sender);
void given_keep_recipient(struct given *given, struct text recipient);
/* Each forgets what later stages have given, too (mayrelay/session.h). */
void given_forget_certificate(struct given *given);
void given_forget_identity(struct given *given);
void given_forget_sender(struct given *given);
void given_forget_recipient(struct given *given);

#endif
