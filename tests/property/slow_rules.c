#include "slow_rules.h"

#include <string.h>

/* -- one condition, one rule ---------------------------------------------- */

static bool
owns_anything(const struct subject *subject)
{
    const struct policy *policy = subject->policy;
    for (int i = 0; i < policy->owner_count; i++)
        if (is_static_member(&policy->owners[i].identities,
                             subject->facts->identity))
            return true;
    return false;
}

static bool
below(const char *name, const char *parent)
{
    size_t size = strlen(name), parent_size = strlen(parent);
    return size > parent_size + 1 && name[size - parent_size - 1] == '.' &&
           text_is(name + size - parent_size, parent);
}

/* How specific an owner's key is for this sender: 0 if it is not its. */
static size_t
owner_rank(const struct entry *key, const struct mail *sender)
{
    enum {
        NAME_RANK = 1000,
        MAILBOX_RANK = 2000
    };
    if (sender->kind != MAIL_AT_DOMAIN)
        return 0;
    if (key->kind == ENTRY_BELOW)
        return below(sender->domain, key->name) ? strlen(key->name) : 0;
    if (!text_is(key->name, sender->domain))
        return 0;
    if (key->kind == ENTRY_NAME)
        return NAME_RANK;
    return text_is_folded(key->local, sender->local) ? MAILBOX_RANK : 0;
}

static bool
owns_sender(const struct subject *subject)
{
    const struct policy *policy = subject->policy;
    const struct owner *best = NULL;
    size_t best_rank = 0;
    for (int i = 0; i < policy->owner_count; i++) {
        size_t rank = owner_rank(&policy->owners[i].key, &subject->sender);
        if (rank > best_rank) {
            best = &policy->owners[i];
            best_rank = rank;
        }
    }
    return best &&
           is_static_member(&best->identities, subject->facts->identity);
}

static bool
sender_owned_is(const struct subject *subject, bool wish)
{
    if (!is_authenticated(subject))
        return false;
    if (subject->sender.kind == MAIL_NULL)
        return wish && owns_anything(subject);
    return owns_sender(subject) == wish;
}

/* A recipient to come may carry routing: then no allow rule holds that has
 * `recipients`, and every deny rule that has it. */
static enum truth
recipient_truth(const struct subject *subject, const struct rule *rule)
{
    const struct list *list = &rule->lists[CONDITION_RECIPIENTS];
    const struct mail *recipient = &subject->recipient;
    if (recipient->kind != MAIL_NOT_GIVEN && recipient->routing)
        return truth_of(rule->deny);
    enum truth truth = mail_in(subject, list, recipient, false);
    if (recipient->kind != MAIL_NOT_GIVEN)
        return truth;
    return rule->deny ? truth_or(truth, UNDECIDED)
                      : truth_and(truth, UNDECIDED);
}

static enum truth
condition_truth(const struct subject *subject, const struct rule *rule,
                enum condition condition)
{
    const struct facts *facts = subject->facts;
    const struct list *list =
        condition < LIST_CONDITIONS ? &rule->lists[condition] : NULL;
    bool wish = rule->wish[condition];
    switch (condition) {
    case CONDITION_CLIENTS: return client_in(subject, list);
    case CONDITION_LISTENERS: return truth_of(listener_in(subject, list));
    case CONDITION_CERTIFICATES: return truth_of(certificate_in(subject, list));
    case CONDITION_USERS: return user_in(subject, list);
    case CONDITION_SENDERS:
        return mail_in(subject, list, &subject->sender, true);
    case CONDITION_RECIPIENTS: return recipient_truth(subject, rule);
    case CONDITION_TLS:
        return truth_of((facts->tls || facts->certificate[0]) == wish);
    case CONDITION_AUTHENTICATED:
        return truth_of(is_authenticated(subject) == wish);
    case CONDITION_SENDER_OWNED:
        return truth_of(sender_owned_is(subject, wish));
    default: return NO;
    }
}

/* What could decide a condition that is undecided. */
static unsigned
condition_needs(const struct subject *subject, const struct rule *rule,
                enum condition condition)
{
    const struct facts *facts = subject->facts;
    if (condition == CONDITION_CLIENTS && facts->names == UNKNOWN_YET)
        return NEED_CLIENT_NAME;
    if (condition == CONDITION_USERS && facts->groups == UNKNOWN_YET &&
        list_mentions(&rule->lists[CONDITION_USERS], ENTRY_ASK_GROUP))
        return NEED_GROUPS;
    return 0;
}

static enum truth
rule_truth(const struct subject *subject, const struct rule *rule,
           unsigned *needs)
{
    enum truth all = YES;
    *needs = 0;
    for (enum condition i = 0; i < CONDITIONS; i++) {
        if (!rule->has[i])
            continue;
        enum truth truth = condition_truth(subject, rule, i);
        if (subject->coverage)
            subject->coverage->conditions[rule->right][rule->deny][i][truth]++;
        if (truth == UNDECIDED)
            *needs |= condition_needs(subject, rule, i);
        all = truth_and(all, truth);
    }
    return all;
}

/* -- replies -------------------------------------------------------------- */

