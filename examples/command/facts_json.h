/* Facts as one JSON object: a line of the batch. */
#ifndef COMMAND_FACTS_JSON_H
#define COMMAND_FACTS_JSON_H

#include <jansson.h>

#include "facts.h"

/* What is wrong with a line. */
struct line_error {
    char text[200];
};

void line_error_set(struct line_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The object that a line of the batch is; yours, NULL if it is none. */
json_t *facts_json_parse(struct text line, struct line_error *error);

/* The facts borrow the object's texts.  Addresses are not looked at here. */
bool facts_from_json(struct facts *facts, const json_t *object,
                     struct line_error *error);

/* The keys that an object of facts may have; NULL behind the last. */
const char *facts_json_key(size_t index);
/* Whether it may have this one. */
bool facts_json_has_key(const char *key);

/* One value on one line, in ASCII and without control characters; null for
 * NULL. */
void print_json(FILE *file, const json_t *value, struct page *page);
/* A line on standard output of an object, which is released; out of memory
 * where there is none. */
void print_json_line(json_t *object);

#endif
