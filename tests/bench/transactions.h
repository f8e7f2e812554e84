/* Transactions over a policy, and each step of them as something to time: what
 * a host does until it has the reply to send. */
#ifndef BENCH_TRANSACTIONS_H
#define BENCH_TRANSACTIONS_H

#include <mayrelay.h>

#include "workload.h"

enum step {
    STEP_CONNECT,
    STEP_NAME, /* connect, and one confirmed host name */
    STEP_AUTH,
    STEP_MAIL,
    STEP_RCPT,  /* a new recipient of the same mail */
    STEP_WHOLE, /* connect, auth, mail and rcpt in a session used again */
    STEP_CHECK, /* mayrelay_check, of the same facts */
    STEP_COUNT
};
extern const char *const STEP_NAMES[STEP_COUNT];

enum {
    /* RCPT is timed in as many sessions, each with its own client, name,
     * identity and sender. */
    SESSIONS = 16
};

struct transactions {
    mayrelay_policy *policy;
    mayrelay_session *sessions[SESSIONS];
    struct texts clients, names, identities, senders, recipients;
    size_t count;
};

/* Borrows the policy. */
void transactions_make(struct transactions *transactions,
                       mayrelay_policy *policy,
                       const struct workload workloads[KIND_COUNT],
                       size_t count, enum mix mix);
void transactions_free(struct transactions *transactions);
/* Tells the sessions what comes before the step; call it before each run. */
void transactions_prepare(struct transactions *transactions);
/* All of them once; the sum of the codes and of something of each reply. */
__attribute__((noinline)) uint64_t
transactions_run(struct transactions *transactions, enum step step);
/* The share of whole dialogues that are accepted, from 0 to 1; fails if
 * mayrelay_check answers another code. */
double transactions_accepted(struct transactions *transactions);
/* Nanoseconds of one step: the median of some repetitions. */
double transactions_time(struct transactions *transactions, enum step step,
                         int repetitions);

#endif
