/* mayrelay/decision.h: accept, defer or reject, the reply, and why.
 *
 * A decision belongs to its session and is good until the next call on it.
 * All getters accept NULL and then speak of an internal error: reject is 0,
 * and nothing that goes wrong can look like an accept. */
#ifndef MAYRELAY_DECISION_H
#define MAYRELAY_DECISION_H

#include "mayrelay/common.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mayrelay_decision mayrelay_decision;

enum mayrelay_verdict {
    MAYRELAY_REJECT = 0, /* 5xx */
    MAYRELAY_DEFER = 1,  /* 4xx */
    MAYRELAY_ACCEPT = 2  /* 250 */
};

enum mayrelay_reason {
    MAYRELAY_REASON_INTERNAL_ERROR = 0, /* an error of ours: always a 4xx */
    MAYRELAY_REASON_PROCEED = 1,        /* connect, mail: nothing against it */
    MAYRELAY_REASON_INBOUND = 2,
    MAYRELAY_REASON_REROUTED = 3,
    MAYRELAY_REASON_ALWAYS_RELAY = 4,
    MAYRELAY_REASON_RELAY_ALLOWED = 5,
    MAYRELAY_REASON_NO_CONNECTOR = 6,
    MAYRELAY_REASON_CONNECT_REFUSED = 7,
    MAYRELAY_REASON_AUTH_REQUIRED = 8,
    MAYRELAY_REASON_SUBMIT_DENIED = 9,
    MAYRELAY_REASON_BAD_SENDER = 10,
    MAYRELAY_REASON_BAD_RECIPIENT = 11,
    MAYRELAY_REASON_UNKNOWN_RECIPIENT = 12,
    MAYRELAY_REASON_RELAY_DENIED = 13,    /* no allow rule */
    MAYRELAY_REASON_RELAY_FORBIDDEN = 14, /* a deny rule */
    MAYRELAY_REASON_ROUTING_REFUSED = 15, /* as RELAY_DENIED, with routing */
    MAYRELAY_REASON_LOOKUP_FAILED = 16,
    MAYRELAY_REASON_CANNOT_REWRITE = 17
};

enum mayrelay_kind {
    MAYRELAY_KIND_INTERNAL = 0,
    MAYRELAY_KIND_GRANTED = 1,
    MAYRELAY_KIND_FORBIDDEN = 2,     /* by a deny rule */
    MAYRELAY_KIND_NOT_PERMITTED = 3, /* for lack of an allow */
    MAYRELAY_KIND_UNDETERMINED = 4,  /* a missing fact matters */
    MAYRELAY_KIND_MALFORMED = 5
};

/* Facts that a decision may lack; sets of them are unsigned. */
enum mayrelay_fact {
    MAYRELAY_FACT_CLIENT_NAME = 1, /* forward-confirmed host names */
    MAYRELAY_FACT_GROUPS = 2,      /* of the authenticated identity */
    MAYRELAY_FACT_RECIPIENT = 4    /* whether the mailbox exists */
};

enum mayrelay_format {
    MAYRELAY_TEXT = 0,
    MAYRELAY_JSON = 1
};

/* The names of policy.md §9 and §11: "relay-denied", "not-permitted",
 * "client-name"; static, never NULL. */
MAYRELAY_API const char *mayrelay_verdict_name(enum mayrelay_verdict verdict);
MAYRELAY_API const char *mayrelay_reason_name(enum mayrelay_reason reason);
MAYRELAY_API const char *mayrelay_kind_name(enum mayrelay_kind kind);
MAYRELAY_API const char *mayrelay_fact_name(enum mayrelay_fact fact);

MAYRELAY_API enum mayrelay_verdict
mayrelay_decision_get_verdict(const mayrelay_decision *decision);
/* The SMTP code: 250, 421, 451, 550, ... */
MAYRELAY_API int mayrelay_decision_get_code(const mayrelay_decision *decision);
/* The enhanced status code (RFC 3463), "5.7.1". */
MAYRELAY_API const char *
mayrelay_decision_get_enhanced(const mayrelay_decision *decision);
/* The text alone: printable ASCII, no line end. */
MAYRELAY_API const char *
mayrelay_decision_get_text(const mayrelay_decision *decision);
/* The whole line, "550 5.7.1 Unable to relay for c@d.example", without line
 * end, at most 510 octets (RFC 5321 §4.5.3.1.5). */
