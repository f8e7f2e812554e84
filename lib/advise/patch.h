/* An edit as the lines it changes. */
#ifndef MAYRELAY_ADVISE_PATCH_H
#define MAYRELAY_ADVISE_PATCH_H

#include "advise/layout.h"

enum {
    PATCH_LINE_MOST = 4096
};

/* What an edit does to whole lines of a text. */
struct hunk {
    uint32_t line;           /* of the first that is taken or comes */
    struct text taken, come; /* of the heap: `come` */
};

/* False if memory runs out. */
bool hunk_of(const struct edit *edit, struct text text, struct hunk *hunk);
void hunk_clear(struct hunk *hunk);
/* Some line of it is longer than anybody reads. */
bool hunk_is_long(const struct hunk *hunk);
/* As `patch` reads it (POSIX unified format, no context). */
void hunk_write(struct output *out, const struct hunk *hunk, struct text file);

#endif
