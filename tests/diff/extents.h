/* How far differences reach, held against all boxes one by one. */
#ifndef TESTS_DIFF_EXTENTS_H
#define TESTS_DIFF_EXTENTS_H

enum extents_answer {
    EXTENTS_HOLD,
    EXTENTS_BROKEN,
    EXTENTS_UNKNOWN /* there are too many boxes */
};

struct difference;
enum extents_answer extents_check(const struct difference *difference);

#endif
