#include "generate.h"

#include <stdio.h>
#include <string.h>

#include "maker.h"

/* -- rules ---------------------------------------------------------------- */

static void
make_reply(struct random *random, struct reply *reply, bool temporary)
{
    static const int CODES[] = {451, 450, 452, 550, 554, 553};
    reply->given = true;
    reply->code = CODES[random_below(random, temporary ? 3 : COUNT_OF(CODES))];
    reply->bare = random_chance(random, 50);
    reply->subject = random_below(random, 8);
    reply->detail = random_below(random, 20);
}

static void
fill_listeners(struct maker *maker, struct rule *rule, bool internal)
{
    struct list *list = &rule->lists[CONDITION_LISTENERS];
    list->count = 0;
    for (int i = random_below(maker->random, 2); i >= 0; i--)
        add_endpoint(maker, list, internal);
}

static void
fill_clients(struct maker *maker, struct list *list)
{
    if (random_chance(maker->random, 12) &&
        add_list(maker, list, SORT_CLIENTS_ALONE, SORT_CLIENTS_ALONE))
        return;
    fill_condition_list(maker, list, add_client);
}

static void
fill_mail(struct maker *maker, struct list *list, adder *add)
{
    if (random_chance(maker->random, 12) &&
        add_list(maker, list, SORT_MAIL_ALONE, SORT_MAIL_ALONE))
        return;
    fill_condition_list(maker, list, add);
}

static void
make_condition(struct maker *maker, struct rule *rule, enum condition condition)
{
    struct list *list =
        condition < LIST_CONDITIONS ? &rule->lists[condition] : NULL;
    if (rule->has[condition])
        return;
    rule->has[condition] = true;
    switch (condition) {
    case CONDITION_CLIENTS: fill_clients(maker, list); break;
    case CONDITION_LISTENERS: fill_listeners(maker, rule, false); break;
    case CONDITION_CERTIFICATES: add_certificate(maker, list); break;
    case CONDITION_USERS: fill_condition_list(maker, list, add_user); break;
    case CONDITION_SENDERS: fill_mail(maker, list, add_sender); break;
    case CONDITION_RECIPIENTS: fill_mail(maker, list, add_mail); break;
    default: rule->wish[condition] = random_chance(maker->random, 50); break;
    }
}

static bool
list_is_wide(const struct list *list)
{
    for (int i = 0; i < list->count; i++) {
        const struct entry *entry = &list->entries[i];
        if (entry->exclude)
            continue;
        if (entry->wide ||
            (entry->kind == ENTRY_LIST && list_is_wide(entry->list)))
            return true;
    }
    return false;
}

static bool
is_internal(const struct list *listeners)
{
    for (int i = 0; i < listeners->count; i++) {
        const struct ip *ip = &listeners->entries[i].first;
        if (ip->family == 0 || (ip->octets[0] != 10 && ip->octets[0] != 0xfd))
            return false;
    }
    return true;
}

/* What authorises besides `clients` (policy.md §2, principle 4). */
static bool
authorises_without_clients(const struct rule *rule)
{
    if (rule->has[CONDITION_USERS] || rule->has[CONDITION_CERTIFICATES])
        return true;
    if (rule->has[CONDITION_AUTHENTICATED] &&
        rule->wish[CONDITION_AUTHENTICATED])
        return true;
    if (rule->has[CONDITION_SENDER_OWNED] && rule->wish[CONDITION_SENDER_OWNED])
        return true;
    return rule->has[CONDITION_LISTENERS] &&
           is_internal(&rule->lists[CONDITION_LISTENERS]);
}

static void
close_relay(struct maker *maker, struct rule *rule)
{
    if (authorises_without_clients(rule))
        return;
    if (!rule->has[CONDITION_CLIENTS]) {
        if (rule->has[CONDITION_LISTENERS])
            fill_listeners(maker, rule, true);
        else if (!rule->has[CONDITION_AUTHENTICATED])
            rule->has[CONDITION_AUTHENTICATED] =
                rule->wish[CONDITION_AUTHENTICATED] = true;
        else
            make_condition(maker, rule, CONDITION_CLIENTS);
    }
    rule->open_relay = !authorises_without_clients(rule) &&
                       list_is_wide(&rule->lists[CONDITION_CLIENTS]);
}

