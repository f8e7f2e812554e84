/* What the benchmarks share: clocks, medians, one way to say what was found.
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

/* The command line: --quick, and `name value` pairs. */
struct options {
    bool quick;
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

/* A table is printed as lines of JSON, each as soon as it is known: an object
 * with the title and the columns, then an array for each row, the label first.
 * run.py shows them to people. */
struct table {
    const char *title;
    const char *label; /* over the first column, which is text */
    const struct column *columns;
    int count;
    int column; /* the next one of the row */
};

void table_start(const struct table *table);
void table_row(struct table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Once for each column; NAN where there is nothing to say.  The last one ends
 * the row. */
void table_number(struct table *table, double number);

/* splitmix64: the same seed gives the same data everywhere. */
struct random {
    uint64_t state;
};

uint64_t random_next(struct random *random);
/* Below `limit`, which is not 0. */
uint64_t random_below(struct random *random, uint64_t limit);

#endif
