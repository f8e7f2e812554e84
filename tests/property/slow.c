#include "slow.h"

#include <stdio.h>
#include <string.h>

#include "slow_rules.h"

/* -- decisions ------------------------------------------------------------ */

/* The judging of one transaction: what stays while steps are taken. */
struct course {
    struct subject subject;
    enum stage stage;
    int connector;
    bool undecided;
    unsigned needs;
    struct decision decision;
    bool decided;
};

static void
write_reply(struct course *course, struct reply reply)
{
    struct decision *decision = &course->decision;
    if (course->subject.policy->soft_bounce && reply.code >= 500)
        reply.code = 451;
    if (course->stage == STAGE_CONNECT && reply.code / 100 == 4)
        reply.code = 421;
    decision->code = reply.code;
    decision->verdict = reply.code >= 500   ? VERDICT_REJECT
                        : reply.code >= 400 ? VERDICT_DEFER
                                            : VERDICT_ACCEPT;
    snprintf(decision->enhanced, sizeof decision->enhanced, "%d.%d.%d",
             reply.code / 100, reply.subject, reply.detail);
}

static void
decide(struct course *course, enum reason reason)
{
    course->decided = true;
    course->decision.reason = reason;
    course->decision.kind = DEFAULTS[reason].kind;
    write_reply(course, reason_reply(course->subject.policy, reason));
}

static void
decide_by_deny(struct course *course, const struct rule *rule)
{
    decide(course, deny_reason(rule));
    course->decision.kind = KIND_FORBIDDEN;
    course->decision.rule = rule->name;
    write_reply(course, rule_reply(course->subject.policy, rule));
}

static bool
asks_for_identity(const struct course *course)
{
    const struct policy *policy = course->subject.policy;
    if (is_authenticated(&course->subject))
        return false;
    for (int i = 0; i < policy->rule_count; i++) {
        const struct rule *rule = &policy->rules[i];
        if (!rule_applies(rule, RIGHT_SUBMIT, false, course->connector))
            continue;
        if (rule->has[CONDITION_USERS] || rule->has[CONDITION_SENDER_OWNED] ||
            (rule->has[CONDITION_AUTHENTICATED] &&
             rule->wish[CONDITION_AUTHENTICATED]))
            return true;
    }
    return false;
}

static enum reason
lack_reason(const struct course *course, enum right right)
{
    if (right == RIGHT_CONNECT)
        return REASON_CONNECT_REFUSED;
    if (right == RIGHT_SUBMIT)
        return asks_for_identity(course) ? REASON_AUTH_REQUIRED
                                         : REASON_SUBMIT_DENIED;
    return course->subject.recipient.routing ? REASON_ROUTING_REFUSED
                                             : REASON_RELAY_DENIED;
}

static struct judgement
take_right(struct course *course, enum right right)
{
    struct judgement judgement =
        judge_right(&course->subject, right, course->connector);
    if (judgement.outcome == REFUSED && judgement.rule)
        decide_by_deny(course, judgement.rule);
    else if (judgement.outcome == REFUSED)
        decide(course, lack_reason(course, right));
    else if (judgement.outcome == OPEN)
        course->undecided = true;
    course->needs |= judgement.needs;
    return judgement;
}

/* -- connectors ----------------------------------------------------------- */

/* What makes one candidate better than another, first to last. */
struct fit {
    bool candidate, has_ip, has_port, has_range;
    struct ip first, last;
};

/* -1, 0, 1 as the range of `a` has fewer, as many, more addresses. */
static int
compare_sizes(const struct fit *a, const struct fit *b)
{
    if (!a->has_range || !b->has_range)
        return (int)b->has_range - (int)a->has_range;
    int octets = a->first.family == 4 ? 4 : 16;
    unsigned char size[2][16];
    const struct fit *fits[2] = {a, b};
    for (int which = 0; which < 2; which++) {
        int borrow = 0;
        for (int i = octets - 1; i >= 0; i--) {
            int digit = fits[which]->last.octets[i] -
                        fits[which]->first.octets[i] - borrow;
            borrow = digit < 0;
            size[which][i] = (unsigned char)(digit + 256 * borrow);
        }
    }
    int order = memcmp(size[0], size[1], (size_t)octets);
    return (order > 0) - (order < 0);
}

