/* What went wrong, for Exim's logs. */
#ifndef EXIM_FAILURE_H
#define EXIM_FAILURE_H

#include <stdbool.h>

struct failure {
    char text[600];
};

/* Always false, for `return fail(...)`. */
bool fail(struct failure *failure, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
