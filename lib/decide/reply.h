/* The reply of a decision: code, enhanced code and text on one line. */
#ifndef MAYRELAY_DECIDE_REPLY_H
#define MAYRELAY_DECIDE_REPLY_H

#include "decide/decision.h"

/* From the reason and the rule of the decision; sets its verdict too. */
void reply_compose(struct mayrelay_decision *decision);

#endif
