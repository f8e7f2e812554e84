/* What a run must have seen to be worth anything, and whether it has. */
#ifndef TESTS_COVERAGE_H
#define TESTS_COVERAGE_H

#include "slow_list.h"

/* Prints the table unless `quiet`; the number of its rows that fall short is
 * added to *failed, that of the others to *passed. */
void coverage_check(const struct coverage *coverage, bool quiet,
                    unsigned long *passed, unsigned long *failed);

#endif
