/* The audit's stamp on an image, for people. */
#ifndef COMMAND_STAMP_H
#define COMMAND_STAMP_H

#include <jansson.h>
#include <mayrelay.h>

/* The stamp of an image, yours; NULL if there is none. */
json_t *stamp_read(const mayrelay_policy *policy);
/* A line on standard output that says what the stamp does; none for a policy
 * without. */
void stamp_print(const char *path, const mayrelay_policy *policy);

#endif
