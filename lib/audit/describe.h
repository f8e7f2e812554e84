/* A side of a box in words: "steven", "not /scanner.*@/", "any account". */
#ifndef MAYRELAY_AUDIT_DESCRIBE_H
#define MAYRELAY_AUDIT_DESCRIBE_H

#include "audit/closure.h"
#include "base/output.h"

/* Takes one description after the other; false: no more of them. */
typedef bool take_words(void *context, struct text words);

/* Each is one value or a class of them; of sets that hold most of all values,
 * "any" comes first and then, with "not", what is not in them. */
void describe_side(const struct surface *surface, const struct box_side *side,
                   take_words *take, void *context);
/* What the side is about: "identity", "sender". */
const char *describe_dimension(enum dimension dimension);

#endif
