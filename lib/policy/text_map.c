#include "policy/text_map.h"

#include "base/memory.h"

/* The top bit of a reference tells a leaf from a fork. */
#define IS_LEAF ((uint32_t)1 << 31)

struct text_leaf {
    struct text key;
    uint32_t value;
};

struct text_fork {
    size_t at;     /* the octet that tells the branches apart */
    unsigned mask; /* and its bit, of 9: see symbol() */
    uint32_t branch[2];
};

/* The end of a text is a symbol of its own, so no key is another's prefix. */
static unsigned
symbol(struct text key, size_t at)
{
    return at < key.size ? 0x100U | (unsigned char)key.data[at] : 0;
}

static bool
side(const struct text_fork *fork, struct text key)
{
    return (symbol(key, fork->at) & fork->mask) != 0;
}

static const struct text_leaf *
nearest_leaf(const struct text_map *map, struct text key)
{
    uint32_t reference = map->root;
    while (!(reference & IS_LEAF)) {
        const struct text_fork *fork = &map->forks[reference];
        reference = fork->branch[side(fork, key)];
    }
    return &map->leaves[reference & ~IS_LEAF];
}

bool
text_map_find(const struct text_map *map, struct text key, uint32_t *value)
{
    if (!map->leaf_count)
        return false;
    const struct text_leaf *leaf = nearest_leaf(map, key);
    if (!text_equal(leaf->key, key))
        return false;
    *value = leaf->value;
    return true;
}

/* Where two different texts part. */
static struct text_fork
parting(struct text a, struct text b)
{
    struct text_fork fork = {.mask = 0x100};
    while (symbol(a, fork.at) == symbol(b, fork.at))
        fork.at++;
    unsigned difference = symbol(a, fork.at) ^ symbol(b, fork.at);
    while (!(difference & fork.mask))
        fork.mask >>= 1;
    return fork;
}

static bool
fork_before(const struct text_fork *a, const struct text_fork *b)
{
    return a->at != b->at ? a->at < b->at : a->mask > b->mask;
}

static bool
make_room(struct text_map *map)
{
    return map->leaf_count < IS_LEAF - 1 &&
           memory_grow(&map->leaves, &map->leaf_room, map->leaf_count + 1,
                       sizeof *map->leaves) &&
           memory_grow(&map->forks, &map->fork_room, map->fork_count + 1,
                       sizeof *map->forks);
}

static void
hang_in(struct text_map *map, struct text_fork fork, struct text key,
        uint32_t leaf)
{
    uint32_t *reference = &map->root;
    while (!(*reference & IS_LEAF)) {
        struct text_fork *next = &map->forks[*reference];
        if (!fork_before(next, &fork))
            break;
        reference = &next->branch[side(next, key)];
    }
    bool right = side(&fork, key);
    fork.branch[right] = leaf;
    fork.branch[!right] = *reference;
    *reference = (uint32_t)map->fork_count;
    map->forks[map->fork_count++] = fork;
}

enum text_map_result
text_map_add(struct text_map *map, struct text key, uint32_t value,
             uint32_t *present)
{
    const struct text_leaf *near =
        map->leaf_count ? nearest_leaf(map, key) : NULL;
    if (near && text_equal(near->key, key)) {
        if (present)
            *present = near->value;
        return TEXT_MAP_PRESENT;
    }
    struct text near_key = near ? near->key : key;
    if (!make_room(map))
        return TEXT_MAP_NO_MEMORY;
    uint32_t leaf = (uint32_t)map->leaf_count | IS_LEAF;
    map->leaves[map->leaf_count++] = (struct text_leaf){key, value};
    if (near)
        hang_in(map, parting(near_key, key), key, leaf);
    else
        map->root = leaf;
    return TEXT_MAP_ADDED;
}

void
text_map_clear(struct text_map *map)
{
    memory_free(map->leaves);
    memory_free(map->forks);
    *map = (struct text_map){0};
}
