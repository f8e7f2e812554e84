/* A policy with some edits made, in memory: its files stay as they are. */
#ifndef MAYRELAY_ADVISE_DRAFT_H
#define MAYRELAY_ADVISE_DRAFT_H

#include "advise/layout.h"
#include "image/policy.h"

enum {
    STEPS_MOST = 3
};

/* One edit, and what it is in words: "add 10.4.2.7 to $branch-offices". */
struct step {
    struct edit edit;
    struct text says;
};

struct draft {
    const char *path;
    struct text text; /* of the policy as it is in its file */
    const struct step *steps;
    size_t count;
    size_t octets; /* that its loads have read */
    bool failed;   /* memory ran out, or a file has changed; sticks */
};

/* The texts with the edits that are of them; on the heap, NULL data if that
 * fails. */
struct text draft_policy_text(struct draft *draft);
struct text draft_list_file(struct draft *draft, struct text path);
/* Loaded as from its files; NULL if it is refused, too. */
struct mayrelay_policy *draft_load(struct draft *draft,
                                   struct mayrelay_report *report);

#endif
