/* Where each rule stands: slots, in blocks of 64, per connector and right. */
#ifndef MAYRELAY_IMAGE_SLOTS_H
#define MAYRELAY_IMAGE_SLOTS_H

#include "base/buffer.h"
#include "image/format.h"

#define SLOT_EMPTY UINT32_MAX
/* More rules on more connectors than this are refused (FINDING_BUDGET). */
#define SLOTS_MOST ((size_t)1 << 24)

struct slots {
    uint32_t *rules; /* by slot: the rule's number, or SLOT_EMPTY */
    size_t count;    /* a multiple of 64 */
    size_t room;
    struct image_right *rights; /* RIGHT_COUNT of each connector */
    struct buffer order;        /* u32: the slots of each right, in file order;
                                   image_right.order counts from its start */
};

/* False if memory runs out or SLOTS_MOST is exceeded (*too_many). */
bool slots_plan(struct slots *slots, const struct model *model, bool *too_many);
void slots_clear(struct slots *slots);
/* What the entries of a list leave open. */
struct list_traits {
    bool open, pattern, any;
};
/* The blocks that all slots make, and their windows. */
size_t slots_block_count(const struct slots *slots);
size_t slots_window_count(const struct slots *slots);
/* Writes all blocks; they are zeroed before.  `traits` is by list number. */
void slots_blocks(const struct slots *slots, const struct model *model,
                  const struct list_traits *traits, struct image_block *blocks);
/* Writes all windows, from the blocks; they are zeroed before. */
void slots_windows(const struct slots *slots, const struct image_block *blocks,
                   struct image_window *windows);

#endif
