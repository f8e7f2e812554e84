/* The blast radius of an edit: what else it changes. */
#ifndef MAYRELAY_ADVISE_RADIUS_H
#define MAYRELAY_ADVISE_RADIUS_H

#include "mayrelay/audit.h"

enum {
    RADIUS_TEXT_SIZE = 2000
};

struct radius {
    bool opens_relay; /* to strangers, who could not relay before */
    bool is_unknown;  /* the policies are too large to compare */
    double size;      /* the larger, the more it opens: to compare with */
    char text[RADIUS_TEXT_SIZE];
    char warning[RADIUS_TEXT_SIZE]; /* which verdicts of the audit get worse */
};

/* `before` is the audit of the policy as it was; `is_large`: do not even try to
 * compare.  False if memory runs out. */
bool radius_measure(struct radius *radius, const mayrelay_audit *before,
                    mayrelay_policy *after, bool is_large);

#endif
