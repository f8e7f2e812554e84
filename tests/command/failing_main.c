/* The command, again and again, with memory that fails.
 *
 * Before main() the process takes orders from the socket FAIL_CONTROL, and for
 * each forks a command of which as many allocations fail as the order says.
 * That one has its standard input from the start and its output empty.  It is
 * there in a tenth of the time that it takes to load a program. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "failing_malloc.h"

struct order {
    uint64_t from, count; /* the first allocation that fails, and how many */
};

struct result {
    int64_t status; /* as of waitpid */
    uint64_t calls; /* allocations, if it has ended by itself */
};

static size_t *calls; /* shared with the command */

static void
check(int good)
{
    if (!good)
        _exit(EXIT_FAILURE);
}

static void
open_anew(void)
{
    check(lseek(STDIN_FILENO, 0, SEEK_SET) == 0);
    for (int output = STDOUT_FILENO; output <= STDERR_FILENO; output++)
        check(ftruncate(output, 0) == 0 && lseek(output, 0, SEEK_SET) == 0);
    *calls = 0;
}

/* Returns in the command. */
__attribute__((constructor)) static void
serve(void)
{
    struct order order;
    int control = atoi(getenv("FAIL_CONTROL"));
    calls = mmap(NULL, sizeof *calls, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(calls != MAP_FAILED);
    while (read(control, &order, sizeof order) == (ssize_t)sizeof order) {
        int status;
        open_anew();
        pid_t command = fork();
        if (command == 0) {
            count_anew(order.from, order.from + order.count - 1);
            return;
        }
        check(waitpid(command, &status, 0) == command);
        struct result result = {status, *calls};
        check(write(control, &result, sizeof result) == sizeof result);
    }
    _exit(EXIT_SUCCESS);
}

__attribute__((destructor)) static void
tell_calls(void)
{
    *calls = counting.calls;
}
