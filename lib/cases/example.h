/* A text that a pattern matches. */
#ifndef MAYRELAY_CASES_EXAMPLE_H
#define MAYRELAY_CASES_EXAMPLE_H

#include "base/output.h"

/* Writes what the pattern spells out, each repetition once; of what is beyond
 * literals, classes, groups, alternatives and repetitions nothing is known.
 * So whoever asks tries it on the pattern. */
void example_of_pattern(struct text pattern, struct output *out);

#endif
