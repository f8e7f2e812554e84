/* The slow evaluator: policy.md §5 to §9 word by word, to judge the fast one.
 * No classes, no masks, no laziness; every rule and entry is looked at. */
#ifndef TESTS_SLOW_H
#define TESTS_SLOW_H

#include "slow_list.h"

enum stage {
    STAGE_CONNECT,
    STAGE_MAIL,
    STAGE_RCPT
};

/* Numbered as the public enums. */
enum verdict {
    VERDICT_REJECT,
    VERDICT_DEFER,
    VERDICT_ACCEPT
};

enum kind {
    KIND_INTERNAL,
    KIND_GRANTED,
    KIND_FORBIDDEN,
    KIND_NOT_PERMITTED,
    KIND_UNDETERMINED,
    KIND_MALFORMED
};

enum {
    NEED_CLIENT_NAME = 1,
    NEED_GROUPS = 2,
    NEED_RECIPIENT = 4
};

struct decision {
    enum verdict verdict;
    int code;
    char enhanced[16];
    enum reason reason;
    enum kind kind;
    const char *rule;              /* NULL: none decided */
    const char *connector;         /* NULL: none */
    char recipient[3 * TEXT_MOST]; /* empty: none */
    bool is_relay;
    unsigned needs;
};

/* `coverage` may be NULL. */
struct decision slow_decide(const struct policy *policy,
                            const struct facts *facts, enum stage stage,
                            struct coverage *coverage);

#endif
