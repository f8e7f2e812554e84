/* What a decision costs, step by step: by the size of six lists, each in a
 * rule of its own, and by the number of rules.
 *
 * usage: decisions [--quick]
 *        decisions --write DIRECTORY [--entries N] [--rules N]
 *        decisions --run STEP --map DIRECTORY [--entries N]
 *
 * The second form leaves policy.mrp there, the third runs one step of it 4096
 * times, for callgrind. */
#include <stdio.h>
#include <string.h>

#include "chase.h"
#include "measure.h"
#include "policies.h"
#include "transactions.h"

enum {
    REPETITIONS = 5,
    LARGE = 100000, /* entries: from here on the caches do not hold them */
    LARGE_QUERIES = 1 << 19,
    QUERIES = 1 << 16,
    FEW_QUERIES = 1 << 12,
    /* What depends on each other in a look-up of an address is two reads, of a
     * text two, of a name one more for the label before the last. */
    RCPT_READS = 2,
    WHOLE_READS = 2 + 2 + 3 + 2
};

static const struct column COLUMNS[] = {
    {"connect", 0}, {"+name", 0}, {"auth", 0},    {"mail", 0},    {"rcpt", 0},
    {"whole", 0},   {"check", 0}, {"2 reads", 0}, {"9 reads", 0}, {"250 %", 0}};

static void
add_times(struct table *table, struct transactions *transactions,
          const struct image_bytes *bytes, int repetitions)
{
    for (int step = 0; step < STEP_COUNT; step++)
        table_number(table, transactions_time(transactions, (enum step)step,
                                              repetitions));
    table_number(table, RCPT_READS *
                            chase_time((size_t)bytes->recipient, repetitions));
    table_number(table,
                 WHOLE_READS * chase_time((size_t)bytes->lookup, repetitions));
    table_number(table, 100 * transactions_accepted(transactions));
}

static void
add_rows(struct table *table, size_t entries, size_t rules, int mixes,
         size_t queries)
{
    struct workshop workshop;
    struct workload workloads[KIND_COUNT];
    char path[PATH_ROOM];
    workshop_open(&workshop);
    workloads_make(workloads, entries);
    workshop_write(&workshop, workloads, rules);
    mayrelay_policy *policy = workshop_map(&workshop);
    workshop_path(&workshop, "policy.mrp", path);
    struct image_bytes bytes = image_bytes_of(path);
    for (int mix = 0; mix < mixes; mix++) {
        struct transactions transactions;
        transactions_make(&transactions, policy, workloads, queries,
                          (enum mix)mix);
        table_row(table, "%zu x 6, %zu rules, %s", entries, rules,
                  MIX_NAMES[mix]);
        add_times(table, &transactions, &bytes, REPETITIONS);
        transactions_free(&transactions);
    }
    mayrelay_policy_unref(policy);
    workloads_free(workloads);
    workshop_close(&workshop);
}

static void
print_table(bool quick)
{
    static const size_t ENTRIES[] = {10, 1000, 100000, 1000000};
    static const size_t RULES[] = {1, 10, 100, 1000, 10000};
    struct table table = {
        .title = "ns per step, its reply composed; half hits; median of CPU "
                 "time; N reads: as many dependent random reads in as much "
                 "memory; 250 %: of whole dialogues",
        .label = "lists",
        .columns = COLUMNS,
        .count = sizeof COLUMNS / sizeof *COLUMNS};
    table_start(&table);
    if (quick)
        add_rows(&table, 1000, KIND_COUNT, MIX_COUNT, FEW_QUERIES);
    for (size_t i = 0; !quick && i < sizeof ENTRIES / sizeof *ENTRIES; i++)
        add_rows(&table, ENTRIES[i], KIND_COUNT, MIX_COUNT,
                 ENTRIES[i] < LARGE ? QUERIES : LARGE_QUERIES);
    for (size_t i = 0; !quick && i < sizeof RULES / sizeof *RULES; i++)
        add_rows(&table, 1000, RULES[i], 1, QUERIES);
}

static enum step
step_named(const char *name)
{
    for (int step = 0; step < STEP_COUNT; step++)
        if (strcmp(STEP_NAMES[step], name) == 0)
            return (enum step)step;
    fail("no step is called %s", name);
}

static void
write_image(const struct options *options, const char *directory)
{
    struct workshop workshop;
    struct workload workloads[KIND_COUNT];
    workshop_use(&workshop, directory);
    workloads_make(workloads, options_number(options, "--entries", 1000));
    workshop_write(&workshop, workloads,
                   options_number(options, "--rules", KIND_COUNT));
    mayrelay_policy_unref(workshop_map(&workshop));
    workloads_free(workloads);
}

static void
run_step(const struct options *options, enum step step)
{
    struct workshop workshop;
    struct workload workloads[KIND_COUNT];
    struct transactions transactions;
    workshop_use(&workshop, options_text(options, "--map", "."));
    workloads_make(workloads, options_number(options, "--entries", 1000));
    mayrelay_policy *policy = workshop_load(&workshop, "policy.mrp");
    transactions_make(&transactions, policy, workloads, FEW_QUERIES,
                      MIX_UNIFORM);
    transactions_prepare(&transactions);
    keep(transactions_run(&transactions, step));
    transactions_free(&transactions);
    mayrelay_policy_unref(policy);
    workloads_free(workloads);
}

int
main(int count, char **arguments)
{
    struct options options = options_read(count, arguments);
    const char *step = options_text(&options, "--run", NULL);
    const char *directory = options_text(&options, "--write", NULL);
    if (step)
        run_step(&options, step_named(step));
    else if (directory)
        write_image(&options, directory);
    else
        print_table(options.quick);
    return 0;
}
