#include "replay_print.h"

#include "traffic.h"

static const struct {
    const char *name, *title;
} KINDS[] = {
    [CHANGE_GAINED] = {"gained", "newly accepted"},
    [CHANGE_UNDECIDED] = {"undecided",
                          "undecided now, for want of facts in the line"},
    [CHANGE_RECIPIENT] = {"recipient", "accepted, but for another recipient"},
    [CHANGE_LOST] = {"lost", "no longer accepted"},
    [CHANGE_REFUSAL] = {"refusal", "refused with another code"},
    [CHANGE_REPLY] = {"reply", "the same code with another text"},
    [CHANGE_CAUSE] = {"cause", "the same reply for another cause"},
};

/* The facts that a set of enum mayrelay_fact may hold. */
static const enum mayrelay_fact FACTS[] = {
    MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_FACT_GROUPS, MAYRELAY_FACT_RECIPIENT};

/* -- for people ------------------------------------------------------------ */

static void
print_named(const char *before, const char *name)
{
    if (!name)
        return;
    fputs(before, stdout);
    print_printable(stdout, as_text(name));
}

static void
print_outcome(const struct outcome *outcome)
{
    printf("%d %s %s", outcome->code, outcome->enhanced,
           mayrelay_reason_name(outcome->reason));
    print_named(" by ", outcome->rule);
    print_named(" on ", outcome->connector);
    const char *before = ", needs ";
    for (size_t i = 0; i < sizeof FACTS / sizeof *FACTS; i++)
        if (outcome->needs & FACTS[i]) {
            print_named(before, mayrelay_fact_name(FACTS[i]));
            before = ", ";
        }
}

static void
print_example(const struct example *example, struct page *page)
{
    const json_t *id = json_object_get(example->object, "id");
    printf("      line %zu", example->line);
    if (id) {
        fputs(", id ", stdout);
        print_json(stdout, id, page);
    }
    printf("%s%s\n", example->arguments ? ":" : "",
           example->arguments ? example->arguments : "");
}

static void
print_change(const struct change *change, struct page *page)
{
    printf("  %zu%s: ", change->count,
           change->after.is_relay ? " relayed" : "");
    print_outcome(&change->before);
    fputs(" -> ", stdout);
    print_outcome(&change->after);
    putchar('\n');
    for (size_t i = 0; i < change->example_count; i++)
        print_example(&change->examples[i], page);
}

void
replay_print_text(const struct replay *replay)
{
    const struct changes *changes = &replay->changes;
    struct page page = {0};
    printf("%zu transaction%s, of which %zu change%s\n", replay->transactions,
           replay->transactions == 1 ? "" : "s", changes_total(changes),
           changes_total(changes) == 1 ? "s" : "");
    enum change_kind kind = CHANGE_NONE;
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = changes->items[i];
        if (change->kind != kind)
            printf("\n%s: %zu\n", KINDS[change->kind].title,
                   changes->totals[change->kind]);
        kind = change->kind;
        print_change(change, &page);
    }
    if (changes->unknown)
        printf("\nundecided by both policies, for want of facts in the line: "
               "%zu\n",
               changes->unknown);
    if (replay->bad_lines)
        printf("\nlines that were not understood: %zu\n", replay->bad_lines);
    page_free(&page);
}

/* -- as JSON --------------------------------------------------------------- */

/* Ends the command where there is none, which is for want of memory. */
static json_t *
checked(json_t *value)
{
    if (!value)
        out_of_memory();
    return value;
}

static json_t *
text_or_null(const char *text)
{
    return checked(text ? json_string(text) : json_null());
}

static void
append(json_t *list, json_t *value)
{
    if (json_array_append_new(list, value) != 0)
        out_of_memory();
}

static json_t *
outcome_to_json(const struct outcome *outcome)
{
    json_t *needs = checked(json_array());
    for (size_t i = 0; i < sizeof FACTS / sizeof *FACTS; i++)
        if (outcome->needs & FACTS[i])
            append(needs, json_string(mayrelay_fact_name(FACTS[i])));
    return checked(json_pack("{s:s, s:i, s:s, s:s, s:o, s:o, s:b, s:o}",
                             "verdict", mayrelay_verdict_name(outcome->verdict),
                             "code", outcome->code, "enhanced",
                             outcome->enhanced, "reason",
                             mayrelay_reason_name(outcome->reason), "rule",
                             text_or_null(outcome->rule), "connector",
                             text_or_null(outcome->connector), "relay",
                             outcome->is_relay, "needs", needs));
}

static json_t *
example_to_json(const struct example *example)
{
    return checked(json_pack("{s:I, s:b, s:o, s:o}", "line",
                             (json_int_t)example->line, "logged",
                             traffic_is_logged(example->object), "facts",
                             traffic_facts(example->object), "arguments",
                             text_or_null(example->arguments)));
}

static json_t *
change_to_json(const struct change *change)
{
    json_t *examples = checked(json_array());
    for (size_t i = 0; i < change->example_count; i++)
        append(examples, example_to_json(&change->examples[i]));
    return checked(
        json_pack("{s:s, s:I, s:o, s:o, s:o}", "change",
                  KINDS[change->kind].name, "count", (json_int_t)change->count,
                  "old", outcome_to_json(&change->before), "new",
                  outcome_to_json(&change->after), "examples", examples));
}

void
replay_print_json(const struct replay *replay)
{
    const struct changes *changes = &replay->changes;
    json_t *list = checked(json_array());
    for (size_t i = 0; i < changes->count; i++)
        append(list, change_to_json(changes->items[i]));
    print_json_line(json_pack("{s:I, s:I, s:I, s:I, s:o}", "transactions",
                              (json_int_t)replay->transactions, "changed",
                              (json_int_t)changes_total(changes), "undecided",
                              (json_int_t)changes->unknown, "not_understood",
                              (json_int_t)replay->bad_lines, "changes", list));
}
