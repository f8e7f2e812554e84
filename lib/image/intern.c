#include "image/intern.h"

#include <xxhash.h>

#include "base/memory.h"

void
intern_clear(struct intern *intern)
{
    buffer_clear(&intern->bytes);
    memory_free(intern->items);
    memory_free(intern->slots);
    *intern = (struct intern){0};
}

static uint32_t
hash_of(struct text bytes)
{
    return (uint32_t)XXH3_64bits(bytes.data, bytes.size);
}

struct text
intern_get(const struct intern *intern, uint32_t number)
{
    const struct interned *item = &intern->items[number];
    return (struct text){(const char *)intern->bytes.data + item->offset,
                         item->size};
}

/* The slot where these bytes are, or would be. */
static struct intern_slot *
slot_of(const struct intern *intern, struct text bytes, uint32_t hash)
{
    size_t mask = intern->slot_count - 1;
    size_t at = hash & mask;
    for (;; at = (at + 1) & mask) {
        struct intern_slot *slot = &intern->slots[at];
        if (!slot->number ||
            (slot->hash == hash &&
             text_equal(intern_get(intern, slot->number - 1), bytes)))
            return slot;
    }
}

static bool
grow_slots(struct intern *intern)
{
    size_t count = intern->slot_count ? intern->slot_count * 2 : 64;
    struct intern_slot *slots = memory_new(count, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < intern->slot_count; i++) {
        struct intern_slot old = intern->slots[i];
        size_t at = old.hash & (count - 1);
        if (!old.number)
            continue;
        while (slots[at].number)
            at = (at + 1) & (count - 1);
        slots[at] = old;
    }
    memory_free(intern->slots);
    intern->slots = slots;
    intern->slot_count = count;
    return true;
}

static bool
make_room(struct intern *intern)
{
    if (intern->count == UINT32_MAX - 1)
        return false;
    if (intern->count * 2 >= intern->slot_count && !grow_slots(intern))
        return false;
    return memory_grow(&intern->items, &intern->room, intern->count + 1,
                       sizeof *intern->items);
}

uint32_t
intern_add(struct intern *intern, struct text bytes)
{
    if (intern->failed || bytes.size > UINT32_MAX || !make_room(intern)) {
        intern->failed = true;
        return 0;
    }
    uint32_t hash = hash_of(bytes);
    struct intern_slot *slot = slot_of(intern, bytes, hash);
    if (slot->number)
        return slot->number - 1;
    struct interned item = {intern->bytes.size, (uint32_t)bytes.size};
    buffer_add(&intern->bytes, bytes.data, bytes.size);
    intern->failed = intern->bytes.failed;
    if (intern->failed)
        return 0;
    intern->items[intern->count] = item;
    *slot = (struct intern_slot){hash, (uint32_t)++intern->count};
    return (uint32_t)intern->count - 1;
}

uint32_t
intern_find(const struct intern *intern, struct text bytes)
{
    if (!intern->slot_count)
        return 0;
    return slot_of(intern, bytes, hash_of(bytes))->number;
}

void
intern_prefetch(const struct intern *intern, struct text bytes)
{
    if (intern->slot_count)
        __builtin_prefetch(
            &intern->slots[hash_of(bytes) & (intern->slot_count - 1)]);
}
