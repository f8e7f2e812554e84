/* Old traffic, a transaction a line: facts as the batch has them, or lines of
 * the decision log in either form, as they come. */
#ifndef COMMAND_TRAFFIC_H
#define COMMAND_TRAFFIC_H

#include "log_line.h"

/* As log_line_parse.  The host of a batch rewrites recipients. */
bool traffic_read(struct log_line *line, struct text text,
                  struct line_error *error);
/* The line is one of the decision log. */
bool traffic_is_logged(const json_t *object);
/* The facts alone, and the id, as the batch has them; yours. */
json_t *traffic_facts(const json_t *object);

#endif
