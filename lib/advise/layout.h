/* Where the nodes of a policy stand in its text, and how the text is changed so
 * that one more stands there, or one less.
 *
 * What the text is like is guessed from what it looks like: a change that
 * guesses wrong does not load, or does not do what it is for, and whoever
 * proposes it has to try it before it is told to anybody. */
#ifndef MAYRELAY_ADVISE_LAYOUT_H
#define MAYRELAY_ADVISE_LAYOUT_H

#include "base/arena.h"
#include "base/output.h"
#include "policy/yaml.h"

struct layout {
    struct text text;
    const struct node *root;
    bool json; /* every text is quoted */
};

/* At `at` the octets that are removed, and what comes in their place. */
struct edit {
    struct text file; /* a list file; empty: the policy */
    size_t at, removed;
    struct text inserted;
};

/* The node behind a key; NULL if there is none, or no mapping. */
const struct node *layout_get(const struct node *mapping, const char *key);

/* The way to a node: the last container holds it. */
enum {
    TRAIL_MOST = 33
};

struct trail {
    const struct node *containers[TRAIL_MOST];
    size_t indexes[TRAIL_MOST];
    unsigned depth;
};

/* The node of that place that is a mapping, or is none; false if there is none.
 */
bool layout_find(const struct node *root, uint32_t line, uint32_t column,
                 bool mapping, struct trail *trail);
const struct node *trail_node(const struct trail *trail);

/* A text as an entry or a key; "true" and structure are written as they are. */
void layout_write(const struct layout *layout, struct output *out,
                  struct text text);

/* Ways to change the text; false where they do not know how.  What is inserted
 * is copied to the arena. */

/* One more item behind the others, or "key: value". */
bool edit_append(const struct layout *layout, struct arena *arena,
                 const struct node *container, struct text item,
                 struct edit *edit);
/* A single value becomes a list of it and the item; nothing a list of one. */
bool edit_make_list(const struct layout *layout, struct arena *arena,
                    const struct node *node, struct text item,
                    struct edit *edit);
/* Another value in the place of a scalar. */
bool edit_replace(const struct layout *layout, struct arena *arena,
                  const struct node *scalar, struct text value,
                  struct edit *edit);
/* Without one of its items, or keys and their values. */
bool edit_remove(const struct layout *layout, const struct node *container,
                 size_t index, struct edit *edit);

/* The text with the edit made, on the heap; NULL data without memory or where
 * the text is too short. */
struct text edit_apply(const struct edit *edit, struct text text);

#endif
