#include "changes.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"

/* -- what has changed ------------------------------------------------------ */

/* Nothing that the host could add would make another decision of it. */
static bool
is_final(const mayrelay_decision *decision)
{
    return mayrelay_decision_get_needs(decision) == 0 &&
           mayrelay_decision_get_reason(decision) !=
               MAYRELAY_REASON_INTERNAL_ERROR;
}

static bool
is_accepted(const mayrelay_decision *decision)
{
    return mayrelay_decision_get_verdict(decision) == MAYRELAY_ACCEPT;
}

/* NULL comes before every text. */
static int
compare_texts(const char *one, const char *other)
{
    if (!one || !other)
        return (one != NULL) - (other != NULL);
    return strcmp(one, other);
}

static bool
same_text(const mayrelay_decision *one, const mayrelay_decision *other,
          const char *get(const mayrelay_decision *))
{
    return compare_texts(get(one), get(other)) == 0;
}

static bool
same_cause(const mayrelay_decision *before, const mayrelay_decision *after)
{
    return mayrelay_decision_get_reason(before) ==
               mayrelay_decision_get_reason(after) &&
           mayrelay_decision_get_needs(before) ==
               mayrelay_decision_get_needs(after) &&
           mayrelay_decision_get_is_relay(before) ==
               mayrelay_decision_get_is_relay(after) &&
           same_text(before, after, mayrelay_decision_get_rule) &&
           same_text(before, after, mayrelay_decision_get_connector);
}

static enum change_kind
kind_of(const mayrelay_decision *before, const mayrelay_decision *after)
{
    if (!is_final(after) && is_final(before))
        return CHANGE_UNDECIDED;
    if (is_accepted(after) && !is_accepted(before))
        return CHANGE_GAINED;
    if (is_accepted(before) && !is_accepted(after))
        return CHANGE_LOST;
    if (is_accepted(after) &&
        !same_text(before, after, mayrelay_decision_get_recipient))
        return CHANGE_RECIPIENT;
    if (mayrelay_decision_get_code(before) != mayrelay_decision_get_code(after))
        return CHANGE_REFUSAL;
    if (!same_text(before, after, mayrelay_decision_get_reply))
        return CHANGE_REPLY;
    return same_cause(before, after) ? CHANGE_NONE : CHANGE_CAUSE;
}

/* -- outcomes -------------------------------------------------------------- */

static char *
copy(const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text) + 1;
    return memcpy(grow(NULL, size, 1), text, size);
}

/* The texts are borrowed from the decision, until outcome_keep. */
static struct outcome
outcome_of(const mayrelay_decision *decision)
{
    return (struct outcome){
        .verdict = mayrelay_decision_get_verdict(decision),
        .code = mayrelay_decision_get_code(decision),
        .enhanced = (char *)(uintptr_t)mayrelay_decision_get_enhanced(decision),
        .reason = mayrelay_decision_get_reason(decision),
        .rule = (char *)(uintptr_t)mayrelay_decision_get_rule(decision),
        .connector =
            (char *)(uintptr_t)mayrelay_decision_get_connector(decision),
        .is_relay = mayrelay_decision_get_is_relay(decision),
        .needs = mayrelay_decision_get_needs(decision),
    };
}

static void
outcome_keep(struct outcome *outcome)
{
    outcome->enhanced = copy(outcome->enhanced);
    outcome->rule = copy(outcome->rule);
    outcome->connector = copy(outcome->connector);
}

static void
outcome_free(struct outcome *outcome)
{
    free(outcome->enhanced);
    free(outcome->rule);
    free(outcome->connector);
}

static int
compare_numbers(size_t one, size_t other)
{
    return (one > other) - (one < other);
}

static int
compare_outcomes(const struct outcome *one, const struct outcome *other)
{
    int order = (other->is_relay - one->is_relay); /* relaying comes first */
    if (!order)
        order = one->code - other->code;
    if (!order)
        order = compare_texts(one->enhanced, other->enhanced);
    if (!order)
        order = (int)one->reason - (int)other->reason;
    if (!order)
        order = compare_texts(one->rule, other->rule);
    if (!order)
        order = compare_texts(one->connector, other->connector);
    return order ? order : compare_numbers(one->needs, other->needs);
}

