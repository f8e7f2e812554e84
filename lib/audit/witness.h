/* A transaction made up from a way through a diagram, and replayed on the real
 * evaluator. */
#ifndef MAYRELAY_AUDIT_WITNESS_H
#define MAYRELAY_AUDIT_WITNESS_H

#include "audit/search.h"
#include "audit/surface.h"
#include "base/output.h"
#include "mail/mailbox.h"
#include "mayrelay/policy.h"
#include "mayrelay/session.h"

enum {
    WITNESS_NAMES_MOST = 8
};

enum witness_mailbox {
    MAILBOX_NOT_ASKED,
    MAILBOX_EXISTS,
    MAILBOX_ABSENT,
    MAILBOX_UNKNOWN /* the look-up fails */
};

struct witness {
    char client[ADDRESS_TEXT_SIZE];
    char listener[ENDPOINT_TEXT_SIZE]; /* empty: not needed */
    char names[WITNESS_NAMES_MOST][DOMAIN_TEXT_SIZE];
    unsigned name_count;
    struct text groups[WITNESS_NAMES_MOST];
    unsigned group_count;
    struct text identity; /* empty: anonymous */
    char fresh_identity[32];
    bool tls;
    struct text certificate; /* 32 octets, or empty */
    char sender[2 * MAILBOX_TEXT_SIZE], recipient[2 * MAILBOX_TEXT_SIZE];
    bool names_fail, groups_fail;  /* the look-up does */
    enum witness_mailbox mailbox;  /* what the host says of it */
    bool no_rewriting;             /* the host cannot */
    bool ends_at_mail;             /* no recipient is named */
    bool symbolic;                 /* some pattern had a say */
    const struct image_rule *rule; /* that the diagram names */
};

/* A few of the many that a way stands for, by `attempt` from 0; false if there
 * is none of that number. */
bool witness_make(struct witness *witness, const struct surface *surface,
                  const struct search *search, const struct grant *grant,
                  struct address client, uint32_t leads, unsigned attempt);
/* Plays it on a session, whose last decision then is about it.  The dialogue is
 * appended to `out` (may be NULL), with the session's answers if wanted. */
void witness_play(const struct witness *witness, mayrelay_session *session,
                  struct output *out, bool with_answers);

enum replay {
    REPLAY_FAILED, /* out of memory: nothing is known */
    REPLAY_REFUSED,
    REPLAY_ACCEPTED /* by the rule (by any, if a pattern had a say) */
};

/* What the evaluator says of it.  The dialogue is appended to `out`, may be
 * NULL. */
enum replay witness_replay(const struct witness *witness,
                           mayrelay_policy *policy, struct output *out);

#endif
