/* Patterns: PCRE2, and the only file that knows it.
 *
 * A pattern matches the whole text, in UTF-8, whatever the case.  Images hold
 * the source of patterns; they are compiled on first use, once a process, and
 * published atomically.  A match has a budget: what exceeds it is no answer. */
#ifndef MAYRELAY_SET_PATTERN_SET_H
#define MAYRELAY_SET_PATTERN_SET_H

#include "base/text.h"

enum pattern_answer {
    PATTERN_NO,
    PATTERN_YES,
    PATTERN_UNDECIDED
};

/* The budget of one match. */
enum {
    PATTERN_MATCH_LIMIT = 100000,
    PATTERN_DEPTH_LIMIT = 1000,
    PATTERN_HEAP_LIMIT_KIB = 256
};

/* Room for a message of pattern_check. */
enum {
    PATTERN_MESSAGE_SIZE = 256
};

/* Would it compile?  If not, `message` says why and `*offset` where. */
bool pattern_check(struct text source, char message[PATTERN_MESSAGE_SIZE],
                   size_t *offset);

/* The compiled patterns of one policy; shared by threads. */
struct pattern_set;
/* What one thread needs to match; made beforehand, as matching allocates
 * nothing (but for the first use of a pattern in the process). */
struct pattern_matcher;

/* For `count` patterns, compiled later; NULL if memory runs out. */
struct pattern_set *pattern_set_new(size_t count);
void pattern_set_free(struct pattern_set *set);
struct pattern_matcher *pattern_matcher_new(void);
void pattern_matcher_free(struct pattern_matcher *matcher);

/* Compiles a pattern that is not yet; false if memory runs out. */
bool pattern_set_compile(struct pattern_set *set, size_t index,
                         struct text source);

/* Matches pattern number `index`, whose source is `source` every time it is
 * called.  UNDECIDED for a subject that is not UTF-8, a pattern that does not
 * compile, or no memory. */
enum pattern_answer pattern_set_match(struct pattern_set *set, size_t index,
                                      struct text source, struct text subject,
                                      struct pattern_matcher *matcher);

#endif
