/* Plain facts as calls on a session, and its decisions held against the slow
 * evaluator's. */
#ifndef TESTS_DRIVE_H
#define TESTS_DRIVE_H

#include "mayrelay.h"
#include "random.h"
#include "slow.h"

/* Each says one thing of the facts to the session; `random` picks among the
 * ways to say it. */
void say_connect(mayrelay_session *session, struct random *random,
                 const struct facts *facts);
void say_names(mayrelay_session *session, const struct facts *facts);
void say_tls(mayrelay_session *session, const struct facts *facts);
void say_identity(mayrelay_session *session, const struct facts *facts);
void say_groups(mayrelay_session *session, const struct facts *facts);
/* All of these. */
void say_connection(mayrelay_session *session, struct random *random,
                    const struct facts *facts);
void say_sender(mayrelay_session *session, const struct facts *facts);
void say_recipient(mayrelay_session *session, const struct facts *facts);
void say_exists(mayrelay_session *session, const struct facts *facts);
/* Everything up to RCPT, look-ups answered in time; returns the code. */
int say_everything(mayrelay_session *session, struct random *random,
                   const struct facts *facts);

/* What of the facts mayrelay_check knows, and its answer to them. */
struct facts facts_for_check(const struct facts *facts);
int say_at_once(mayrelay_policy *policy, const struct facts *facts);

/* A session's last decision, copied; names stay borrowed. */
struct decision decision_of(const mayrelay_session *session);
/* The reply says the decision's code, in printable ASCII on one line of at most
 * 510 octets. */
bool reply_is_sound(const mayrelay_session *session);
/* Asks for the whole why, which may not change anything. */
void ask_why(const mayrelay_session *session, struct random *random);
bool decisions_equal(const struct decision *a, const struct decision *b);
/* One line for people. */
void print_decision(const char *who, const struct decision *decision);

/* Generated, written and parsed; NULL (and all about it printed) if it does
 * not load.  *text is to be freed. */
mayrelay_policy *load_generated(struct random *random, struct policy *policy,
                                char **text);

#endif