const struct reason_default DEFAULTS[REASONS] = {
    [REASON_INTERNAL_ERROR] = {451, 3, 0, KIND_INTERNAL},
    [REASON_PROCEED] = {250, 0, 0, KIND_GRANTED},
    [REASON_INBOUND] = {250, 1, 5, KIND_GRANTED},
    [REASON_REROUTED] = {250, 1, 5, KIND_GRANTED},
    [REASON_ALWAYS_RELAY] = {250, 1, 5, KIND_GRANTED},
    [REASON_RELAY_ALLOWED] = {250, 1, 5, KIND_GRANTED},
    [REASON_NO_CONNECTOR] = {554, 7, 1, KIND_NOT_PERMITTED},
    [REASON_CONNECT_REFUSED] = {554, 7, 1, KIND_NOT_PERMITTED},
    [REASON_AUTH_REQUIRED] = {530, 7, 0, KIND_NOT_PERMITTED},
    [REASON_SUBMIT_DENIED] = {550, 7, 1, KIND_NOT_PERMITTED},
    [REASON_BAD_SENDER] = {501, 1, 7, KIND_MALFORMED},
    [REASON_BAD_RECIPIENT] = {501, 1, 3, KIND_MALFORMED},
    [REASON_UNKNOWN_RECIPIENT] = {550, 1, 1, KIND_NOT_PERMITTED},
    [REASON_RELAY_DENIED] = {550, 7, 1, KIND_NOT_PERMITTED},
    [REASON_RELAY_FORBIDDEN] = {550, 7, 1, KIND_FORBIDDEN},
    [REASON_ROUTING_REFUSED] = {550, 7, 1, KIND_NOT_PERMITTED},
    [REASON_LOOKUP_FAILED] = {451, 4, 3, KIND_UNDETERMINED},
    [REASON_CANNOT_REWRITE] = {451, 3, 5, KIND_INTERNAL},
};

/* `over` replaces `base`; a bare code leaves its subject and detail. */
static struct reply
reply_over(struct reply base, const struct reply *over)
{
    if (!over->given)
        return base;
    base.code = over->code;
    if (!over->bare) {
        base.subject = over->subject;
        base.detail = over->detail;
    }
    return base;
}

struct reply
reason_reply(const struct policy *policy, enum reason reason)
{
    struct reply base = {.given = true,
                         .code = DEFAULTS[reason].code,
                         .subject = DEFAULTS[reason].subject,
                         .detail = DEFAULTS[reason].detail};
    return reply_over(base, &policy->replies[reason]);
}

enum reason
deny_reason(const struct rule *rule)
{
    if (rule->right == RIGHT_CONNECT)
        return REASON_CONNECT_REFUSED;
    if (rule->right == RIGHT_RELAY)
        return REASON_RELAY_FORBIDDEN;
    bool wants_authentication = rule->has[CONDITION_AUTHENTICATED] &&
                                !rule->wish[CONDITION_AUTHENTICATED];
    return wants_authentication ? REASON_AUTH_REQUIRED : REASON_SUBMIT_DENIED;
}

struct reply
rule_reply(const struct policy *policy, const struct rule *rule)
{
    return reply_over(reason_reply(policy, deny_reason(rule)), &rule->reply);
}

/* -- one right ------------------------------------------------------------ */

bool
rule_applies(const struct rule *rule, enum right right, bool deny,
             int connector)
{
    return rule->right == right && rule->deny == deny &&
           (rule->connector == EVERYWHERE || rule->connector == connector);
}

/* A surely holding deny rule is named before another: 5xx before 4xx, then as
 * they stand in the file. */
static bool
is_named_before(const struct policy *policy, const struct rule *a,
                const struct rule *b)
{
    bool a_rejects = rule_reply(policy, a).code >= 500;
    bool b_rejects = rule_reply(policy, b).code >= 500;
    if (a_rejects != b_rejects)
        return a_rejects;
    return a->order < b->order;
}

struct tally {
    int rules;
    const struct rule *sure; /* the one to name */
    bool may;                /* some rule may hold */
    bool undecided;
    unsigned needs; /* of the undecided rules */
};

static struct tally
tally_rules(const struct subject *subject, enum right right, bool deny,
            int connector)
{
    struct tally tally = {0};
    const struct policy *policy = subject->policy;
    for (int i = 0; i < policy->rule_count; i++) {
        const struct rule *rule = &policy->rules[i];
        if (!rule_applies(rule, right, deny, connector))
            continue;
        unsigned needs;
        enum truth truth = rule_truth(subject, rule, &needs);
        tally.rules++;
        tally.may |= truth != NO;
        if (truth == UNDECIDED) {
            tally.undecided = true;
            tally.needs |= needs;
        }
        if (truth != YES)
            continue;
        bool before =
            !tally.sure || (deny ? is_named_before(policy, rule, tally.sure)
                                 : rule->order < tally.sure->order);
        if (before)
            tally.sure = rule;
    }
    return tally;
}

static bool
always_relay_holds(const struct subject *subject)
{
    const struct mail *recipient = &subject->recipient;
    if (recipient->kind != MAIL_AT_DOMAIN || recipient->routing)
        return false;
    const struct domain *domain = domain_of(subject->policy, recipient->domain);
    return domain && domain->class == DOMAIN_ALWAYS_RELAY;
}

struct judgement
judge_right(const struct subject *subject, enum right right, int connector)
{
    struct tally deny = tally_rules(subject, right, true, connector);
    struct tally allow = tally_rules(subject, right, false, connector);
    bool always = right == RIGHT_RELAY && always_relay_holds(subject);
    bool everybody = right != RIGHT_RELAY && allow.rules == 0;
    bool allow_sure = allow.sure || always || everybody;
    struct judgement judgement = {.outcome = REFUSED};
    if (deny.sure) {
        judgement.rule = deny.sure;
    } else if (!allow.may && !allow_sure) {
        judgement.rule = NULL;
    } else if (deny.undecided || !allow_sure) {
        judgement.outcome = OPEN;
        judgement.needs = deny.needs | (allow_sure ? 0 : allow.needs);
    } else {
        judgement.outcome = GRANTED;
        judgement.rule = allow.sure;
        judgement.always_relay = always && !allow.sure;
    }
    return judgement;
}
