/* That a missing fact opens nothing: a failed look-up of host names or groups
 * never leads to an accept that some answer would refuse.
 *
 * The evaluator takes an unknown name or group for what any of them may say:
 * the rules in `open_inc` may be included, those in `open_exc` excluded; and
 * conditions are three-valued (Kleene), so that less knowledge never decides
 * more.  What is left to show of a policy is that these masks hold whatever a
 * class of names or groups says of any rule. */
#ifndef MAYRELAY_AUDIT_UNKNOWN_H
#define MAYRELAY_AUDIT_UNKNOWN_H

#include "image/image.h"

struct unknown_proof {
    size_t names, groups; /* classes looked at */
    bool holds;
};

struct unknown_proof unknown_prove(const struct image *image);

#endif
