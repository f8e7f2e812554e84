/* Which entry of which list made a condition hold, or kept it from holding. */
#ifndef MAYRELAY_DECIDE_MATCHING_H
#define MAYRELAY_DECIDE_MATCHING_H

#include "base/output.h"
#include "decide/rule.h"

enum {
    MATCHED_TEXT_SIZE = 400
};

struct matched {
    const char *list; /* "$drop", or "" for the rule's own entries */
    const char *file;
    uint32_t line;
    char entry[MATCHED_TEXT_SIZE]; /* as a policy would write it */
};

/* Looks through the lists that the rule's condition includes (or excludes) for
 * an entry that matches what is known; false if there is none.  For
 * `sender-owned` the key of `owners:` that counts.  Reads every entry of the
 * lists if it must. */
bool matching_entry(const struct transaction *transaction,
                    const struct image_rule *rule,
                    enum rule_condition condition, bool exclusions,
                    struct matched *matched);

/* The entry that the recipient is found by in the mailbox list of its domain,
 * which has one; false if there is none. */
bool matching_mailbox(const struct transaction *transaction,
                      struct matched *matched);

#endif
