#include <stdio.h>
#include <string.h>

#include "maker.h"
#include "slow_list.h"

/* -- domains and owners --------------------------------------------------- */

static void
fill_mailboxes(struct maker *maker, struct domain *domain)
{
    int count = random_below(maker->random, 4);
    for (int i = 0; i < count; i++) {
        if (random_chance(maker->random, 20)) {
            add_pattern(&domain->mailbox_list,
                        RANDOM_OF(maker->random, MAIL_PATTERNS));
            continue;
        }
        const struct pool_text *local =
            &LOCALS[random_below(maker->random, POOL_PLAIN_LOCALS)];
        struct entry *entry = list_add(&domain->mailbox_list, ENTRY_MAILBOX);
        bool whole = !domain->below && random_chance(maker->random, 30);
        snprintf(entry->text, TEXT_MOST, "%s%s%.60s", local->written,
                 whole ? "@" : "", whole ? domain->name : "");
        entry_text(entry->local, local->canonical);
    }
}

static void
make_inbound(struct maker *maker, struct domain *domain)
{
    static const char DELIMITERS[] = {'+', '+', '-', 0};
    domain->delimiter = '+';
    if (random_chance(maker->random, 40))
        return;
    domain->mailboxes =
        random_chance(maker->random, 40) ? MAILBOXES_ASK : MAILBOXES_LISTED;
    if (domain->mailboxes == MAILBOXES_LISTED) {
        domain->delimiter = *RANDOM_OF(maker->random, DELIMITERS);
        fill_mailboxes(maker, domain);
    }
}

static enum domain_class
pick_class(struct maker *maker, const char *name, bool below)
{
    int dice = random_below(maker->random, 100);
    if (strcmp(name, "far.example") == 0)
        return DOMAIN_FOREIGN;
    if (strcmp(name, "our.example") == 0 && !below)
        dice /= 2;
    if (strcmp(name, "old.example") == 0)
        return dice < 70 ? DOMAIN_REROUTE : DOMAIN_FOREIGN;
    if (strcmp(name, "partner.example") == 0)
        return dice < 60 ? DOMAIN_ALWAYS_RELAY : DOMAIN_FOREIGN;
    return dice < 28   ? DOMAIN_INBOUND
           : dice < 36 ? DOMAIN_ALWAYS_RELAY
           : dice < 44 ? DOMAIN_REROUTE
                       : DOMAIN_FOREIGN;
}

static bool
domain_exists(const struct policy *policy, const char *name, bool below)
{
    for (int i = 0; i < policy->domain_count; i++)
        if (policy->domains[i].below == below &&
            strcmp(policy->domains[i].name, name) == 0)
            return true;
    return false;
}

static void
make_domain(struct maker *maker, const char *name, bool below)
{
    struct policy *policy = maker->policy;
    enum domain_class class = pick_class(maker, name, below);
    if (class == DOMAIN_ALWAYS_RELAY && maker->no_always_relay)
        class = DOMAIN_INBOUND;
    if (class == DOMAIN_FOREIGN || policy->domain_count == DOMAINS_MOST ||
        domain_exists(policy, name, below))
        return;
    struct domain *domain = &policy->domains[policy->domain_count++];
    domain->class = class;
    domain->below = below;
    domain->through = -1;
    entry_text(domain->name, name);
    if (class == DOMAIN_INBOUND)
        make_inbound(maker, domain);
}

/* A target that is itself rerouted is a load error; far.example never is. */
static void
pick_targets(struct maker *maker)
{
    struct policy *policy = maker->policy;
    for (int i = 0; i < policy->domain_count; i++) {
        if (policy->domains[i].class != DOMAIN_REROUTE)
            continue;
        const char *target = random_chance(maker->random, 60)
                                 ? "our.example"
                                 : RANDOM_OF(maker->random, DOMAINS)->canonical;
        const struct domain *there = domain_of(policy, target);
        if (there && there->class == DOMAIN_REROUTE)
            target = "far.example";
        entry_text(policy->domains[i].target, target);
    }
}

/* Gathers plain domains of one class in a named list. */
static void
make_domain_list(struct maker *maker)
{
    struct policy *policy = maker->policy;
    enum domain_class class =
        (enum domain_class)(DOMAIN_INBOUND + random_below(maker->random, 2));
    if (!random_chance(maker->random, 40))
        return;
    struct list *list = &policy->lists[policy->list_count];
    snprintf(list->name, TEXT_MOST, "domains");
    for (int i = 0; i < policy->domain_count && list->count < 4; i++) {
        struct domain *domain = &policy->domains[i];
        if (domain->class != class || domain->mailboxes != MAILBOXES_ANY)
            continue;
        domain->through = policy->list_count;
        struct entry *entry =
            list_add(list, domain->below ? ENTRY_BELOW : ENTRY_NAME);
        snprintf(entry->text, TEXT_MOST, "%s%.90s", domain->below ? "." : "",
                 domain->name);
    }
    maker->sorts[policy->list_count] = SORT_DOMAINS;
    if (list->count > 0)
        policy->list_count++;
}

static void
make_literals(struct maker *maker)
{
    static const struct pool_range POOL[] = {
        {"192.0.2.25", "192.0.2.25", "192.0.2.25", ENTRY_ADDRESS, false},
        {"192.0.2.26-192.0.2.40", "192.0.2.26", "192.0.2.40", ENTRY_RANGE,
         false},
        {"2001:db8::/120", "2001:db8::", "2001:db8::ff", ENTRY_NETWORK, false},
    };
    for (int i = 0; i < COUNT_OF(POOL); i++) {
        if (!random_chance(maker->random, 30))
            continue;
        struct entry *entry = list_add(&maker->policy->literals, POOL[i].kind);
        entry_text(entry->text, POOL[i].text);
        entry->first = ip_of(POOL[i].first);
        entry->last = ip_of(POOL[i].last);
    }
}

void
make_domains(struct maker *maker)
{
    maker->no_always_relay = random_chance(maker->random, 20);
    for (int i = 0; i < POOL_DOMAINS; i++) {
        make_domain(maker, DOMAINS[i].canonical, false);
        make_domain(maker, DOMAINS[i].canonical, true);
    }
    pick_targets(maker);
    make_domain_list(maker);
    make_literals(maker);
    if (random_chance(maker->random, 40))
        entry_text(maker->policy->default_domain,
                   RANDOM_OF(maker->random, DOMAINS)->canonical);
}

static bool
owner_exists(const struct policy *policy, const struct entry *key)
{
    for (int i = 0; i < policy->owner_count; i++) {
        const struct entry *other = &policy->owners[i].key;
        if (other->kind == key->kind && text_is(other->name, key->name) &&
            text_is_folded(other->local, key->local))
            return true;
    }
    return false;
}

void
make_owner(struct maker *maker)
{
    struct policy *policy = maker->policy;
    struct owner *owner = &policy->owners[policy->owner_count];
    struct list keys = {0};
    if (random_chance(maker->random, 50))
        add_mailbox(maker, &keys);
    else
        add_name(maker, &keys, RANDOM_OF(maker->random, DOMAINS));
    owner->key = keys.entries[0];
    if (owner_exists(policy, &owner->key))
        return;
    for (int i = random_below(maker->random, 3); i >= 0; i--) {
        if (policy->group_count > 0 && random_chance(maker->random, 30))
            add_group(maker, &owner->identities,
                      1 + random_below(maker->random, 2));
        else
            add_identity(&owner->identities,
                         *RANDOM_OF(maker->random, IDENTITIES));
    }
    policy->owner_count++;
}
