#include "parsed.h"

#include <jansson.h>
#include <string.h>

static json_t *
parse(const char *text, size_t size)
{
    return json_loadb(text, size,
                      JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL,
                      NULL);
}

bool
is_json_object(const char *text, size_t size)
{
    json_t *value = parse(text, size);
    bool holds = json_is_object(value);
    json_decref(value);
    return holds;
}

bool
is_json_string(const char *text, size_t size)
{
    json_t *value = parse(text, size);
    bool holds = json_is_string(value);
    json_decref(value);
    return holds;
}

bool
is_json_string_of(const char *text, size_t size, const char *octets,
                  size_t count)
{
    json_t *value = parse(text, size);
    bool holds = json_is_string(value) && json_string_length(value) == count &&
                 memcmp(json_string_value(value), octets, count) == 0;
    json_decref(value);
    return holds;
}

bool
is_json_array(const char *text, size_t size, size_t count)
{
    json_t *array = parse(text, size);
    bool holds = json_is_array(array) && json_array_size(array) == count;
    for (size_t i = 0; i < json_array_size(array); i++)
        holds = holds && json_is_object(json_array_get(array, i));
    json_decref(array);
    return holds;
}

bool
json_array_says(const char *text, size_t size, size_t index, const char *key,
                const char *value)
{
    json_t *array = parse(text, size);
    const char *said =
        json_string_value(json_object_get(json_array_get(array, index), key));
    bool holds = said && strcmp(said, value) == 0;
    json_decref(array);
    return holds;
}
