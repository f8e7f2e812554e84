/* Standard input, line by line, with progress on a terminal when it takes
 * long. */
#ifndef COMMAND_INPUT_H
#define COMMAND_INPUT_H

#include <sys/types.h>
#include <time.h>

#include "print.h"

struct input {
    size_t lines; /* read so far */
    char *line;
    size_t room;
    bool shows_progress;
    off_t octets, size; /* read so far, and of how many; 0: not known */
    time_t started, shown;
};

struct input input_begin(void);
/* The next line, without its end and good until the next call; false if there
 * is none. */
bool input_next(struct input *input, struct text *line);
/* False, and a complaint, if not all could be read. */
bool input_end(struct input *input);

#endif
