/* `audit:`: findings that are known and accepted. */
#ifndef MAYRELAY_POLICY_READER_AUDIT_H
#define MAYRELAY_POLICY_READER_AUDIT_H

#include "policy/reader.h"

void audit_read(struct reader *reader, const struct node *node);

#endif
