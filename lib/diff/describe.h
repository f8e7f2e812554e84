/* The sides of a box in words. */
#ifndef MAYRELAY_DIFF_DESCRIBE_H
#define MAYRELAY_DIFF_DESCRIBE_H

#include "base/output.h"
#include "diff/box.h"

/* What the side is about: "identity", "sender". */
const char *describe_choice(const struct choice *choice);
/* "steven, helpdesk", "not steven", "like someone@far.example". */
void describe_box_side(struct output *out, const struct box *box,
                       const struct box_side *side);

#endif
