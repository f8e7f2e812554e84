/* The four kinds of sets bare: what a look-up costs and what an entry takes.
 *
 * usage: sets [--quick]
 *
 * thr: look-ups one after the other; lat: each waits for the answer of the one
 * before.  reads: as many dependent random reads in a working set of the same
 * size as a look-up makes. */
#include "bare_set.h"
#include "chase.h"
#include "measure.h"

enum {
    REPETITIONS = 5,
    QUERIES = 1 << 20,
    FEW_QUERIES = 1 << 12
};

static const struct column COLUMNS[] = {
    {"thr u", 0},    {"thr z", 0},   {"lat u", 0}, {"lat z", 0},
    {"reads ns", 0}, {"B/entry", 1}, {"key B", 1}, {"build ms", 1}};

static void
run_independent(void *context)
{
    const struct bare_set *set = context;
    uint64_t sum = 0;
    for (size_t i = 0; i < set->count; i++)
        sum += bare_set_look_up(set, i);
    keep(sum);
}

/* No value has bit 30: the next query is the next one, but only the answer
 * says so. */
static void
run_dependent(void *context)
{
    const struct bare_set *set = context;
    uint32_t value = 0;
    for (size_t i = 0; i < set->count; i++)
        value = bare_set_look_up(set, i + (value >> 30));
    keep(value);
}

static double
key_bytes(const struct workload *workload)
{
    char text[TEXT_ROOM];
    double bytes = 0;
    for (size_t i = 0; i < workload->count; i++)
        bytes += (double)workload_entry(workload, i, text) -
                 (workload_is_below(workload, i) ? 1 : 0);
    return bytes / (double)workload->count;
}

/* Two reads are an index or a line, and what it points to; a name has a line
 * for the label before its last too. */
static double
reads_time(enum kind kind, size_t size)
{
    return (kind == KIND_CLIENT_NAME ? 3 : 2) * chase_time(size, REPETITIONS);
}

static void
time_look_ups(struct bare_set *set, const struct workload *workload,
              size_t queries, struct table *table)
{
    double independent[MIX_COUNT], dependent[MIX_COUNT];
    for (int mix = 0; mix < MIX_COUNT; mix++) {
        bare_set_ask(set, workload, queries, (enum mix)mix);
        independent[mix] = measure(run_independent, set, REPETITIONS);
        dependent[mix] = measure(run_dependent, set, REPETITIONS);
        bare_set_forget(set);
    }
    for (int mix = 0; mix < MIX_COUNT; mix++)
        table_number(table, independent[mix] / (double)queries);
    for (int mix = 0; mix < MIX_COUNT; mix++)
        table_number(table, dependent[mix] / (double)queries);
}

static void
add_row(struct table *table, enum kind kind, size_t entries, size_t queries)
{
    struct bare_set set;
    struct workload workload;
    workload_make(&workload, kind, entries);
    double time = bare_set_make(&set, &workload);
    table_row(table, "%zu %s", entries, KIND_NAMES[kind]);
    time_look_ups(&set, &workload, queries, table);
    table_number(table, reads_time(kind, set.bytes.size));
    table_number(table, (double)set.bytes.size / (double)entries);
    table_number(table, key_bytes(&workload));
    table_number(table, time);
    bare_set_free(&set);
    workload_free(&workload);
}

int
main(int count, char **arguments)
{
    static const size_t ENTRIES[] = {10, 1000, 100000, 1000000};
    static const enum kind KINDS[] = {KIND_IPV4, KIND_IPV6, KIND_CLIENT_NAME,
                                      KIND_RECIPIENT};
    struct options options = options_read(count, arguments);
    size_t sizes = options.quick ? 2 : sizeof ENTRIES / sizeof *ENTRIES;
    struct table table = {
        .title = "ns per look-up: thr independent, lat dependent; u uniform, "
                 "z zipf; half hits; median of CPU time",
        .label = "set",
        .columns = COLUMNS,
        .count = sizeof COLUMNS / sizeof *COLUMNS};
    table_start(&table);
    for (size_t i = 0; i < sizes; i++)
        for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; k++)
            add_row(&table, KINDS[k], ENTRIES[i],
                    options.quick ? FEW_QUERIES : QUERIES);
    return 0;
}
