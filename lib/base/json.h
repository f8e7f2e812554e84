/* A JSON writer (RFC 8259): ASCII only, commas placed by itself. */
#ifndef MAYRELAY_BASE_JSON_H
#define MAYRELAY_BASE_JSON_H

#include "base/output.h"

struct json {
    struct output *out;
    bool after_value; /* the next value or key needs a comma */
};

struct json json_to(struct output *out);
void json_open_object(struct json *json);
void json_close_object(struct json *json);
void json_open_array(struct json *json);
void json_close_array(struct json *json);
void json_key(struct json *json, const char *key);
/* Bytes that are not UTF-8 are written as U+FFFD. */
void json_text(struct json *json, struct text text);
/* A string, or null for NULL. */
void json_string(struct json *json, const char *string);
void json_number(struct json *json, uint64_t number);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);

#endif
