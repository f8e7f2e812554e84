/* mayrelay/advice.h: what to change in a policy, so that it accepts.
 *
 * Edits of the policy's own files are tried one by one, on copies in memory:
 * each is loaded as the file would be, judges the very facts of a session by
 * the evaluator itself, and is measured by what else it changes.  So none is
 * named that does not load, does not do what it is for, or opens the relay to
 * strangers (mayrelay/audit.h) who could not relay before.
 *
 * An advice is yours, never changes, and may be read from any thread. */
#ifndef MAYRELAY_ADVICE_H
#define MAYRELAY_ADVICE_H

#include "mayrelay/common.h"
#include "mayrelay/report.h"
#include "mayrelay/session.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mayrelay_advice mayrelay_advice;

/* What would have the policy at `path` (YAML or JSON, as its file is now)
 * accept what the session was told, at the stage it is at: the connection, the
 * sender or the recipient.  The session's own policy, and the session, stay as
 * they are.
 *
 * Tries edits of one step, and only if none suffices of two, then three.  It
 * reads the policy at most 160 times, and of a large one no more often than
 * makes 64 MiB, but 12 times; each that accepts is measured too.  Reads files,
 * hence may block.
 *
 * NULL if the policy cannot be read (*report, unless NULL, says why, and is
 * yours; an image has no text to edit), a file of it changed meanwhile, or
 * memory ran out. */
MAYRELAY_API mayrelay_advice *
mayrelay_session_advise(const mayrelay_session *session, const char *path,
                        mayrelay_report **report);
MAYRELAY_API void mayrelay_advice_free(mayrelay_advice *advice);

/* How many edits there are, the least harmful first.  Of NULL 0. */
MAYRELAY_API size_t mayrelay_advice_count(const mayrelay_advice *advice);
/* Why there is none: what is missing, or that it is accepted already.  Also
 * when there are: that others were left out, and why.  NULL if there is nothing
 * to say. */
MAYRELAY_API const char *
mayrelay_advice_get_note(const mayrelay_advice *advice);

/* Texts live as long as the advice; NULL, and line 0, beyond the count.
 *
 * What to do: "add 10.4.2.7 to $branch-offices". */
MAYRELAY_API const char *mayrelay_advice_get_text(const mayrelay_advice *advice,
                                                  size_t index);
/* Where the first step of it is. */
MAYRELAY_API const char *mayrelay_advice_get_file(const mayrelay_advice *advice,
                                                  size_t index);
MAYRELAY_API uint32_t mayrelay_advice_get_line(const mayrelay_advice *advice,
                                               size_t index);
/* The same as a patch without context lines, for `patch`; of several steps each
 * counts the lines as those before it leave them.  NULL where a line is longer
 * than 4096 octets. */
MAYRELAY_API const char *
mayrelay_advice_get_patch(const mayrelay_advice *advice, size_t index);
/* The rule that then grants; NULL if none has to. */
MAYRELAY_API const char *mayrelay_advice_get_rule(const mayrelay_advice *advice,
                                                  size_t index);
/* What else changes, from the exact diff of the policies as they are and as
 * they would be (mayrelay/diff.h): "opens 16 addresses × anybody × any foreign
 * recipient", "moves mail of ..." (to another recipient, or relayed or no
 * longer so), "closes ...".  Along each axis (client addresses, identities,
 * recipients, and where they matter senders and other conditions) it names all
 * that is in some difference, so that together it may say more than changes,
 * never less. */
MAYRELAY_API const char *
mayrelay_advice_get_radius(const mayrelay_advice *advice, size_t index);
/* Which verdicts of the audit get worse, or that the policies are too large to
 * compare; NULL if neither. */
MAYRELAY_API const char *
mayrelay_advice_get_warning(const mayrelay_advice *advice, size_t index);

/* All of it.  Return the length needed, as snprintf does. */
MAYRELAY_API size_t mayrelay_advice_to_text(const mayrelay_advice *advice,
                                            char *buffer, size_t size);
/* {"note":...,"edits":[{"text":...,"file":...,"line":...,"patch":...,
 * "rule":...,"radius":...,"warning":...}]}, null for what is NULL. */
MAYRELAY_API size_t mayrelay_advice_to_json(const mayrelay_advice *advice,
                                            char *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
