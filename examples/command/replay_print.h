/* What a replay has found: for people, and as a JSON object. */
#ifndef COMMAND_REPLAY_PRINT_H
#define COMMAND_REPLAY_PRINT_H

#include "changes.h"

struct replay {
    struct changes changes;
    size_t transactions, bad_lines;
};

void replay_print_text(const struct replay *replay);
void replay_print_json(const struct replay *replay);

#endif
