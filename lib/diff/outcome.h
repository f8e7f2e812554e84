/* What a transaction comes to under one policy, as a function of all choices:
 * the steps of policy.md §8. */
#ifndef MAYRELAY_DIFF_OUTCOME_H
#define MAYRELAY_DIFF_OUTCOME_H

#include "decide/decision.h"
#include "diff/right.h"

/* All that a client or host can notice of a decision.  Which rule is named,
 * and which facts are asked for, is no difference. */
struct ending {
    enum mayrelay_verdict verdict;
    enum mayrelay_reason reason;
    enum mayrelay_kind kind;
    int code;
    char enhanced[ENHANCED_SIZE];
    bool is_relay;    /* of an accept */
    bool elsewhere;   /* not with the OLD recipient or sender: where it goes, if
                         it is an accept, or what the reply says */
    struct text text; /* of the reply, before values are put in */
};

/* Deny rules that answer alike have one number. */
struct answers {
    struct intern numbers; /* by outcome */
    const struct image_rule **rules;
    size_t room;
};

/* All outcomes that have been met, of both policies alike. */
struct outcomes {
    struct intern keys, words; /* words: texts of replies, names of rules */
    struct ending *items;      /* by number */
    size_t room;
    struct arena texts;
    struct answers answers[SIDES];
    struct mayrelay_decision *scratch;
    struct facts *facts; /* that say nothing, for the replies */
    bool failed;
};

bool outcomes_init(struct outcomes *outcomes);
void outcomes_clear(struct outcomes *outcomes);

/* The outcome of every transaction that meets the connectors of the map's
 * choices with these listeners (see right_build), by number. */
uint32_t outcome_build(struct outcomes *outcomes, struct map *map, int side,
                       const uint64_t *listeners);

#endif
