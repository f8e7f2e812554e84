#include "policy/check_open_relay.h"

#include "base/memory.h"
#include "mail/domain.h"
#include "policy/coverage.h"
#include "policy/pattern_tail.h"
#include "policy/quoted.h"

enum measured {
    NOT_MEASURED,
    MEASURED_ROUGHLY, /* no less than it is */
    MEASURED_EXACTLY
};

struct extent {
    struct coverage coverage;
    enum measured measured;
};

struct check {
    const struct model *model;
    struct mayrelay_report *report;
    struct extent *extents; /* per list */
    bool *judged;           /* per list: its names and patterns */
    bool out_of_memory;
};

static bool
is_relay_allow(const struct rule *rule)
{
    return rule->right == RIGHT_RELAY && !rule->deny && !rule->always_relay;
}

/* -- names and patterns that a relay allow rule includes ---------------- */

static void
judge_below(const struct check *check, const struct entry *entry)
{
    if (domain_labels(entry->text) >= 2)
        return;
    report_add(check->report, FINDING_OPEN_BELOW,
               model_place(check->model, entry->source),
               "name a sub-domain of at least two labels: .example.com",
               "relay for every client below '.%.*s%s'", QUOTED(entry->text));
}

static void
judge_pattern(const struct check *check, const struct entry *entry)
{
    const char *problem = pattern_tail_problem(entry->text);
    if (!problem)
        return;
    report_add(check->report, FINDING_OPEN_PATTERN,
               model_place(check->model, entry->source),
               "end it like '/.*\\.example\\.com/', or write .example.com",
               "the client pattern '/%.*s%s/' of a relay rule %s",
               QUOTED(entry->text), problem);
}

static void
judge_list(struct check *check, uint32_t number)
{
    const struct list *list = &check->model->lists[number];
    if (check->judged[number])
        return;
    check->judged[number] = true;
    for (size_t i = 0; i < list->count; i++)
        if (list->entries[i].kind == ENTRY_BELOW)
            judge_below(check, &list->entries[i]);
        else if (list->entries[i].kind == ENTRY_PATTERN)
            judge_pattern(check, &list->entries[i]);
}

/* -- how much of the world the clients are ------------------------------ */

/* Adding up is cheap, but counts twice what two entries hold; joining is not,
 * and so is done once per list at most. */
static void
measure(struct check *check, uint32_t number, enum measured how)
{
    const struct list *list = &check->model->lists[number];
    struct extent *extent = &check->extents[number];
    if (extent->measured >= how)
        return;
    extent->measured = how;
    extent->coverage = (struct coverage){0};
    if (how == MEASURED_EXACTLY) {
        check->out_of_memory |=
            !coverage_of_union(check->model, &number, 1, &extent->coverage);
        return;
    }
    for (size_t i = 0; i < list->count; i++)
        if (list->entries[i].kind == ENTRY_RANGE)
            coverage_add(&extent->coverage, list->entries[i].range);
}

/* No less than what the lists cover together. */
static bool
may_be_wide(struct check *check, const struct selection *clients,
            enum measured how)
{
    struct coverage sum = {0};
    for (size_t i = 0; i < clients->include_count; i++) {
        measure(check, clients->includes[i], how);
        coverage_sum(&sum, &check->extents[clients->includes[i]].coverage);
    }
    return coverage_is_half(&sum);
}

static bool
is_wide(struct check *check, const struct selection *clients)
{
    if (clients->all)
        return true;
    if (!may_be_wide(check, clients, MEASURED_ROUGHLY) ||
        !may_be_wide(check, clients, MEASURED_EXACTLY))
        return false;
    for (size_t i = 0; i < clients->include_count; i++)
        if (coverage_is_half(&check->extents[clients->includes[i]].coverage))
            return true;
    struct coverage together = {0};
    check->out_of_memory |= !coverage_of_union(
        check->model, clients->includes, clients->include_count, &together);
    return coverage_is_half(&together);
}

static bool
all_internal(const struct model *model, const struct selection *listeners)
{
    for (size_t i = 0; i < listeners->include_count; i++) {
        const struct list *list = &model->lists[listeners->includes[i]];
        for (size_t j = 0; j < list->count; j++) {
            struct address address = list->entries[j].endpoint.address;
            if (address.family == ADDRESS_NONE ||
                !range_is_internal((struct range){address, address}))
                return false;
        }
    }
    return true;
}

/* -- the rule ----------------------------------------------------------- */

