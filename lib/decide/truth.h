/* Three-valued logic (Kleene).  A truth never meets `!`, `&&` or an `if`
 * without a comparison: unknown must not collapse into yes. */
#ifndef MAYRELAY_DECIDE_TRUTH_H
#define MAYRELAY_DECIDE_TRUTH_H

#include <stdbool.h>

enum truth {
    TRUTH_NO,
    TRUTH_UNKNOWN,
    TRUTH_YES
};

static inline enum truth
truth_of(bool yes)
{
    return yes ? TRUTH_YES : TRUTH_NO;
}

static inline enum truth
truth_not(enum truth a)
{
    return (enum truth)(TRUTH_YES - a);
}

static inline enum truth
truth_and(enum truth a, enum truth b)
{
    return a < b ? a : b;
}

static inline enum truth
truth_or(enum truth a, enum truth b)
{
    return a > b ? a : b;
}

#endif