static bool
is_better(const struct fit *a, const struct fit *b)
{
    if (!a->candidate || !b->candidate)
        return a->candidate;
    if (a->has_ip != b->has_ip)
        return a->has_ip;
    if (a->has_port != b->has_port)
        return a->has_port;
    return compare_sizes(a, b) < 0;
}

static void
fit_listen(const struct connector *connector, const struct facts *facts,
           struct fit *fit)
{
    fit->candidate = connector->listens.count == 0;
    for (int i = 0; i < connector->listens.count; i++) {
        const struct entry *entry = &connector->listens.entries[i];
        struct fit here = {.candidate = true,
                           .has_ip = entry->first.family != 0,
                           .has_port = entry->port != 0};
        if (endpoint_holds(entry, facts) && is_better(&here, fit))
            *fit = here;
    }
}

static void
fit_range(struct fit *fit, bool *found, const struct entry *entry,
          const struct ip *client)
{
    if (!range_holds_ip(entry, client))
        return;
    struct fit here = *fit;
    here.has_range = true;
    here.first = entry->first;
    here.last = entry->last;
    if (!*found || compare_sizes(&here, fit) < 0)
        *fit = here;
    *found = true;
}

static void
fit_ranges(struct fit *fit, bool *found, const struct list *list,
           const struct ip *client)
{
    for (int i = 0; i < list->count; i++) {
        const struct entry *entry = &list->entries[i];
        if (entry->kind == ENTRY_LIST)
            fit_ranges(fit, found, entry->list, client);
        else
            fit_range(fit, found, entry, client);
    }
}

static void
fit_clients(const struct connector *connector, const struct facts *facts,
            struct fit *fit)
{
    bool found = connector->clients.count == 0;
    fit_ranges(fit, &found, &connector->clients, &facts->client);
    fit->candidate &= found;
}

/* False: no candidate. */
static bool
choose_connector(struct course *course)
{
    const struct policy *policy = course->subject.policy;
    struct fit best = {0};
    if (policy->connector_count == 0) {
        course->connector = EVERYWHERE;
        course->decision.connector = "default";
        return true;
    }
    for (int i = 0; i < policy->connector_count; i++) {
        struct fit fit = {0};
        fit_listen(&policy->connectors[i], course->subject.facts, &fit);
        fit_clients(&policy->connectors[i], course->subject.facts, &fit);
        if (is_better(&fit, &best)) {
            best = fit;
            course->connector = i;
            course->decision.connector = policy->connectors[i].name;
        }
    }
    return best.candidate;
}

/* -- addresses ------------------------------------------------------------ */

static struct mail
mail_qualified(const struct policy *policy, const struct mail *mail)
{
    struct mail qualified = *mail;
    if (mail->kind != MAIL_LOCAL_ALONE)
        return qualified;
    if (!policy->default_domain[0]) {
        qualified.kind = MAIL_MALFORMED;
        return qualified;
    }
    qualified.kind = MAIL_AT_DOMAIN;
    snprintf(qualified.domain, sizeof qualified.domain, "%s",
             policy->default_domain);
    return qualified;
}

static bool
mail_is_bad_recipient(const struct mail *mail)
{
    return mail->kind == MAIL_MALFORMED || mail->kind == MAIL_NULL;
}

static void
reroute(struct subject *subject)
{
    struct mail *recipient = &subject->recipient;
    if (recipient->kind != MAIL_AT_DOMAIN)
        return;
    const struct domain *domain = domain_of(subject->policy, recipient->domain);
    if (!domain || domain->class != DOMAIN_REROUTE)
        return;
    subject->rerouted = true;
    snprintf(recipient->domain, sizeof recipient->domain, "%s", domain->target);
}

/* The domain entry that makes the recipient ours; NULL with *ours for an
 * address literal without one. */
