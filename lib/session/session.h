/* A session from the inside: one that lives in its caller's memory, and facts
 * that are taken without judging them yet. */
#ifndef MAYRELAY_SESSION_SESSION_H
#define MAYRELAY_SESSION_SESSION_H

#include "decide/decision.h"
#include "mayrelay/session.h"
#include "session/given.h"

struct mayrelay_session {
    struct mayrelay_policy *policy;
    struct pattern_matcher *matcher;
    unsigned poison; /* a set of enum poison */
    struct facts facts;
    struct given given;
    struct mayrelay_decision decision;
};

/* Borrows the policy; false if memory runs out.  Without a decision until the
 * first call that makes one. */
bool session_init(struct mayrelay_session *session,
                  struct mayrelay_policy *policy);
/* Frees what the session owns: not itself, not the policy. */
void session_clear(struct mayrelay_session *session);

/* As mayrelay_session_connect and _mail, which judge too. */
void session_take_connection(struct mayrelay_session *session,
                             const char *client, const char *listener);
void session_take_sender(struct mayrelay_session *session, const char *sender,
                         size_t size);

/* Tells a fresh session, of another policy maybe, all that was given to this
 * one, and has it decide at the same stage; false if memory runs out. */
bool session_tell(struct mayrelay_session *to,
                  const struct mayrelay_session *from);

#endif
