/* The same entry twice in one list: a warning, as it does no harm. */
#ifndef MAYRELAY_POLICY_READER_DUPLICATES_H
#define MAYRELAY_POLICY_READER_DUPLICATES_H

#include "policy/reader.h"

/* Warns of the first few. */
void duplicates_warn(struct reader *reader, const struct list *list);

#endif
