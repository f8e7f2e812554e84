/* A line of the decision log (mayrelay_session_to_log), read back. */
#ifndef COMMAND_LOG_LINE_H
#define COMMAND_LOG_LINE_H

#include "facts_json.h"

struct log_line {
    json_t *object; /* every field, as in the JSON form */
    struct facts facts;
    bool rewrites;
};

/* logfmt or JSON, with whatever a log puts before it.  Free the line whatever
 * comes of it; the error says what is wrong. */
bool log_line_read(struct log_line *line, struct text text,
                   struct line_error *error);
/* The same, but addresses are not looked at. */
bool log_line_parse(struct log_line *line, struct text text,
                    struct line_error *error);
/* The same from the JSON form's object, which is the line's from then on. */
bool log_line_take(struct log_line *line, json_t *object,
                   struct line_error *error);
void log_line_free(struct log_line *line);
/* What was recorded under a key; NULL if it is not there or no string. */
const char *log_line_get(const struct log_line *line, const char *key);

#endif
