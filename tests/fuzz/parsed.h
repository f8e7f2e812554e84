/* JSON as another implementation reads it.  A file of its own, since the
 * library's writer and jansson have names in common. */
#ifndef TESTS_FUZZ_PARSED_H
#define TESTS_FUZZ_PARSED_H

#include <stdbool.h>
#include <stddef.h>

bool is_json_object(const char *text, size_t size);
/* It is a string of just these octets. */
bool is_json_string_of(const char *text, size_t size, const char *octets,
                       size_t count);
bool is_json_string(const char *text, size_t size);
/* It is an array of `count` objects. */
bool is_json_array(const char *text, size_t size, size_t count);
/* The member `key` of the object at `index` of an array is this string. */
bool json_array_says(const char *text, size_t size, size_t index,
                     const char *key, const char *value);

#endif
