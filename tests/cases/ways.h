/* Random ways through the chart of a policy's cases: what the chart says of one
 * must be what the evaluator says of it, whichever members of its classes are
 * told. */
#ifndef TESTS_WAYS_H
#define TESTS_WAYS_H

#include <mayrelay.h>

struct ways;

/* NULL if memory ran out. */
struct ways *ways_new(mayrelay_policy *policy);
void ways_free(struct ways *ways);
/* Nothing is known of a policy that is too large. */
bool ways_are_known(const struct ways *ways);

/* One way; `next` is asked for random numbers.  False, and all about it
 * printed, if the chart says something else. */
typedef uint64_t next_random(void *context);
bool ways_try(struct ways *ways, next_random *next, void *context);

#endif
