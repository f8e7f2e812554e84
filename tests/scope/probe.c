#include "probe.h"

#include <stdlib.h>
#include <string.h>

#include "decide/scope.h"

struct kept {
    uint32_t slot;
    enum rule_condition condition;
    enum truth truth;
};

struct probe {
    const struct mayrelay_decision *decision;
    struct scope scope;
    struct kept *kept;
    size_t count;
};

static void
take(void *context, uint32_t slot, enum rule_condition condition,
     enum truth truth)
{
    struct probe *probe = context;
    struct kept *kept = realloc(probe->kept, (probe->count + 1) * sizeof *kept);
    if (!kept)
        abort();
    kept[probe->count++] = (struct kept){slot, condition, truth};
    probe->kept = kept;
}

struct probe *
probe_new(const mayrelay_session *session)
{
    struct probe *probe = calloc(1, sizeof *probe);
    if (!probe)
        abort();
    probe->decision = mayrelay_session_get_decision(session);
    scope_find(&probe->scope, probe->decision);
    if (probe->scope.exists)
        scope_each(probe->decision, take, probe);
    return probe;
}

void
probe_free(struct probe *probe)
{
    if (probe)
        free(probe->kept);
    free(probe);
}

/* -- look-ups ----------------------------------------------------------- */

static bool
same_names(const struct client_facts *a, const struct client_facts *b)
{
    if (a->names_state != b->names_state)
        return false;
    if (a->names_state != LOOK_UP_KNOWN)
        return true;
    bool same = a->name_count == b->name_count;
    for (size_t i = 0; same && i < a->name_count; i++)
        same = strcmp(a->names[i].text, b->names[i].text) == 0;
    return same;
}

static bool
same_groups(const struct identity_facts *a, const struct identity_facts *b)
{
    if (a->groups_state != b->groups_state)
        return false;
    if (a->groups_state != LOOK_UP_KNOWN)
        return true;
    bool same = a->group_count == b->group_count;
    for (size_t i = 0; same && i < a->group_count; i++)
        same = a->groups[i].hash == b->groups[i].hash;
    return same;
}

/* As somebody sees the transaction who knows no groups. */
static struct transaction
without_groups(const struct transaction *t)
{
    struct transaction other = *t;
    other.sights[CONDITION_USERS].open = true;
    other.sights[CONDITION_USERS].more_count = 0;
    return other;
}

/* -- sides -------------------------------------------------------------- */

/* The client's lists are not looked at: its network stands for them. */
static bool
rules_hold(const struct probe *probe, const struct transaction *t)
{
    struct transaction blind = without_groups(t);
    for (size_t i = 0; i < probe->count; i++) {
        const struct kept *kept = &probe->kept[i];
        bool is_blind = kept->condition == RULE_USERS && !probe->scope.groups;
        if (kept->condition == RULE_CLIENTS)
            continue;
        if (rule_judge(is_blind ? &blind : t, kept->slot)
                .conditions[kept->condition] != kept->truth)
            return false;
    }
    return true;
}

static bool
is_malformed(const struct mailbox *mailbox)
{
    return mailbox->kind == MAILBOX_MALFORMED;
}

static bool
same_mailbox(const struct transaction *a, const struct transaction *b)
{
    const struct recipient_facts *x = &a->facts->recipient;
    const struct recipient_facts *y = &b->facts->recipient;
    unsigned a_needs = 0;
    unsigned b_needs = 0;
    return recipient_exists(a, &a_needs) == recipient_exists(b, &b_needs) &&
           a_needs == b_needs &&
           (!x->rerouted || x->is_postmaster == y->is_postmaster);
}

static bool
mail_holds(const struct scope *scope, const struct transaction *a,
           const struct transaction *b)
{
    const struct recipient_facts *x = &a->facts->recipient;
    const struct recipient_facts *y = &b->facts->recipient;
    if (scope->sender && is_malformed(&a->facts->sender.mailbox) !=
                             is_malformed(&b->facts->sender.mailbox))
        return false;
    if (scope->recipient &&
        is_malformed(&x->mailbox) != is_malformed(&y->mailbox))
        return false;
    if (scope->reroute && (x->rerouted != y->rerouted ||
                           a->facts->rewrites != b->facts->rewrites))
        return false;
    if (scope->is_relay &&
        (x->is_relay != y->is_relay ||
         x->mailbox.carries_routing != y->mailbox.carries_routing))
        return false;
    return !scope->mailbox || same_mailbox(a, b);
}

bool
probe_holds(const struct probe *probe, const mayrelay_session *session)
{
    const struct mayrelay_decision *other =
        mayrelay_session_get_decision(session);
    const struct scope *scope = &probe->scope;
    const struct transaction *a = &probe->decision->transaction;
    const struct transaction *b = &other->transaction;
    if (!scope->exists || other->reason == MAYRELAY_REASON_INTERNAL_ERROR)
        return false;
    const struct facts *x = a->facts;
    const struct facts *y = b->facts;
    return a->stage == b->stage && x->client.connector == y->client.connector &&
           (!scope->client ||
            range_contains(scope->clients, y->client.address)) &&
           (!scope->names || same_names(&x->client, &y->client)) &&
           (!scope->groups || same_groups(&x->identity, &y->identity)) &&
           (!scope->authenticated ||
            x->identity.authenticated == y->identity.authenticated) &&
           mail_holds(scope, a, b) &&
           (!y->client.connector || rules_hold(probe, b));
}
