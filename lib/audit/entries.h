/* Which line of which file an address of a rule's clients stands in. */
#ifndef MAYRELAY_AUDIT_ENTRIES_H
#define MAYRELAY_AUDIT_ENTRIES_H

#include "audit/surface.h"

/* The ranges that a rule's `clients` include, sorted. */
struct entries {
    const struct image *image;
    const struct image_selection *select;
    struct range_entry *items;
    size_t count, room;
    bool failed;
};

struct range_entry {
    struct range range;
    struct address highest; /* last address of this and all before it */
    uint32_t file, line;    /* line 0: a built-in list */
};

void entries_build(struct entries *entries, const struct image *image,
                   const struct image_rule *rule);
void entries_clear(struct entries *all);
/* The narrowest entry that holds the address, NULL if none does. */
const struct range_entry *entries_find(const struct entries *all,
                                       struct address address);
/* Where it stands: the rule itself for a built-in list. */
struct image_source entries_source(const struct entries *all,
                                   const struct range_entry *entry);

/* Those of one rule after the other; a zeroed one with its image is ready. */
struct entries_by_rule {
    const struct image *image;
    const struct image_rule *rule; /* that the entries are of, may be NULL */
    struct entries entries;
};

void entries_by_rule_clear(struct entries_by_rule *all);
/* Of a rule that lets the clients of the grant relay; good until the next
 * call. */
const struct entries *entries_of_grant(struct entries_by_rule *all,
                                       const struct diagram *diagram,
                                       const struct grant *grant);

#endif