MAYRELAY_API const char *
mayrelay_decision_get_reply(const mayrelay_decision *decision);
MAYRELAY_API enum mayrelay_reason
mayrelay_decision_get_reason(const mayrelay_decision *decision);
MAYRELAY_API enum mayrelay_kind
mayrelay_decision_get_kind(const mayrelay_decision *decision);
/* The name of the rule that decided, and its place; NULL and 0 if none did. */
MAYRELAY_API const char *
mayrelay_decision_get_rule(const mayrelay_decision *decision);
MAYRELAY_API const char *
mayrelay_decision_get_file(const mayrelay_decision *decision);
MAYRELAY_API uint32_t
mayrelay_decision_get_line(const mayrelay_decision *decision);
/* The connector that was chosen, or NULL. */
MAYRELAY_API const char *
mayrelay_decision_get_connector(const mayrelay_decision *decision);
/* The recipient in canonical form, after reroute: what to deliver to.  NULL if
 * there was none or it does not parse. */
MAYRELAY_API const char *
mayrelay_decision_get_recipient(const mayrelay_decision *decision);
/* The recipient is not ours, or carries routing: a relay request. */
MAYRELAY_API bool
mayrelay_decision_get_is_relay(const mayrelay_decision *decision);
/* The missing facts, a set of enum mayrelay_fact.  After a 451 that is not 0,
 * look them up, answer, and resume: the decision may still change. */
MAYRELAY_API unsigned
mayrelay_decision_get_needs(const mayrelay_decision *decision);

/* The decision as one JSON object, on one line.  Returns the length needed,
 * as snprintf does; what does not fit is cut. */
MAYRELAY_API size_t mayrelay_decision_to_json(const mayrelay_decision *decision,
                                              char *buffer, size_t size);
/* The whole why: every right and rule that was tried, with the list entries
 * that matched and the nearest misses.  Judges again, so it costs nothing
 * where it is not called.  Returns the length needed. */
MAYRELAY_API size_t mayrelay_decision_explain(const mayrelay_decision *decision,
                                              enum mayrelay_format format,
                                              char *buffer, size_t size);

/* The scope: a box around the transaction in which every other is decided
 * alike, by this policy and at the same stage.  Alike are verdict, code,
 * enhanced code, reason, kind, needs, connector, and the rule with its place;
 * reply text, recipient and is_relay speak of the one transaction.
 *
 * A box has a side for all that the decision hangs on, and each side words that
 * must all be true:
 *
 *     connector default; client 10.1.0.0/16; any identity; any sender;
 *     recipient foreign
 *
 * The client is the widest block of neighbours around it.  What lists say of a
 * side is told by the rule that asks, "in senders of printer (policy.yaml:43)",
 * as policy.md has it: an account and its groups are in `users`, a recipient
 * with routing in `recipients` of deny rules alone.  What is "any", or no side,
 * does not matter; but sender and recipient parse unless they are "malformed",
 * or the decision was made before they were looked at, and nothing is missing
 * that the host must give.  It speaks of the facts as they are, so ask before
 * the session is told another.
 *
 * As JSON, an object: a "fingerprint", and for each side an array of words,
 * empty if it does not matter; null for an internal error.  Judges again, as
 * explain does, and takes memory for as long as the call lasts.  Returns the
 * length needed, as snprintf does. */
MAYRELAY_API size_t mayrelay_decision_scope(const mayrelay_decision *decision,
                                            enum mayrelay_format format,
                                            char *buffer, size_t size);
/* A number for why the decision is as it is: two decisions by policies of one
 * digest that have the same are alike, as above.  Of the same number in the
 * JSON of the scope; 0 for an internal error.  Judges again. */
MAYRELAY_API uint64_t
mayrelay_decision_get_fingerprint(const mayrelay_decision *decision);

#ifdef __cplusplus
}
#endif

#endif
