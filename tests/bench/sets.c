/* The four sets bare: what a look-up costs and what an entry takes.
 *
 * usage: sets [--quick] [--json]
 *
 * thr: look-ups one after the other; lat: each waits for the answer of the one
 * before.  reads: as many dependent random reads in a working set of the same
 * size as a look-up makes. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "chase.h"
#include "measure.h"
#include "net/range.h"
#include "set/name_set.h"
#include "set/prefix_set.h"
#include "set/text_set.h"
#include "workload.h"

enum {
    REPETITIONS = 5,
    QUERIES = 1 << 20,
    FEW_QUERIES = 1 << 12,
    VALUES = 200, /* distinct ones, as many lists would make */
    NEST_MOST = 130
};

static const struct column COLUMNS[] = {
    {"thr u", 0},    {"thr z", 0},   {"lat u", 0}, {"lat z", 0},
    {"reads ns", 0}, {"B/entry", 1}, {"key B", 1}, {"build ms", 1}};

struct bench {
    enum kind kind;
    size_t count;
    struct buffer bytes;
    struct prefix_set prefixes;
    struct name_set names;
    struct text_set texts;
    struct texts queries;
    struct address *addresses; /* of the queries */
};

/* -- addresses ------------------------------------------------------------ */

static int
compare_ranges(const void *left, const void *right)
{
    return range_compare(*(const struct range *)left,
                         *(const struct range *)right);
}

static size_t
sorted_ranges(const struct workload *workload, struct range *ranges)
{
    char text[TEXT_ROOM];
    for (size_t i = 0; i < workload->count; i++) {
        size_t size = workload_entry(workload, i, text);
        if (range_parse((struct text){text, size}, &ranges[i]) != RANGE_OK)
            fail("%s is no network", text);
    }
    qsort(ranges, workload->count, sizeof *ranges, compare_ranges);
    return workload->count;
}

/* Networks nest or are apart: a stack of those that are open. */
struct sweep {
    struct interval *intervals;
    size_t count;
    struct range open[NEST_MOST];
    uint32_t values[NEST_MOST];
    size_t depth;
};

static void
sweep_begin(struct sweep *sweep, struct address first, uint32_t value)
{
    size_t last = sweep->count - 1;
    if (!address_equal(sweep->intervals[last].first, first))
        last = sweep->count++;
    sweep->intervals[last] = (struct interval){first, value};
}

static void
sweep_close(struct sweep *sweep)
{
    struct address next;
    size_t depth = --sweep->depth;
    if (address_next(sweep->open[depth].last, &next))
        sweep_begin(sweep, next, depth ? sweep->values[depth - 1] : 0);
}

static void
sweep_open(struct sweep *sweep, struct range range, uint32_t value)
{
    while (sweep->depth && !range_holds(sweep->open[sweep->depth - 1], range))
        sweep_close(sweep);
    sweep->open[sweep->depth] = range;
    sweep->values[sweep->depth++] = value;
    sweep_begin(sweep, range.first, value);
}

static struct sweep
sweep_ranges(const struct range *ranges, size_t count, struct address lowest)
{
    struct sweep sweep = {.intervals =
                              new_array(2 * count + 1, sizeof *sweep.intervals),
                          .count = 1};
    sweep.intervals[0] = (struct interval){lowest, 0};
    for (size_t i = 0; i < count; i++)
        sweep_open(&sweep, ranges[i], 1 + (uint32_t)i % VALUES);
    while (sweep.depth)
        sweep_close(&sweep);
    return sweep;
}

/* Milliseconds of the build alone, from sorted intervals. */
static double
build_prefixes(struct bench *bench, const struct workload *workload)
{
    struct range *ranges = new_array(workload->count, sizeof *ranges);
    size_t count = sorted_ranges(workload, ranges);
    bool ipv4 = workload->kind == KIND_IPV4;
    struct address lowest = {ipv4 ? ADDRESS_IPV4 : ADDRESS_IPV6, 0, 0};
    struct sweep sweep = sweep_ranges(ranges, count, lowest);
    double start = cpu_clock();
    prefix_set_build(&bench->bytes, ipv4 ? sweep.intervals : NULL,
                     ipv4 ? sweep.count : 0, ipv4 ? NULL : sweep.intervals,
                     ipv4 ? 0 : sweep.count);
    double time = cpu_clock() - start;
    free(sweep.intervals);
    free(ranges);
    return time / 1e6;
}

/* -- names and texts ------------------------------------------------------ */

static struct texts
all_entries(const struct workload *workload)
{
    size_t count = workload->count;
    struct texts texts = {new_array(count, TEXT_ROOM),
                          new_array(count + 1, sizeof *texts.starts), count};
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        texts.starts[i] = (uint32_t)at;
        at += workload_entry(workload, i, texts.bytes + at) + 1;
    }
    texts.starts[count] = (uint32_t)at;
    return texts;
}

static struct text
text_at(const struct texts *texts, size_t i)
{
    return (struct text){texts_data(texts, i), texts_size(texts, i)};
}

static double
build_names(struct bench *bench, const struct workload *workload)
{
    struct texts texts = all_entries(workload);
    struct named_value *names = new_array(texts.count, sizeof *names);
    for (size_t i = 0; i < texts.count; i++) {
        bool below = workload_is_below(workload, i);
        uint32_t value = 1 + (uint32_t)i % VALUES;
        names[i] = (struct named_value){text_from(text_at(&texts, i), below),
                                        below ? 0 : value, below ? value : 0};
    }
    double start = cpu_clock();
    name_set_build(&bench->bytes, names, texts.count, 0);
    double time = cpu_clock() - start;
    free(names);
    texts_free(&texts);
    return time / 1e6;
}

