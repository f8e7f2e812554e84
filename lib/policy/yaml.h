/* YAML (and so JSON) as a tree of nodes that know their place; the only file
 * that knows libyaml. */
#ifndef MAYRELAY_POLICY_YAML_H
#define MAYRELAY_POLICY_YAML_H

#include "base/arena.h"
#include "base/report.h"

enum node_kind {
    NODE_SCALAR,
    NODE_SEQUENCE,
    NODE_MAPPING
};

/* An alias yields the very node of its anchor (as a key: a copy with its own
 * place), so a tree may meet itself more than once, but never inside itself. */
struct node {
    enum node_kind kind;
    uint32_t line, column; /* from 1; column in characters */
    struct text scalar;
    bool plain;          /* a scalar without quotes */
    struct node **items; /* a sequence's items, a mapping's values */
    struct node **keys;  /* a mapping's keys */
    size_t count;
};

/* The root of the only document; NULL (and findings) if the text is not UTF-8,
 * not YAML, empty, several documents, or is nested or expanded beyond the
 * limits.  Tags, merge keys, keys that are not scalars and duplicate keys are
 * findings too, but leave a tree (all its keys scalars), so that the errors
 * behind them come out in the same go. */
struct node *yaml_read(struct text text, const char *file, struct arena *arena,
                       struct mayrelay_report *report);
/* A plain scalar that YAML 1.1 reads as null: "", "~", "null", "Null", "NULL".
 */
bool node_is_null(const struct node *node);
/* A plain `true` or `false`; false if it is neither. */
bool node_is_bool(const struct node *node, bool *value);

#endif
