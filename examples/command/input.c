#include "input.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Progress is shown after so many seconds, and looked at every so many lines.
 */
enum {
    LONG_RUN_SECONDS = 3,
    LINES_PER_LOOK = 4096
};

struct input
input_begin(void)
{
    struct input input = {.shows_progress = isatty(STDERR_FILENO),
                          .started = time(NULL)};
    struct stat status;
    if (fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode))
        input.size = status.st_size;
    return input;
}

static void
show_progress(struct input *input)
{
    if (!input->shows_progress || input->lines % LINES_PER_LOOK)
        return;
    time_t now = time(NULL);
    if (now - input->started < LONG_RUN_SECONDS || now == input->shown)
        return;
    input->shown = now;
    fprintf(stderr, "\r%zu lines", input->lines);
    if (input->size >= input->octets && input->size > 0)
        fprintf(stderr, ", %d%%",
                (int)(100.0 * (double)input->octets / (double)input->size));
}

bool
input_next(struct input *input, struct text *line)
{
    ssize_t size = getline(&input->line, &input->room, stdin);
    if (size < 0)
        return false;
    *line = (struct text){input->line, (size_t)size};
    if (line->size && line->data[line->size - 1] == '\n')
        line->size--;
    input->lines++;
    input->octets += size;
    show_progress(input);
    return true;
}

bool
input_end(struct input *input)
{
    bool good = feof(stdin) != 0;
    if (input->shown)
        fputc('\n', stderr);
    if (!good)
        complain("cannot read standard input");
    free(input->line);
    input->line = NULL;
    return good;
}
