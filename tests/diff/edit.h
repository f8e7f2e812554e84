/* Edits of a generated policy, such as somebody might make. */
#ifndef TESTS_EDIT_H
#define TESTS_EDIT_H

#include "generate.h"

enum edit {
    EDIT_NOTHING,    /* nothing that could matter */
    EDIT_EVERYTHING, /* it is another policy */
    EDIT_ADD_DENY,
    EDIT_DROP_RULE,
    EDIT_DROP_ENTRY, /* of a rule's list */
    EDIT_DROP_NAMED_ENTRY,
    EDIT_DROP_DOMAIN,
    EDIT_DROP_OWNER,
    EDIT_DROP_LITERAL,
    EDIT_DROP_ANONYMOUS,
    EDIT_REPLY,
    EDIT_SOFT_BOUNCE,
    EDIT_DEFAULT_DOMAIN,
    EDITS
};

enum edit edit_pick(struct random *random);
/* Does nothing where there is nothing to edit; what comes out may not load. */
void edit_policy(struct random *random, struct policy *policy, enum edit edit);

#endif
