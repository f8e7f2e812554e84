/* Replies: `replies:` per reason, and a deny rule's `reply:`. */
#ifndef MAYRELAY_POLICY_READER_REPLIES_H
#define MAYRELAY_POLICY_READER_REPLIES_H

#include "policy/reader.h"

/* Makes model.replies whole; `node` may be NULL. */
void replies_read(struct reader *reader, const struct node *node);
/* "550 5.7.1 text": `reply`, given as that of `reason` without it, changes
 * where the text at `node` says so; unchanged if it is malformed. */
void reply_read(struct reader *reader, const struct node *node,
                enum mayrelay_reason reason, struct reply *reply);

#endif
