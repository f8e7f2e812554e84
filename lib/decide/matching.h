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

/* What an entry may be compared with: a name has at most 127 labels above it,
 * and an address or mailbox a few texts more. */
enum {
    CANDIDATES_MOST = 136
};

struct candidate {
    enum entry_kind kind;
    uint64_t hash;
    struct text text;
};

/* One value of a transaction, in every form that an entry can have. */
struct candidates {
    struct candidate items[CANDIDATES_MOST];
    size_t count;
    struct address address; /* family NONE: none */
    struct subjects subjects;
    bool ours; /* a mailbox of ours that no entry of `domains:` names */
};

/* Memory of texts that candidates borrow. */
struct candidate_texts {
    char folded[IDENTITY_MOST];
    char endpoints[LISTENER_FORMS_MOST][ENDPOINT_TEXT_SIZE];
};

/* The value of a condition; of a client its address, and its name `which`. */
void matching_candidates(struct candidates *all,
                         const struct transaction *transaction,
                         enum rule_condition condition, size_t which,
                         struct candidate_texts *scratch);
void matching_add(struct candidates *all, enum entry_kind kind,
                  struct text text);
/* The name, and all names that it is below. */
void matching_add_name(struct candidates *all, struct text name);
void matching_add_mailbox(struct candidates *all, const struct mailbox *mailbox,
                          enum domain_class class);

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
