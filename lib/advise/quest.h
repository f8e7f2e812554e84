/* The search for edits that make a decision an accept: all of one step, else
 * of two, else of three, each tried by the loader and the evaluator. */
#ifndef MAYRELAY_ADVISE_QUEST_H
#define MAYRELAY_ADVISE_QUEST_H

#include "advise/draft.h"
#include "advise/radius.h"
#include "session/session.h"

enum {
    FOUND_MOST = 16,  /* that are measured, which may take seconds each */
    TRIES_MOST = 160, /* policies that are loaded */
    TRIES_LEAST = 12, /* ... however large they are */
    FRONT_MOST = 4    /* of those that came nearer, how many go on */
};

/* Octets of the policy and its list files that are read in all. */
#define OCTETS_MOST ((size_t)64 << 20)

struct found {
    struct step steps[STEPS_MOST];
    size_t count;
    struct radius radius;
    const char *rule; /* which then grants; of the arena, or NULL */
};

struct quest {
    struct arena *arena;
    const char *path;
    struct text text;
    const struct mayrelay_session *session;
    const mayrelay_audit *audit; /* of the policy as it is */
    size_t tries;                /* that are left */
    struct found found[FOUND_MOST];
    size_t count;
    size_t refused; /* as they would open a relay to strangers */
    bool cut;       /* by the budget */
    bool is_large;  /* one comparison was too much: others would be, too */
    bool failed;    /* memory ran out, or a file has changed */
};

/* From the session's decision, which is one of the policy in `text`. */
void quest_run(struct quest *quest);

#endif
