/* Domain names: one canonical form, lower-case A-labels without final dot. */
#ifndef MAYRELAY_MAIL_DOMAIN_H
#define MAYRELAY_MAIL_DOMAIN_H

#include "base/text.h"

/* RFC 5321 §4.5.3.1.2: 255 octets; and the NUL. */
enum {
    DOMAIN_TEXT_MOST = 255,
    DOMAIN_TEXT_SIZE = 256
};

enum domain_use {
    DOMAIN_MAIL,       /* letters, digits, hyphens (RFC 5321 §4.1.2) */
    DOMAIN_CLIENT_NAME /* underscores too, and one final dot is dropped */
};

/* Writes the canonical form to `out` (NUL-terminated) and returns it; the
 * empty text if the name is malformed (policy.md §10), its data NULL if memory
 * ran out before one could tell.  Labels that are not
 * ASCII become A-labels (IDNA2008, non-transitional); only '.' separates. */
struct text domain_parse(struct text name, enum domain_use use,
                         char out[DOMAIN_TEXT_SIZE]);
/* "example.com" is below "com", and below no other and not itself. */
bool domain_is_below(struct text name, struct text parent);
/* The number of labels. */
unsigned domain_labels(struct text name);
/* A label of the original `name` mixes scripts, or the whole could be taken for
 * another (Cyrillic "а" among Latin letters): worth a warning. */
bool domain_is_confusable(struct text name);

#endif
