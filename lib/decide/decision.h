/* The decision: the steps of policy.md §8, and what comes out of them. */
#ifndef MAYRELAY_DECIDE_DECISION_H
#define MAYRELAY_DECIDE_DECISION_H

#include "base/json.h"
#include "decide/evaluate.h"
#include "decide/mailboxes.h"
#include "mayrelay/decision.h"

/* RFC 5321 §4.5.3.1.5: 512 octets with the line end; here with a NUL. */
enum {
    REPLY_SIZE = 511,
    ENHANCED_SIZE = 12
};

struct mayrelay_decision {
    enum mayrelay_verdict verdict;
    enum mayrelay_reason reason;
    enum mayrelay_kind kind;
    int code;
    const struct image_rule *rule; /* that decided, or NULL */
    const char *connector;
    const char *recipient; /* borrowed from the facts */
    bool is_relay;
    unsigned needs;
    unsigned rights_tried; /* a bit per enum right */
    size_t text_at;        /* in `reply`: where the text begins */
    char enhanced[ENHANCED_SIZE];
    char reply[REPLY_SIZE];
    struct transaction transaction; /* what it was made from */
};

/* Decides at transaction.stage from the facts; fills in everything else. */
void decide(struct mayrelay_decision *decision);
/* An internal error, whatever the facts say. */
void decide_internal_error(struct mayrelay_decision *decision);
/* What there is to say without a decision: an error of ours, hence a 451. */
const struct mayrelay_decision *decision_internal_error(void);
/* The members of the decision's JSON object, without its braces. */
void decision_write_json(struct json *json,
                         const struct mayrelay_decision *decision);
/* A set of facts as an array of names. */
void decision_write_facts(struct json *json, unsigned facts);

#endif
