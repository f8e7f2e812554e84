/* Whether we are still the process that we were: a fork leaves the child with
 * sockets that belong to its parent. */
#ifndef MAYRELAY_DNS_PROCESS_H
#define MAYRELAY_DNS_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct process {
    unsigned char *mark; /* where the kernel wipes it: not 0 in this process */
    pid_t id;            /* else */
};

void process_init(struct process *process);
void process_clear(struct process *process);
/* False once in a child, for each generation. */
bool process_is_same(struct process *process);

#endif
