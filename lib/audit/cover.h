/* The clients of several grants as one sorted list of ranges. */
#ifndef MAYRELAY_AUDIT_COVER_H
#define MAYRELAY_AUDIT_COVER_H

#include "audit/surface.h"

struct cover {
    struct range *ranges; /* in order, never side by side */
    size_t count, room;
};

/* Which grants: those marked (all, if NULL) of [from, to), ... */
struct cover_wish {
    const bool *marks; /* by grant */
    size_t from, to;
    bool public_only;   /* ... on listeners that the Internet reaches */
    bool internal_only; /* of their ranges those with internal addresses */
};

/* False if memory runs out. */
bool cover_build(struct cover *cover, const struct surface *surface,
                 struct cover_wish wish);
void cover_clear(struct cover *cover);
/* Some client of the range is in it. */
bool cover_meets(const struct cover *cover, struct range range);

#endif