struct authority {
    bool clients;     /* `clients` stands */
    bool listeners;   /* `listeners` stand, but not all are internal */
    bool unforgeable; /* any other authorising condition */
};

static struct authority
authority_of(const struct model *model, const struct rule *rule)
{
    const struct selection *listeners = &rule->select[SELECT_LISTENERS];
    bool internal = listeners->given && all_internal(model, listeners);
    return (struct authority){
        .clients = rule->select[SELECT_CLIENTS].given,
        .listeners = listeners->given && !internal,
        .unforgeable = internal || rule->authenticated == WISH_TRUE ||
                       rule->sender_owned == WISH_TRUE ||
                       rule->select[SELECT_USERS].given ||
                       rule->select[SELECT_CERTIFICATES].given,
    };
}

static struct place
place_of(const struct check *check, const struct rule *rule,
         enum selection_kind kind)
{
    struct source source = rule->select[kind].source;
    return model_place(check->model, source.line ? source : rule->source);
}

static void
report_none(const struct check *check, const struct rule *rule)
{
    report_add(check->report, FINDING_OPEN_UNAUTHORISED,
               model_place(check->model, rule->source),
               "add clients, authenticated: true, users, sender-owned: true or "
               "certificates; to open a domain to everybody list it under "
               "'domains: always-relay'",
               "'%.*s' lets anybody relay: no condition of it authorises",
               TEXT_ARGS(rule->name));
}

static void
report_clients(const struct check *check, const struct rule *rule)
{
    report_add(check->report, FINDING_OPEN_CLIENTS,
               place_of(check, rule, SELECT_CLIENTS),
               "narrow the clients, add 'authenticated: true', or say "
               "'open-relay: true' if it is meant",
               "'%.*s' is an open relay: its clients are half of the Internet "
               "or more",
               TEXT_ARGS(rule->name));
}

static void
report_listeners(const struct check *check, const struct rule *rule)
{
    report_add(check->report, FINDING_OPEN_LISTENERS,
               place_of(check, rule, SELECT_LISTENERS),
               "name private addresses of ours, add 'clients', or say "
               "'open-relay: true' if it is meant",
               "'%.*s' is an open relay: its listeners can be reached by "
               "anybody",
               TEXT_ARGS(rule->name));
}

static void
report_needless(const struct check *check, const struct rule *rule)
{
    report_add(check->report, FINDING_OPEN_NEEDLESS,
               model_place(check->model, rule->source), "take 'open-relay' out",
               "'%.*s' says 'open-relay: true', but is none",
               TEXT_ARGS(rule->name));
}

/* A rule without any is an error of its own already. */
static bool
has_condition(const struct rule *rule)
{
    for (int kind = 0; kind < SELECT_COUNT; kind++)
        if (rule->select[kind].given)
            return true;
    return rule->tls != WISH_NONE || rule->authenticated != WISH_NONE ||
           rule->sender_owned != WISH_NONE;
}

static void
judge_rule(struct check *check, const struct rule *rule)
{
    struct authority authority = authority_of(check->model, rule);
    bool wide = authority.clients && !authority.unforgeable &&
                is_wide(check, &rule->select[SELECT_CLIENTS]);
    bool exposed =
        authority.listeners && !authority.clients && !authority.unforgeable;
    if (!authority.clients && !authority.listeners && !authority.unforgeable)
        report_none(check, rule);
    else if (wide && !rule->open_relay)
        report_clients(check, rule);
    else if (exposed && !rule->open_relay)
        report_listeners(check, rule);
    else if (rule->open_relay && !wide && !exposed)
        report_needless(check, rule);
}

bool
check_open_relay(const struct model *model, struct mayrelay_report *report)
{
    struct check check = {
        .model = model,
        .report = report,
        .extents = memory_new(model->list_count, sizeof *check.extents),
        .judged = memory_new(model->list_count, sizeof *check.judged),
    };
    check.out_of_memory = !check.extents || !check.judged;
    for (size_t i = 0; i < model->rule_count && !check.out_of_memory; i++) {
        const struct rule *rule = &model->rules[i];
        const struct selection *clients = &rule->select[SELECT_CLIENTS];
        if (!is_relay_allow(rule) || !has_condition(rule))
            continue;
        judge_rule(&check, rule);
        for (size_t j = 0; j < clients->include_count; j++)
            judge_list(&check, clients->includes[j]);
    }
    memory_free(check.extents);
    memory_free(check.judged);
    return !check.out_of_memory;
}
