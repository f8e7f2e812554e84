/* What a case expects of a decision. */
#ifndef COMMAND_EXPECTED_H
#define COMMAND_EXPECTED_H

#include "facts_json.h"

/* A decision in JSON may have this value under this key; if not, the error says
 * what is wrong with it. */
bool expected_makes_sense(const char *key, const json_t *value,
                          struct line_error *error);
/* The keys that are not as expected: {"code": {"wanted": 550, "got": 250}}. */
json_t *expected_differences(const json_t *expected, const json_t *decision);

#endif
