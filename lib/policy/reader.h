/* What the rooms of the reader share: the state of one reading, and how it
 * reports, allocates and grows.  The way in is model_read (reading.c). */
#ifndef MAYRELAY_POLICY_READER_H
#define MAYRELAY_POLICY_READER_H

#include "policy/entry.h"
#include "policy/model.h"
#include "policy/text_map.h"
#include "policy/yaml.h"

/* Growing elements of one type, on the heap until they are settled. */
struct vector {
    void *items;
    size_t count, room;
};

struct reader {
    struct model *model;
    struct mayrelay_report *report;
    const struct file_visitor *visitor; /* or NULL */
    struct text directory; /* of the policy, with its slash; or empty */
    bool out_of_memory;
    unsigned guesses; /* searches for the nearest name; they are dear */

    struct vector named; /* struct named: lists and groups */
    struct text_map names;
    unsigned depth; /* of lists inside lists, while resolving */
    bool too_deep;  /* lists were cut off, so who uses them is unknown */

    struct vector leaves;  /* struct leaf: becomes model.lists */
    uint32_t builtin[3];   /* 1 + leaf of $loopback, $private, $link-local */
    struct vector sources; /* struct list_source: the list files */
    struct text_map source_paths;

    struct vector rule_names; /* struct given_name, of reader_rules.c */

    struct vector files, rules, connectors, domains, literals, owners,
        anonymous, accepted;      /* as in the model */
    struct text_map mistakes;     /* of reader_entry.c */
    struct text_map member_lists; /* owners' equal values share a leaf */
};

struct source reader_source(const struct node *node);
struct place reader_place(const struct reader *reader, const struct node *node);
/* Zeroed memory of the model's arena; NULL is remembered as out of memory. */
void *reader_new(struct reader *reader, size_t count, size_t size);
struct text reader_copy(struct reader *reader, struct text text);
/* A zeroed new element at the end, good until the next; or NULL. */
void *reader_push(struct reader *reader, struct vector *vector, size_t size);
/* Moves the elements to the model's arena and empties the vector. */
void *reader_settle(struct reader *reader, struct vector *vector, size_t size,
                    size_t *count);
void vector_clear(struct vector *vector);
/* Adds to a map; true if the key is new, `present` is that of an old one.
 * Once memory ran out every key is new: what they stand for may be missing. */
bool reader_index(struct reader *reader, struct text_map *map, struct text key,
                  uint32_t value, uint32_t *present);
/* Texts one behind the other, in the arena. */
struct text reader_join(struct reader *reader, const struct text *parts,
                        size_t count);

/* The value as text; an error for anything but a scalar. */
bool reader_text(struct reader *reader, const struct node *node,
                 const char *what, struct text *text);
/* `true` or `false`; else an error. */
bool reader_bool(struct reader *reader, const struct node *node,
                 const char *what, bool *value);
/* An error: `node` is not what stands at `what`. */
void reader_wrong_type(struct reader *reader, const struct node *node,
                       const char *what, const char *expected);

/* Calls `visit` for the node, or for every item where lists stand, however
 * nested (policy.md §3: nested lists are flattened).  A null is an error, and
 * makes it false. */
typedef void reader_visit(struct reader *reader, const struct node *item,
                          void *context);
bool reader_each(struct reader *reader, const struct node *node,
                 const char *what, reader_visit *visit, void *context);
/* Anything but empty lists, however nested. */
bool reader_has_items(const struct node *node);

#endif
