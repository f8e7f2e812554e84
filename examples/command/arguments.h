/* Facts as the options of this command that state them, for a shell. */
#ifndef COMMAND_ARGUMENTS_H
#define COMMAND_ARGUMENTS_H

#include "facts.h"

/* " --client 192.0.2.7 --sender '<>' ...", each behind a blank: printable
 * ASCII, yours to free.  NULL if some fact has a NUL, which no argument can
 * have. */
char *arguments_from_facts(const struct facts *facts);

#endif