static double
build_texts(struct bench *bench, const struct workload *workload)
{
    struct texts texts = all_entries(workload);
    struct keyed_value *keys = new_array(texts.count, sizeof *keys);
    for (size_t i = 0; i < texts.count; i++)
        keys[i] =
            (struct keyed_value){text_at(&texts, i), 1 + (uint32_t)i % VALUES};
    double start = cpu_clock();
    text_set_build(&bench->bytes, keys, texts.count);
    double time = cpu_clock() - start;
    free(keys);
    texts_free(&texts);
    return time / 1e6;
}

/* -- look-ups ------------------------------------------------------------- */

static bool
is_address_kind(enum kind kind)
{
    return kind == KIND_IPV4 || kind == KIND_IPV6;
}

static uint32_t
look_up(const struct bench *bench, size_t query)
{
    uint32_t value = 0;
    bool whole = false;
    if (is_address_kind(bench->kind))
        whole = prefix_set_lookup(&bench->prefixes, bench->addresses[query],
                                  &value);
    else if (bench->kind == KIND_CLIENT_NAME)
        whole = name_set_lookup(&bench->names, text_at(&bench->queries, query),
                                &value);
    else
        whole = text_set_lookup(&bench->texts, text_at(&bench->queries, query),
                                &value);
    if (!whole)
        fail("a set is damaged");
    return value;
}

static void
run_independent(void *context)
{
    const struct bench *bench = context;
    uint64_t sum = 0;
    for (size_t i = 0; i < bench->count; i++)
        sum += look_up(bench, i);
    keep(sum);
}

/* No value has bit 30: the next query is the next one, but only the answer
 * says so. */
static void
run_dependent(void *context)
{
    const struct bench *bench = context;
    uint32_t value = 0;
    for (size_t i = 0; i < bench->count; i++)
        value = look_up(bench, i + (value >> 30));
    keep(value);
}

static void
make_queries(struct bench *bench, const struct workload *workload, size_t count,
             enum mix mix)
{
    bench->count = count;
    bench->queries = workload_queries(workload, NULL, count, mix);
    if (!is_address_kind(bench->kind))
        return;
    bench->addresses = new_array(count, sizeof *bench->addresses);
    for (size_t i = 0; i < count; i++)
        if (!address_parse(text_at(&bench->queries, i), &bench->addresses[i]))
            fail("a query is no address");
}

static void
free_queries(struct bench *bench)
{
    texts_free(&bench->queries);
    free(bench->addresses);
    bench->addresses = NULL;
}

/* -- the table ------------------------------------------------------------ */

static double
build(struct bench *bench, const struct workload *workload)
{
    if (is_address_kind(workload->kind))
        return build_prefixes(bench, workload);
    if (workload->kind == KIND_CLIENT_NAME)
        return build_names(bench, workload);
    return build_texts(bench, workload);
}

static bool
open_set(struct bench *bench)
{
    const void *data = bench->bytes.data;
    size_t size = bench->bytes.size;
    if (bench->bytes.failed)
        return false;
    if (is_address_kind(bench->kind))
        return prefix_set_open(&bench->prefixes, data, size);
    if (bench->kind == KIND_CLIENT_NAME)
        return name_set_open(&bench->names, data, size);
    return text_set_open(&bench->texts, data, size);
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
time_look_ups(struct bench *bench, const struct workload *workload,
              size_t queries, struct table *table)
{
    double independent[MIX_COUNT], dependent[MIX_COUNT];
    for (int mix = 0; mix < MIX_COUNT; mix++) {
        make_queries(bench, workload, queries, (enum mix)mix);
        independent[mix] = measure(run_independent, bench, REPETITIONS);
        dependent[mix] = measure(run_dependent, bench, REPETITIONS);
        free_queries(bench);
    }
    for (int mix = 0; mix < MIX_COUNT; mix++)
        table_number(table, independent[mix] / (double)queries);
    for (int mix = 0; mix < MIX_COUNT; mix++)
        table_number(table, dependent[mix] / (double)queries);
}

static void
add_row(struct table *table, enum kind kind, size_t entries, size_t queries)
{
    struct bench bench = {.kind = kind};
    struct workload workload;
    workload_make(&workload, kind, entries);
    double time = build(&bench, &workload);
    if (!open_set(&bench))
        fail("a set of %zu %s cannot be built", entries, KIND_NAMES[kind]);
    table_row(table, "%zu %s", entries, KIND_NAMES[kind]);
    time_look_ups(&bench, &workload, queries, table);
    table_number(table, reads_time(kind, bench.bytes.size));
    table_number(table, (double)bench.bytes.size / (double)entries);
    table_number(table, key_bytes(&workload));
    table_number(table, time);
    buffer_clear(&bench.bytes);
    workload_free(&workload);
}

int
main(int count, char **arguments)
{
    static const size_t ENTRIES[] = {1000, 100000, 1000000};
    static const enum kind KINDS[] = {KIND_IPV4, KIND_IPV6, KIND_CLIENT_NAME,
                                      KIND_RECIPIENT};
    struct options options = options_read(count, arguments);
    size_t sizes = options.quick ? 1 : sizeof ENTRIES / sizeof *ENTRIES;
    struct table table = {
        .title = "ns per look-up: thr independent, lat dependent; u uniform, "
                 "z zipf; half hits; median of CPU time",
        .label = "set",
        .columns = COLUMNS,
        .count = sizeof COLUMNS / sizeof *COLUMNS,
        .json = options.json};
    table_start(&table);
    for (size_t i = 0; i < sizes; i++)
        for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; k++)
            add_row(&table, KINDS[k], ENTRIES[i],
                    options.quick ? FEW_QUERIES : QUERIES);
    table_end(&table);
    return 0;
}
