#include "session/given.h"

#include <string.h>

static void
keep(struct text *given, char *room, size_t most, struct text text)
{
    *given = (struct text){room, text.size < most ? text.size : most};
    memcpy(room, text.data, given->size);
}

void
given_keep_sender(struct given *given, struct text sender)
{
    keep(&given->sender, given->sender_room, sizeof given->sender_room, sender);
}

void
given_keep_recipient(struct given *given, struct text recipient)
{
    keep(&given->recipient, given->recipient_room, sizeof given->recipient_room,
         recipient);
}

void
given_keep_identity(struct given *given, struct text identity)
{
    keep(&given->identity, given->identity_room, sizeof given->identity_room,
         identity);
}

void
given_forget_recipient(struct given *given)
{
    given->recipient.data = NULL;
}

void
given_forget_sender(struct given *given)
{
    given->sender.data = NULL;
    given_forget_recipient(given);
}

void
given_forget_identity(struct given *given)
{
    given->identity.data = NULL;
    given_forget_sender(given);
}

void
given_forget_certificate(struct given *given)
{
    given->has_certificate = false;
    given_forget_identity(given);
}
