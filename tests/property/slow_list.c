#include "slow_list.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum truth
truth_or(enum truth a, enum truth b)
{
    if (a == YES || b == YES)
        return YES;
    return a == UNDECIDED || b == UNDECIDED ? UNDECIDED : NO;
}

enum truth
truth_and(enum truth a, enum truth b)
{
    if (a == NO || b == NO)
        return NO;
    return a == UNDECIDED || b == UNDECIDED ? UNDECIDED : YES;
}

enum truth
truth_not(enum truth a)
{
    if (a == UNDECIDED)
        return UNDECIDED;
    return a == YES ? NO : YES;
}

enum truth
truth_of(bool value)
{
    return value ? YES : NO;
}

bool
text_is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

bool
text_is_folded(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

static bool
ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && strcasecmp(text + size - end_size, end) == 0;
}

/* -- patterns ------------------------------------------------------------- */

/* The subjects of the tests begin with few letters a, where the match is
 * soon over, or with so many that no budget suffices. */
enum {
    ENDLESS_LETTERS = 30
};

static enum truth
catastrophic_truth(const struct pattern *pattern, const char *text)
{
    size_t letters = strspn(text, "aA");
    if (letters >= ENDLESS_LETTERS)
        return UNDECIDED;
    if (letters == 0 || text[letters] < '0' || text[letters] > '9')
        return NO;
    return truth_of(ends_with(text + letters + 1, pattern->suffix));
}

static bool
contains(const char *text, size_t size, const char *part)
{
    size_t part_size = strlen(part);
    for (size_t i = 0; i + part_size <= size; i++)
        if (strncasecmp(text + i, part, part_size) == 0)
            return true;
    return false;
}

enum truth
pattern_truth(const struct pattern *pattern, const char *text)
{
    if (pattern->catastrophic)
        return catastrophic_truth(pattern, text);
    size_t prefix = strlen(pattern->prefix), suffix = strlen(pattern->suffix);
    size_t size = strlen(text);
    if (size < prefix + suffix)
        return NO;
    if (strncasecmp(text, pattern->prefix, prefix) != 0 ||
        !ends_with(text, pattern->suffix))
        return NO;
    size_t between = size - prefix - suffix;
    return truth_of(contains(text + prefix, between, pattern->middle));
}

/* -- domains -------------------------------------------------------------- */

static bool
is_below(const char *name, const char *parent)
{
    size_t size = strlen(name), parent_size = strlen(parent);
    return size > parent_size + 1 && ends_with(name, parent) &&
           name[size - parent_size - 1] == '.';
}

static bool
is_below_seen(const struct subject *subject, const char *name,
              const char *parent)
{
    struct coverage *coverage = subject->coverage;
    bool below = is_below(name, parent);
    if (coverage) {
        coverage->label_below += below;
        coverage->label_itself += text_is(name, parent);
        coverage->label_run_on +=
            !below && !text_is(name, parent) && ends_with(name, parent);
    }
    return below;
}

static bool
is_more_specific(const struct domain *a, const struct domain *b)
{
    if (!b)
        return true;
    if (a->below != b->below)
        return b->below;
    return strlen(a->name) > strlen(b->name);
}

const struct domain *
domain_of(const struct policy *policy, const char *name)
{
    const struct domain *best = NULL;
    for (int i = 0; i < policy->domain_count; i++) {
        const struct domain *domain = &policy->domains[i];
        bool holds = domain->below ? is_below(name, domain->name)
                                   : text_is(name, domain->name);
        if (holds && is_more_specific(domain, best))
            best = domain;
    }
    return best;
}

bool
literal_is_ours(const struct subject *subject, const struct ip *ip)
{
    const struct facts *facts = subject->facts;
    if (facts->listener.family != 0 && !facts->listener_unspecified &&
        ip_compare(&facts->listener, ip) == 0)
        return true;
    const struct list *literals = &subject->policy->literals;
    for (int i = 0; i < literals->count; i++)
        if (range_holds_ip(&literals->entries[i], ip))
            return true;
    return false;
}

