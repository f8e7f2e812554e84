/* The known name that a misspelt one was most likely meant to be. */
#ifndef COMMAND_SPELLING_H
#define COMMAND_SPELLING_H

#include <stddef.h>

struct spelling {
    const char *wanted;
    const char *name; /* the best so far, or NULL */
    size_t distance;
};

/* Only names within a third of the length of `wanted` are offered. */
struct spelling spelling_of(const char *wanted);
void spelling_offer(struct spelling *spelling, const char *name);

#endif
