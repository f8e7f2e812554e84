#include "log_line.h"

#include <string.h>

/* How both forms begin, behind what the log puts before a line. */
static const char LOGFMT_START[] = "mayrelay=1 ";
static const char JSON_START[] = "{\"mayrelay\":1,";

static const char *const LIST_KEYS[] = {"client_names", "groups", "needs",
                                        "matched", "nearest"};

static struct text
from_start(struct text text, const char *start)
{
    const char *found =
        text.size ? memmem(text.data, text.size, start, strlen(start)) : NULL;
    if (!found)
        return (struct text){0};
    return (struct text){found, text.size - (size_t)(found - text.data)};
}

/* -- logfmt --------------------------------------------------------------- */

static bool
is_list_key(const char *key)
{
    for (size_t i = 0; i < sizeof LIST_KEYS / sizeof *LIST_KEYS; i++)
        if (strcmp(key, LIST_KEYS[i]) == 0)
            return true;
    return false;
}

/* The size of a value up to its end: a blank, outside quotes. */
static size_t
value_size(struct text text)
{
    bool quoted = false;
    size_t size = 0;
    while (size < text.size && (quoted || text.data[size] != ' ')) {
        if (text.data[size] == '"')
            quoted = !quoted;
        size += quoted && text.data[size] == '\\' ? 2 : 1;
    }
    return size < text.size ? size : text.size;
}

static bool
is(struct text value, const char *word)
{
    return value.size == strlen(word) &&
           memcmp(value.data, word, value.size) == 0;
}

/* Of nine digits at most; the text need not end in NUL. */
static bool
is_number(struct text value, json_int_t *number)
{
    *number = 0;
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] < '0' || value.data[i] > '9')
            return false;
        *number = *number * 10 + (value.data[i] - '0');
    }
    return value.size > 0;
}

/* A quoted value is a string of JSON's; so is a bare one, where its key has no
 * others. */
static json_t *
read_value(const char *key, struct text value)
{
    bool numeric = strcmp(key, "mayrelay") == 0 || strcmp(key, "code") == 0;
    if (value.size && value.data[0] == '"')
        return json_loadb(value.data, value.size,
                          JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (is(value, "true") || is(value, "false"))
        return json_boolean(is(value, "true"));
    json_int_t number;
    if (numeric && value.size < 10 && is_number(value, &number))
        return json_integer(number);
    return json_stringn(value.data, value.size);
}

/* The key is repeated for each member; `[]` is none, `tempfail` a failed
 * look-up. */
static int
add_to_list(json_t *object, const char *key, struct text value)
{
    if (is(value, "tempfail"))
        return json_object_set_new(object, key, read_value(key, value));
    json_t *list = json_object_get(object, key);
    if (!list && json_object_set_new(object, key, list = json_array()) != 0)
        return -1;
    return is(value, "[]")
               ? 0
               : json_array_append_new(list, read_value(key, value));
}

static bool
read_field(json_t *object, struct text *rest)
{
    char key[32];
    const char *equals = memchr(rest->data, '=', rest->size);
    size_t size = equals ? (size_t)(equals - rest->data) : sizeof key;
    if (size >= sizeof key)
        return false;
    snprintf(key, sizeof key, "%.*s", (int)size, rest->data);
    if (strspn(key, "abcdefghijklmnopqrstuvwxyz_") != size)
        return false;
    rest->data += size + 1;
    rest->size -= size + 1;
    struct text value = {rest->data, value_size(*rest)};
    rest->data += value.size;
    rest->size -= value.size;
    if (is_list_key(key))
        return add_to_list(object, key, value) == 0;
    return !json_object_get(object, key) &&
           json_object_set_new(object, key, read_value(key, value)) == 0;
}

static json_t *
read_logfmt(struct text text, struct line_error *error)
{
    json_t *object = json_object();
    struct text rest = text;
    while (object && rest.size) {
        size_t at = (size_t)(rest.data - text.data);
        if (!read_field(object, &rest)) {
            line_error_set(error, "no field that can be read at octet %zu",
                           at + 1);
            json_decref(object);
            return NULL;
        }
        for (; rest.size && *rest.data == ' '; rest.size--)
            rest.data++;
    }
    return object;
}

/* -- both forms ----------------------------------------------------------- */

static json_t *
read_json(struct text text, struct line_error *error)
{
    json_error_t problem;
    json_t *object =
        json_loadb(text.data, text.size,
                   JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &problem);
    if (!object)
        line_error_set(error, "not valid JSON: %s", problem.text);
    return object;
}

static json_t *
read_object(struct text text, struct line_error *error)
{
    struct text logfmt = from_start(text, LOGFMT_START);
    struct text json = from_start(text, JSON_START);
    if (json.data && (!logfmt.data || json.data < logfmt.data))
        return read_json(json, error);
    if (logfmt.data)
        return read_logfmt(logfmt, error);
    line_error_set(error, "no decision: it would begin with %s or %s",
                   LOGFMT_START, JSON_START);
    return NULL;
}

/* The facts alone, of all fields. */
static bool
read_facts(struct log_line *line, struct line_error *error)
{
    const char *key;
    json_t *value;
    json_t *facts = json_object();
    json_object_foreach(line->object, key, value)
    {
        if (facts_json_has_key(key) && json_object_set(facts, key, value) != 0)
            out_of_memory();
    }
    /* The texts are borrowed from the values, which line->object holds too. */
    bool good = facts_from_json(&line->facts, facts, error);
    json_decref(facts);
    return good;
}

bool
log_line_take(struct log_line *line, json_t *object, struct line_error *error)
{
    *line = (struct log_line){
        .object = object,
        .rewrites = json_is_true(json_object_get(object, "rewrites"))};
    if (!object)
        return false;
    if (json_integer_value(json_object_get(object, "mayrelay")) != 1) {
        line_error_set(error, "it has no version that is known");
        return false;
    }
    if (!read_facts(line, error))
        return false;
    if (!log_line_get(line, "verdict")) {
        line_error_set(error, "it has no verdict");
        return false;
    }
    return true;
}

bool
log_line_parse(struct log_line *line, struct text text,
               struct line_error *error)
{
    while (text.size && strchr("\r\n", text.data[text.size - 1]))
        text.size--;
    return log_line_take(line, read_object(text, error), error);
}

bool
log_line_read(struct log_line *line, struct text text, struct line_error *error)
{
    if (!log_line_parse(line, text, error))
        return false;
    const char *problem = unreadable_address(&line->facts);
    if (problem)
        line_error_set(error, "%s", problem);
    return !problem;
}

void
log_line_free(struct log_line *line)
{
    free_facts(&line->facts);
    json_decref(line->object);
}

const char *
log_line_get(const struct log_line *line, const char *key)
{
    return json_string_value(json_object_get(line->object, key));
}
