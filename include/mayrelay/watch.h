/* mayrelay/watch.h: a policy that follows its files.
 *
 * A watch loads a policy, and loads it anew whenever the policy file or a list
 * file that it reads has changed: by a write in place, by a rename over it, by
 * a link or a directory on the way to it that leads elsewhere now.  A policy
 * that has an error, or a file of which is missing, never comes into force; the
 * one in force stays.  A session keeps the policy it began with.
 *
 * The host polls one descriptor, and calls dispatch when it can be read:
 *
 *     policy = mayrelay_watch_ref_policy(watch);    for each new connection
 *     session = mayrelay_session_new(policy);
 *     mayrelay_policy_unref(policy);
 *
 * Threads: mayrelay_watch_ref_policy may be called by any thread at any time,
 * while another dispatches too.  dispatch and reload are for one thread at a
 * time, and free for when nobody uses the watch any more.  There is no thread
 * inside.  Parent and child of a fork would take each other's changes away:
 * make the watch behind the fork. */
#ifndef MAYRELAY_WATCH_H
#define MAYRELAY_WATCH_H

#include "mayrelay/common.h"
#include "mayrelay/policy.h"
#include "mayrelay/report.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mayrelay_watch mayrelay_watch;

enum mayrelay_reload {
    /* The policy in force is what the files say, or it is too early to read
     * them. */
    MAYRELAY_RELOAD_NONE = 0,
    /* Another policy is in force now; the report has its warnings. */
    MAYRELAY_RELOAD_DONE = 1,
    /* What the files say does not load, and the report says why.  The policy
     * that was in force stays. */
    MAYRELAY_RELOAD_FAILED = 2
};

/* Loads the policy as mayrelay_policy_load does, and watches its files.
 *
 * NULL on any error of the policy, and if inotify cannot be had (no descriptor
 * is left, or the user's limit is reached); free it.  *report as there.  A
 * relative path is relative to the working directory of every call: name it
 * from the root if that may change.  Images are copied and verified (as with
 * MAYRELAY_LOAD_COPY and MAYRELAY_LOAD_VERIFY), so that no write into the file
 * can reach the policy in force.  Reads files, hence may block. */
MAYRELAY_API mayrelay_watch *
mayrelay_watch_new(const char *path, unsigned flags, mayrelay_report **report);
/* Only when no other call on the watch is under way, nor will be.  Policies
 * that were handed out, and their sessions, live on. */
MAYRELAY_API void mayrelay_watch_free(mayrelay_watch *watch);

/* The descriptor to poll for input, the same as long as the watch lives; it is
 * not yours to read or to close.  -1 for NULL. */
MAYRELAY_API int mayrelay_watch_get_fd(const mayrelay_watch *watch);
/* To call when the descriptor can be read; at other times it does no harm.
 *
 * Files are read once nothing has changed for 100 milliseconds, so that of
 * several files written in a row, or of an editor that moves the old one away
 * first, no state in between is read.  A file that somebody writes in place is
 * read when it is closed, and what changes while it is read is read again
 * before it comes into force.  A writer that has not closed its file after ten
 * seconds is a failure (MR506), told again after a second, then two, up to a
 * minute; the policy in force stays until it is closed.  A file that never
 * stops changing while it is read is taken as it is after ten seconds.  Writing
 * another file and renaming it is always safe.
 *
 * What failed because of files or memory, and not because of what they say, is
 * tried again: after a second, then two, up to a minute.  So is what cannot be
 * watched (MR505).
 *
 * *report (unless report is NULL) is set to what was found, NULL if nothing;
 * free it.  Reads files, hence may block; otherwise it never waits.  For NULL
 * it fails. */
MAYRELAY_API enum mayrelay_reload
mayrelay_watch_dispatch(mayrelay_watch *watch, mayrelay_report **report);
/* Reads the files now, changed or not: what hosts do on SIGHUP (in their loop,
 * not in the handler of the signal).  Else as dispatch. */
MAYRELAY_API enum mayrelay_reload
mayrelay_watch_reload(mayrelay_watch *watch, mayrelay_report **report);

/* A reference to the policy in force, never NULL but for NULL; unref it.  Any
 * thread may call it at any time; it takes a lock for as long as two words are
 * touched. */
MAYRELAY_API mayrelay_policy *mayrelay_watch_ref_policy(mayrelay_watch *watch);

#ifdef __cplusplus
}
#endif

#endif
