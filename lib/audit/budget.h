/* What an audit may spend, so that it ends in time and in bounded memory
 * whatever the policy is.  Both are counted, not measured: the same policy gets
 * the same answer on every machine. */
#ifndef MAYRELAY_AUDIT_BUDGET_H
#define MAYRELAY_AUDIT_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget {
    uint64_t work_left;   /* words of masks to be looked at, or the like */
    uint64_t memory_left; /* bytes of what grows with the policy */
    bool exceeded;        /* sticks: nothing is proven */
};

#define BUDGET_WORK   (UINT64_C(1) << 30) /* some ten seconds */
#define BUDGET_MEMORY (UINT64_C(1) << 30)

enum {
    BUDGET_MEMORY_OF_IMAGE = 10, /* times the image's size besides */
    INTERN_BESIDE = 48           /* bytes that an intern has beside each text */
};

static inline struct budget
budget_for(uint64_t image_size)
{
    return (struct budget){.work_left = BUDGET_WORK,
                           .memory_left = BUDGET_MEMORY +
                                          BUDGET_MEMORY_OF_IMAGE * image_size};
}

static inline void
budget_take(struct budget *budget, uint64_t *left, uint64_t amount)
{
    budget->exceeded |= amount > *left;
    *left -= amount > *left ? *left : amount;
}

static inline void
budget_work(struct budget *budget, uint64_t words)
{
    budget_take(budget, &budget->work_left, words);
}

static inline void
budget_memory(struct budget *budget, uint64_t bytes)
{
    budget_take(budget, &budget->memory_left, bytes);
}

#endif
