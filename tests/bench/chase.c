#include "chase.h"

#include <stdlib.h>

#include "measure.h"

enum {
    READS = 1 << 18
};

/* Sattolo's shuffle makes one cycle of all lines. */
void
chase_make(struct chase *chase, size_t bytes)
{
    struct random random = {1};
    chase->count = bytes / sizeof *chase->lines;
    if (chase->count < 2)
        chase->count = 2;
    chase->lines = aligned_alloc(64, chase->count * sizeof *chase->lines);
    if (!chase->lines)
        fail("no memory for %zu bytes", bytes);
    for (size_t i = 0; i < chase->count; i++)
        chase->lines[i] = (struct chase_line){.next = i};
    for (size_t i = chase->count - 1; i > 0; i--) {
        uint64_t other = random_below(&random, i);
        uint64_t next = chase->lines[i].next;
        chase->lines[i].next = chase->lines[other].next;
        chase->lines[other].next = next;
    }
}

void
chase_free(struct chase *chase)
{
    free(chase->lines);
}

uint64_t
chase_follow(const struct chase *chase, uint64_t at, size_t reads)
{
    while (reads-- > 0)
        at = chase->lines[at].next;
    return at;
}

uint64_t
chase_scatter(const struct chase *chase, uint64_t seed, size_t reads)
{
    uint64_t sum = 0;
    while (reads-- > 0) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        sum += chase->lines[((seed >> 32) * chase->count) >> 32].next;
    }
    return sum;
}

static void
run(void *context)
{
    keep(chase_follow(context, 0, READS));
}

double
chase_time(size_t bytes, int repetitions)
{
    struct chase chase;
    chase_make(&chase, bytes);
    double time = measure(run, &chase, repetitions) / READS;
    chase_free(&chase);
    return time;
}
