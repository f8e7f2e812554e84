#include "coverage.h"

#include <stdio.h>
#include <string.h>

#include "mayrelay.h"

struct table {
    bool quiet;
    unsigned long passed, failed;
};

static void
row(struct table *table, const char *name, bool enough, const char *numbers)
{
    if (!table->quiet || !enough)
        printf("%-6s %-40s %s\n", enough ? "ok" : "SHORT", name, numbers);
    if (enough)
        table->passed++;
    else
        table->failed++;
}

static void
check_reasons(struct table *table, const struct coverage *coverage)
{
    unsigned long total = 0;
    char numbers[64];
    for (int i = 0; i < REASONS; i++)
        total += coverage->reasons[i];
    for (int i = 0; i < REASONS; i++) {
        double share =
            total ? 100.0 * (double)coverage->reasons[i] / (double)total : 0;
        snprintf(numbers, sizeof numbers, "%9lu %6.2f %%", coverage->reasons[i],
                 share);
        row(table, mayrelay_reason_name((enum mayrelay_reason)i), share >= 0.5,
            numbers);
    }
}

static bool
may_be_undecided(enum condition condition)
{
    return condition == CONDITION_CLIENTS || condition == CONDITION_USERS ||
           condition == CONDITION_SENDERS || condition == CONDITION_RECIPIENTS;
}

static void
check_condition(struct table *table, const struct coverage *coverage,
                enum right right, bool deny, enum condition condition)
{
    static const char *const RIGHT_NAMES[] = {"connect", "submit", "relay"};
    static const char *const NAMES[] = {
        "clients",    "listeners", "certificates",  "users",       "senders",
        "recipients", "tls",       "authenticated", "sender-owned"};
    const unsigned long *seen = coverage->conditions[right][deny][condition];
    char name[64], numbers[96];
    snprintf(name, sizeof name, "%s %s %s", RIGHT_NAMES[right],
             deny ? "deny" : "allow", NAMES[condition]);
    snprintf(numbers, sizeof numbers, "yes %lu no %lu undecided %lu", seen[YES],
             seen[NO], seen[UNDECIDED]);
    row(table, name,
        seen[YES] > 0 && seen[NO] > 0 &&
            (seen[UNDECIDED] > 0) == may_be_undecided(condition),
        numbers);
}

static void
check_conditions(struct table *table, const struct coverage *coverage)
{
    for (enum right right = 0; right < RIGHTS; right++)
        for (int deny = 0; deny < 2; deny++)
            for (enum condition i = 0; i < CONDITIONS; i++)
                if (right != RIGHT_CONNECT || i <= CONDITION_LISTENERS)
                    check_condition(table, coverage, right, deny, i);
}

static bool
may_be_excluded(enum entry_kind kind)
{
    return kind != ENTRY_ALL && kind != ENTRY_ENDPOINT &&
           kind != ENTRY_FINGERPRINT;
}

static void
check_entries(struct table *table, const struct coverage *coverage)
{
    static const char *const NAMES[ENTRY_KINDS] = {
        "address",     "network",  "range",         "name",
        "sub-domains", "mailbox",  "local part",    "null sender",
        "pattern",     "identity", "list",          "group",
        "asked group", "$all",     "$loopback",     "$private",
        "$link-local", "$inbound", "$always-relay", "endpoint",
        "fingerprint"};
    char name[64], numbers[64];
    for (enum entry_kind kind = 0; kind < ENTRY_KINDS; kind++) {
        for (int exclude = 0; exclude < 2; exclude++) {
            const unsigned long *seen = coverage->entries[kind][exclude];
            if (exclude && !may_be_excluded(kind))
                continue;
            snprintf(name, sizeof name, "%s%s", exclude ? "not " : "",
                     NAMES[kind]);
            snprintf(numbers, sizeof numbers, "hit %lu miss %lu", seen[1],
                     seen[0]);
            bool enough = seen[1] > 0 && (seen[0] > 0 || kind == ENTRY_ALL);
            row(table, name, enough, numbers);
        }
    }
}

static void
check_count(struct table *table, const char *name, unsigned long count)
{
    char numbers[32];
    snprintf(numbers, sizeof numbers, "%lu", count);
    row(table, name, count > 0, numbers);
}

static void
check_boundaries(struct table *table, const struct coverage *coverage)
{
    check_count(table, "client at an interval's first", coverage->at_first);
    check_count(table, "client at an interval's last", coverage->at_last);
    check_count(table, "client before an interval", coverage->before_first);
    check_count(table, "client behind an interval", coverage->behind_last);
    check_count(table, ".name against name", coverage->label_itself);
    check_count(table, ".name against sub.name", coverage->label_below);
    check_count(table, ".name against xname", coverage->label_run_on);
}

void
coverage_check(const struct coverage *coverage, bool quiet,
               unsigned long *passed, unsigned long *failed)
{
    struct table table = {.quiet = quiet};
    check_reasons(&table, coverage);
    check_conditions(&table, coverage);
    check_entries(&table, coverage);
    check_boundaries(&table, coverage);
    *passed += table.passed;
    *failed += table.failed;
}
