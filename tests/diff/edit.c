#include "edit.h"

#include <string.h>

enum edit
edit_pick(struct random *random)
{
    enum edit edit;
    do
        edit = (enum edit)random_below(random, EDITS);
    while (edit == EDIT_EVERYTHING);
    return edit;
}

/* The last one takes the place of the dropped. */
#define DROP(random, items, count)                                             \
    do {                                                                       \
        if ((count) > 0) {                                                     \
            (items)[random_below((random), (count))] = (items)[(count)-1];     \
            (count)--;                                                         \
        }                                                                      \
    } while (0)

static void
drop_entry(struct random *random, struct list *list)
{
    if (list->count > 1)
        DROP(random, list->entries, list->count);
}

static void
drop_rule_entry(struct random *random, struct policy *policy)
{
    if (!policy->rule_count)
        return;
    struct rule *rule =
        &policy->rules[random_below(random, policy->rule_count)];
    for (int condition = 0; condition < LIST_CONDITIONS; condition++)
        if (rule->has[condition])
            drop_entry(random, &rule->lists[condition]);
}

/* Lists that domains are written through stay as they are. */
static void
drop_named_entry(struct random *random, struct policy *policy)
{
    if (!policy->list_count)
        return;
    int list = random_below(random, policy->list_count);
    for (int i = 0; i < policy->domain_count; i++)
        if (policy->domains[i].through == list)
            return;
    drop_entry(random, &policy->lists[list]);
}

static void
drop_domain(struct random *random, struct policy *policy)
{
    for (int i = 0; i < policy->domain_count; i++)
        if (policy->domains[i].through >= 0)
            return;
    DROP(random, policy->domains, policy->domain_count);
}

static void
change_reply(struct random *random, struct policy *policy)
{
    static const enum reason REASONS_TO_SET[] = {
        REASON_RELAY_DENIED, REASON_RELAY_FORBIDDEN, REASON_SUBMIT_DENIED,
        REASON_CONNECT_REFUSED, REASON_UNKNOWN_RECIPIENT};
    struct reply *reply = &policy->replies[*RANDOM_OF(random, REASONS_TO_SET)];
    *reply =
        (struct reply){.given = true, .code = 450, .subject = 7, .detail = 9};
}

void
edit_policy(struct random *random, struct policy *policy, enum edit edit)
{
    switch (edit) {
    case EDIT_NOTHING:
    case EDIT_EVERYTHING:
    case EDITS: break;
    case EDIT_ADD_DENY: generate_deny(random, policy); break;
    case EDIT_DROP_RULE: DROP(random, policy->rules, policy->rule_count); break;
    case EDIT_DROP_ENTRY: drop_rule_entry(random, policy); break;
    case EDIT_DROP_NAMED_ENTRY: drop_named_entry(random, policy); break;
    case EDIT_DROP_DOMAIN: drop_domain(random, policy); break;
    case EDIT_DROP_OWNER:
        DROP(random, policy->owners, policy->owner_count);
        break;
    case EDIT_DROP_LITERAL: drop_entry(random, &policy->literals); break;
    case EDIT_DROP_ANONYMOUS: drop_entry(random, &policy->anonymous); break;
    case EDIT_REPLY: change_reply(random, policy); break;
    case EDIT_SOFT_BOUNCE: policy->soft_bounce = !policy->soft_bounce; break;
    case EDIT_DEFAULT_DOMAIN:
        strcpy(policy->default_domain,
               policy->default_domain[0] ? "" : "a.example");
        break;
    }
}
