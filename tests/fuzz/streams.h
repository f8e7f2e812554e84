/* Standard input from memory and standard output into memory, for the parts of
 * the command that use them. */
#ifndef TESTS_FUZZ_STREAMS_H
#define TESTS_FUZZ_STREAMS_H

#include <stddef.h>

void streams_open(const void *input, size_t size);
/* What has been written, good until the next opening; ends in NUL. */
const char *streams_close(size_t *size);

#endif
