/* The bare cost of memory: random reads of 64-byte lines. */
#ifndef BENCH_CHASE_H
#define BENCH_CHASE_H

#include <stddef.h>
#include <stdint.h>

/* Lines in a random cycle through all of them. */
struct chase {
    struct chase_line {
        uint64_t next, unused[7];
    } * lines;
    size_t count;
};

void chase_make(struct chase *chase, size_t bytes);
void chase_free(struct chase *chase);
/* Follows the cycle from `at`; where it ends. */
uint64_t chase_follow(const struct chase *chase, uint64_t at, size_t reads);
/* Reads lines at random that do not depend on each other. */
uint64_t chase_scatter(const struct chase *chase, uint64_t seed, size_t reads);
/* Nanoseconds of one dependent read in a working set of that size. */
double chase_time(size_t bytes, int repetitions);

#endif
