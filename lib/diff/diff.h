/* The diff from the inside. */
#ifndef MAYRELAY_DIFF_DIFF_H
#define MAYRELAY_DIFF_DIFF_H

#include "diff/difference.h"

enum {
    EFFECTS = MAYRELAY_DIFF_ANSWER + 1
};

/* A box in words. */
struct shown {
    enum mayrelay_diff_effect effect;
    const struct field *field;
    uint32_t value;
    struct shown_side {
        const char *about;
        struct text words;
    } * sides;
    size_t side_count;
    struct text witness; /* empty: none could be made */
};

struct mayrelay_diff {
    struct difference difference;
    enum mayrelay_diff_verdict verdict;
    uint64_t count;
    struct text extents[EFFECTS]; /* empty: there is nothing of it */
    struct shown *shown;
    size_t shown_count, shown_room;
    struct arena texts;
    struct text bug; /* empty: none */
    bool failed;
};

#endif
