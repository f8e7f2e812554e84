/* A side of a box in words: "steven", "not /scanner.*@/", "any account". */
#ifndef MAYRELAY_AUDIT_DESCRIBE_H
#define MAYRELAY_AUDIT_DESCRIBE_H

#include "audit/closure.h"
#include "audit/lines.h"
#include "base/output.h"

/* Takes one description after the other, and where the list entry stands by
 * which the rule lets it through (line 0: by none); false: no more of them. */
typedef bool take_words(void *context, struct text words,
                        struct image_source source);

/* What descriptions are made of. */
struct description {
    const struct surface *surface;
    struct lines *lines;
    take_words *take;
    void *context;
};

/* Each is one value or a class of them; of sets that hold most of all values,
 * "any" comes first and then, with "not", what is not in them. */
void describe_side(const struct description *description, const struct box *box,
                   size_t side);
/* What the side is about: "identity", "sender". */
const char *describe_dimension(enum dimension dimension);

#endif
