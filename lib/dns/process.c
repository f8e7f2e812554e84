#include "dns/process.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    MARK_SIZE = 1 /* the kernel makes a page of it */
};

/* Linux 4.14 zeroes such memory in the child of a fork, which spares a system
 * call in every call of ours. */
static unsigned char *
new_mark(void)
{
#ifdef MADV_WIPEONFORK
    unsigned char *mark = mmap(NULL, MARK_SIZE, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mark == MAP_FAILED)
        return NULL;
    if (madvise(mark, MARK_SIZE, MADV_WIPEONFORK) == 0)
        return mark;
    munmap(mark, MARK_SIZE);
#endif
    return NULL;
}

void
process_init(struct process *process)
{
    process->mark = new_mark();
    if (process->mark)
        *process->mark = 1;
    process->id = getpid();
}

void
process_clear(struct process *process)
{
    if (process->mark)
        munmap(process->mark, MARK_SIZE);
    process->mark = NULL;
}

bool
process_is_same(struct process *process)
{
    if (process->mark) {
        bool same = *process->mark != 0;
        *process->mark = 1;
        return same;
    }
    pid_t id = getpid();
    bool same = process->id == id;
    process->id = id;
    return same;
}
