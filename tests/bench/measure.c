#include "measure.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double
clock_of(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double
cpu_clock(void)
{
    return clock_of(CLOCK_THREAD_CPUTIME_ID);
}

double
wall_clock(void)
{
    return clock_of(CLOCK_MONOTONIC);
}

static int
compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

double
median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare_doubles);
    return values[count / 2];
}

double
measure(void (*run)(void *context), void *context, int repetitions)
{
    enum {
        MOST = 32
    };
    double times[MOST];
    run(context);
    for (int i = 0; i < repetitions && i < MOST; i++) {
        double start = cpu_clock();
        run(context);
        times[i] = cpu_clock() - start;
    }
    return median(times, (size_t)repetitions);
}

void
fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

void *
new_array(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        fail("no memory for %zu elements of %zu bytes", count, size);
    return memory;
}

void
keep(uint64_t result)
{
    __asm__ volatile("" : : "r"(result) : "memory");
}

struct options
options_read(int count, char **arguments)
{
    struct options options = {.count = count, .arguments = arguments};
    for (int i = 1; i < count; i++)
        options.quick |= strcmp(arguments[i], "--quick") == 0;
    return options;
}

const char *
options_text(const struct options *options, const char *name,
             const char *otherwise)
{
    for (int i = 1; i + 1 < options->count; i++)
        if (strcmp(options->arguments[i], name) == 0)
            return options->arguments[i + 1];
    return otherwise;
}

size_t
options_number(const struct options *options, const char *name,
               size_t otherwise)
{
    const char *text = options_text(options, name, NULL);
    return text ? (size_t)strtoull(text, NULL, 10) : otherwise;
}

void
table_start(const struct table *table)
{
    printf("{\"table\": \"%s\", \"columns\": [\"%s\"", table->title,
           table->label);
    for (int i = 0; i < table->count; i++)
        printf(", \"%s\"", table->columns[i].name);
    printf("]}\n");
    fflush(stdout);
}

void
table_row(struct table *table, const char *format, ...)
{
    char label[64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(label, sizeof label, format, arguments);
    va_end(arguments);
    printf("[\"%s\"", label);
    table->column = 0;
}

void
table_number(struct table *table, double number)
{
    const struct column *column = &table->columns[table->column++];
    if (isnan(number))
        printf(", null");
    else
        printf(", %.*f", column->decimals, number);
    if (table->column == table->count)
        printf("]\n");
    fflush(stdout);
}

uint64_t
random_next(struct random *random)
{
    uint64_t z = (random->state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

uint64_t
random_below(struct random *random, uint64_t limit)
{
    return random_next(random) % limit;
}
