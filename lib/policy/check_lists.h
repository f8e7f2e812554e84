/* Warnings about lists in rules: entries that can never matter, rules that can
 * never hold, host names that deny. */
#ifndef MAYRELAY_POLICY_CHECK_LISTS_H
#define MAYRELAY_POLICY_CHECK_LISTS_H

#include "policy/model.h"

/* False: no memory. */
bool check_lists(const struct model *model, struct mayrelay_report *report);

#endif
