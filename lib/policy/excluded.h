/* What the exclusions of a list take away, as far as entries show it. */
#ifndef MAYRELAY_POLICY_EXCLUDED_H
#define MAYRELAY_POLICY_EXCLUDED_H

#include "policy/domain_index.h"

struct excluded;

/* The selection's exclusions; NULL: no memory.  `index`, which must outlive
 * them, may be NULL if no class of domains is excluded. */
struct excluded *excluded_new(const struct model *model,
                              const struct domain_index *index,
                              const struct selection *selection,
                              enum selection_kind kind);
/* Everything `entry` matches is surely excluded. */
bool excluded_holds(const struct excluded *excluded, const struct entry *entry);
void excluded_free(struct excluded *excluded);

#endif
