/* mayrelay/diff.h: what a change of the policy changes, exactly.
 *
 * A diff looks at all transactions at once and says which of them two policies
 * decide differently, as boxes: client networks, identities, senders,
 * recipients, and whatever else matters.  Decisions differ if a client or host
 * can tell: by verdict, code, enhanced code, text or reason, by where accepted
 * mail goes, or by whether it is relayed.  Which rule is named, and which facts
 * are asked for, is no difference.  Each box is shown by a transaction that the
 * evaluator itself has decided with both policies.
 *
 * It assumes that the host says which listener a connection came to, where a
 * policy asks for it.  Patterns are symbols: what hangs on one and cannot be
 * shown is said to be uncertain, and counts all the same.
 *
 * A diff is yours, never changes, and may be read from any thread. */
#ifndef MAYRELAY_DIFF_H
#define MAYRELAY_DIFF_H

#include "mayrelay/common.h"
#include "mayrelay/policy.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mayrelay_diff mayrelay_diff;

enum mayrelay_diff_verdict {
    MAYRELAY_DIFF_INCOMPLETE = 0,   /* a budget ran out: nothing is proven */
    MAYRELAY_DIFF_INCOMPARABLE = 1, /* some mail is gained, some is lost */
    MAYRELAY_DIFF_LOOSER = 2,       /* some mail is gained, none is lost */
    MAYRELAY_DIFF_STRICTER = 3,     /* some mail is lost, none is gained */
    MAYRELAY_DIFF_REPLIES = 4,      /* the same mail, with other replies */
    MAYRELAY_DIFF_EQUIVALENT = 5    /* no transaction is decided differently */
};

enum mayrelay_diff_effect {
    MAYRELAY_DIFF_GAINED = 0, /* accepted now, and not before */
    MAYRELAY_DIFF_MOVED = 1,  /* accepted for another recipient, or relayed */
    MAYRELAY_DIFF_LOST = 2,   /* accepted before, and not now */
    MAYRELAY_DIFF_ANSWER = 3  /* another reply or reason */
};

/* NULL if a policy is NULL or memory ran out. */
MAYRELAY_API mayrelay_diff *mayrelay_policy_diff(mayrelay_policy *old_policy,
                                                 mayrelay_policy *new_policy);
MAYRELAY_API void mayrelay_diff_free(mayrelay_diff *diff);

/* "INCOMPLETE", "EQUIVALENT", ...; "gained", "moved", ...: static, never
 * NULL. */
MAYRELAY_API const char *
mayrelay_diff_verdict_name(enum mayrelay_diff_verdict verdict);
MAYRELAY_API const char *
mayrelay_diff_effect_name(enum mayrelay_diff_effect effect);

/* Of NULL, INCOMPLETE. */
MAYRELAY_API enum mayrelay_diff_verdict
mayrelay_diff_get_verdict(const mayrelay_diff *diff);
/* Not NULL: the evaluator has decided a witness otherwise than the diff says.
 * That is a bug in this library; the text is the dialogue that shows it. */
MAYRELAY_API const char *mayrelay_diff_get_bug(const mayrelay_diff *diff);

/* How many boxes there are; UINT64_MAX: as many or more. */
MAYRELAY_API uint64_t mayrelay_diff_count(const mayrelay_diff *diff);
/* How many of them can be read by index, from 0: gained ones first. */
MAYRELAY_API size_t mayrelay_diff_count_shown(const mayrelay_diff *diff);
/* ANSWER beyond the count. */
MAYRELAY_API enum mayrelay_diff_effect
mayrelay_diff_get_effect(const mayrelay_diff *diff, size_t index);
/* An SMTP dialogue that both policies have decided, with both replies, lines
 * ended by '\n'; NULL if none could be made, as patterns have a say. */
MAYRELAY_API const char *mayrelay_diff_get_witness(const mayrelay_diff *diff,
                                                   size_t index);

/* The verdict, how far each effect reaches ("gained: 16 addresses × anybody ×
 * any foreign recipient": along each axis all that is in some box, so together
 * it may say more than changes, never less), and boxes, at most `limit` of
 * them. Return the length needed, as snprintf does. */
MAYRELAY_API size_t mayrelay_diff_to_text(const mayrelay_diff *diff,
                                          size_t limit, char *buffer,
                                          size_t size);
MAYRELAY_API size_t mayrelay_diff_to_json(const mayrelay_diff *diff,
                                          size_t limit, char *buffer,
                                          size_t size);

#ifdef __cplusplus
}
#endif

#endif
