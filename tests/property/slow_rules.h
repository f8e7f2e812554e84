/* Rules and rights, the slow way (policy.md §5, §8, §9). */
#ifndef TESTS_SLOW_RULES_H
#define TESTS_SLOW_RULES_H

#include "slow.h"

struct reason_default {
    int code, subject, detail;
    enum kind kind;
};

/* The table of policy.md §9. */
extern const struct reason_default DEFAULTS[REASONS];

/* The reply for a reason, and the one of a deny rule, as configured. */
struct reply reason_reply(const struct policy *policy, enum reason reason);
struct reply rule_reply(const struct policy *policy, const struct rule *rule);
enum reason deny_reason(const struct rule *rule);

enum outcome {
    GRANTED,
    REFUSED,
    OPEN /* undecided */
};

struct judgement {
    enum outcome outcome;
    const struct rule *rule; /* that decided; NULL: none */
    bool always_relay;       /* granted by that alone */
    unsigned needs;
};

/* Whether the rule stands at the top or in this connector, under this right. */
bool rule_applies(const struct rule *rule, enum right right, bool deny,
                  int connector);
struct judgement judge_right(const struct subject *subject, enum right right,
                             int connector);

#endif
