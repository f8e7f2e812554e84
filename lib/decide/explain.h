/* The whole why of a decision (policy.md §11), for people and as JSON.
 *
 * Judges the rules one by one, through the same code that left them undecided
 * or not, and finds the list entries that matched. */
#ifndef MAYRELAY_DECIDE_EXPLAIN_H
#define MAYRELAY_DECIDE_EXPLAIN_H

#include "base/json.h"
#include "decide/decision.h"

void explain_as_text(struct output *out,
                     const struct mayrelay_decision *decision);
void explain_as_json(struct output *out,
                     const struct mayrelay_decision *decision);
/* The members of the decision's JSON object, without its braces. */
void decision_write_json(struct json *json,
                         const struct mayrelay_decision *decision);
/* A set of facts as an array of names. */
void decision_write_facts(struct json *json, unsigned facts);

#endif
