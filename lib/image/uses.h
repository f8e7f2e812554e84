/* What each list says of the rules that name it: sparse masks by block. */
#ifndef MAYRELAY_IMAGE_USES_H
#define MAYRELAY_IMAGE_USES_H

#include "image/slots.h"

/* Of one list condition. */
struct uses {
    uint32_t *first; /* by list (and one behind): its first mask */
    struct image_mask *masks;
};

/* False if memory runs out. */
bool uses_plan(struct uses *uses, const struct model *model,
               const struct slots *slots, enum selection_kind kind);
void uses_clear(struct uses *uses);
/* Some rule names the list. */
bool uses_any(const struct uses *uses, uint32_t list);

#endif
