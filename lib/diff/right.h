/* One right of one policy as a function of all choices. */
#ifndef MAYRELAY_DIFF_RIGHT_H
#define MAYRELAY_DIFF_RIGHT_H

#include "diff/map.h"

/* Its values. */
enum right_value {
    RIGHT_LACKING, /* no allow rule can hold */
    RIGHT_UNDECIDED,
    RIGHT_GRANTED,
    RIGHT_GRANTED_ALWAYS, /* by always-relay alone */
    RIGHT_FORBIDDEN       /* and the number of the deny rule's reply */
};

/* How deny rules answer: rules with the same number answer alike. */
typedef uint32_t number_reply(void *context, const struct image_rule *rule);

/* `listeners` has the rules (words of the side's ruleset) whose list includes
 * our own address.  LEAF(0), and the map stopped, if memory or budget is
 * out. */
uint32_t right_build(struct map *map, int side, enum right right,
                     const uint64_t *listeners, number_reply *number,
                     void *context);

#endif
