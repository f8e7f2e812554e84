/* The plain entries of policy.md §4, each kind by its own grammar.
 *
 * Every function judges `text` (trimmed, valid UTF-8, no control characters)
 * and fills the entry, or says what is wrong with it and returns false. */
#ifndef MAYRELAY_POLICY_ENTRY_KINDS_H
#define MAYRELAY_POLICY_ENTRY_KINDS_H

#include "policy/entry.h"

/* One entry under judgement. */
struct judge {
    struct text whole; /* as it was written, for messages */
    enum entry_place where;
    struct place place;
    struct arena *arena;
    struct mayrelay_report *report;
    struct entry *entry;
};

/* Both report and return false; the message begins with the quoted entry. */
bool judge_refuse(const struct judge *judge, enum finding id, const char *hint,
                  const char *what);
/* With the hint "did you mean ...?". */
bool judge_suggest(const struct judge *judge, enum finding id, const char *what,
                   struct text meant);
/* `kind` ("a mailbox") cannot stand at this place. */
bool judge_refuse_kind(const struct judge *judge, const char *kind);
/* Keeps `text` as the entry's. */
bool judge_keep(const struct judge *judge, enum entry_kind kind,
                struct text text);

/* Warns if `name`, a part of what is written, can be taken for another.  Who
 * wrote A-labels (xn--...) has looked already. */
void warn_confusable(struct mayrelay_report *report, struct place place,
                     struct text whole, struct text name);

bool entry_client(const struct judge *judge, struct text text);
bool entry_range(const struct judge *judge, struct text text);
bool entry_literals(const struct judge *judge, struct text text);
bool entry_listener(const struct judge *judge, struct text text);
bool entry_identity(const struct judge *judge, struct text text);
bool entry_sender(const struct judge *judge, struct text text);
bool entry_recipient(const struct judge *judge, struct text text);
bool entry_owner_key(const struct judge *judge, struct text text);
bool entry_domain(const struct judge *judge, struct text text);
bool entry_local_mailbox(const struct judge *judge, struct text text);
bool entry_fingerprint(const struct judge *judge, struct text text);

#endif
