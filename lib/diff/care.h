/* Which transactions there are: some options do not go together. */
#ifndef MAYRELAY_DIFF_CARE_H
#define MAYRELAY_DIFF_CARE_H

#include "diff/map.h"

/* 1 for what can occur where our own address is this one: senders are owned by
 * whom they are owned by, literals are ours or not, and a pattern matches the
 * same text for both policies. */
uint32_t care_build(struct map *map, struct address own);
/* How a sender stands to an identity, to one of the policies. */
enum ownership care_ownership(const struct image *image,
                              const struct view *identity,
                              const struct view *sender);

#endif
