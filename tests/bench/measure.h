/* What the benchmarks share: clocks, medians, one way to print a table.
 *
 * Times are CPU times of the calling thread unless said otherwise, so that
 * others on the machine disturb them less; only caches are shared. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nanoseconds of this thread's CPU time, and of the wall clock. */
double cpu_clock(void);
double wall_clock(void);
/* Sorts its values. */
double median(double *values, size_t count);
/* The median of calling `run`, by the CPU clock, after one call to warm up. */
double measure(void (*run)(void *context), void *context, int repetitions);

/* Gives up with a message: a benchmark has nothing to save. */
_Noreturn void fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
void *new_array(size_t count, size_t size);
/* Keeps a result, so that what gave it is not optimised away. */
void keep(uint64_t result);

/* The command line: --quick, --json, and `name value` pairs. */
struct options {
    bool quick, json;
    int count;
    char **arguments;
};

struct options options_read(int count, char **arguments);
/* The value behind `name`, or `otherwise`. */
const char *options_text(const struct options *options, const char *name,
                         const char *otherwise);
size_t options_number(const struct options *options, const char *name,
                      size_t otherwise);

struct column {
    const char *name;
    int decimals;
};

/* The first column is text, the others are numbers; NAN shows as "-". */
struct table {
    const char *title;
    const char *label;
    const struct column *columns;
    int count;
    bool json;
    int rows, column;
};

void table_start(struct table *table);
void table_row(struct table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void table_number(struct table *table, double number);
void table_end(struct table *table);

/* splitmix64: the same seed gives the same data everywhere. */
struct random {
    uint64_t state;
};

uint64_t random_next(struct random *random);
/* Below `limit`, which is not 0. */
uint64_t random_below(struct random *random, uint64_t limit);

#endif
