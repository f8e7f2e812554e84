#include "policy/check_lists.h"

#include "base/memory.h"
#include "policy/excluded.h"
#include "policy/quoted.h"

enum {
    ENTRIES_MOST = 2000000, /* compared with exclusions, theirs included */
    WARNINGS_MOST = 3       /* per list */
};

struct check {
    const struct model *model;
    struct mayrelay_report *report;
    bool *named;    /* per list: was looked through for host names */
    bool *excluded; /* per list: an entry was reported as excluded */
    struct domain_index *index; /* once an exclusion needs it */
    size_t looked_up;
    bool out_of_memory;
};

/* -- host names that deny ----------------------------------------------- */

static bool
is_host_name(const struct entry *entry)
{
    return entry->kind == ENTRY_NAME || entry->kind == ENTRY_BELOW ||
           entry->kind == ENTRY_PATTERN;
}

static void
warn_of_name(struct check *check, uint32_t number)
{
    const struct list *list = &check->model->lists[number];
    if (check->named[number])
        return;
    check->named[number] = true;
    for (size_t i = 0; i < list->count; i++) {
        const struct entry *entry = &list->entries[i];
        if (!is_host_name(entry))
            continue;
        report_add(check->report, FINDING_DENY_BY_NAME,
                   model_place(check->model, entry->source),
                   "mail from clients with broken reverse DNS will wait, and "
                   "the owner of the name can avoid it: better deny addresses",
                   "a deny rule looks at the host name '%.*s%s'",
                   QUOTED(entry->text));
        return;
    }
}

static void
warn_of_names(struct check *check, const struct rule *rule)
{
    const struct selection *clients = &rule->select[SELECT_CLIENTS];
    if (!rule->deny)
        return;
    for (size_t i = 0; i < clients->include_count; i++)
        warn_of_name(check, clients->includes[i]);
    for (size_t i = 0; i < clients->exclude_count; i++)
        warn_of_name(check, clients->excludes[i]);
}

/* -- rules that can never hold ------------------------------------------ */

static bool
is_empty(const struct model *model, const struct selection *selection)
{
    if (selection->flawed || selection->all || selection->inbound ||
        selection->always_relay)
        return false;
    for (size_t i = 0; i < selection->include_count; i++)
        if (model->lists[selection->includes[i]].count)
            return false;
    return true;
}

/* A recipient that carries routing is in every `recipients` of a deny rule,
 * an empty one too (policy.md §8). */
static bool
may_be_empty(const struct rule *rule, int kind)
{
    return rule->deny && rule->right == RIGHT_RELAY &&
           kind == SELECT_RECIPIENTS;
}

static void
warn_of_empty(const struct check *check, const struct rule *rule)
{
    for (int kind = 0; kind < SELECT_COUNT; kind++) {
        const struct selection *selection = &rule->select[kind];
        if (!selection->given || may_be_empty(rule, kind) ||
            !is_empty(check->model, selection))
            continue;
        report_add(
            check->report, FINDING_RULE_NEVER_HOLDS,
            model_place(check->model, selection->source.line ? selection->source
                                                             : rule->source),
            "an empty list is a set with nothing in it; everybody is "
            "$all",
            "'%.*s' can never hold: this list is empty", TEXT_ARGS(rule->name));
    }
}

/* -- entries inside an exclusion ---------------------------------------- */

static void
warn_of_whole(const struct check *check, const struct selection *selection,
              struct text name)
{
    report_add(check->report, FINDING_ENTRY_EXCLUDED,
               model_place(check->model, selection->source), NULL,
               "'%.*s' can never matter: an exclusion of its list takes it "
               "away",
               TEXT_ARGS(name));
}

/* The entries of a built-in list stand nowhere: it is one thing. */
static void
look_up_built_in(struct check *check, const struct excluded *excluded,
                 const struct selection *selection, const struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!excluded_holds(excluded, &list->entries[i]))
            return;
    warn_of_whole(check, selection, list->name);
}

static void
look_up(struct check *check, const struct excluded *excluded, uint32_t number)
{
    const struct list *list = &check->model->lists[number];
    unsigned warnings = 0;
    if (check->excluded[number])
        return;
    for (size_t i = 0; i < list->count && warnings < WARNINGS_MOST; i++) {
        if (check->looked_up++ >= ENTRIES_MOST)
            return;
        if (!excluded_holds(excluded, &list->entries[i]))
            continue;
        check->excluded[number] = true;
        warnings++;
        report_add(check->report, FINDING_ENTRY_EXCLUDED,
                   model_place(check->model, list->entries[i].source), NULL,
                   "this entry can never matter: an exclusion of its list "
                   "takes it away");
    }
}

static bool
is_built_in(const struct list *list)
{
    return list->count && !list->entries[0].source.line;
}

static void
look_up_all(struct check *check, const struct excluded *excluded,
            const struct selection *selection)
{
    for (size_t i = 0; i < selection->include_count; i++) {
        uint32_t number = selection->includes[i];
        const struct list *list = &check->model->lists[number];
        if (is_built_in(list))
            look_up_built_in(check, excluded, selection, list);
        else
            look_up(check, excluded, number);
    }
}

static void
warn_of_classes(const struct check *check, const struct selection *selection)
{
    if (selection->inbound && selection->not_inbound)
        warn_of_whole(check, selection, TEXT("$inbound"));
    if (selection->always_relay && selection->not_always_relay)
        warn_of_whole(check, selection, TEXT("$always-relay"));
}

static struct excluded *
exclusions_of(struct check *check, const struct selection *selection,
              enum selection_kind kind)
{
    bool classes = selection->not_inbound || selection->not_always_relay;
    if (classes && !check->index)
        check->index = domain_index_new(check->model);
    if (classes && !check->index)
        return NULL;
    return excluded_new(check->model, check->index, selection, kind);
}

static void
warn_of_excluded(struct check *check, const struct selection *selection,
                 enum selection_kind kind)
{
    warn_of_classes(check, selection);
    bool excludes = selection->exclude_count || selection->not_inbound ||
                    selection->not_always_relay;
    if (!excludes || !selection->include_count)
        return;
    for (size_t i = 0; i < selection->exclude_count; i++)
        check->looked_up += check->model->lists[selection->excludes[i]].count;
    if (check->looked_up >= ENTRIES_MOST)
        return;
    struct excluded *excluded = exclusions_of(check, selection, kind);
    if (!excluded) {
        check->out_of_memory = true;
        return;
    }
    look_up_all(check, excluded, selection);
    excluded_free(excluded);
}

bool
check_lists(const struct model *model, struct mayrelay_report *report)
{
    struct check check = {
        .model = model,
        .report = report,
        .named = memory_new(model->list_count, sizeof *check.named),
        .excluded = memory_new(model->list_count, sizeof *check.excluded),
    };
    check.out_of_memory = !check.named || !check.excluded;
    for (size_t i = 0; i < model->rule_count && !check.out_of_memory; i++) {
        warn_of_names(&check, &model->rules[i]);
        warn_of_empty(&check, &model->rules[i]);
        for (int kind = 0; kind < SELECT_COUNT; kind++)
            warn_of_excluded(&check, &model->rules[i].select[kind],
                             (enum selection_kind)kind);
    }
    memory_free(check.named);
    memory_free(check.excluded);
    domain_index_free(check.index);
    return !check.out_of_memory;
}
