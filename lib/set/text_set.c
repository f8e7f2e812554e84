#include "set/text_set.h"

#include "base/memory.h"
#include "set/hash.h"
#include "set/line_table.h"
#include "set/radix_sort.h"
#include "set/stored.h"

enum {
    TEXT_MAGIC = 0x74786574,
    KEY_SIZE_MOST = 64 * 1024,
    SIZE_IS_LONG = 255, /* a first byte that says: the size follows in four */
    SEEDS_TRIED = 4
};

/* The lines follow, then the arena of entries: the value, the size of the key
 * in one or five bytes, the key.  Entries are in the order of their hashes. */
struct header {
    uint32_t magic;
    uint32_t width; /* bytes of a value */
    uint32_t lines;
    uint32_t reach; /* as in struct line_table */
    uint64_t seed;
    uint64_t arena_size;
    uint64_t reserved[4];
};

_Static_assert(sizeof(struct header) == STORED_LINE, "stored");

static bool
are_sound(const struct keyed_value *keys, size_t count)
{
    if (count > UINT32_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        if (keys[i].value == 0 || keys[i].key.size > KEY_SIZE_MOST)
            return false;
    return true;
}

/* A sum, so that the order of the keys is no matter. */
static uint64_t
first_seed(const struct keyed_value *keys, size_t count)
{
    uint64_t sum = count;
    for (size_t i = 0; i < count; i++)
        sum += hash_text(keys[i].key, 0);
    return sum;
}

static uint32_t
largest_value(const struct keyed_value *keys, size_t count)
{
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = keys[i].value > most ? keys[i].value : most;
    return most;
}

/* False if memory runs out or two keys have one hash. */
static bool
sort_by_hash(struct sort_item *items, const struct keyed_value *keys,
             size_t count, uint64_t seed)
{
    for (size_t i = 0; i < count; i++)
        items[i] =
            (struct sort_item){hash_text(keys[i].key, seed), (uint32_t)i, 0};
    if (!radix_sort(items, count))
        return false;
    for (size_t i = 1; i < count; i++)
        if (items[i].key == items[i - 1].key)
            return false;
    return true;
}

/* Different hashes make the order, and so the bytes, depend on the keys alone;
 * seeds are changed until they are (the same key twice never passes). */
static bool
choose_seed(struct sort_item *items, const struct keyed_value *keys,
            size_t count, uint64_t *seed)
{
    *seed = first_seed(keys, count);
    for (unsigned i = 0; i < SEEDS_TRIED; i++, ++*seed)
        if (sort_by_hash(items, keys, count, *seed))
            return true;
    return false;
}

static size_t
entry_size(size_t key_size, unsigned width)
{
    return width + (key_size < SIZE_IS_LONG ? 1 : 5) + key_size;
}

static uint64_t
arena_size(const struct keyed_value *keys, size_t count, unsigned width)
{
    uint64_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += entry_size(keys[i].key.size, width);
    return size;
}

static void
write_entry(unsigned char *at, unsigned width, const struct keyed_value *entry)
{
    size_t size = entry->key.size;
    bool is_long = size >= SIZE_IS_LONG;
    stored_save(at, width, entry->value);
    at += width;
    *at++ = (unsigned char)(is_long ? SIZE_IS_LONG : size);
    if (is_long) {
        stored_save(at, 4, (uint32_t)size);
        at += 4;
    }
    if (size)
        memcpy(at, entry->key.data, size);
}

/* Turns the items' key numbers into the offsets of their entries. */
static void
write_arena(unsigned char *arena, unsigned width, struct sort_item *items,
            const struct keyed_value *keys, size_t count)
{
    enum {
        AHEAD = 8, /* keys to fetch beforehand, as they lie anywhere */
        FAR_AHEAD = 2 * AHEAD
    };
    size_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        const struct keyed_value *entry = &keys[items[i].index];
        if (i + FAR_AHEAD < count)
            __builtin_prefetch(&keys[items[i + FAR_AHEAD].index]);
        if (i + AHEAD < count)
            __builtin_prefetch(keys[items[i + AHEAD].index].key.data);
        write_entry(arena + offset, width, entry);
        items[i].index = (uint32_t)offset;
        offset += entry_size(entry->key.size, width);
    }
}

