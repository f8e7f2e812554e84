/* A decision that was recorded, beside the one that is made of it now. */
#ifndef COMMAND_RECORDED_H
#define COMMAND_RECORDED_H

#include "log_line.h"

struct recorded {
    char *input; /* the line, if it came from standard input */
    struct log_line line;
    bool same_policy, same_decision;
};

/* The line itself, or "-" for standard input's first.  EX_OK, or an exit status
 * and a complaint; free it either way. */
int recorded_read(struct recorded *recorded, const char *line);
void recorded_free(struct recorded *recorded);
void recorded_compare(struct recorded *recorded, mayrelay_policy *policy,
                      const mayrelay_decision *decision);

/* Nothing is printed for NULL. */
void recorded_print(const struct recorded *recorded);
/* ,"recorded":{...} */
void recorded_print_member(const struct recorded *recorded);

#endif
