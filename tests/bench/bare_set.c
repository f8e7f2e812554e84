#include "bare_set.h"

#include <stdlib.h>

#include "measure.h"
#include "net/range.h"

enum {
    VALUES = 200, /* distinct ones, as many lists would make */
    NEST_MOST = 130
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
build_prefixes(struct bare_set *set, const struct workload *workload)
{
    struct range *ranges = new_array(workload->count, sizeof *ranges);
    size_t count = sorted_ranges(workload, ranges);
    bool ipv4 = workload->kind == KIND_IPV4;
    struct address lowest = {ipv4 ? ADDRESS_IPV4 : ADDRESS_IPV6, 0, 0};
    struct sweep sweep = sweep_ranges(ranges, count, lowest);
    double start = cpu_clock();
    prefix_set_build(&set->bytes, ipv4 ? sweep.intervals : NULL,
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
build_names(struct bare_set *set, const struct workload *workload)
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
    name_set_build(&set->bytes, names, texts.count, 0);
    double time = cpu_clock() - start;
    free(names);
    texts_free(&texts);
    return time / 1e6;
}

static double
build_texts(struct bare_set *set, const struct workload *workload)
{
    struct texts texts = all_entries(workload);
    struct keyed_value *keys = new_array(texts.count, sizeof *keys);
    for (size_t i = 0; i < texts.count; i++)
        keys[i] =
            (struct keyed_value){text_at(&texts, i), 1 + (uint32_t)i % VALUES};
    double start = cpu_clock();
    text_set_build(&set->bytes, keys, texts.count);
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

uint32_t
bare_set_look_up(const struct bare_set *set, size_t query)
{
    uint32_t value = 0;
    bool whole = false;
    if (is_address_kind(set->kind))
        whole =
            prefix_set_lookup(&set->prefixes, set->addresses[query], &value);
    else if (set->kind == KIND_CLIENT_NAME)
        whole =
            name_set_lookup(&set->names, text_at(&set->queries, query), &value);
    else
        whole =
            text_set_lookup(&set->texts, text_at(&set->queries, query), &value);
    if (!whole)
        fail("a set is damaged");
    return value;
}

void
bare_set_ask(struct bare_set *set, const struct workload *workload,
             size_t count, enum mix mix)
{
    set->count = count;
    set->queries = workload_queries(workload, NULL, count, mix);
    if (!is_address_kind(set->kind))
        return;
    set->addresses = new_array(count, sizeof *set->addresses);
    for (size_t i = 0; i < count; i++)
        if (!address_parse(text_at(&set->queries, i), &set->addresses[i]))
            fail("a query is no address");
}

void
bare_set_forget(struct bare_set *set)
{
    texts_free(&set->queries);
    free(set->addresses);
    set->addresses = NULL;
}

/* -- life ----------------------------------------------------------------- */

static double
build(struct bare_set *set, const struct workload *workload)
{
    if (is_address_kind(workload->kind))
        return build_prefixes(set, workload);
    if (workload->kind == KIND_CLIENT_NAME)
        return build_names(set, workload);
    return build_texts(set, workload);
}

static bool
open_set(struct bare_set *set)
{
    const void *data = set->bytes.data;
    size_t size = set->bytes.size;
    if (set->bytes.failed)
        return false;
    if (is_address_kind(set->kind))
        return prefix_set_open(&set->prefixes, data, size);
    if (set->kind == KIND_CLIENT_NAME)
        return name_set_open(&set->names, data, size);
    return text_set_open(&set->texts, data, size);
}

double
bare_set_make(struct bare_set *set, const struct workload *workload)
{
    *set = (struct bare_set){.kind = workload->kind};
    double time = build(set, workload);
    if (!open_set(set))
        fail("a set of %zu %s cannot be built", workload->count,
             KIND_NAMES[workload->kind]);
    return time;
}

void
bare_set_free(struct bare_set *set)
{
    buffer_clear(&set->bytes);
}
