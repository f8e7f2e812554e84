/* Which line of which file a name, account, mailbox or pattern stands in that
 * a rule's condition includes. */
#ifndef MAYRELAY_AUDIT_LINES_H
#define MAYRELAY_AUDIT_LINES_H

#include "decide/matching.h"

/* The entries of all lists but ranges, by hash; made when one is asked for.  A
 * zeroed one with its image is ready. */
struct lines {
    const struct image *image;
    struct line *items;
    size_t count, room;
    bool built;
};

void lines_clear(struct lines *lines);
/* The first of the candidates that is an entry of an included list; line 0 if
 * none is, or memory ran out. */
struct image_source lines_find(struct lines *lines,
                               const struct image_rule *rule,
                               enum selection_kind kind,
                               const struct candidates *all);

#endif
