/* Texts and names that lists hold, to classes. */
#ifndef MAYRELAY_IMAGE_KEYS_H
#define MAYRELAY_IMAGE_KEYS_H

#include "image/classes.h"

/* The lists of each key: chains through one array. */
struct chains {
    struct link *links;
    size_t count, room;
};

/* Exact texts. */
struct key_lists {
    struct intern keys;
    uint32_t *heads; /* by key: its last link + 1 */
    size_t head_room;
    struct chains chains;
    bool failed; /* memory ran out; sticks */
};

/* `key` is in `list`. */
void key_lists_add(struct key_lists *keys, struct text key, uint32_t list);
void key_lists_clear(struct key_lists *keys);
/* Appends a text set: key -> class. */
void key_lists_build(struct key_lists *keys, struct classes *classes,
                     struct buffer *out);

/* Domain names, each alone or all below it. */
struct name_lists {
    struct intern names;
    struct name_node *nodes; /* by name */
    size_t node_room;
    struct chains chains;
    bool failed;
};

/* The name itself, or every name below it, is in `list`. */
void name_lists_add(struct name_lists *names, struct text name, bool below,
                    uint32_t list);
/* The name, or every name below it, gets an extra (not 0); of several that
 * cover a name, the most specific counts. */
void name_lists_set_extra(struct name_lists *names, struct text name,
                          bool below, uint32_t extra);
void name_lists_clear(struct name_lists *names);
/* Appends a name set: name -> class. */
void name_lists_build(struct name_lists *names, struct classes *classes,
                      struct buffer *out);

#endif
