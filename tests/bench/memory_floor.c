/* What memory itself costs on this machine, by the size of the working set:
 * no look-up that misses the caches can be faster than its reads.
 *
 * usage: memory_floor [--quick] */
#include "chase.h"
#include "measure.h"

enum {
    REPETITIONS = 5,
    READS = 1 << 18
};

static const struct column COLUMNS[] = {{"dependent ns", 1},
                                        {"independent ns", 1}};

static void
scatter(void *context)
{
    keep(chase_scatter(context, 1, READS));
}

static void
add_row(struct table *table, size_t kib)
{
    struct chase chase;
    double dependent = chase_time(kib * 1024, REPETITIONS);
    chase_make(&chase, kib * 1024);
    double independent = measure(scatter, &chase, REPETITIONS) / READS;
    chase_free(&chase);
    table_row(table, "%zu KiB", kib);
    table_number(table, dependent);
    table_number(table, independent);
}

int
main(int count, char **arguments)
{
    static const size_t SIZES[] = {16, 256, 1024, 4096, 16384, 65536, 262144};
    struct options options = options_read(count, arguments);
    struct table table = {
        .title = "ns per random read of a 64-byte line; median of CPU time",
        .label = "working set",
        .columns = COLUMNS,
        .count = sizeof COLUMNS / sizeof *COLUMNS};
    size_t sizes = options.quick ? 2 : sizeof SIZES / sizeof *SIZES;
    table_start(&table);
    for (size_t i = 0; i < sizes; i++)
        add_row(&table, SIZES[i]);
    return 0;
}
