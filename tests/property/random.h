/* Seeded random numbers: the same seed gives the same run everywhere. */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

/* splitmix64 */
static inline uint64_t
random_next(struct random *random)
{
    uint64_t z = (random->state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static inline int
random_below(struct random *random, int limit)
{
    return (int)(random_next(random) % (uint64_t)limit);
}

static inline bool
random_chance(struct random *random, int percent)
{
    return random_below(random, 100) < percent;
}

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof *(array)))
#define RANDOM_OF(random, array)                                               \
    (&(array)[random_below(random, COUNT_OF(array))])

#endif
