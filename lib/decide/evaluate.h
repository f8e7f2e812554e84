/* A right, judged: connect, submit, relay (policy.md §8). */
#ifndef MAYRELAY_DECIDE_EVALUATE_H
#define MAYRELAY_DECIDE_EVALUATE_H

#include "decide/rule.h"

enum outcome {
    OUTCOME_GRANTED,   /* by `slot`, if the right has allow rules */
    OUTCOME_FORBIDDEN, /* by the deny rule in `slot` */
    OUTCOME_NO_ALLOW,  /* no allow rule can hold */
    OUTCOME_UNDECIDED, /* for lack of `needs`, or of nothing one can ask for */
    OUTCOME_DAMAGED    /* the image's bytes are */
};

#define NO_SLOT UINT32_MAX

struct judgement {
    enum outcome outcome;
    uint32_t slot;
    unsigned needs;
};

/* Judges a right on the client's connector.  Allocates nothing. */
struct judgement evaluate_right(const struct transaction *transaction,
                                enum right which);

#endif