static const struct domain *
inbound_domain(const struct subject *subject, bool *ours)
{
    const struct mail *recipient = &subject->recipient;
    const char *name = recipient->domain;
    *ours = false;
    if (recipient->kind == MAIL_AT_LITERAL) {
        *ours = literal_is_ours(subject, &recipient->literal);
        name = subject->policy->default_domain;
        if (!*ours)
            return NULL;
    }
    const struct domain *domain =
        name[0] ? domain_of(subject->policy, name) : NULL;
    if (!domain || domain->class != DOMAIN_INBOUND)
        return NULL;
    *ours = true;
    return domain;
}

static bool
is_accepted_postmaster(const struct subject *subject)
{
    const struct mail *recipient = &subject->recipient;
    bool ours;
    if (recipient->kind == MAIL_POSTMASTER)
        return true;
    inbound_domain(subject, &ours);
    return ours && text_is_folded(recipient->local, "postmaster");
}

static bool
is_relay_request(const struct subject *subject)
{
    bool ours;
    if (subject->recipient.kind == MAIL_POSTMASTER)
        return false;
    inbound_domain(subject, &ours);
    return !ours || subject->recipient.routing;
}

static void
say_recipient(struct course *course)
{
    const struct subject *subject = &course->subject;
    struct decision *decision = &course->decision;
    if (mail_is_bad_recipient(&subject->recipient) ||
        subject->recipient.kind == MAIL_NOT_GIVEN)
        return;
    mail_text(&subject->recipient, decision->recipient,
              sizeof decision->recipient);
    decision->is_relay = is_relay_request(subject);
}

/* -- the mailbox check ---------------------------------------------------- */

/* Our address literal is sought as if it were the default domain. */
static struct mail
mail_to_seek(const struct subject *subject)
{
    struct mail mail = subject->recipient;
    if (mail.kind == MAIL_AT_LITERAL) {
        mail.kind = MAIL_AT_DOMAIN;
        snprintf(mail.domain, sizeof mail.domain, "%s",
                 subject->policy->default_domain);
    }
    return mail;
}

static enum truth
is_listed(const struct domain *domain, const struct mail *recipient,
          struct coverage *coverage)
{
    char base[TEXT_MOST], whole[3 * TEXT_MOST];
    enum truth truth = NO;
    snprintf(base, sizeof base, "%s", recipient->local);
    char *tag = domain->delimiter ? strchr(base + 1, domain->delimiter) : NULL;
    if (tag)
        *tag = '\0';
    mail_text(recipient, whole, sizeof whole);
    for (int i = 0; i < domain->mailbox_list.count; i++) {
        const struct entry *entry = &domain->mailbox_list.entries[i];
        enum truth here =
            entry->kind == ENTRY_PATTERN
                ? pattern_truth(&entry->pattern, whole)
                : truth_of(text_is_folded(entry->local, recipient->local) ||
                           text_is_folded(entry->local, base));
        if (coverage && here != UNDECIDED)
            coverage->entries[entry->kind][false][here == YES]++;
        truth = truth_or(truth, here);
    }
    return truth;
}

static void
check_mailbox(struct course *course, const struct domain *domain)
{
    const struct subject *subject = &course->subject;
    const struct facts *facts = subject->facts;
    enum truth exists = YES;
    if (domain && domain->mailboxes == MAILBOXES_LISTED) {
        struct mail sought = mail_to_seek(subject);
        exists = is_listed(domain, &sought, subject->coverage);
    }
    if (domain && domain->mailboxes == MAILBOXES_ASK) {
        exists =
            facts->exists == KNOWN ? truth_of(facts->exists_value) : UNDECIDED;
        if (facts->exists == UNKNOWN_YET)
            course->needs |= NEED_RECIPIENT;
    }
    if (exists == NO)
        decide(course, REASON_UNKNOWN_RECIPIENT);
    else if (exists == UNDECIDED)
        course->undecided = true;
}

/* -- the steps ------------------------------------------------------------ */

