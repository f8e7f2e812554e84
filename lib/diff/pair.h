/* Two policies side by side. */
#ifndef MAYRELAY_DIFF_PAIR_H
#define MAYRELAY_DIFF_PAIR_H

#include "image/policy.h"

enum side {
    OLD,
    NEW,
    SIDES
};

struct pair {
    mayrelay_policy *policies[SIDES];
    const struct image *images[SIDES];
};

#endif
