/* One thread and two on one policy, beside what the machine gives two threads
 * that share nothing: arithmetic, and dependent reads of memory of their own.
 *
 * usage: threads [--quick] [--json]
 *
 * By the wall clock, the two taking turns, so that it wants an idle machine. */
#include <pthread.h>

#include "chase.h"
#include "measure.h"
#include "policies.h"
#include "transactions.h"

enum {
    ROUNDS = 7,
    QUERIES = 1 << 17,
    FEW_QUERIES = 1 << 12,
    READS = 1 << 18,
    STEPS = 1 << 25,
    THREADS = 2
};

static const struct column COLUMNS[] = {
    {"1 thread M/s", 2}, {"2 threads M/s", 2}, {"times", 2}, {"of ceiling", 2}};

/* One load of which each thread has its own. */
struct load {
    uint64_t (*run)(void *context);
    void *contexts[THREADS];
    double units; /* that one run is */
};

struct worker {
    const struct load *load;
    int number;
    pthread_barrier_t *start;
};

static void *
work(void *context)
{
    struct worker *worker = context;
    pthread_barrier_wait(worker->start);
    keep(worker->load->run(worker->load->contexts[worker->number]));
    return NULL;
}

/* Units per microsecond of so many threads together. */
static double
throughput(const struct load *load, int threads)
{
    pthread_t ids[THREADS];
    struct worker workers[THREADS];
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
    for (int i = 0; i < threads; i++) {
        workers[i] = (struct worker){load, i, &start};
        if (pthread_create(&ids[i], NULL, work, &workers[i]) != 0)
            fail("cannot start a thread");
    }
    pthread_barrier_wait(&start);
    double begin = wall_clock();
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    double time = wall_clock() - begin;
    pthread_barrier_destroy(&start);
    return threads * load->units * 1e3 / time;
}

/* Returns the gain, the median of that of each round. */
static double
add_row(struct table *table, const struct load *load, double ceiling)
{
    double one[ROUNDS], two[ROUNDS], gain[ROUNDS];
    throughput(load, THREADS);
    for (int i = 0; i < ROUNDS; i++) {
        one[i] = throughput(load, 1);
        two[i] = throughput(load, THREADS);
        gain[i] = two[i] / one[i];
    }
    double times = median(gain, ROUNDS);
    table_number(table, median(one, ROUNDS));
    table_number(table, median(two, ROUNDS));
    table_number(table, times);
    table_number(table, ceiling > 0 ? times / ceiling : 1);
    return times;
}

/* -- the ceilings --------------------------------------------------------- */

static uint64_t
run_arithmetic(void *context)
{
    uint64_t value = *(uint64_t *)context;
    for (int i = 0; i < STEPS; i++)
        value = value * UINT64_C(6364136223846793005) + 1;
    return value;
}

static uint64_t
run_reads(void *context)
{
    return chase_follow(context, 0, READS);
}

static double
add_arithmetic(struct table *table)
{
    uint64_t seeds[THREADS] = {1, 2};
    struct load load = {run_arithmetic, {&seeds[0], &seeds[1]}, STEPS};
    table_row(table, "arithmetic");
    return add_row(table, &load, 0);
}

static double
add_reads(struct table *table, size_t bytes)
{
    struct chase chases[THREADS];
    struct load load = {run_reads, {&chases[0], &chases[1]}, READS};
    for (int i = 0; i < THREADS; i++)
        chase_make(&chases[i], bytes);
    table_row(table, "reads in %zu KiB", bytes / 1024);
    double times = add_row(table, &load, 0);
    for (int i = 0; i < THREADS; i++)
        chase_free(&chases[i]);
    return times;
}

/* -- decisions ------------------------------------------------------------ */

static uint64_t
run_rcpt(void *context)
{
    return transactions_run(context, STEP_RCPT);
}

static uint64_t
run_whole(void *context)
{
    return transactions_run(context, STEP_WHOLE);
}

/* Small sets live in the core's own cache: there work is arithmetic. */
static double
add_ceiling(struct table *table, size_t entries, const char *image)
{
    if (entries <= 1000)
        return add_arithmetic(table);
    return add_reads(table, (size_t)image_bytes_of(image).lookup);
}

static void
add_steps(struct table *table, struct transactions *each, size_t entries,
          double ceiling)
{
    double units = (double)each->count;
    struct load rcpt = {run_rcpt, {&each[0], &each[1]}, units};
    struct load whole = {run_whole, {&each[0], &each[1]}, units};
    table_row(table, "rcpt, %zu x 6", entries);
    add_row(table, &rcpt, ceiling);
    table_row(table, "whole, %zu x 6", entries);
    add_row(table, &whole, ceiling);
}

static void
add_decisions(struct table *table, size_t entries, size_t queries)
{
    struct workshop workshop;
    struct workload workloads[KIND_COUNT];
    struct transactions each[THREADS];
    char path[PATH_ROOM];
    workshop_open(&workshop);
    workshop_path(&workshop, "policy.mrp", path);
    workloads_make(workloads, entries);
    workshop_write(&workshop, workloads, KIND_COUNT);
    mayrelay_policy *policy = workshop_map(&workshop);
    for (int i = 0; i < THREADS; i++) {
        transactions_make(&each[i], policy, workloads, queries, MIX_UNIFORM);
        transactions_prepare(&each[i]);
    }
    add_steps(table, each, entries, add_ceiling(table, entries, path));
    for (int i = 0; i < THREADS; i++)
        transactions_free(&each[i]);
    mayrelay_policy_unref(policy);
    workloads_free(workloads);
    workshop_close(&workshop);
}

int
main(int count, char **arguments)
{
    struct options options = options_read(count, arguments);
    struct table table = {
        .title = "millions per second; times: two threads to one; of ceiling: "
                 "to what two threads gain that share nothing",
        .label = "load",
        .columns = COLUMNS,
        .count = sizeof COLUMNS / sizeof *COLUMNS,
        .json = options.json};
    table_start(&table);
    add_decisions(&table, 1000, options.quick ? FEW_QUERIES : QUERIES);
    if (!options.quick)
        add_decisions(&table, 100000, QUERIES);
    table_end(&table);
    return 0;
}
