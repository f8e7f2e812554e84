/* mayrelay/audit.h: who may relay where, exactly.
 *
 * An audit looks at all transactions at once: every class of clients, names,
 * identities, senders and recipients that the policy can tell apart, through
 * the rules as they are compiled.  What it says can happen is shown by a
 * transaction that the evaluator itself has accepted; what it says cannot
 * happen, cannot, as far as its assumptions hold: the server delivers to what
 * was judged, the address is the client's own, and credentials are sound.
 *
 * It ends: at most 2^30 words of masks are looked at (some ten seconds), in at
 * most 1 GiB and ten times the image's size of memory.  Both are counted, and
 * what is beyond is INCOMPLETE, on every machine alike.
 *
 * An audit is yours, never changes, and may be read from any thread. */
#ifndef MAYRELAY_AUDIT_H
#define MAYRELAY_AUDIT_H

#include "mayrelay/common.h"
#include "mayrelay/decision.h"
#include "mayrelay/policy.h"
#include "mayrelay/report.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mayrelay_audit mayrelay_audit;
typedef struct mayrelay_audit_options mayrelay_audit_options;

/* Whom one might have to trust. */
enum mayrelay_audit_source {
    MAYRELAY_SOURCE_STRANGER = 0, /* anybody on the Internet, anonymous */
    MAYRELAY_SOURCE_ACCOUNT = 1,  /* one stolen account, or certificate */
    MAYRELAY_SOURCE_DNS = 2,      /* the owner of a DNS zone */
    MAYRELAY_SOURCE_HOST = 3      /* the host's answers about groups */
};

enum mayrelay_audit_verdict {
    MAYRELAY_AUDIT_INCOMPLETE = 0,  /* a budget ran out: nothing is proven */
    MAYRELAY_AUDIT_OPEN = 1,        /* it can relay; the witness shows how */
    MAYRELAY_AUDIT_CONDITIONAL = 2, /* it can, under a condition */
    MAYRELAY_AUDIT_CLOSED = 3       /* it cannot */
};

/* -- options: NULL where they are taken stands for the defaults -------------
 */

MAYRELAY_API mayrelay_audit_options *mayrelay_audit_options_new(void);
MAYRELAY_API void mayrelay_audit_options_free(mayrelay_audit_options *options);
/* A network of ours ("192.0.2.0/24", an address, a range): nobody in it is a
 * stranger.  Once any is named, everybody else with a public address is one.
 * Without, strangers are those that the policy does not single out: who has a
 * public address in a block of more than a /8 (IPv4) or /32 (IPv6) that may
 * relay as a whole. */
MAYRELAY_API enum mayrelay_status
mayrelay_audit_options_trust(mayrelay_audit_options *options,
                             const char *network);

/* -- the audit ---------------------------------------------------------------
 */

/* NULL if the policy is NULL or memory ran out.  *report gets the findings,
 * which are yours; with a NULL report none are looked for, which takes half as
 * long. */
MAYRELAY_API mayrelay_audit *
mayrelay_policy_audit(mayrelay_policy *policy,
                      const mayrelay_audit_options *options,
                      mayrelay_report **report);
MAYRELAY_API void mayrelay_audit_free(mayrelay_audit *audit);

/* "stranger", "account", "dns", "host"; static, never NULL. */
MAYRELAY_API const char *
mayrelay_audit_source_name(enum mayrelay_audit_source source);
/* "INCOMPLETE", "OPEN", "CONDITIONAL", "CLOSED"; static, never NULL. */
MAYRELAY_API const char *
mayrelay_audit_verdict_name(enum mayrelay_audit_verdict verdict);

/* Of NULL, and of a source that is none, INCOMPLETE. */
MAYRELAY_API enum mayrelay_audit_verdict
mayrelay_audit_get_verdict(const mayrelay_audit *audit,
                           enum mayrelay_audit_source source);
/* Strangers and the owners of DNS zones are kept out: both CLOSED.  What
 * `mayrelay audit --require closed` asks for. */
MAYRELAY_API bool mayrelay_audit_is_closed(const mayrelay_audit *audit);
/* It is proven that a failed or missing look-up (host names, groups) never
 * leads to an accept that an answer would refuse. */
MAYRELAY_API bool mayrelay_audit_unknown_is_closed(const mayrelay_audit *audit);
/* What the verdict says, in one line: on what it hangs, or why it is closed. */
MAYRELAY_API const char *
mayrelay_audit_get_reason(const mayrelay_audit *audit,
                          enum mayrelay_audit_source source);
/* An SMTP dialogue that the evaluator has accepted, lines ended by '\n'; NULL
 * if there is none. */
MAYRELAY_API const char *
mayrelay_audit_get_witness(const mayrelay_audit *audit,
                           enum mayrelay_audit_source source);

/* An SMTP dialogue that the evaluator has refused, although the audit says that
 * it accepts it; NULL if, as it should be, there is none.  One of the two is
 * wrong then: every verdict is INCOMPLETE, and mayrelay has a bug that its
 * authors want to know of. */
MAYRELAY_API const char *
mayrelay_audit_get_disagreement(const mayrelay_audit *audit);

/* Verdicts, assumptions, and the whole closure: per connector and listener the
 * client networks, identities, senders and recipients that may relay, with the
 * rule and the list entries that say so.  Return the length needed, as snprintf
 * does.  The text names the first networks of each grant, the JSON all. */
MAYRELAY_API size_t mayrelay_audit_to_text(const mayrelay_audit *audit,
                                           char *buffer, size_t size);
MAYRELAY_API size_t mayrelay_audit_to_json(const mayrelay_audit *audit,
                                           char *buffer, size_t size);
/* All this and the findings (may be NULL) as one HTML file for people: without
 * scripts, and without anything that is fetched.  Of large policies it shows
 * the first of everything, and counts the rest. */
MAYRELAY_API size_t mayrelay_audit_to_html(const mayrelay_audit *audit,
                                           const mayrelay_report *findings,
                                           char *buffer, size_t size);

/* Writes the image of the audited policy as mayrelay_policy_save does, with
 * the audit as its stamp, whatever it says: mayrelay_policy_get_stamp reads it,
 * and MAYRELAY_LOAD_REQUIRE_CLOSED asks that it be closed. */
MAYRELAY_API enum mayrelay_status
mayrelay_audit_save(const mayrelay_audit *audit, const char *image_path);

#ifdef __cplusplus
}
#endif

#endif
