/* `owners:` and `anonymous-identities:`. */
#ifndef MAYRELAY_POLICY_READER_OWNERS_H
#define MAYRELAY_POLICY_READER_OWNERS_H

#include "policy/reader.h"

void owners_read(struct reader *reader, const struct node *node);
void anonymous_read(struct reader *reader, const struct node *node);

#endif
