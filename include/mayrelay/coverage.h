/* mayrelay/coverage.h: which entries of a policy's lists a set of transactions
 * has matched.
 *
 * An entry is matched if the value that its list is for (the client's address
 * or a host name, the identity or a group, the sender, the recipient, ...) is
 * one that it names, whether or not a rule with the list was asked in the end.
 * Used by one thread at a time. */
#ifndef MAYRELAY_COVERAGE_H
#define MAYRELAY_COVERAGE_H

#include "mayrelay/common.h"
#include "mayrelay/policy.h"
#include "mayrelay/session.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mayrelay_coverage mayrelay_coverage;

/* NULL if the policy is NULL or memory ran out. */
MAYRELAY_API mayrelay_coverage *mayrelay_coverage_new(mayrelay_policy *policy);
MAYRELAY_API void mayrelay_coverage_free(mayrelay_coverage *coverage);
/* Takes the values of the transaction that a session of this policy has just
 * decided. */
MAYRELAY_API enum mayrelay_status
mayrelay_coverage_add(mayrelay_coverage *coverage,
                      const mayrelay_session *session);
/* Looks at every entry of every list once; what is said below is as of the last
 * time. */
MAYRELAY_API enum mayrelay_status
mayrelay_coverage_count(mayrelay_coverage *coverage);

/* The lists, by index (some have no entries): the name ("$drop"), or "" for
 * entries that stand in their place; where the first entry stands; how many
 * there are, and how many have been matched.  Beyond the last NULL and 0; texts
 * live as long as the policy. */
MAYRELAY_API size_t
mayrelay_coverage_count_lists(const mayrelay_coverage *coverage);
MAYRELAY_API const char *
mayrelay_coverage_get_list(const mayrelay_coverage *coverage, size_t index);
MAYRELAY_API const char *
mayrelay_coverage_get_list_file(const mayrelay_coverage *coverage,
                                size_t index);
MAYRELAY_API uint32_t mayrelay_coverage_get_list_line(
    const mayrelay_coverage *coverage, size_t index);
MAYRELAY_API size_t mayrelay_coverage_get_list_entries(
    const mayrelay_coverage *coverage, size_t index);
MAYRELAY_API size_t mayrelay_coverage_get_list_matched(
    const mayrelay_coverage *coverage, size_t index);
/* The entries of a list that nothing has matched, from the first on: where they
 * stand. */
MAYRELAY_API const char *
mayrelay_coverage_get_missed_file(const mayrelay_coverage *coverage,
                                  size_t index, size_t number);
MAYRELAY_API uint32_t mayrelay_coverage_get_missed_line(
    const mayrelay_coverage *coverage, size_t index, size_t number);

#ifdef __cplusplus
}
#endif

#endif
