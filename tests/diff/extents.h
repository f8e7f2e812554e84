/* How far differences reach, held against all boxes one by one. */
#ifndef TESTS_DIFF_EXTENTS_H
#define TESTS_DIFF_EXTENTS_H

#include <mayrelay.h>

enum extents_answer {
    EXTENTS_HOLD,
    EXTENTS_BROKEN,
    EXTENTS_UNKNOWN /* there is no diff, or too many boxes */
};

enum extents_answer extents_check(mayrelay_policy *old, mayrelay_policy *new);

#endif
