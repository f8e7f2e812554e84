/* Whether a pattern can only match names of one domain (policy.md §2.4): it
 * ends in a literal domain, and nothing in it can step around that end. */
#ifndef MAYRELAY_POLICY_PATTERN_TAIL_H
#define MAYRELAY_POLICY_PATTERN_TAIL_H

#include "base/text.h"

/* What is wrong with `pattern` (the text between the slashes), to follow "the
 * pattern ..."; NULL if it is good. */
const char *pattern_tail_problem(struct text pattern);

#endif
