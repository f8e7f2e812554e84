/* What the exclusions of a list take away, as far as entries show it. */
#ifndef MAYRELAY_POLICY_EXCLUDED_H
#define MAYRELAY_POLICY_EXCLUDED_H

#include "policy/model.h"

struct excluded;

/* Of these lists of the model; NULL: no memory. */
struct excluded *excluded_new(const struct model *model, const uint32_t *lists,
                              size_t count);
/* Everything `entry` matches is surely excluded. */
bool excluded_holds(const struct excluded *excluded, const struct entry *entry);
void excluded_free(struct excluded *excluded);

#endif