static enum condition
pick_condition(struct maker *maker, enum right right)
{
    static const enum condition POOL[] = {
        CONDITION_CLIENTS,       CONDITION_CLIENTS,
        CONDITION_LISTENERS,     CONDITION_TLS,
        CONDITION_CERTIFICATES,  CONDITION_AUTHENTICATED,
        CONDITION_AUTHENTICATED, CONDITION_USERS,
        CONDITION_USERS,         CONDITION_SENDERS,
        CONDITION_SENDERS,       CONDITION_SENDER_OWNED,
        CONDITION_RECIPIENTS,    CONDITION_RECIPIENTS};
    int most = right == RIGHT_CONNECT ? 3 : COUNT_OF(POOL);
    return POOL[random_below(maker->random, most)];
}

/* Narrow enough that other steps are reached: two conditions at least. */
static void
make_rule(struct maker *maker, enum right right, bool deny, int connector)
{
    struct random *random = maker->random;
    struct policy *policy = maker->policy;
    if (policy->rule_count == RULES_MOST)
        return;
    struct rule *rule = &policy->rules[policy->rule_count];
    memset(rule, 0, sizeof *rule);
    rule->right = right;
    rule->deny = deny;
    rule->connector = connector;
    int wish = (deny ? 2 : 1) + random_below(random, 2);
    for (int i = 0; i < wish; i++)
        make_condition(maker, rule, pick_condition(maker, right));
    if (right == RIGHT_RELAY && !deny)
        close_relay(maker, rule);
    if (deny && random_chance(random, 40))
        make_reply(random, &rule->reply, false);
    rule->named = random_chance(random, 40);
    if (rule->named)
        snprintf(rule->name, TEXT_MOST, "rule %d", policy->rule_count);
    policy->rule_count++;
}

static void
make_rules(struct maker *maker, enum right right, bool deny, int connector,
           int chance, int most)
{
    if (!random_chance(maker->random, chance))
        return;
    for (int i = random_below(maker->random, most); i >= 0; i--)
        make_rule(maker, right, deny, connector);
}

/* More rules than a machine word has bits, each so narrow that most fail. */
static void
make_many_rules(struct maker *maker)
{
    enum {
        MANY = 70
    };
    struct policy *policy = maker->policy;
    bool deny = random_chance(maker->random, 50) || policy->connector_count > 0;
    for (int i = 0; i < MANY && policy->rule_count < RULES_MOST; i++) {
        make_rule(maker, RIGHT_RELAY, deny, EVERYWHERE);
        struct rule *rule = &policy->rules[policy->rule_count - 1];
        make_condition(maker, rule, CONDITION_CERTIFICATES);
        make_condition(maker, rule, CONDITION_SENDERS);
        rule->open_relay = false;
    }
}

static void
make_never_route(struct maker *maker, int connector)
{
    struct policy *policy = maker->policy;
    if (!random_chance(maker->random, 25) || policy->rule_count == RULES_MOST)
        return;
    struct rule *rule = &policy->rules[policy->rule_count++];
    memset(rule, 0, sizeof *rule);
    rule->never_route = true;
    rule->right = RIGHT_RELAY;
    rule->deny = true;
    rule->connector = connector;
    rule->has[CONDITION_CLIENTS] = true;
    do
        add_client(maker, &rule->lists[CONDITION_CLIENTS]);
    while (random_chance(maker->random, 40));
}

static void
make_denies(struct maker *maker, int connector)
{
    make_rules(maker, RIGHT_CONNECT, true, connector, 25, 2);
    make_rules(maker, RIGHT_SUBMIT, true, connector, 45, 3);
    make_rules(maker, RIGHT_RELAY, true, connector, 55, 3);
    make_never_route(maker, connector);
}

static void
make_allows(struct maker *maker, int connector)
{
    make_rules(maker, RIGHT_CONNECT, false, connector, 12, 3);
    make_rules(maker, RIGHT_SUBMIT, false, connector, 25, 4);
    make_rules(maker, RIGHT_RELAY, false, connector, 85, 4);
}

/* -- connectors ----------------------------------------------------------- */

static bool
same_endpoint(const struct entry *a, const struct entry *b)
{
    return a->port == b->port && a->first.family == b->first.family &&
           (a->first.family == 0 || ip_compare(&a->first, &b->first) == 0);
}

static bool
share_listen(const struct connector *a, const struct connector *b)
{
    if (a->listens.count == 0 || b->listens.count == 0)
        return a->listens.count == b->listens.count;
    for (int i = 0; i < a->listens.count; i++)
        for (int k = 0; k < b->listens.count; k++)
            if (same_endpoint(&a->listens.entries[i], &b->listens.entries[k]))
                return true;
    return false;
}

