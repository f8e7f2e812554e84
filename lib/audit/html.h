/* Text within HTML: whatever stands in a policy, it stays text. */
#ifndef MAYRELAY_AUDIT_HTML_H
#define MAYRELAY_AUDIT_HTML_H

#include "base/output.h"

/* Good between tags and within quoted values.  What cannot be seen, or turns
 * the direction of writing, is U+FFFD; lines end as they do in the text. */
void html_text(struct output *out, struct text text);
void html_string(struct output *out, const char *string);
/* A number with its thousands apart: 16,777,216. */
void html_number(struct output *out, uint64_t number);

#endif
