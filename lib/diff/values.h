/* Every value that two policies can tell apart, kind by kind: the cells of
 * clients, identities and mail. */
#ifndef MAYRELAY_DIFF_VALUES_H
#define MAYRELAY_DIFF_VALUES_H

#include "diff/cells.h"

struct values {
    const struct pair *pair;
    struct facts *facts[SIDES]; /* where values are shown to the look-ups */
    unsigned fresh; /* "far3" and "someone3": in no list of either */
    struct cells addresses, names, groups, identities, certificates;
    struct cells senders, recipients;
    bool over_budget, failed;
};

void pair_values_build(struct values *values, const struct pair *pair);
void pair_values_clear(struct values *values);
/* What a text is to both policies. */
enum value_kind {
    VALUE_NAME,
    VALUE_GROUP,
    VALUE_IDENTITY,
    VALUE_CERTIFICATE
};
void values_key(struct values *values, enum value_kind kind, struct text text,
                struct cell_key *key);
/* The cell of clients that are in these classes. */
uint32_t values_address(const struct values *values,
                        const uint32_t classes[SIDES]);

/* Walks the intervals of two prefix sets side by side. */
struct side_walk {
    struct prefix_walk walks[SIDES];
    struct interval next[SIDES];
    bool has_next[SIDES], done;
    uint32_t values[SIDES];
    struct address at;
};

/* From `at` on both have these values, up to the next run. */
struct side_run {
    struct address first, last;
    uint32_t values[SIDES];
};

struct side_walk side_walk_start(const struct prefix_set *old,
                                 const struct prefix_set *new,
                                 enum address_family family);
bool side_walk_next(struct side_walk *walk, struct side_run *run);

/* -- parts of it ------------------------------------------------------------
 */

/* The cells of senders and recipients. */
void senders_build(struct values *values);
void recipients_build(struct values *values);
/* "far", "far3": a label, or the local part "someone3". */
void values_write_fresh(const struct values *values, struct output *out,
                        const char *stem);
/* Notes the number of a "far3" or "someone3" in a text. */
void values_note_fresh(struct values *values, struct text text);

#endif
