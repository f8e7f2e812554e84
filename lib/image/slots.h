/* Where each rule stands: slots, in blocks of 64, per connector and right. */
#ifndef MAYRELAY_IMAGE_SLOTS_H
#define MAYRELAY_IMAGE_SLOTS_H

#include "image/format.h"

enum {
    SLOTS_PER_BLOCK = 64
};
#define SLOT_EMPTY UINT32_MAX
/* More rules on more connectors than this are refused (FINDING_BUDGET). */
#define SLOTS_MOST ((size_t)1 << 24)

struct slots {
    uint32_t *rules; /* by slot: the rule's number, or SLOT_EMPTY */
    size_t count;    /* a multiple of 64 */
    size_t room;
    struct image_right *rights; /* RIGHT_COUNT of each connector */
};

/* False if memory runs out or SLOTS_MOST is exceeded (*too_many). */
bool slots_plan(struct slots *slots, const struct model *model, bool *too_many);
void slots_clear(struct slots *slots);
/* The blocks of masks over all slots; `conditions` tells what the lists of a
 * rule may leave open. */
struct list_traits {
    bool open, pattern, any;
};
/* Writes slots->count / 64 blocks.  `traits` is by list number. */
void slots_blocks(const struct slots *slots, const struct model *model,
                  const struct list_traits *traits, struct image_block *blocks);

#endif
