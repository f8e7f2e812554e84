/* Transactions out of a box, replayed on the evaluator with both policies. */
#ifndef MAYRELAY_DIFF_REPLAY_H
#define MAYRELAY_DIFF_REPLAY_H

#include "audit/witness.h"
#include "diff/box.h"

enum box_shown {
    BOX_HIDDEN, /* nothing could be made that shows the change; of a box
                    that hangs on patterns */
    BOX_SHOWN,  /* the witness decides as the box says */
    BOX_BROKEN, /* it does not: a bug in the library */
    BOX_FAILED  /* memory ran out */
};

/* The sessions are of OLD and NEW.  The dialogue goes to `out`. */
enum box_shown box_replay(const struct difference *difference,
                          const struct box *box,
                          mayrelay_session *const sessions[SIDES],
                          struct witness *witness, struct output *out);

#endif