static enum domain_class
mail_class(const struct subject *subject, const struct mail *mail)
{
    if (mail->kind == MAIL_POSTMASTER)
        return DOMAIN_INBOUND;
    if (mail->kind == MAIL_AT_LITERAL)
        return literal_is_ours(subject, &mail->literal) ? DOMAIN_INBOUND
                                                        : DOMAIN_FOREIGN;
    const struct domain *domain = mail->kind == MAIL_AT_DOMAIN
                                      ? domain_of(subject->policy, mail->domain)
                                      : NULL;
    return domain ? domain->class : DOMAIN_FOREIGN;
}

void
mail_text(const struct mail *mail, char *out, size_t size)
{
    char literal[64];
    switch (mail->kind) {
    case MAIL_AT_DOMAIN:
        snprintf(out, size, "%s@%s", mail->local, mail->domain);
        break;
    case MAIL_AT_LITERAL:
        ip_text(&mail->literal, literal, sizeof literal);
        snprintf(out, size, "%s@[%s%s]", mail->local,
                 mail->literal.family == 6 ? "IPv6:" : "", literal);
        break;
    default: snprintf(out, size, "%s", mail->local); break;
    }
}

/* -- entries -------------------------------------------------------------- */

static enum truth
seen(const struct subject *subject, const struct entry *entry, bool exclude,
     enum truth truth)
{
    if (subject->coverage && truth != UNDECIDED)
        subject->coverage->entries[entry->kind][exclude][truth == YES]++;
    return truth;
}

bool
range_holds_ip(const struct entry *entry, const struct ip *ip)
{
    return entry->first.family == ip->family &&
           ip_compare(&entry->first, ip) <= 0 &&
           ip_compare(ip, &entry->last) <= 0;
}

static void
see_interval(const struct subject *subject, const struct entry *entry)
{
    struct coverage *coverage = subject->coverage;
    const struct ip *client = &subject->facts->client;
    if (!coverage)
        return;
    struct ip before = ip_neighbour(entry->first, -1);
    struct ip behind = ip_neighbour(entry->last, 1);
    coverage->at_first += ip_compare(client, &entry->first) == 0;
    coverage->at_last += ip_compare(client, &entry->last) == 0;
    coverage->before_first += ip_compare(client, &before) == 0;
    coverage->behind_last += ip_compare(client, &behind) == 0;
}

static bool
ip_between(const struct ip *ip, const char *first, const char *last)
{
    struct ip a = ip_of(first), b = ip_of(last);
    return a.family == ip->family && ip_compare(&a, ip) <= 0 &&
           ip_compare(ip, &b) <= 0;
}

static bool
is_loopback(const struct ip *ip)
{
    return ip_between(ip, "127.0.0.0", "127.255.255.255") ||
           ip_between(ip, "::1", "::1");
}

