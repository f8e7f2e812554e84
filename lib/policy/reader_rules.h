/* `connect`, `submit`, `relay`, `never-route`: the rules. */
#ifndef MAYRELAY_POLICY_READER_RULES_H
#define MAYRELAY_POLICY_READER_RULES_H

#include "policy/reader.h"

/* Where rules stand: at the top of the file, or in a connector. */
struct rule_place {
    uint32_t connector;       /* or RULE_EVERYWHERE */
    struct text prefix;       /* of default names: "internet." or empty */
    bool allows;              /* rights may allow here */
    uint32_t allow_connector; /* the connector of allow rules */
};

/* The rules of one right at `node`. */
void rules_read_right(struct reader *reader, const struct node *node,
                      enum right right, const struct rule_place *at);
/* `never-route` at `node`, its key at `key`. */
void rules_read_never_route(struct reader *reader, const struct node *key,
                            const struct node *node,
                            const struct rule_place *at);
/* The rule that `always-relay` stands for. */
void rules_add_always_relay(struct reader *reader, const struct node *key);
/* Checks the names and orders the rules as they stand in the file; when all
 * connectors are known. */
void rules_finish(struct reader *reader);

#endif
