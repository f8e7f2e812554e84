#include "coverage.h"

#include <stdlib.h>
#include <string.h>

#include "print.h"

struct coverage
coverage_of(mayrelay_policy *policy)
{
    struct coverage coverage = {.count = mayrelay_policy_count_rules(policy),
                                .index = json_object(),
                                .entries = mayrelay_coverage_new(policy)};
    if (!coverage.entries)
        out_of_memory();
    coverage.rules = grow(NULL, coverage.count + 1, sizeof *coverage.rules);
    for (size_t i = 0; i < coverage.count; i++) {
        coverage.rules[i] =
            (struct rule_use){.name = mayrelay_policy_get_rule(policy, i),
                              .file = mayrelay_policy_get_rule_file(policy, i),
                              .line = mayrelay_policy_get_rule_line(policy, i)};
        if (json_object_set_new_nocheck(coverage.index, coverage.rules[i].name,
                                        json_integer((json_int_t)i)) != 0)
            out_of_memory();
    }
    return coverage;
}

void
coverage_free(struct coverage *coverage)
{
    free(coverage->rules);
    json_decref(coverage->index);
    mayrelay_coverage_free(coverage->entries);
    *coverage = (struct coverage){0};
}

/* NULL for no rule. */
static struct rule_use *
rule_named(struct coverage *coverage, const json_t *name)
{
    const char *text = json_string_value(name);
    const json_t *number = text ? json_object_get(coverage->index, text) : NULL;
    return number ? &coverage->rules[json_integer_value(number)] : NULL;
}

static void
add_right(struct coverage *coverage, const json_t *right)
{
    size_t i;
    json_t *tried;
    json_array_foreach(json_object_get(right, "rules"), i, tried)
    {
        const char *holds = json_string_value(json_object_get(tried, "holds"));
        struct rule_use *rule =
            rule_named(coverage, json_object_get(tried, "rule"));
        if (rule && holds && strcmp(holds, "yes") == 0)
            rule->held++;
    }
}

void
coverage_add(struct coverage *coverage, const mayrelay_session *session,
             const json_t *explanation)
{
    /* What has no client has no values. */
    if (mayrelay_coverage_add(coverage->entries, session) ==
        MAYRELAY_ERR_MEMORY)
        out_of_memory();
    size_t i;
    json_t *right;
    json_array_foreach(json_object_get(explanation, "rights"), i, right)
    {
        add_right(coverage, right);
    }
    const json_t *decision = json_object_get(explanation, "decision");
    struct rule_use *rule =
        rule_named(coverage, json_object_get(decision, "rule"));
    if (rule)
        rule->decided++;
}

size_t
coverage_missing(const struct coverage *coverage)
{
    size_t missing = 0;
    for (size_t i = 0; i < coverage->count; i++)
        missing += coverage->rules[i].held == 0;
    return missing;
}

static void
print_rule(const char *what, const struct rule_use *rule)
{
    printf("# %s: ", what);
    print_printable(stdout, as_text(rule->name));
    fputs(" (", stdout);
    print_printable(stdout, as_text(rule->file));
    printf(":%u)\n", (unsigned)rule->line);
}

void
coverage_count(struct coverage *coverage)
{
    if (mayrelay_coverage_count(coverage->entries))
        out_of_memory();
}

/* Of very many the first. */
static void
print_missed(const mayrelay_coverage *entries, size_t list, size_t *left)
{
    const char *file;
    for (size_t i = 0;
         *left && (file = mayrelay_coverage_get_missed_file(entries, list, i));
         i++, --*left) {
        const char *name = mayrelay_coverage_get_list(entries, list);
        fputs("# never matched: ", stdout);
        print_printable(stdout, as_text(file));
        printf(":%u",
               (unsigned)mayrelay_coverage_get_missed_line(entries, list, i));
        if (*name) {
            fputs(" (", stdout);
            print_printable(stdout, as_text(name));
            putchar(')');
        }
        putchar('\n');
    }
}

static void
print_entries(const mayrelay_coverage *entries)
{
    enum {
        MISSED_MOST = 20
    };
    size_t count = 0;
    size_t matched = 0;
    size_t left = MISSED_MOST;
    for (size_t i = 0; i < mayrelay_coverage_count_lists(entries); i++) {
        count += mayrelay_coverage_get_list_entries(entries, i);
        matched += mayrelay_coverage_get_list_matched(entries, i);
    }
    printf("# list entries that matched in some case: %zu of %zu\n", matched,
           count);
    for (size_t i = 0; i < mayrelay_coverage_count_lists(entries); i++)
        print_missed(entries, i, &left);
    if (count - matched > MISSED_MOST)
        printf("# ... and %zu more; --json has all\n",
               count - matched - MISSED_MOST);
}

void
coverage_print(const struct coverage *coverage)
{
    printf("# rules that held in some case: %zu of %zu\n",
           coverage->count - coverage_missing(coverage), coverage->count);
    for (size_t i = 0; i < coverage->count; i++)
        if (!coverage->rules[i].held)
            print_rule("never held", &coverage->rules[i]);
    for (size_t i = 0; i < coverage->count; i++)
        if (coverage->rules[i].held && !coverage->rules[i].decided)
            print_rule("held, but never decided", &coverage->rules[i]);
    print_entries(coverage->entries);
}

json_t *
coverage_to_json(const struct coverage *coverage)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < coverage->count; i++) {
        const struct rule_use *rule = &coverage->rules[i];
        json_t *use = json_pack(
            "{s:s, s:s, s:I, s:I, s:I}", "rule", rule->name, "file", rule->file,
            "line", (json_int_t)rule->line, "held", (json_int_t)rule->held,
            "decided", (json_int_t)rule->decided);
        if (json_array_append_new(list, use) != 0)
            out_of_memory();
    }
    if (!list)
        out_of_memory();
    return list;
}

static json_t *
missed_to_json(const mayrelay_coverage *entries, size_t list)
{
    json_t *missed = json_array();
    const char *file;
    for (size_t i = 0;
         missed && (file = mayrelay_coverage_get_missed_file(entries, list, i));
         i++) {
        unsigned line =
            (unsigned)mayrelay_coverage_get_missed_line(entries, list, i);
        if (json_array_append_new(missed, json_sprintf("%s:%u", file, line)) !=
            0)
            out_of_memory();
    }
    return missed;
}

json_t *
coverage_lists_to_json(const struct coverage *coverage)
{
    const mayrelay_coverage *entries = coverage->entries;
    json_t *lists = json_array();
    for (size_t i = 0; lists && i < mayrelay_coverage_count_lists(entries);
         i++) {
        size_t count = mayrelay_coverage_get_list_entries(entries, i);
        if (!count)
            continue;
        json_t *list = json_pack(
            "{s:s, s:s, s:I, s:I, s:I, s:o}", "list",
            mayrelay_coverage_get_list(entries, i), "file",
            mayrelay_coverage_get_list_file(entries, i), "line",
            (json_int_t)mayrelay_coverage_get_list_line(entries, i), "entries",
            (json_int_t)count, "matched",
            (json_int_t)mayrelay_coverage_get_list_matched(entries, i),
            "missed", missed_to_json(entries, i));
        if (json_array_append_new(lists, list) != 0)
            out_of_memory();
    }
    if (!lists)
        out_of_memory();
    return lists;
}