/* -- counting -------------------------------------------------------------- */

static int
compare_changes(const void *one, const void *other)
{
    const struct change *a = one, *b = other;
    int order = (int)a->kind - (int)b->kind;
    if (!order)
        order = compare_outcomes(&a->after, &b->after);
    return order ? order : compare_outcomes(&a->before, &b->before);
}

static struct change *
new_change(struct changes *changes, const struct change *like)
{
    struct change *change = grow(NULL, 1, sizeof *change);
    *change = *like;
    outcome_keep(&change->before);
    outcome_keep(&change->after);
    if (changes->count == changes->room) {
        changes->room = changes->room ? changes->room * 2 : 16;
        changes->items =
            grow(changes->items, changes->room, sizeof *changes->items);
    }
    changes->items[changes->count++] = change;
    return change;
}

static struct change *
change_like(struct changes *changes, const struct change *like)
{
    struct change **found = tfind(like, &changes->tree, compare_changes);
    if (found)
        return *found;
    struct change *change = new_change(changes, like);
    if (!tsearch(change, &changes->tree, compare_changes))
        out_of_memory();
    return change;
}

/* Three times the same transaction would show no more than one. */
static bool
has_example(const struct change *change, const char *arguments)
{
    for (size_t i = 0; i < change->example_count; i++)
        if (compare_texts(change->examples[i].arguments, arguments) == 0)
            return true;
    return false;
}

static void
add_example(struct change *change, const struct log_line *line, size_t number,
            bool has_arguments)
{
    if (change->example_count == EXAMPLES_MOST)
        return;
    char *arguments = has_arguments ? arguments_from_facts(&line->facts) : NULL;
    if (arguments && has_example(change, arguments)) {
        free(arguments);
        return;
    }
    change->examples[change->example_count++] =
        (struct example){.line = number,
                         .object = json_incref(line->object),
                         .arguments = arguments};
}

void
changes_add(struct changes *changes, const mayrelay_decision *before,
            const mayrelay_decision *after, const struct log_line *line,
            size_t number)
{
    struct change like = {.kind = kind_of(before, after)};
    changes->totals[like.kind]++;
    changes->unknown += !is_final(before) && !is_final(after);
    if (like.kind == CHANGE_NONE)
        return;
    like.before = outcome_of(before);
    like.after = outcome_of(after);
    struct change *change = change_like(changes, &like);
    change->count++;
    /* `mayrelay check` is a host that rewrites recipients. */
    add_example(change, line, number, line->rewrites || !changes->reroutes);
}

static int
compare_danger(const void *one, const void *other)
{
    const struct change *a = *(struct change *const *)one;
    const struct change *b = *(struct change *const *)other;
    int order = (int)a->kind - (int)b->kind;
    if (!order)
        order = b->after.is_relay - a->after.is_relay;
    if (!order)
        order = compare_numbers(b->count, a->count);
    return order ? order : compare_changes(a, b);
}

void
changes_sort(struct changes *changes)
{
    if (changes->count)
        qsort(changes->items, changes->count, sizeof *changes->items,
              compare_danger);
}

size_t
changes_total(const struct changes *changes)
{
    size_t total = 0;
    for (size_t kind = 0; kind < CHANGE_NONE; kind++)
        total += changes->totals[kind];
    return total;
}

static void
keep_node(void *node)
{
    (void)node; /* the items own it */
}

void
changes_free(struct changes *changes)
{
    tdestroy(changes->tree, keep_node);
    for (size_t i = 0; i < changes->count; i++) {
        struct change *change = changes->items[i];
        outcome_free(&change->before);
        outcome_free(&change->after);
        for (size_t j = 0; j < change->example_count; j++) {
            json_decref(change->examples[j].object);
            free(change->examples[j].arguments);
        }
        free(change);
    }
    free(changes->items);
    *changes = (struct changes){0};
}
