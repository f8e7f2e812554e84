/* A session's facts led through the audit's diagrams: what the audit says of
 * the very transaction that the evaluator has just judged. */
#ifndef TESTS_PROBE_H
#define TESTS_PROBE_H

#include <mayrelay.h>

enum probe_answer {
    PROBE_REFUSED,
    PROBE_ACCEPTED,
    PROBE_CERTAIN, /* accepted, whatever the missing facts are */
    PROBE_OPEN,    /* it hangs on facts that are missing */
    PROBE_BROKEN   /* the audit knows no such value */
};

struct probe;

/* Borrows the audit; NULL if it is none, or incomplete. */
struct probe *probe_new(const mayrelay_audit *audit);
void probe_free(struct probe *probe);
/* May the session's transaction, a relay request up to RCPT, be accepted?
 * *rule: by which rule. */
enum probe_answer probe_ask(struct probe *probe,
                            const mayrelay_session *session, const char **rule);

/* Makes transactions for the ways of each grant and replays them. */
struct probe_witnesses {
    unsigned long shown;   /* accepted, and by the rule that was said */
    unsigned long hidden;  /* no transaction could be made, or patterns have a
                              say */
    unsigned long refused; /* made, and refused: the audit is wrong */
};
void probe_replay(struct probe *probe, mayrelay_policy *policy,
                  struct probe_witnesses *counts);

#endif
