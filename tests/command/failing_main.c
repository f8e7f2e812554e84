/* Gives the command memory that fails as the environment says: FAIL_FROM is the
 * first call that does, FAIL_COUNT how many do; the number of calls is written
 * to the descriptor FAIL_REPORT in the end. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "failing_malloc.h"

static unsigned long long
number_of(const char *name)
{
    const char *value = getenv(name);
    return value ? strtoull(value, NULL, 10) : 0;
}

__attribute__((constructor)) static void
begin(void)
{
    size_t from = number_of("FAIL_FROM");
    count_anew(from, from + number_of("FAIL_COUNT") - 1);
}

__attribute__((destructor)) static void
end(void)
{
    char calls[32];
    int size = snprintf(calls, sizeof calls, "%zu", counting.calls);
    if (write((int)number_of("FAIL_REPORT"), calls, (size_t)size) < 0)
        _exit(EXIT_FAILURE);
}
