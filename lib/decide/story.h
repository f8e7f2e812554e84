/* What there is to tell of a decision, rule by rule; the two formats of an
 * explanation are two ways of telling it. */
#ifndef MAYRELAY_DECIDE_STORY_H
#define MAYRELAY_DECIDE_STORY_H

#include "decide/decision.h"
#include "decide/matching.h"

/* At most so many near misses are told (policy.md §11). */
enum {
    NEAREST_MOST = 3
};

struct rule_story {
    uint32_t slot;
    const struct image_rule *rule;
    struct rule_truth truth;
    bool given[RULE_CONDITIONS]; /* the rule has the condition */
    unsigned failed_count;
    enum rule_condition first_open; /* that failed, else that is undecided;
                                       RULE_CONDITIONS if none */
};

/* Judges the rule in a slot anew. */
struct rule_story story_of_rule(const struct transaction *transaction,
                                uint32_t slot);
/* The allow rules with the fewest failed conditions, in file order of equals;
 * returns how many. */
unsigned story_nearest(const struct transaction *transaction, enum right which,
                       struct rule_story nearest[NEAREST_MOST]);
/* The right that refused for lack of an allow rule; false if none did. */
bool story_lacking_right(const struct mayrelay_decision *decision,
                         enum right *right);

/* "clients", "sender-owned": as in a policy. */
const char *story_condition_name(enum rule_condition condition);
const char *story_right_name(enum right right);
const char *story_truth_name(enum truth truth);
/* "inbound", "null sender", "foreign", ... */
const char *story_sender_class(const struct sender_facts *sender);
const char *story_recipient_class(const struct recipient_facts *recipient);
/* "not looked up", "known", "failed". */
const char *story_look_up_name(enum look_up state);
/* "exists", "does not exist", or the state of the look-up. */
const char *story_mailbox_answer(const struct recipient_facts *recipient);
/* What a rule wants of a condition, for those it does not meet: "an
 * authenticated client". */
void story_write_wanted(struct output *out,
                        const struct transaction *transaction,
                        const struct image_rule *rule,
                        enum rule_condition condition);
/* Where the reply comes from: the table of reasons, `replies:`, the rule. */
enum reply_origin {
    ORIGIN_DEFAULT,
    ORIGIN_REPLIES,
    ORIGIN_RULE
};
enum reply_origin story_reply_origin(const struct mayrelay_decision *decision);
/* "file:line". */
void story_write_source(struct output *out, const struct image *image,
                        struct image_source source);

#endif
