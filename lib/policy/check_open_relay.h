/* policy.md §2.4: only what cannot be forged authorises. */
#ifndef MAYRELAY_POLICY_CHECK_OPEN_RELAY_H
#define MAYRELAY_POLICY_CHECK_OPEN_RELAY_H

#include "policy/model.h"

/* False: no memory. */
bool check_open_relay(const struct model *model,
                      struct mayrelay_report *report);

#endif
