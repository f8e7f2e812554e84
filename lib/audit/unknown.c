#include "audit/unknown.h"

/* What a class says is within what the unknown may say. */
static bool
is_covered(const struct image *image, enum condition condition,
           struct masks masks)
{
    for (uint32_t i = 0; i < masks.count; i++) {
        const struct image_mask *mask = &masks.first[i];
        const struct image_block *block = image_block(image, mask->block);
        if (!block ||
            (mask->inc &
             ~(block->list[condition].open_inc | block->list[condition].all)) ||
            (mask->exc & ~block->list[condition].open_exc))
            return false;
    }
    return true;
}

static bool
are_covered(const struct image *image, enum condition condition,
            enum attribute attribute, size_t *count)
{
    uint32_t classes = image->settings->class_count[attribute];
    for (uint32_t i = 0; i < classes; i++) {
        struct masks masks;
        uint32_t extra;
        if (!image_class(image, attribute, i, &masks, &extra) ||
            !is_covered(image, condition, masks))
            return false;
        ++*count;
    }
    return true;
}

/* Patterns are tried on names: a rule with one hangs on names. */
static bool
are_patterns_open(const struct image *image)
{
    size_t blocks = image_count(image, SECTION_BLOCKS);
    for (uint32_t i = 0; i < blocks; i++) {
        const struct image_condition *clients =
            &image_block(image, i)->list[CONDITION_CLIENTS];
        if ((clients->pattern_inc & ~clients->open_inc) ||
            (clients->pattern_exc & ~clients->open_exc))
            return false;
    }
    return true;
}

struct unknown_proof
unknown_prove(const struct image *image)
{
    struct unknown_proof proof = {0};
    proof.holds =
        are_covered(image, CONDITION_CLIENTS, ATTRIBUTE_CLIENT_NAME,
                    &proof.names) &&
        are_covered(image, CONDITION_USERS, ATTRIBUTE_GROUP, &proof.groups) &&
        are_patterns_open(image);
    return proof;
}
