#include "traffic.h"

#include <string.h>

/* The key that no line of the batch has. */
static const char LOG_KEY[] = "mayrelay";

bool
traffic_is_logged(const json_t *object)
{
    return json_object_get(object, LOG_KEY) != NULL;
}

static bool
is_object(struct text text)
{
    size_t blanks = 0;
    while (blanks < text.size && strchr(" \t", text.data[blanks]))
        blanks++;
    return blanks < text.size && text.data[blanks] == '{';
}

bool
traffic_read(struct log_line *line, struct text text, struct line_error *error)
{
    if (!is_object(text))
        return log_line_parse(line, text, error);
    json_t *object = facts_json_parse(text, error);
    if (traffic_is_logged(object))
        return log_line_take(line, object, error);
    *line = (struct log_line){.object = object, .rewrites = true};
    return object && facts_from_json(&line->facts, object, error);
}

json_t *
traffic_facts(const json_t *object)
{
    json_t *walked = (json_t *)(uintptr_t)object; /* it is not written to */
    json_t *facts = json_object();
    const char *key;
    json_t *value;
    json_object_foreach(walked, key, value)
    {
        if (facts_json_has_key(key) && json_object_set(facts, key, value) != 0)
            out_of_memory();
    }
    return facts;
}
