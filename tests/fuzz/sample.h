/* A policy that uses everything but files, and transactions that reach it. */
#ifndef TESTS_FUZZ_SAMPLE_H
#define TESTS_FUZZ_SAMPLE_H

#include <mayrelay.h>

extern const char SAMPLE_POLICY[];

/* The sample, loaded; it must load. */
mayrelay_policy *sample_load(void);

/* Which of the sample's transactions, which begin again behind the last one;
 * and whether to ask for all that can be said of a step of each, which is
 * slow; which step depends on the number, too. */
struct sample_choice {
    unsigned first, count;
    bool explain;
};

/* Transactions, asked step by step and with all answers; each reply must be
 * sound. */
void sample_decide(mayrelay_policy *policy, struct sample_choice choice);
/* The last decision: its code and reply agree, on one printable line. */
void decision_check(const mayrelay_session *session);
/* What it says as JSON and text is printable too. */
void decision_check_pages(const mayrelay_session *session);

#endif
