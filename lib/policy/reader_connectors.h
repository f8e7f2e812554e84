/* `connectors:`, or the one that stands in for them. */
#ifndef MAYRELAY_POLICY_READER_CONNECTORS_H
#define MAYRELAY_POLICY_READER_CONNECTORS_H

#include "policy/reader.h"

void connectors_read(struct reader *reader, const struct node *key,
                     const struct node *node);
/* The connector "default" of a policy without `connectors`. */
void connectors_add_default(struct reader *reader);

#endif