static bool
list_has_range(const struct list *list, const struct entry *range)
{
    for (int i = 0; i < list->count; i++) {
        const struct entry *entry = &list->entries[i];
        if (entry->kind == ENTRY_LIST) {
            if (list_has_range(entry->list, range))
                return true;
        } else if (entry->first.family == range->first.family &&
                   ip_compare(&entry->first, &range->first) == 0 &&
                   ip_compare(&entry->last, &range->last) == 0) {
            return true;
        }
    }
    return false;
}

static bool
share_range(const struct list *a, const struct list *b)
{
    for (int i = 0; i < a->count; i++) {
        const struct entry *entry = &a->entries[i];
        if (entry->kind == ENTRY_LIST ? share_range(entry->list, b)
                                      : list_has_range(b, entry))
            return true;
    }
    return false;
}

static bool
collide(const struct connector *a, const struct connector *b)
{
    if (!share_listen(a, b))
        return false;
    if (a->clients.count == 0 || b->clients.count == 0)
        return a->clients.count == b->clients.count;
    return share_range(&a->clients, &b->clients);
}

static bool
connector_fits(const struct policy *policy, const struct connector *connector)
{
    for (int i = 0; i < policy->connector_count; i++)
        if (collide(&policy->connectors[i], connector))
            return false;
    return true;
}

static void
make_connector(struct maker *maker)
{
    /* Those that hold every address are for omitted clients alone. */
    enum {
        CONNECTOR_RANGES = POOL_RANGES - 2
    };
    struct random *random = maker->random;
    struct policy *policy = maker->policy;
    struct connector *connector = &policy->connectors[policy->connector_count];
    memset(connector, 0, sizeof *connector);
    snprintf(connector->name, TEXT_MOST, "connector%d",
             policy->connector_count);
    if (random_chance(random, policy->connector_count == 0 ? 15 : 70))
        for (int i = random_below(random, 3); i >= 0; i--)
            add_endpoint(maker, &connector->listens, false);
    if (random_chance(random, policy->connector_count == 0 ? 10 : 60)) {
        for (int i = random_below(random, 3); i >= 0; i--)
            add_range(maker, &connector->clients, CONNECTOR_RANGES);
        if (random_chance(random, 20))
            add_list(maker, &connector->clients, SORT_RANGES, SORT_RANGES);
    }
    if (connector_fits(policy, connector))
        policy->connector_count++;
}

/* -- the whole ------------------------------------------------------------ */

static void
make_replies(struct maker *maker)
{
    for (enum reason i = REASON_NO_CONNECTOR; i < REASONS; i++)
        if (random_chance(maker->random, 10))
            make_reply(maker->random, &maker->policy->replies[i],
                       i >= REASON_LOOKUP_FAILED);
    if (random_chance(maker->random, 10))
        make_reply(maker->random,
                   &maker->policy->replies[REASON_INTERNAL_ERROR], true);
    maker->policy->soft_bounce = random_chance(maker->random, 10);
}

static void
make_all_rules(struct maker *maker)
{
    struct policy *policy = maker->policy;
    int wish = random_chance(maker->random, 40)
                   ? 0
                   : 1 + random_below(maker->random, CONNECTORS_MOST);
    for (int i = 0; i < wish; i++)
        make_connector(maker);
    make_denies(maker, EVERYWHERE);
    if (policy->connector_count == 0)
        make_allows(maker, EVERYWHERE);
    for (int i = 0; i < policy->connector_count; i++) {
        make_denies(maker, i);
        make_allows(maker, i);
    }
    if (random_chance(maker->random, 3))
        make_many_rules(maker);
}

void
generate_policy(struct random *random, struct policy *policy)
{
    struct maker maker = {.random = random, .policy = policy};
    memset(policy, 0, sizeof *policy);
    make_lists(&maker);
    make_groups(&maker);
    make_domains(&maker);
    int owners = random_chance(random, 60) ? OWNERS_MOST : 0;
    for (int i = 0; i < owners; i++)
        make_owner(&maker);
    if (random_chance(random, 30))
        add_identity(&policy->anonymous, "nobody");
    if (random_chance(random, 20))
        add_identity(&policy->anonymous, "Kiosk");
    make_all_rules(&maker);
    make_replies(&maker);
}

bool
generate_deny(struct random *random, struct policy *policy)
{
    struct maker maker = {.random = random, .policy = policy};
    int connector = policy->connector_count == 0
                        ? EVERYWHERE
                        : random_below(random, policy->connector_count);
    int before = policy->rule_count;
    /* No sort is known here, so the rule names no list. */
    for (int i = 0; i < LISTS_MOST; i++)
        maker.sorts[i] = SORTS;
    make_rule(&maker, (enum right)random_below(random, RIGHTS), true,
              connector);
    return policy->rule_count > before;
}
