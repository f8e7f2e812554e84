/* The name that was probably meant. */
#ifndef MAYRELAY_POLICY_NEAREST_H
#define MAYRELAY_POLICY_NEAREST_H

#include "base/text.h"

struct nearest {
    struct text wanted, best;
    size_t distance; /* of `best` */
};

struct nearest nearest_to(struct text wanted);
void nearest_offer(struct nearest *nearest, struct text candidate);
/* `best` is near enough to be worth naming. */
bool nearest_found(const struct nearest *nearest);

#endif
