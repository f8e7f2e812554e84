/* The recipients of a message that the policy reroutes: what the mail server
 * has in its envelope, and what it shall have there. */
#ifndef MILTER_REPLACEMENTS_H
#define MILTER_REPLACEMENTS_H

#include <libmilter/mfapi.h>
#include <stdbool.h>

struct replacement;

/* Keeps copies.  False if there is no memory. */
bool replacements_add(struct replacement **list, const char *old,
                      const char *new);
/* At the end of the message.  False if the mail server does not have it. */
bool replacements_make(const struct replacement *list, SMFICTX *context);
void replacements_clear(struct replacement **list);

#endif