static bool
listener_matters(const struct policy *policy)
{
    for (int i = 0; i < policy->connector_count; i++)
        if (policy->connectors[i].listens.count > 0)
            return true;
    for (int i = 0; i < policy->rule_count; i++)
        if (policy->rules[i].has[CONDITION_LISTENERS])
            return true;
    return false;
}

static bool
host_forgot(const struct course *course)
{
    const struct facts *facts = course->subject.facts;
    if (facts->client.family == 0)
        return true;
    if (course->stage == STAGE_RCPT && facts->sender.kind == MAIL_NOT_GIVEN)
        return true;
    bool has_listener =
        facts->listener.family != 0 && !facts->listener_unspecified;
    return !has_listener && listener_matters(course->subject.policy);
}

/* Steps 2 and 3, as far as the stage knows the addresses. */
static void
check_addresses(struct course *course)
{
    const struct subject *subject = &course->subject;
    if (subject->sender.kind == MAIL_MALFORMED)
        decide(course, REASON_BAD_SENDER);
    else if (course->stage != STAGE_RCPT)
        return;
    else if (mail_is_bad_recipient(&subject->recipient))
        decide(course, REASON_BAD_RECIPIENT);
    else if (subject->rerouted && !subject->facts->rewrites)
        decide(course, REASON_CANNOT_REWRITE);
}

/* Step 5; says what an accept would be for. */
static enum reason
judge_recipient(struct course *course, const struct rule **rule)
{
    bool ours;
    const struct subject *subject = &course->subject;
    const struct domain *domain = inbound_domain(subject, &ours);
    *rule = NULL;
    if (is_accepted_postmaster(subject))
        return REASON_INBOUND;
    if (!is_relay_request(subject)) {
        check_mailbox(course, domain);
        return subject->rerouted ? REASON_REROUTED : REASON_INBOUND;
    }
    struct judgement judgement = take_right(course, RIGHT_RELAY);
    *rule = judgement.rule;
    return judgement.always_relay ? REASON_ALWAYS_RELAY : REASON_RELAY_ALLOWED;
}

static void
finish(struct course *course, enum reason reason, const struct rule *rule)
{
    if (course->decided)
        return;
    if (course->stage != STAGE_RCPT) {
        decide(course, REASON_PROCEED);
        course->decision.needs = course->needs;
    } else if (course->undecided) {
        decide(course, REASON_LOOKUP_FAILED);
        course->decision.needs = course->needs;
    } else {
        decide(course, reason);
        if (reason == REASON_ALWAYS_RELAY)
            course->decision.rule = "always-relay";
        else if (rule)
            course->decision.rule = rule->name;
    }
}

/* Takes the steps of the stage until one surely refuses. */
static void
take_steps(struct course *course)
{
    enum reason reason = REASON_PROCEED;
    const struct rule *rule = NULL;
    if (!choose_connector(course))
        decide(course, REASON_NO_CONNECTOR);
    else
        take_right(course, RIGHT_CONNECT);
    if (!course->decided && course->stage != STAGE_CONNECT)
        check_addresses(course);
    if (!course->decided && course->stage != STAGE_CONNECT)
        take_right(course, RIGHT_SUBMIT);
    if (!course->decided && course->stage == STAGE_RCPT)
        reason = judge_recipient(course, &rule);
    finish(course, reason, rule);
}

struct decision
slow_decide(const struct policy *policy, const struct facts *facts,
            enum stage stage, struct coverage *coverage)
{
    struct course course = {
        .stage = stage,
        .subject = {.policy = policy, .facts = facts, .coverage = coverage}};
    struct subject *subject = &course.subject;
    subject->sender = mail_qualified(policy, &facts->sender);
    if (stage == STAGE_RCPT)
        subject->recipient = mail_qualified(policy, &facts->recipient);
    reroute(subject);
    say_recipient(&course);
    if (host_forgot(&course)) {
        course.decision.is_relay = false;
        decide(&course, REASON_INTERNAL_ERROR);
    } else {
        take_steps(&course);
    }
    if (coverage)
        coverage->reasons[course.decision.reason]++;
    return course.decision;
}
