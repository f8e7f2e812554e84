/* Command lines of numbers: --policies 300 --seed 7. */
#ifndef TESTS_OPTIONS_H
#define TESTS_OPTIONS_H

#include <stdbool.h>

struct number_option {
    const char *name; /* "--policies" */
    unsigned long *value;
};

/* Sets the values that are given; `options` end with one without a name.
 * False, and the usage printed, for anything else. */
bool options_read(const struct number_option *options, int count,
                  char **arguments);

#endif
