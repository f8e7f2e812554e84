/* The scope of a decision: a box of transactions that are all decided alike.
 *
 * Of each rule that was tried only as much is kept as the decision hangs on: of
 * one that holds every condition, of one that does not hold a single condition
 * that fails.  Whatever else changes, what is kept decides the same. */
#ifndef MAYRELAY_DECIDE_SCOPE_H
#define MAYRELAY_DECIDE_SCOPE_H

#include "decide/decision.h"

struct scope {
    bool exists; /* not of internal errors */
    /* What is kept of the transaction beside its connector and stage. */
    unsigned conditions; /* of rules: a bit per enum rule_condition */
    bool client;         /* its address lies in `clients` */
    bool names, groups;  /* host names and groups are these, or unknown alike */
    bool sender;         /* whether it parses */
    bool recipient;      /* whether it parses */
    bool reroute;       /* whether the recipient is rerouted, and by the host */
    bool authenticated; /* whether somebody is */
    bool is_relay;      /* whether it is one, and carries routing */
    bool mailbox;       /* whether it exists, as far as that counts */
    struct range clients; /* around the client's address */
    uint64_t fingerprint;
};

/* Judges the rules anew. */
void scope_find(struct scope *scope, const struct mayrelay_decision *decision);

/* A condition of the rule in a slot that must stay as it is. */
typedef void take_kept(void *context, uint32_t slot,
                       enum rule_condition condition, enum truth truth);
void scope_each(const struct mayrelay_decision *decision, take_kept *take,
                void *context);

/* The addresses around the client of which the lists of the kept rules say the
 * same; `kept` are the slots of each block. */
struct range scope_clients(const struct transaction *transaction,
                           const uint64_t *kept, size_t block_count);

#endif
