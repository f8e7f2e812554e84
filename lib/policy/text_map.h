/* Texts to numbers: a crit-bit tree, whose depth no choice of keys can make
 * worse than their length (a hash of known seed could be flooded). */
#ifndef MAYRELAY_POLICY_TEXT_MAP_H
#define MAYRELAY_POLICY_TEXT_MAP_H

#include "base/text.h"

struct text_leaf;
struct text_fork;

/* A zeroed map is empty and ready.  Keys are kept by the caller. */
struct text_map {
    struct text_leaf *leaves;
    struct text_fork *forks;
    size_t leaf_count, leaf_room;
    size_t fork_count, fork_room;
    uint32_t root;
};

enum text_map_result {
    TEXT_MAP_ADDED,
    TEXT_MAP_PRESENT,
    TEXT_MAP_NO_MEMORY
};

bool text_map_find(const struct text_map *map, struct text key,
                   uint32_t *value);
/* If the key is there already, `present` (may be NULL) is its value. */
enum text_map_result text_map_add(struct text_map *map, struct text key,
                                  uint32_t value, uint32_t *present);
void text_map_clear(struct text_map *map);

#endif
