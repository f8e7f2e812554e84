/* How many addresses ranges hold: all of IPv4, and of IPv6 the part that is
 * in use, 2000::/3. */
#ifndef MAYRELAY_POLICY_COVERAGE_H
#define MAYRELAY_POLICY_COVERAGE_H

#include "policy/model.h"

/* Both counts stop growing at the whole. */
struct coverage {
    uint64_t ipv4;
    uint64_t ipv6_high, ipv6_low; /* 128 bits */
};

void coverage_add(struct coverage *coverage, struct range range);
void coverage_sum(struct coverage *coverage, const struct coverage *more);
/* Half or more of IPv4, or of 2000::/3. */
bool coverage_is_half(const struct coverage *coverage);
/* Of the ranges of these lists together, no address counted twice; false: no
 * memory. */
bool coverage_of_union(const struct model *model, const uint32_t *lists,
                       size_t count, struct coverage *coverage);

#endif
