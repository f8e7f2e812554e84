/* Where the patterns of two policies are looked at. */
#ifndef MAYRELAY_DIFF_PATTERN_USE_H
#define MAYRELAY_DIFF_PATTERN_USE_H

#include "diff/choices.h"

enum {
    TRUTHS = 3 /* of a pattern: no, yes, unknown */
};

/* Its number in a policy, UINT32_MAX if it is not there. */
uint32_t pattern_find(const struct image *image, struct text pattern);
/* Does some rule of the side look at the pattern there? */
bool pattern_in_rules(const struct choices *choices, int side,
                      enum condition condition, uint32_t pattern);
/* Does the mailbox check of some recipient look at it? */
bool pattern_in_mailboxes(const struct choices *choices, int side,
                          uint32_t pattern);

#endif
