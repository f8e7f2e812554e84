/* Which of all transactions are worth a case.
 *
 * 1. Each rule: one that it decides, else one in which it holds.
 * 2. Each combination of classes that the policy tells apart, if there is room
 *    for all of them.
 * 3. At each node of the chart each class, followed by what tells it from every
 *    class that leads elsewhere: so a class that an edit moves to where another
 *    one is now is found out.
 * 4. The same of each further value of a class.
 * 5. Whatever value has had no case yet. */
#ifndef MAYRELAY_CASES_PICKS_H
#define MAYRELAY_CASES_PICKS_H

#include "cases/chart.h"

struct pick {
    uint32_t class[STEPS], member[STEPS];
};

struct picks {
    struct chart *chart;
    const struct values *values;
    struct pick *items;
    size_t count, room;
    size_t most;
    struct intern seen;
    uint32_t *firsts;      /* classes, see groups_of */
    size_t *begins;        /* by node */
    uint64_t combinations; /* UINT64_MAX: as many or more */
    bool has_combinations; /* all of them are there */
    bool full;             /* there was no room for something */
    bool failed;
};

/* At most `most`; sorted. */
void picks_find(struct picks *picks, struct chart *chart, size_t most);
void picks_clear(struct picks *picks);

#endif
