#include "expected.h"

#include <mayrelay.h>
#include <string.h>

#include "spelling.h"

/* The name of the value of that number; beyond the last NULL. */
typedef const char *namer(unsigned number);

static const char *
verdict_named(unsigned number)
{
    return number <= MAYRELAY_ACCEPT
               ? mayrelay_verdict_name((enum mayrelay_verdict)number)
               : NULL;
}

static const char *
reason_named(unsigned number)
{
    return number <= MAYRELAY_REASON_CANNOT_REWRITE
               ? mayrelay_reason_name((enum mayrelay_reason)number)
               : NULL;
}

static const char *
kind_named(unsigned number)
{
    return number <= MAYRELAY_KIND_MALFORMED
               ? mayrelay_kind_name((enum mayrelay_kind)number)
               : NULL;
}

/* The facts are 1, 2 and 4. */
static const char *
fact_named(unsigned number)
{
    return number < 3 ? mayrelay_fact_name((enum mayrelay_fact)(1u << number))
                      : NULL;
}

/* What a value may be, besides null. */
enum form {
    FORM_TEXT,
    FORM_BOOLEAN,
    FORM_NAMES /* a text, or a list of them */
};

static const struct {
    const char *name;
    enum form form;
    namer *names; /* the texts that there are, or NULL: any */
} KEYS[] = {
    {"verdict", FORM_TEXT, verdict_named},
    {"code", FORM_TEXT, NULL},
    {"enhanced", FORM_TEXT, NULL},
    {"text", FORM_TEXT, NULL},
    {"reason", FORM_TEXT, reason_named},
    {"kind", FORM_TEXT, kind_named},
    {"rule", FORM_TEXT, NULL},
    {"source", FORM_TEXT, NULL},
    {"connector", FORM_TEXT, NULL},
    {"recipient", FORM_TEXT, NULL},
    {"relay", FORM_BOOLEAN, NULL},
    {"needs", FORM_NAMES, fact_named},
};

enum {
    KEY_COUNT = sizeof KEYS / sizeof *KEYS
};

static bool
say_unknown_key(const char *key, struct line_error *error)
{
    struct spelling spelling = spelling_of(key);
    for (size_t i = 0; i < KEY_COUNT; i++)
        spelling_offer(&spelling, KEYS[i].name);
    if (spelling.name)
        line_error_set(error, "a decision has no '%.60s'; did you mean '%s'?",
                       key, spelling.name);
    else
        line_error_set(error, "a decision has no '%.60s'", key);
    return false;
}

static bool
is_name(const char *key, namer *names, const json_t *value,
        struct line_error *error)
{
    const char *text = json_string_value(value);
    if (!text) {
        line_error_set(error, "%s: expected a text", key);
        return false;
    }
    if (!names)
        return true;
    struct spelling spelling = spelling_of(text);
    const char *name;
    for (unsigned i = 0; (name = names(i)); i++) {
        if (strcmp(name, text) == 0)
            return true;
        spelling_offer(&spelling, name);
    }
    if (spelling.name)
        line_error_set(error, "%s: there is no '%.60s'; did you mean '%s'?",
                       key, text, spelling.name);
    else
        line_error_set(error, "%s: there is no '%.60s'", key, text);
    return false;
}

bool
expected_makes_sense(const char *key, const json_t *value,
                     struct line_error *error)
{
    size_t i = 0;
    while (i < KEY_COUNT && strcmp(KEYS[i].name, key) != 0)
        i++;
    if (i == KEY_COUNT)
        return say_unknown_key(key, error);
    if (KEYS[i].form == FORM_BOOLEAN) {
        if (!json_is_boolean(value))
            line_error_set(error, "%s: expected true or false", key);
        return json_is_boolean(value);
    }
    if (json_is_null(value))
        return true;
    if (KEYS[i].form == FORM_TEXT || !json_is_array(value))
        return is_name(key, KEYS[i].names, value, error);
    for (size_t j = 0; j < json_array_size(value); j++)
        if (!is_name(key, KEYS[i].names, json_array_get(value, j), error))
            return false;
    return true;
}

/* Texts stand for numbers, and a single text for a list of it. */
static bool
is_as_expected(const json_t *wanted, const json_t *got)
{
    if (json_is_integer(got) && json_is_string(wanted)) {
        char number[32];
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(got));
        return strcmp(number, json_string_value(wanted)) == 0;
    }
    if (json_is_array(got) && json_is_null(wanted))
        return json_array_size(got) == 0;
    if (json_is_array(got) && json_is_string(wanted))
        return json_array_size(got) == 1 &&
               json_equal(wanted, json_array_get(got, 0));
    return json_equal(wanted, got);
}

json_t *
expected_differences(const json_t *expected, const json_t *decision)
{
    json_t *walked = (json_t *)(uintptr_t)expected; /* it is not written to */
    json_t *differences = json_object();
    const char *key;
    json_t *wanted;
    json_object_foreach(walked, key, wanted)
    {
        json_t *got = json_object_get(decision, key);
        if (is_as_expected(wanted, got))
            continue;
        json_t *both = json_pack("{s:O, s:O}", "wanted", wanted, "got", got);
        if (json_object_set_new(differences, key, both) != 0)
            out_of_memory();
    }
    if (!differences)
        out_of_memory();
    return differences;
}
