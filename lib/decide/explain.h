/* The whole why of a decision (policy.md §11), for people and as JSON.
 *
 * Judges the rules one by one, through the same code that left them undecided
 * or not, and finds the list entries that matched. */
#ifndef MAYRELAY_DECIDE_EXPLAIN_H
#define MAYRELAY_DECIDE_EXPLAIN_H

#include "base/output.h"
#include "decide/decision.h"

void explain_as_text(struct output *out,
                     const struct mayrelay_decision *decision);
void explain_as_json(struct output *out,
                     const struct mayrelay_decision *decision);

#endif
