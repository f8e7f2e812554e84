/* Which rules of a policy held, and which decided, in a set of decisions; and
 * which entries of its lists have been matched. */
#ifndef COMMAND_COVERAGE_H
#define COMMAND_COVERAGE_H

#include <jansson.h>
#include <mayrelay.h>

struct rule_use {
    const char *name, *file; /* of the policy */
    uint32_t line;
    size_t held, decided; /* in so many decisions */
};

struct coverage {
    struct rule_use *rules;
    size_t count;
    json_t *index; /* name: number */
    mayrelay_coverage *entries;
};

struct coverage coverage_of(mayrelay_policy *policy);
void coverage_free(struct coverage *coverage);
/* Counts a session's decision, and its explanation as JSON. */
void coverage_add(struct coverage *coverage, const mayrelay_session *session,
                  const json_t *explanation);
/* Once all are there, and before anything is printed. */
void coverage_count(struct coverage *coverage);
/* The number of rules that never held. */
size_t coverage_missing(const struct coverage *coverage);

/* Comments of TAP, and JSON lists of the rules and of the lists. */
void coverage_print(const struct coverage *coverage);
json_t *coverage_to_json(const struct coverage *coverage);
json_t *coverage_lists_to_json(const struct coverage *coverage);

#endif
