/* Byte strings to small numbers, each once: 0, 1, 2 in order of appearance. */
#ifndef MAYRELAY_IMAGE_INTERN_H
#define MAYRELAY_IMAGE_INTERN_H

#include "base/buffer.h"

struct interned {
    size_t offset; /* in bytes */
    uint32_t size;
};

/* With the hash beside it, a look that is in vain touches nothing else. */
struct intern_slot {
    uint32_t hash;
    uint32_t number; /* + 1, 0: free */
};

struct intern {
    struct buffer bytes;
    struct interned *items;
    size_t count, room;
    struct intern_slot *slots;
    size_t slot_count;
    bool failed; /* memory ran out; sticks */
};

/* A zeroed intern is empty and ready. */
void intern_clear(struct intern *intern);
/* The number of these bytes, new or old; 0 once it has failed. */
uint32_t intern_add(struct intern *intern, struct text bytes);
/* The number + 1, or 0 if the bytes are not there. */
uint32_t intern_find(const struct intern *intern, struct text bytes);
/* Has the memory fetched that finding these bytes will look at first. */
void intern_prefetch(const struct intern *intern, struct text bytes);
/* The bytes of a number; good until the next add. */
struct text intern_get(const struct intern *intern, uint32_t number);

#endif
