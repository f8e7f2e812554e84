/* mayrelay/policy.h: the policy, immutable and shared.
 *
 * A policy may be used by any number of threads and sessions at once, and
 * across fork.  To reload, load the new one beside it, and on success swap
 * your own pointer; sessions keep the policy they began with.  mayrelay/watch.h
 * does this for you, whenever a file changes. */
#ifndef MAYRELAY_POLICY_H
#define MAYRELAY_POLICY_H

#include "mayrelay/common.h"
#include "mayrelay/report.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mayrelay_policy mayrelay_policy;

enum mayrelay_load_flag {
    /* A private copy of an image instead of a map: for files that somebody
     * might truncate in place, where a map would die of SIGBUS. */
    MAYRELAY_LOAD_COPY = 1,
    /* Check the digest over the whole image, not only its header.  With COPY it
     * speaks of the very bytes that decide; of a map, only of its file as it
     * was. */
    MAYRELAY_LOAD_VERIFY = 2,
    /* Only an image that the audit has stamped as closed, and that is, octet
     * by octet, what it was: its digest is checked as with VERIFY.  A policy of
     * any other kind is refused (MR515), a text, too, as it has no stamp; so a
     * host that asks for this cannot start as an open relay by mistake.  The
     * stamp is a checksum and no signature: who can write the image can forge
     * it. */
    MAYRELAY_LOAD_REQUIRE_CLOSED = 4
};

/* Loads a policy: YAML, JSON or an image, told apart by the first bytes.
 *
 * NULL on any error.  *report (unless report is NULL) is set to everything
 * that was found, warnings of a good policy included, or to NULL if there was
 * nothing or no memory to say it; free it.  Reads files, hence may block. */
MAYRELAY_API mayrelay_policy *mayrelay_policy_load(const char *path,
                                                   unsigned flags,
                                                   mayrelay_report **report);
/* The same for a text in memory.  `name` stands for the file in diagnostics
 * and decisions, and list files are sought beside it. */
MAYRELAY_API mayrelay_policy *mayrelay_policy_parse(const char *text,
                                                    size_t size,
                                                    const char *name,
                                                    mayrelay_report **report);
/* Writes the image that load maps: to a temporary file beside it, fsync,
 * rename, fsync of the folder; so readers see the old image or the new one,
 * never a part.  It keeps the mode of the file it replaces, and replaces
 * regular files only.
 *
 * MAYRELAY_ERR_IO, and errno, where something failed: the old file is as it
 * was, and no other is left.  If only the last step failed, the new image
 * stands there whole, but may be gone after a crash. */
MAYRELAY_API enum mayrelay_status
mayrelay_policy_save(const mayrelay_policy *policy, const char *image_path);

/* Counts are atomic: any thread may ref and unref. ref returns its argument. */
MAYRELAY_API mayrelay_policy *mayrelay_policy_ref(mayrelay_policy *policy);
MAYRELAY_API void mayrelay_policy_unref(mayrelay_policy *policy);

/* The digest of the compiled policy in lower-case hex; the same policy has the
 * same digest.  Lives as long as the policy. */
MAYRELAY_API const char *
mayrelay_policy_get_digest(const mayrelay_policy *policy);
/* What the audit has stamped on the image that the policy was loaded from: a
 * JSON object with "closed", "verdicts", "unknown_is_closed", "assumptions",
 * the "trusted" networks, the policy's "digest", and the "version" of the
 * library that audited it.  NULL if there is no stamp.  Lives as long as the
 * policy. */
MAYRELAY_API const char *
mayrelay_policy_get_stamp(const mayrelay_policy *policy);
/* Which facts some rule may ask for: a set of enum mayrelay_fact. */
MAYRELAY_API unsigned mayrelay_policy_get_facts(const mayrelay_policy *policy);
/* Some domain is rerouted: hosts that cannot rewrite recipients refuse it. */
MAYRELAY_API bool mayrelay_policy_has_reroute(const mayrelay_policy *policy);

/* The rules, by index, in no order that means anything: each once, though a
 * deny at the top of the file holds on every connector, and `never-route` and
 * `always-relay` count as rules.  Names, as mayrelay_decision_get_rule has
 * them, and files live as long as the policy; NULL, and line 0, beyond the
 * count. */
MAYRELAY_API size_t mayrelay_policy_count_rules(const mayrelay_policy *policy);
MAYRELAY_API const char *mayrelay_policy_get_rule(const mayrelay_policy *policy,
                                                  size_t index);
MAYRELAY_API const char *
mayrelay_policy_get_rule_file(const mayrelay_policy *policy, size_t index);
MAYRELAY_API uint32_t
mayrelay_policy_get_rule_line(const mayrelay_policy *policy, size_t index);

/* One call for harnesses, bindings and hosts without state: the SMTP code of
 * the decision at RCPT.
 *
 * All texts end in NUL; identity may be NULL (anonymous).  sender "" or "<>"
 * is the null reverse-path.  No listener, names, groups or recipient look-up:
 * where one of them matters, the answer is 451.  `reply` (may be NULL) gets
 * the reply line without line end, cut to its size. */
MAYRELAY_API int mayrelay_check(mayrelay_policy *policy, const char *client,
                                const char *identity, const char *sender,
                                const char *recipient, char *reply,
                                size_t reply_size);

#ifdef __cplusplus
}
#endif

#endif
