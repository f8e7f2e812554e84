/* Memory that runs out when it is told to.
 *
 * The program's malloc stands in the place of libc's, so that libyaml, PCRE2,
 * libidn2 and whoever else takes memory run out of it too. */
#ifndef TESTS_FAILING_MALLOC_H
#define TESTS_FAILING_MALLOC_H

#include <stddef.h>

extern struct counting {
    size_t calls;       /* since the last reset */
    size_t fail_from;   /* the first call that fails, from 1; 0: none */
    size_t fail_behind; /* the last one */
} counting;

void count_anew(size_t from, size_t behind);
/* Memory for what is not tested; go on with what was before. */
struct counting pause_counting(void);
void go_on_counting(struct counting before);
/* What has been taken and not been given back, ever. */
size_t memory_live(void);

#endif
