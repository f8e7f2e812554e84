/* A mapping of the policy as fields: each known key at its own place. */
#ifndef MAYRELAY_POLICY_FIELDS_H
#define MAYRELAY_POLICY_FIELDS_H

#include "policy/reader.h"

enum key_set {
    KEYS_POLICY,
    KEYS_DOMAINS,
    KEYS_INBOUND,
    KEYS_CONNECTOR,
    KEYS_RIGHT,
    KEYS_RULE,
    KEYS_AUDIT,
    KEYS_ACCEPT
};

enum key {
#define KEY(set, name, text) KEY_##set##_##name,
#include "policy/keys.def"
#undef KEY
    KEY_COUNT
};

struct fields {
    const struct node *node;
    const struct node *keys[KEY_COUNT];
    const struct node *values[KEY_COUNT]; /* NULL for a null, too */
};

/* Reports unknown keys and empty values; false if `node` is no mapping.  With
 * `what` as it is called in messages: "a connector". */
bool fields_read(struct reader *reader, const struct node *node,
                 enum key_set set, const char *what, struct fields *fields);
const char *key_text(enum key key);

#endif