static void
write_set(struct buffer *out, struct sort_item *items,
          const struct keyed_value *keys, size_t count, uint64_t seed)
{
    struct header header = {
        .magic = TEXT_MAGIC,
        .width = stored_width(largest_value(keys, count)),
        .lines = (uint32_t)line_table_lines(count),
        .seed = seed,
    };
    uint64_t arena_at =
        sizeof header + (uint64_t)header.lines * sizeof(struct line);
    header.arena_size = arena_size(keys, count, header.width);
    if (header.arena_size > UINT32_MAX) {
        out->failed = true;
        return;
    }
    unsigned char *data = stored_extend(out, arena_at + header.arena_size);
    if (!data)
        return;
    write_arena(data + arena_at, header.width, items, keys, count);
    header.reach = line_table_fill((void *)(data + sizeof header), header.lines,
                                   items, count);
    memcpy(data, &header, sizeof header);
}

void
text_set_build(struct buffer *out, const struct keyed_value *keys, size_t count)
{
    uint64_t seed;
    struct sort_item *items = NULL;
    if (are_sound(keys, count))
        items = memory_new(count, sizeof *items);
    if (items && choose_seed(items, keys, count, &seed))
        write_set(out, items, keys, count, seed);
    else
        out->failed = true;
    memory_free(items);
}

bool
text_set_open(struct text_set *set, const void *data, size_t size)
{
    const struct header *header = data;
    *set = (struct text_set){data, size};
    if (size < sizeof *header || !stored_is_aligned(data) ||
        header->magic != TEXT_MAGIC || !stored_width_is_valid(header->width))
        return false;
    size_t left = size - sizeof *header;
    return header->lines <= left / sizeof(struct line) &&
           header->arena_size <= left - header->lines * sizeof(struct line);
}

/* The entry at an offset of the arena; false if it does not lie within. */
static bool
read_entry(struct text arena, size_t offset, unsigned width,
           struct keyed_value *entry)
{
    const unsigned char *bytes = (const unsigned char *)arena.data;
    if (offset > arena.size || arena.size - offset < width + 1)
        return false;
    const unsigned char *at = bytes + offset + width;
    size_t left = arena.size - offset - width - 1;
    size_t size = *at++;
    if (size == SIZE_IS_LONG) {
        if (left < 4)
            return false;
        size = stored_load(at, 4);
        at += 4;
        left -= 4;
    }
    if (size > left)
        return false;
    entry->key = (struct text){(const char *)at, size};
    entry->value = stored_load(bytes + offset, width);
    return true;
}

static struct text
arena_of(const struct text_set *set)
{
    const struct header *header = (const void *)set->data;
    return (struct text){(const char *)(header + 1) +
                             header->lines * sizeof(struct line),
                         (size_t)header->arena_size};
}

bool
text_set_lookup(const struct text_set *set, struct text key, uint32_t *value)
{
    const struct header *header = (const void *)set->data;
    *value = 0;
    if (header->lines == 0 || key.size > KEY_SIZE_MOST)
        return true;
    struct line_table table = {(const void *)(header + 1), header->lines,
                               header->reach};
    struct text arena = arena_of(set);
    struct line_search search =
        line_search_start(&table, hash_text(key, header->seed));
    struct keyed_value entry;
    uint32_t offset;
    unsigned flags;
    while (line_search_next(&search, &offset, &flags)) {
        if (!read_entry(arena, offset, header->width, &entry))
            return false;
        if (text_equal(entry.key, key)) {
            *value = entry.value;
            return true;
        }
    }
    return true;
}

bool
text_set_next(const struct text_set *set, size_t *at, struct keyed_value *entry)
{
    const struct header *header = (const void *)set->data;
    if (!read_entry(arena_of(set), *at, header->width, entry))
        return false;
    *at += entry_size(entry->key.size, header->width);
    return true;
}
