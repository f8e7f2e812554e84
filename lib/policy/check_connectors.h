/* policy.md §6: for the same listen entry, the client ranges of two connectors
 * lie inside each other or apart. */
#ifndef MAYRELAY_POLICY_CHECK_CONNECTORS_H
#define MAYRELAY_POLICY_CHECK_CONNECTORS_H

#include "policy/model.h"

/* False: no memory. */
bool check_connectors(const struct model *model,
                      struct mayrelay_report *report);

#endif
