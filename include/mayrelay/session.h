/* mayrelay/session.h: one SMTP connection, from connect to RCPT.
 *
 * Facts in, decision out.  A session is used by one thread at a time, does no
 * I/O, takes no lock, and allocates nothing while deciding, except for the
 * first use of a pattern and for domain names that are not ASCII.  It holds a
 * reference to its policy.
 *
 * Every call leaves a decision fit to send.  A setter that fails poisons the
 * session: every decision is internal-error (451) until that fact is set
 * again, or until connect.  A host that ignores every status can never become
 * an open relay.
 *
 * connect clears everything; tls the identity, groups, sender and recipient
 * (RFC 3207 §4.2); auth the groups, sender and recipient; mail the recipient;
 * rcpt what was said of the previous recipient; reset sender and recipient. */
#ifndef MAYRELAY_SESSION_H
#define MAYRELAY_SESSION_H

#include "mayrelay/common.h"
#include "mayrelay/decision.h"
#include "mayrelay/dns_answer.h"
#include "mayrelay/policy.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mayrelay_session mayrelay_session;

enum mayrelay_answer {
    MAYRELAY_KNOWN = 0, /* that was all */
    MAYRELAY_FAILED = 1 /* the look-up failed: the fact stays unknown */
};

/* NULL if policy is NULL or memory ran out. */
MAYRELAY_API mayrelay_session *mayrelay_session_new(mayrelay_policy *policy);
MAYRELAY_API void mayrelay_session_free(mayrelay_session *session);

/* -- the SMTP dialogue: each returns the code to answer with --------------- */

/* client: "192.0.2.7", "2001:db8::1".  listener: our own side of the
 * connection, "192.0.2.25:25", "[2001:db8::25]:25" or without port; NULL if
 * not known.  A client that does not parse is an internal error. */
MAYRELAY_API int mayrelay_session_connect(mayrelay_session *session,
                                          const char *client,
                                          const char *listener);
/* The same with 4 or 16 octets in network order; ports in host order, 0 for
 * none; listener may be NULL. */
MAYRELAY_API int
mayrelay_session_connect_addr(mayrelay_session *session, const void *client,
                              size_t client_size, const void *listener,
                              size_t listener_size, uint16_t listener_port);
/* MAIL FROM's argument, with or without <>; "" and "<>" are the null sender. */
MAYRELAY_API int mayrelay_session_mail(mayrelay_session *session,
                                       const char *sender, size_t size);
/* RCPT TO's argument. */
MAYRELAY_API int mayrelay_session_rcpt(mayrelay_session *session,
                                       const char *recipient, size_t size);
/* Judges the last of connect, mail and rcpt again, with what has been answered
 * since. */
MAYRELAY_API int mayrelay_session_resume(mayrelay_session *session);
/* RSET, or the end of a message. */
MAYRELAY_API void mayrelay_session_reset(mayrelay_session *session);

/* -- facts ----------------------------------------------------------------- */

/* The session is encrypted now.  fingerprint: the SHA-256 of the client
 * certificate that the host has verified, 64 hex digits with or without
 * colons; NULL for none. */
MAYRELAY_API enum mayrelay_status
mayrelay_session_tls(mayrelay_session *session, const char *fingerprint,
                     size_t size);
/* The authenticated identity; NULL: anonymous again. */
MAYRELAY_API enum mayrelay_status
mayrelay_session_auth(mayrelay_session *session, const char *identity,
                      size_t size);
/* A forward-confirmed host name of the client (RFC 2505 §1.4).  Nothing counts
 * before mayrelay_session_answer.  More than 100 are refused, with ERR_TEXT. */
MAYRELAY_API enum mayrelay_status
mayrelay_session_add_client_name(mayrelay_session *session, const char *name,
                                 size_t size);
/* A group that the identity belongs to. */
MAYRELAY_API enum mayrelay_status
mayrelay_session_add_group(mayrelay_session *session, const char *group,
                           size_t size);
/* Whether the mailbox of RCPT TO exists; this is the whole answer. */
MAYRELAY_API enum mayrelay_status
mayrelay_session_set_recipient_exists(mayrelay_session *session, bool exists);
/* MAYRELAY_KNOWN: that was all there is to say of this fact, be it nothing.
 * MAYRELAY_FAILED: the look-up failed; the fact stays unknown and is not asked
 * for again. */
MAYRELAY_API enum mayrelay_status
mayrelay_session_answer(mayrelay_session *session, enum mayrelay_fact fact,
                        enum mayrelay_answer answer);
/* The whole answer of a resolver, in the place of whatever has been said of the
 * client's names; the answer stays yours.  A failed look-up leaves the names
 * unknown, and so does NULL, with ERR_ARGUMENT.  An answer about another client
 * is ERR_ARGUMENT too: names that are known stay; if none are, the look-up has
 * failed, until the client's own answer comes.  Judge again with resume. */
MAYRELAY_API enum mayrelay_status
mayrelay_session_take(mayrelay_session *session,
                      const mayrelay_dns_answer *answer);
/* This host delivers to the decision's recipient, so that `reroute` works.
 * Lives as long as the session; false at first. */
MAYRELAY_API void mayrelay_session_rewrites(mayrelay_session *session,
                                            bool rewrites);

/* -- the decision ---------------------------------------------------------- */

/* The missing facts of the last decision: not 0 means that it can still become
 * something else. */
MAYRELAY_API unsigned mayrelay_session_needs(const mayrelay_session *session);
/* The last decision; never NULL, not even for a NULL session. */
MAYRELAY_API const mayrelay_decision *
mayrelay_session_get_decision(const mayrelay_session *session);
/* The last decision for a log: one line, without line end, of printable ASCII,
 * as logfmt (MAYRELAY_TEXT: key=value, values quoted as in JSON where they must
 * be, the key of a list repeated) or as a JSON object.
 *
 * It holds the outcome, the rule and the list entries behind it with file and
 * line, or the nearest misses, and every fact that it was made from, under the
 * names of the batch (`mayrelay check --batch`), MAIL FROM, RCPT TO and the
 * identity as they were given; so `mayrelay explain POLICY --log LINE` can
 * judge it again.  What is not UTF-8 is written as U+FFFD.
 *
 * time and id are the host's, and may be NULL: when it was, and what the line
 * is found by.  Returns the length needed, as snprintf does; what does not fit
 * is cut.  Reads the lists that matched, so it is slower than deciding. */
MAYRELAY_API size_t mayrelay_session_to_log(const mayrelay_session *session,
                                            enum mayrelay_format format,
                                            const char *time, const char *id,
                                            char *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