static bool
is_private(const struct ip *ip)
{
    return ip_between(ip, "10.0.0.0", "10.255.255.255") ||
           ip_between(ip, "172.16.0.0", "172.31.255.255") ||
           ip_between(ip, "192.168.0.0", "192.168.255.255") ||
           ip_between(ip, "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static bool
is_link_local(const struct ip *ip)
{
    return ip_between(ip, "169.254.0.0", "169.254.255.255") ||
           ip_between(ip, "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static enum truth
client_name_holds(const struct subject *subject, const struct entry *entry)
{
    const struct facts *facts = subject->facts;
    if (facts->names != KNOWN || facts->name_malformed)
        return UNDECIDED;
    enum truth truth = NO;
    for (int i = 0; i < facts->name_count; i++) {
        const char *name = facts->name[i];
        if (entry->kind == ENTRY_NAME)
            truth = truth_or(truth, truth_of(text_is(name, entry->name)));
        else if (entry->kind == ENTRY_BELOW)
            truth = truth_or(
                truth, truth_of(is_below_seen(subject, name, entry->name)));
        else
            truth = truth_or(truth, pattern_truth(&entry->pattern, name));
    }
    return truth;
}

/* What the entries of a list are compared with. */
struct probe {
    enum {
        PROBE_CLIENT,
        PROBE_USER,
        PROBE_MAIL
    } kind;
    const struct mail *mail;
    bool is_sender;
};

static enum truth list_truth(const struct subject *subject,
                             const struct list *list, const struct probe *probe,
                             bool exclude);

static enum truth
client_entry_holds(const struct subject *subject, const struct entry *entry)
{
    const struct ip *client = &subject->facts->client;
    switch (entry->kind) {
    case ENTRY_ADDRESS:
    case ENTRY_NETWORK:
    case ENTRY_RANGE:
        see_interval(subject, entry);
        return truth_of(range_holds_ip(entry, client));
    case ENTRY_NAME:
    case ENTRY_BELOW:
    case ENTRY_PATTERN: return client_name_holds(subject, entry);
    case ENTRY_LOOPBACK: return truth_of(is_loopback(client));
    case ENTRY_PRIVATE: return truth_of(is_private(client));
    case ENTRY_LINK_LOCAL: return truth_of(is_link_local(client));
    default: return NO;
    }
}

static enum truth
group_holds(const struct subject *subject, const struct entry *entry)
{
    const struct facts *facts = subject->facts;
    if (facts->groups != KNOWN)
        return UNDECIDED;
    for (int i = 0; i < facts->group_count; i++)
        if (text_is_folded(facts->group[i], entry->list->name))
            return YES;
    return NO;
}

static enum truth
user_entry_holds(const struct subject *subject, const struct entry *entry)
{
    const char *identity = subject->facts->identity;
    switch (entry->kind) {
    case ENTRY_IDENTITY: return truth_of(text_is_folded(identity, entry->name));
    case ENTRY_PATTERN: return pattern_truth(&entry->pattern, identity);
    case ENTRY_ASK_GROUP: return group_holds(subject, entry);
    default: return NO;
    }
}

static enum truth
mail_entry_holds(const struct subject *subject, const struct entry *entry,
                 const struct mail *mail, bool is_sender)
{
    char text[3 * TEXT_MOST];
    bool named = mail->kind == MAIL_AT_DOMAIN;
    enum domain_class class = mail_class(subject, mail);
    switch (entry->kind) {
    case ENTRY_NAME:
        return truth_of(named && text_is(mail->domain, entry->name));
    case ENTRY_BELOW:
        return truth_of(named &&
                        is_below_seen(subject, mail->domain, entry->name));
    case ENTRY_MAILBOX:
        return truth_of(named && text_is_folded(mail->local, entry->local) &&
                        text_is(mail->domain, entry->name));
    case ENTRY_LOCAL_PART:
        return truth_of(text_is_folded(mail->local, entry->local));
    case ENTRY_PATTERN:
        mail_text(mail, text, sizeof text);
        return pattern_truth(&entry->pattern, text);
    case ENTRY_INBOUND:
        return truth_of(class == DOMAIN_INBOUND ||
                        (is_sender && class == DOMAIN_REROUTE));
    case ENTRY_ALWAYS_RELAY: return truth_of(class == DOMAIN_ALWAYS_RELAY);
    default: return NO;
    }
}

static enum truth
plain_entry_holds(const struct subject *subject, const struct entry *entry,
                  const struct probe *probe)
{
    if (entry->kind == ENTRY_ALL)
        return YES;
    if (probe->kind == PROBE_CLIENT)
        return client_entry_holds(subject, entry);
    if (probe->kind == PROBE_USER)
        return user_entry_holds(subject, entry);
    if (probe->mail->kind == MAIL_NOT_GIVEN)
        return UNDECIDED;
    if (probe->mail->kind == MAIL_NULL)
        return truth_of(entry->kind == ENTRY_NULL_SENDER);
    return mail_entry_holds(subject, entry, probe->mail, probe->is_sender);
}

static enum truth
entry_truth(const struct subject *subject, const struct entry *entry,
            const struct probe *probe, bool exclude)
{
    enum truth truth = entry->kind == ENTRY_LIST || entry->kind == ENTRY_GROUP
                           ? list_truth(subject, entry->list, probe, exclude)
                           : plain_entry_holds(subject, entry, probe);
    return seen(subject, entry, exclude, truth);
}

/* Some entry includes, and no entry excludes. */
static enum truth
list_truth(const struct subject *subject, const struct list *list,
           const struct probe *probe, bool exclude)
{
    enum truth included = NO, excluded = NO;
    for (int i = 0; i < list->count; i++) {
        const struct entry *entry = &list->entries[i];
        enum truth truth =
            entry_truth(subject, entry, probe, exclude || entry->exclude);
        if (entry->exclude)
            excluded = truth_or(excluded, truth);
        else
            included = truth_or(included, truth);
    }
    return truth_and(included, truth_not(excluded));
}

/* -- what conditions ask -------------------------------------------------- */

enum truth
client_in(const struct subject *subject, const struct list *list)
{
    struct probe probe = {.kind = PROBE_CLIENT};
    return list_truth(subject, list, &probe, false);
}

enum truth
user_in(const struct subject *subject, const struct list *list)
{
    struct probe probe = {.kind = PROBE_USER};
    if (!is_authenticated(subject))
        return NO;
    return list_truth(subject, list, &probe, false);
}

enum truth
mail_in(const struct subject *subject, const struct list *list,
        const struct mail *mail, bool is_sender)
{
    struct probe probe = {PROBE_MAIL, mail, is_sender};
    return list_truth(subject, list, &probe, false);
}

bool
endpoint_holds(const struct entry *entry, const struct facts *facts)
{
    if (entry->first.family != 0 &&
        ip_compare(&entry->first, &facts->listener) != 0)
        return false;
    return entry->port == 0 || entry->port == facts->listener_port;
}

bool
listener_in(const struct subject *subject, const struct list *list)
{
    bool found = false;
    for (int i = 0; i < list->count; i++) {
        const struct entry *entry = &list->entries[i];
        bool holds = endpoint_holds(entry, subject->facts);
        seen(subject, entry, false, truth_of(holds));
        found |= holds;
    }
    return found;
}

bool
certificate_in(const struct subject *subject, const struct list *list)
{
    const char *certificate = subject->facts->certificate;
    bool found = false;
    for (int i = 0; i < list->count; i++) {
        const struct entry *entry = &list->entries[i];
        bool holds = certificate[0] && text_is(entry->name, certificate);
        seen(subject, entry, false, truth_of(holds));
        found |= holds;
    }
    return found;
}

bool
list_mentions(const struct list *list, enum entry_kind kind)
{
    for (int i = 0; i < list->count; i++) {
        const struct entry *entry = &list->entries[i];
        if (entry->kind == kind)
            return true;
        bool named = entry->kind == ENTRY_LIST || entry->kind == ENTRY_GROUP;
        if (named && list_mentions(entry->list, kind))
            return true;
    }
    return false;
}

/* -- identities ----------------------------------------------------------- */

static bool
name_is_anonymous(const struct policy *policy, const char *text, size_t size)
{
    static const char *const BUILT_IN[] = {"", "guest", "anonymous",
                                           "anonymous logon"};
    while (size > 0 && text[0] == ' ')
        text++, size--;
    while (size > 0 && text[size - 1] == ' ')
        size--;
    for (size_t i = 0; i < sizeof BUILT_IN / sizeof *BUILT_IN; i++)
        if (strlen(BUILT_IN[i]) == size &&
            strncasecmp(BUILT_IN[i], text, size) == 0)
            return true;
    for (int i = 0; i < policy->anonymous.count; i++) {
        const char *name = policy->anonymous.entries[i].name;
        if (strlen(name) == size && strncasecmp(name, text, size) == 0)
            return true;
    }
    return false;
}

bool
is_authenticated(const struct subject *subject)
{
    const struct facts *facts = subject->facts;
    const char *rest = facts->identity;
    if (!facts->has_identity ||
        name_is_anonymous(subject->policy, rest, strlen(rest)))
        return false;
    for (;;) {
        size_t part = strcspn(rest, "\\@");
        if (name_is_anonymous(subject->policy, rest, part))
            return false;
        if (!rest[part])
            return true;
        rest += part + 1;
    }
}

bool
is_static_member(const struct list *list, const char *identity)
{
    for (int i = 0; i < list->count; i++) {
        const struct entry *entry = &list->entries[i];
        if (entry->kind == ENTRY_IDENTITY &&
            text_is_folded(entry->name, identity))
            return true;
        if (entry->kind == ENTRY_GROUP &&
            is_static_member(entry->list, identity))
            return true;
    }
    return false;
}
