/* mayrelay/cases.h: the transactions that a policy can tell apart, each with
 * today's decision.
 *
 * What lists, rules and domains say of a value puts it into a class, and a
 * decision hangs on the classes alone.  So a case of each class, and of each
 * combination that some decision hangs on, says all that the policy says: to
 * hosts and bindings, which must come to the same; and to its administrator, as
 * after an edit whatever is decided differently shows.
 *
 * Every look-up has been answered, be it with a failure; a client has at most
 * one host name and an identity at most one group; of a pattern there is one
 * text that it matches, if one can be made up.  Cases are yours, never change,
 * and may be read from any thread; the same policy has the same cases. */
#ifndef MAYRELAY_CASES_H
#define MAYRELAY_CASES_H

#include "mayrelay/common.h"
#include "mayrelay/policy.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mayrelay_cases mayrelay_cases;

/* How much of the policy the cases show. */
enum mayrelay_cases_extent {
    /* There were too many for the limit. */
    MAYRELAY_CASES_PARTIAL = 0,
    /* Every class and every rule that could be made to hold, but not all
     * combinations. */
    MAYRELAY_CASES_CLASSES = 1,
    /* Every combination of classes that the policy tells apart, and each class
     * wherever it is told from another. */
    MAYRELAY_CASES_COMBINATIONS = 2
};

/* At most `limit` cases; 0 stands for 10,000.  Of a class with many members
 * some are taken, the more the higher the limit is: of client addresses the
 * ends of networks and ranges, and what lies beside them.  NULL if the policy
 * is NULL or damaged, or memory ran out. */
MAYRELAY_API mayrelay_cases *mayrelay_policy_cases(mayrelay_policy *policy,
                                                   size_t limit);
MAYRELAY_API void mayrelay_cases_free(mayrelay_cases *cases);

/* Of NULL 0, and PARTIAL. */
MAYRELAY_API size_t mayrelay_cases_count(const mayrelay_cases *cases);
MAYRELAY_API enum mayrelay_cases_extent
mayrelay_cases_get_extent(const mayrelay_cases *cases);
/* The combinations of classes that the policy tells apart; UINT64_MAX: as many
 * or more, or not known. */
MAYRELAY_API uint64_t
mayrelay_cases_get_combinations(const mayrelay_cases *cases);
/* Values that the policy names, or that lie beside them, but that are in no
 * case, as others of their class are. */
MAYRELAY_API uint64_t mayrelay_cases_get_left_out(const mayrelay_cases *cases);
/* "partial", "classes", "combinations"; static, never NULL. */
MAYRELAY_API const char *
mayrelay_cases_extent_name(enum mayrelay_cases_extent extent);

/* A case's facts, as a line that `mayrelay check --batch` reads, and the
 * decision, as the line that it answers with: JSON objects, without line end.
 * They are told to a session that rewrites recipients.  NULL beyond the count;
 * they live as long as the cases. */
MAYRELAY_API const char *mayrelay_cases_get_facts(const mayrelay_cases *cases,
                                                  size_t index);
MAYRELAY_API const char *
mayrelay_cases_get_decision(const mayrelay_cases *cases, size_t index);

#ifdef __cplusplus
}
#endif

#endif
