/* One rule, condition by condition: for what the masks leave undecided, and for
 * explaining. */
#ifndef MAYRELAY_DECIDE_RULE_H
#define MAYRELAY_DECIDE_RULE_H

#include "decide/sight.h"

/* Every condition a rule can have, in the order they are explained. */
enum rule_condition {
    RULE_CLIENTS,
    RULE_LISTENERS,
    RULE_TLS,
    RULE_CERTIFICATES,
    RULE_AUTHENTICATED,
    RULE_USERS,
    RULE_SENDERS,
    RULE_SENDER_OWNED,
    RULE_RECIPIENTS,
    RULE_CONDITIONS
};

struct rule_truth {
    enum truth whole;
    enum truth conditions[RULE_CONDITIONS]; /* YES where the rule has none */
    unsigned needs; /* what the undecided conditions look at and can be asked */
};

/* The rule names the condition. */
bool rule_has(const struct image_rule *rule, enum rule_condition condition);
/* Judges the rule in a slot, its patterns included.  A slot without a rule, or
 * damaged bytes, are undecided. */
struct rule_truth rule_judge(const struct transaction *transaction,
                             uint32_t slot);
/* One condition of it alone: YES if the rule does not have it. */
enum truth rule_judge_condition(const struct transaction *transaction,
                                uint32_t slot, enum rule_condition condition);
/* Does a pattern match some of the subjects? */
enum truth pattern_match(const struct transaction *transaction,
                         uint32_t pattern, const struct subjects *subjects);
/* Does some pattern of these lists match?  `lists` are numbers of LISTS. */
enum truth patterns_match(const struct transaction *transaction,
                          const uint32_t *lists, size_t count,
                          const struct subjects *subjects);

/* What the conditions without unknowns say of a block: rules that fail one. */
uint64_t plain_failures(const struct transaction *transaction,
                        const struct image_block *block, uint32_t number);

#endif
