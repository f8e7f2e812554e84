/* Facts as JSON lines in, decisions as JSON lines out, in the same order. */
#ifndef COMMAND_BATCH_H
#define COMMAND_BATCH_H

#include <mayrelay.h>

#include "facts_json.h"

/* Standard input to standard output.  The exit status is EX_DATAERR if a line
 * was not understood; such a line is answered by an error, and the run goes
 * on.  `scope`: each decision with its scope. */
int batch_run(mayrelay_policy *policy, bool scope);

/* A decision, and its scope if that is wanted, as a line of the batch's output;
 * id NULL: null. */
void batch_print_decision(const json_t *id, const mayrelay_decision *decision,
                          bool scope, struct page *page);

#endif
