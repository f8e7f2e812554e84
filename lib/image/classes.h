/* Classes: the distinct sets of lists that the values of an attribute are in.
 *
 * Values in the same lists are one class, however many there are; a class is
 * numbered once (from 0, the class of values in no list), and what its lists
 * say of the rules is computed once. */
#ifndef MAYRELAY_IMAGE_CLASSES_H
#define MAYRELAY_IMAGE_CLASSES_H

#include "image/intern.h"
#include "image/uses.h"

/* Before a policy is refused as too large (FINDING_BUDGET), because its lists
 * overlap in too many ways: members of all distinct classes of an attribute,
 * members of the sets that were looked at for it, blocks in all masks. */
#define CLASS_MEMBERS_MOST ((size_t)1 << 24)
#define CLASS_WORK_MOST    ((size_t)1 << 31)
#define CLASS_MASKS_MOST   ((size_t)1 << 25)

struct classes {
    struct intern sets; /* of u32: the extra, then list numbers, sorted */
    size_t work;        /* members looked at so far */
    bool over_budget;   /* sticks, as sets.failed does */
};

/* Class 0 is there afterwards: no list, extra 0. */
void classes_start(struct classes *classes);
void classes_clear(struct classes *classes);
bool classes_failed(const struct classes *classes);
/* The number of the class of values in these lists; `set` holds the extra and
 * then `count` list numbers, which are sorted in place and made distinct. */
uint32_t classes_number(struct classes *classes, uint32_t *set, size_t count);
/* The extra and the lists of a class. */
const uint32_t *classes_get(const struct classes *classes, uint32_t class,
                            size_t *count);

/* Masks of many classes, each distinct list of masks once. */
struct mask_pool {
    struct intern lists; /* of struct image_mask */
    size_t total;
    bool over_budget; /* then lists.failed too */
};

/* The masks of values in these lists, as a number in pool->lists. */
uint32_t mask_pool_add(struct mask_pool *pool, const struct uses *uses,
                       const uint32_t *lists, size_t count);

#endif
