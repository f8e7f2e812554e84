#include "policy/fields.h"

#include "base/output.h"
#include "policy/nearest.h"
#include "policy/quoted.h"

enum {
    HINT_MOST = 512
};

static const struct known_key {
    enum key_set set;
    const char *text;
} KEYS[KEY_COUNT] = {
#define KEY(set, name, text) {KEYS_##set, text},
#include "policy/keys.def"
#undef KEY
};

const char *
key_text(enum key key)
{
    return KEYS[key].text;
}

static bool
find_key(enum key_set set, struct text text, enum key *key)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (KEYS[i].set == set && text_equal(text, text_of(KEYS[i].text))) {
            *key = (enum key)i;
            return true;
        }
    return false;
}

static void
list_keys(enum key_set set, struct output *out)
{
    output_string(out, "known here are");
    const char *separator = " ";
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (KEYS[i].set != set)
            continue;
        output_string(out, separator);
        output_string(out, KEYS[i].text);
        separator = ", ";
    }
}

static void
report_unknown(struct reader *reader, const struct node *key, enum key_set set,
               const char *what)
{
    struct nearest nearest = nearest_to(key->scalar);
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (KEYS[i].set == set)
            nearest_offer(&nearest, text_of(KEYS[i].text));
    char hint[HINT_MOST];
    struct output out = output_to(hint, sizeof hint);
    if (nearest_found(&nearest))
        output_format(&out, "did you mean '%.*s'?", TEXT_ARGS(nearest.best));
    else
        list_keys(set, &out);
    report_add(reader->report, FINDING_KEY_UNKNOWN, reader_place(reader, key),
               hint, "unknown key '%.*s%s' in %s", QUOTED(key->scalar), what);
}

/* `relay:` alone says: nobody. */
static bool
may_be_empty(enum key key)
{
    return key == KEY_POLICY_RELAY || key == KEY_CONNECTOR_RELAY;
}

static void
read_field(struct reader *reader, size_t at, enum key key,
           struct fields *fields)
{
    const struct node *value = fields->node->items[at];
    fields->keys[key] = fields->node->keys[at];
    if (!node_is_null(value)) {
        fields->values[key] = value;
        return;
    }
    if (!may_be_empty(key))
        report_add(reader->report, FINDING_VALUE_MISSING,
                   reader_place(reader, fields->keys[key]),
                   "leave the key out if nothing is meant", "'%s' has no value",
                   key_text(key));
}

bool
fields_read(struct reader *reader, const struct node *node, enum key_set set,
            const char *what, struct fields *fields)
{
    *fields = (struct fields){.node = node};
    if (node->kind != NODE_MAPPING) {
        reader_wrong_type(reader, node, what, "a mapping (key: value)");
        return false;
    }
    for (size_t i = 0; i < node->count; i++) {
        enum key key;
        if (find_key(set, node->keys[i]->scalar, &key))
            read_field(reader, i, key, fields);
        else
            report_unknown(reader, node->keys[i], set, what);
    }
    return true;
}
