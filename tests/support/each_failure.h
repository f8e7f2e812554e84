/* Tries something with each of its allocations refused. */
#ifndef TESTS_EACH_FAILURE_H
#define TESTS_EACH_FAILURE_H

#include <stdbool.h>

/* Asserts nothing itself, as that takes memory: false if something is wrong. */
typedef bool action(void *context);
/* With one call refused, and with all from one on: `act` must be right, and
 * leave nothing behind. */
void with_each_failure(action *act, void *context);

#endif
