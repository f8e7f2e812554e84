/* The advice from the inside. */
#ifndef MAYRELAY_ADVISE_ADVICE_H
#define MAYRELAY_ADVISE_ADVICE_H

#include "base/arena.h"
#include "mayrelay/advice.h"

/* Texts of the arena's; NULL for none. */
struct advised {
    const char *text, *file, *patch, *rule, *radius, *warning;
    uint32_t line;
};

struct mayrelay_advice {
    struct arena arena;
    const char *note;
    struct advised *edits;
    size_t count;
};

#endif
