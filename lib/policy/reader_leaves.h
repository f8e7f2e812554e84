/* Leaf lists while a policy is read: plain entries only, each leaf once per
 * named list or file and use. */
#ifndef MAYRELAY_POLICY_READER_LEAVES_H
#define MAYRELAY_POLICY_READER_LEAVES_H

#include "policy/reader.h"

struct leaf {
    struct list list;
    bool kept;       /* some rule, owner or domain refers to it */
    uint32_t number; /* then: in model.lists */
};

/* A new leaf of these entries (copied); its number. */
uint32_t leaf_add(struct reader *reader, struct text name, enum list_use use,
                  const struct entry *entries, size_t count);
/* The same, but of entries that live in the model's arena already. */
uint32_t leaf_adopt(struct reader *reader, struct text name, enum list_use use,
                    struct entry *entries, size_t count);
/* Good until the next leaf is added. */
struct list *leaf_at(struct reader *reader, uint32_t number);
/* A leaf of identities, shared among equal lists. */
uint32_t leaf_share(struct reader *reader, const struct entry *entries,
                    size_t count);
/* Moves the leaves that are referred to into the model, and renumbers. */
void leaf_settle(struct reader *reader);

#endif
