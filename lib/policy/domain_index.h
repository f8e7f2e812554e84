/* The classes of names as `domains:` gives them: the most specific entry
 * decides. */
#ifndef MAYRELAY_POLICY_DOMAIN_INDEX_H
#define MAYRELAY_POLICY_DOMAIN_INDEX_H

#include "policy/model.h"

struct domain_index;

/* Of the model's domains, which it must outlive; NULL: no memory. */
struct domain_index *domain_index_new(const struct model *model);
void domain_index_free(struct domain_index *index);
/* The class of a name. */
enum domain_class domain_index_class(const struct domain_index *index,
                                     struct text name);
/* The class of every name below a name; DOMAIN_FOREIGN also where they differ.
 */
enum domain_class domain_index_class_below(const struct domain_index *index,
                                           struct text name);

#endif
