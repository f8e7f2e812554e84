/* One thread and two on one policy, beside what the machine gives two threads
 * that share nothing: arithmetic, dependent reads of memory of their own, and
 * decisions of policies of their own.
 *
 * usage: threads [--quick]
 *
 * By the wall clock; one thread, two, and both of the ceiling take turns, so
 * that others on the machine disturb them alike. */
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
    STEPS = 1 << 24,
    THREADS = 2
};

static const struct column COLUMNS[] = {{"1 thread M/s", 2},
                                        {"2 threads M/s", 2},
                                        {"times", 2},
                                        {"ceiling", 2},
                                        {"of ceiling", 2}};

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
    double begin, end;
};

static void *
work(void *context)
{
    struct worker *worker = context;
    pthread_barrier_wait(worker->start);
    worker->begin = wall_clock();
    keep(worker->load->run(worker->load->contexts[worker->number]));
    worker->end = wall_clock();
    return NULL;
}

/* Units per microsecond of so many threads together, from the first that began
 * to the last that ended. */
static double
throughput(const struct load *load, int threads)
{
    pthread_t ids[THREADS];
    struct worker workers[THREADS];
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++) {
        workers[i] = (struct worker){load, i, &start, 0, 0};
        if (pthread_create(&ids[i], NULL, work, &workers[i]) != 0)
            fail("cannot start a thread");
    }
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    pthread_barrier_destroy(&start);
    double begin = workers[0].begin, end = workers[0].end;
    for (int i = 1; i < threads; i++) {
        begin = workers[i].begin < begin ? workers[i].begin : begin;
        end = workers[i].end > end ? workers[i].end : end;
    }
    return threads * load->units * 1e3 / (end - begin);
}

static void
add_row(struct table *table, const struct load *load,
        const struct load *ceiling)
{
    double one[ROUNDS], two[ROUNDS], times[ROUNDS], most[ROUNDS], share[ROUNDS];
    throughput(load, THREADS);
    throughput(ceiling, THREADS);
    for (int i = 0; i < ROUNDS; i++) {
        one[i] = throughput(load, 1);
        double least = throughput(ceiling, 1);
        two[i] = throughput(load, THREADS);
        most[i] = throughput(ceiling, THREADS) / least;
        times[i] = two[i] / one[i];
        share[i] = times[i] / most[i];
    }
    table_number(table, median(one, ROUNDS));
    table_number(table, median(two, ROUNDS));
    table_number(table, median(times, ROUNDS));
    table_number(table, median(most, ROUNDS));
    table_number(table, median(share, ROUNDS));
}

/* -- the ceilings --------------------------------------------------------- */

/* Four chains, to keep the units of a core busy that two threads may share. */
static uint64_t
run_arithmetic(void *context)
{
    uint64_t a = *(uint64_t *)context, b = a + 1, c = a + 2, d = a + 3;
    for (int i = 0; i < STEPS; i++) {
        a = a * UINT64_C(6364136223846793005) + 1;
        b = (b ^ (b >> 7)) + a;
        c = (c << 9) ^ (c + 1);
        d = (d ^ (d << 13)) + c;
    }
    return a ^ b ^ c ^ d;
}

static uint64_t
run_reads(void *context)
{
    return chase_follow(context, 0, READS);
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

/* Transactions of each thread: over a policy that both share, and over copies
 * of their own. */
struct both {
    struct transactions shared[THREADS], own[THREADS];
    mayrelay_policy *policy, *copies[THREADS];
};

static void
both_make(struct both *both, const struct workshop *workshop,
          const struct workload workloads[KIND_COUNT], size_t queries)
{
    char path[PATH_ROOM];
    workshop_path(workshop, "policy.mrp", path);
    both->policy = workshop_map(workshop);
    for (int i = 0; i < THREADS; i++) {
        both->copies[i] = mayrelay_policy_load(path, MAYRELAY_LOAD_COPY, NULL);
        transactions_make(&both->shared[i], both->policy, workloads, queries,
                          MIX_UNIFORM);
        transactions_make(&both->own[i], both->copies[i], workloads, queries,
                          MIX_UNIFORM);
        transactions_prepare(&both->shared[i]);
        transactions_prepare(&both->own[i]);
    }
}

static void
both_free(struct both *both)
{
    for (int i = 0; i < THREADS; i++) {
        transactions_free(&both->shared[i]);
        transactions_free(&both->own[i]);
        mayrelay_policy_unref(both->copies[i]);
    }
    mayrelay_policy_unref(both->policy);
}

/* Small sets live in the core's own cache: there work is arithmetic. */
static void
add_rows(struct table *table, struct both *both, size_t entries, size_t bytes)
{
    static const struct {
        const char *name;
        uint64_t (*run)(void *context);
    } STEPS_TIMED[] = {{"rcpt", run_rcpt}, {"whole", run_whole}};
    double units = (double)both->shared->count;
    uint64_t seeds[THREADS] = {1, 2};
    struct chase chases[THREADS];
    struct load arithmetic = {run_arithmetic, {&seeds[0], &seeds[1]}, STEPS};
    struct load reads = {run_reads, {&chases[0], &chases[1]}, READS};
    bool small = entries <= 1000;
    for (int i = 0; i < THREADS; i++)
        chase_make(&chases[i], bytes);
    for (size_t i = 0; i < sizeof STEPS_TIMED / sizeof *STEPS_TIMED; i++) {
        struct load shared = {
            STEPS_TIMED[i].run, {&both->shared[0], &both->shared[1]}, units};
        struct load own = {
            STEPS_TIMED[i].run, {&both->own[0], &both->own[1]}, units};
        table_row(table, "%s, %zu x 6; %s", STEPS_TIMED[i].name, entries,
                  small ? "arithmetic" : "reads");
        add_row(table, &shared, small ? &arithmetic : &reads);
        table_row(table, "%s, %zu x 6; own policies", STEPS_TIMED[i].name,
                  entries);
        add_row(table, &shared, &own);
    }
    for (int i = 0; i < THREADS; i++)
        chase_free(&chases[i]);
}

static void
add_decisions(struct table *table, size_t entries, size_t queries)
{
    struct workshop workshop;
    struct workload workloads[KIND_COUNT];
    struct both both;
    char path[PATH_ROOM];
    workshop_open(&workshop);
    workshop_path(&workshop, "policy.mrp", path);
    workloads_make(workloads, entries);
    workshop_write(&workshop, workloads, KIND_COUNT);
    both_make(&both, &workshop, workloads, queries);
    add_rows(table, &both, entries, (size_t)image_bytes_of(path).lookup);
    both_free(&both);
    workloads_free(workloads);
    workshop_close(&workshop);
}

int
main(int count, char **arguments)
{
    struct options options = options_read(count, arguments);
    struct table table = {
        .title = "millions a second of one thread and of two, sharing a "
                 "policy; ceiling: what two threads gain that share nothing",
        .label = "load; ceiling",
        .columns = COLUMNS,
        .count = sizeof COLUMNS / sizeof *COLUMNS};
    table_start(&table);
    add_decisions(&table, 1000, options.quick ? FEW_QUERIES : QUERIES);
    if (!options.quick)
        add_decisions(&table, 100000, QUERIES);
    return 0;
}
