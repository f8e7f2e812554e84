/* What the rooms that propose edits share: the texts, the decision, and what of
 * the transaction could be written into a policy. */
#ifndef MAYRELAY_ADVISE_PROPOSER_H
#define MAYRELAY_ADVISE_PROPOSER_H

#include "advise/draft.h"
#include "decide/story.h"

enum {
    PROPOSALS_MOST = 64,
    TERMS_MOST = 2
};

/* The transaction's values as entries, the narrowest first; none: no data. */
struct terms {
    struct text client, listener, certificate, identity;
    struct text sender[TERMS_MOST], recipient[TERMS_MOST]; /* mailbox, domain */
    struct text domain; /* of a relay request without routing */
};

struct proposer {
    struct arena *arena;
    struct draft *draft;
    struct layout layout; /* of the policy as it is in the draft */
    const struct mayrelay_decision *decision;
    struct terms terms;
    struct step proposals[PROPOSALS_MOST]; /* what is beyond is left out */
    size_t count;
    bool failed; /* memory ran out */
};

/* Everything worth trying that might bring the decision nearer to an accept.
 * `root` is the tree of the layout; texts live in the arena. */
void propose(struct proposer *proposer, struct text identity,
             const unsigned char *certificate);

/* A text of the arena's. */
struct text propose_text(struct proposer *proposer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Keeps an edit, if there is one; each once. */
void propose_edit(struct proposer *proposer, bool made, const struct edit *edit,
                  struct text says);
/* "policy.yaml:12", of a node. */
struct text propose_place(struct proposer *proposer, const struct node *node);
/* An entry as it is written where the policy stands. */
struct text propose_written(struct proposer *proposer, struct text entry);

/* -- lists (propose_lists.c) ---------------------------------------------- */

/* One more entry in the list at a node, in the lists it names, and in its
 * files.  `what` names the list: "`clients` of relay.allow[1]". */
void propose_add(struct proposer *proposer, const struct node *list,
                 struct text entry, const char *what);
/* `not ENTRY`: as propose_add, but no list file takes it. */
void propose_exclude(struct proposer *proposer, const struct node *list,
                     struct text entry, const char *what);
/* Without the entry that has matched. */
void propose_drop(struct proposer *proposer, const struct node *list,
                  const struct matched *matched, const char *what);
/* One more line in a list file, named as the policy does. */
void propose_line(struct proposer *proposer, struct text path,
                  struct text line);

/* -- rules (propose_rules.c) ---------------------------------------------- */

/* For a right that a deny rule refuses, or that no allow rule grants. */
void propose_for_denied(struct proposer *proposer, enum right right);
void propose_for_lacking(struct proposer *proposer, enum right right);

/* -- the rest of the policy (propose_domains.c) --------------------------- */

/* The recipient's domain becomes ours, or one for everybody. */
void propose_domains(struct proposer *proposer);
/* The recipient gets a mailbox. */
void propose_mailbox(struct proposer *proposer);
/* The identity may use the sender. */
void propose_owner(struct proposer *proposer, const struct image_rule *rule);
/* Some connector takes the client, or the listener. */
void propose_connectors(struct proposer *proposer);

#endif
