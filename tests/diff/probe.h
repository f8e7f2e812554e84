/* What the diff says of the very transaction that two sessions have just
 * judged. */
#ifndef TESTS_DIFF_PROBE_H
#define TESTS_DIFF_PROBE_H

#include <mayrelay.h>

/* Of the transaction, what a session does not keep as it was said. */
struct probe_said {
    const char *certificate; /* hexadecimal; NULL: none */
    const char *groups[8];
    int group_count;
    const char *sender, *recipient; /* recipient NULL: not named yet */
    bool rewrites;
};

enum probe_answer {
    PROBE_SAME,
    PROBE_CHANGED,
    PROBE_UNSAID, /* the diff knows no such value */
    PROBE_BROKEN  /* or it is in two places */
};

struct probe_decision {
    enum mayrelay_verdict verdict;
    enum mayrelay_reason reason;
    enum mayrelay_kind kind;
    int code;
    const char *enhanced;
    bool is_relay, elsewhere;
};

struct probe;

/* NULL if there is no diff, or it is incomplete. */
struct probe *probe_new(mayrelay_policy *old, mayrelay_policy *new);
void probe_free(struct probe *probe);
/* decisions: of CHANGED, what both are said to decide. */
enum probe_answer probe_ask(struct probe *probe,
                            mayrelay_session *const sessions[2],
                            const struct probe_said *said,
                            struct probe_decision decisions[2]);
/* The diff from the inside. */
struct difference;
const struct difference *probe_difference(const struct probe *probe);
/* Some difference is said to be. */
bool probe_has_changes(const struct probe *probe);

/* Replays a witness of up to `most` boxes of every field. */
struct probe_witnesses {
    unsigned long shown;
    unsigned long hidden; /* patterns have a say */
    unsigned long broken; /* it does not decide as the box says */
};
void probe_replay(struct probe *probe, struct probe_witnesses *counts);

#endif
