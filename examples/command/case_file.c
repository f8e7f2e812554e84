#include "case_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <yaml.h>

#include "expected.h"
#include "spelling.h"

/* What is being read, and how much is wrong with it so far. */
struct reading {
    struct case_file *file;
    yaml_document_t document;
    json_t *defaults;
    size_t errors;
};

/* -- errors ---------------------------------------------------------------- */

static void say(struct reading *reading, yaml_mark_t mark, const char *format,
                ...) __attribute__((format(printf, 3, 4)));

static void
say(struct reading *reading, yaml_mark_t mark, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    reading->errors++;
    print_printable(stderr, as_text(reading->file->path));
    fprintf(stderr, ":%zu:%zu: error: ", mark.line + 1, mark.column + 1);
    print_printable(stderr, as_text(text));
    putc('\n', stderr);
}

/* -- values ---------------------------------------------------------------- */

static yaml_node_t *
node_of(struct reading *reading, int number)
{
    return yaml_document_get_node(&reading->document, number);
}

static bool
is_plain(const yaml_node_t *node, const char *word)
{
    return node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           strcmp((const char *)node->data.scalar.value, word) == 0;
}

static json_t *
text_of(const yaml_node_t *node)
{
    json_t *text = json_stringn((const char *)node->data.scalar.value,
                                node->data.scalar.length);
    if (!text)
        out_of_memory();
    return text;
}

/* Entries are texts, as in a policy: only true, false and null are not. */
static json_t *
scalar_of(const yaml_node_t *node)
{
    if (is_plain(node, "true") || is_plain(node, "false"))
        return json_boolean(is_plain(node, "true"));
    if (is_plain(node, "null") || is_plain(node, "~") || is_plain(node, ""))
        return json_null();
    return text_of(node);
}

static json_t *
list_of(struct reading *reading, const yaml_node_t *node)
{
    json_t *list = json_array();
    const yaml_node_item_t *item = node->data.sequence.items.start;
    for (; list && item < node->data.sequence.items.top; item++) {
        const yaml_node_t *member = node_of(reading, *item);
        if (member->type != YAML_SCALAR_NODE)
            say(reading, member->start_mark, "a list of texts was expected");
        else if (json_array_append_new(list, text_of(member)) != 0)
            out_of_memory();
    }
    if (!list)
        out_of_memory();
    return list;
}

/* NULL, and an error, if it is none. */
static json_t *
value_of(struct reading *reading, const yaml_node_t *node)
{
    if (node->type == YAML_SCALAR_NODE)
        return scalar_of(node);
    if (node->type == YAML_SEQUENCE_NODE)
        return list_of(reading, node);
    say(reading, node->start_mark, "a text or a list of texts was expected");
    return NULL;
}

/* -- mappings -------------------------------------------------------------- */

/* Takes one pair of a mapping into an object. */
typedef void pair_reader(struct reading *reading, json_t *object,
                         const yaml_node_t *key, const yaml_node_t *value);

static const char *
word_of(const yaml_node_t *key)
{
    return (const char *)key->data.scalar.value;
}

static void
read_pairs(struct reading *reading, json_t *object, const yaml_node_t *node,
           pair_reader *read)
{
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    json_t *seen = json_object();
    for (; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = node_of(reading, pair->key);
        if (key->type != YAML_SCALAR_NODE ||
            strlen(word_of(key)) != key->data.scalar.length)
            say(reading, key->start_mark, "a key was expected");
        else if (json_object_get(seen, word_of(key)))
            say(reading, key->start_mark, "'%.60s' stands here twice",
                word_of(key));
        else if (json_object_set_new(seen, word_of(key), json_true()) != 0)
            out_of_memory();
        else
            read(reading, object, key, node_of(reading, pair->value));
    }
    json_decref(seen);
}

static bool
is_mapping(struct reading *reading, const yaml_node_t *node, const char *what)
{
    if (node->type != YAML_MAPPING_NODE)
        say(reading, node->start_mark, "%s: a mapping was expected", what);
    return node->type == YAML_MAPPING_NODE;
}

/* Whatever is null is as if it had not been said. */
static void
read_fact(struct reading *reading, json_t *facts, const yaml_node_t *key,
          const yaml_node_t *node)
{
    struct facts scratch = {0};
    struct line_error error;
    json_t *value = value_of(reading, node);
    json_t *alone = value ? json_pack("{s:O}", word_of(key), value) : NULL;
    if (value && !alone)
        out_of_memory();
    if (json_is_null(value))
        json_object_del(facts, word_of(key));
    else if (value && !facts_from_json(&scratch, alone, &error))
        say(reading, node->start_mark, "%s", error.text);
    else if (value && json_object_set(facts, word_of(key), value) != 0)
        out_of_memory();
    free_facts(&scratch);
    json_decref(alone);
    json_decref(value);
}

static void
read_expectation(struct reading *reading, json_t *expected,
                 const yaml_node_t *key, const yaml_node_t *node)
{
    struct line_error error;
    json_t *value = value_of(reading, node);
    if (value && !expected_makes_sense(word_of(key), value, &error))
        say(reading, node->start_mark, "%s", error.text);
    else if (value && json_object_set(expected, word_of(key), value) != 0)
        out_of_memory();
    json_decref(value);
}

/* -- cases ----------------------------------------------------------------- */

/* A verdict alone, or a mapping. */
static void
read_expect(struct reading *reading, json_t *expected, const yaml_node_t *node)
{
    if (node->type == YAML_MAPPING_NODE) {
        read_pairs(reading, expected, node, read_expectation);
        return;
    }
    struct line_error error;
    json_t *verdict = value_of(reading, node);
    if (verdict && !expected_makes_sense("verdict", verdict, &error))
        say(reading, node->start_mark, "expect: %s", error.text);
    else if (verdict && json_object_set(expected, "verdict", verdict) != 0)
        out_of_memory();
    json_decref(verdict);
}

static bool
is_own_key(const char *word)
{
    return strcmp(word, "name") == 0 || strcmp(word, "expect") == 0;
}

static void
say_unknown_key(struct reading *reading, const yaml_node_t *key)
{
    const char *name;
    struct spelling spelling = spelling_of(word_of(key));
    spelling_offer(&spelling, "name");
    spelling_offer(&spelling, "expect");
    for (size_t i = 0; (name = facts_json_key(i)); i++)
        spelling_offer(&spelling, name);
    say(reading, key->start_mark, "unknown key '%.60s'%s%s%s", word_of(key),
        spelling.name ? "; did you mean '" : "",
        spelling.name ? spelling.name : "", spelling.name ? "'?" : "");
}

/* `object` is a case: name, expected and facts. */
static void
read_case_key(struct reading *reading, json_t *object, const yaml_node_t *key,
              const yaml_node_t *value)
{
    if (!is_own_key(word_of(key)) && !facts_json_has_key(word_of(key)))
        say_unknown_key(reading, key);
    else if (strcmp(word_of(key), "expect") == 0)
        read_expect(reading, json_object_get(object, "expected"), value);
    else if (!is_own_key(word_of(key)))
        read_fact(reading, json_object_get(object, "facts"), key, value);
    else if (value->type != YAML_SCALAR_NODE)
        say(reading, value->start_mark, "name: a text was expected");
    else if (json_object_set_new(object, "name", text_of(value)) != 0)
        out_of_memory();
}

static void
check_case(struct reading *reading, const struct test_case *read,
           yaml_mark_t mark)
{
    struct facts facts = {0};
    struct line_error error;
    if (!json_object_size(read->expected))
        say(reading, mark, "this case expects nothing");
    if (facts_from_json(&facts, read->facts, &error)) {
        const char *problem = unreadable_address(&facts);
        if (problem)
            say(reading, mark, "%s", problem);
        if (!certificate_is_readable(&facts))
            say(reading, mark, "certificate is not 64 hexadecimal digits");
    }
    free_facts(&facts);
}

static void
add_case(struct reading *reading, const struct test_case *read)
{
    struct case_file *file = reading->file;
    if (file->count == file->room) {
        file->room = file->room ? file->room * 2 : 64;
        file->items = grow(file->items, file->room, sizeof *file->items);
    }
    file->items[file->count++] = *read;
}

static void
read_case(struct reading *reading, const yaml_node_t *node)
{
    if (!is_mapping(reading, node, "a case"))
        return;
    size_t errors = reading->errors;
    json_t *object =
        json_pack("{s:s, s:o, s:{}}", "name", "without a name", "facts",
                  json_copy(reading->defaults), "expected");
    if (!object)
        out_of_memory();
    read_pairs(reading, object, node, read_case_key);
    struct test_case read = {
        .name = json_incref(json_object_get(object, "name")),
        .facts = json_incref(json_object_get(object, "facts")),
        .expected = json_incref(json_object_get(object, "expected")),
        .line = node->start_mark.line + 1,
        .column = node->start_mark.column + 1};
    json_decref(object);
    if (reading->errors == errors)
        check_case(reading, &read, node->start_mark);
    add_case(reading, &read);
}

/* -- the file -------------------------------------------------------------- */

static void
read_defaults_key(struct reading *reading, json_t *facts,
                  const yaml_node_t *key, const yaml_node_t *value)
{
    if (facts_json_has_key(word_of(key)))
        read_fact(reading, facts, key, value);
    else
        say_unknown_key(reading, key);
}

static void
read_cases(struct reading *reading, const yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE) {
        say(reading, node->start_mark, "cases: a list was expected");
        return;
    }
    const yaml_node_item_t *item = node->data.sequence.items.start;
    for (; item < node->data.sequence.items.top; item++)
        read_case(reading, node_of(reading, *item));
}

/* Cases come after the defaults, wherever they stand; the object has the number
 * of each key's node. */
static void
find_part(struct reading *reading, json_t *parts, const yaml_node_t *key,
          const yaml_node_t *value)
{
    json_int_t number = value - reading->document.nodes.start + 1;
    if (strcmp(word_of(key), "defaults") != 0 &&
        strcmp(word_of(key), "cases") != 0)
        say(reading, key->start_mark,
            "unknown key '%.60s'; a file has defaults and cases", word_of(key));
    else if (json_object_set_new(parts, word_of(key), json_integer(number)) !=
             0)
        out_of_memory();
}

static const yaml_node_t *
part_of(struct reading *reading, const json_t *parts, const char *name)
{
    return node_of(reading,
                   (int)json_integer_value(json_object_get(parts, name)));
}

static void
read_document(struct reading *reading)
{
    const yaml_node_t *root = yaml_document_get_root_node(&reading->document);
    if (!root) {
        say(reading, (yaml_mark_t){0}, "there are no cases");
        return;
    }
    if (!is_mapping(reading, root, "cases"))
        return;
    json_t *parts = json_object();
    read_pairs(reading, parts, root, find_part);
    const yaml_node_t *defaults = part_of(reading, parts, "defaults");
    const yaml_node_t *cases = part_of(reading, parts, "cases");
    json_decref(parts);
    if (defaults && is_mapping(reading, defaults, "defaults"))
        read_pairs(reading, reading->defaults, defaults, read_defaults_key);
    if (cases)
        read_cases(reading, cases);
    if (!reading->errors && !reading->file->count)
        say(reading, root->start_mark, "there are no cases");
}

static void
say_parser_error(struct reading *reading, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        out_of_memory();
    say(reading, parser->problem_mark, "%s",
        parser->problem ? parser->problem : "not YAML");
}

static bool
load(struct reading *reading, yaml_parser_t *parser)
{
    if (yaml_parser_load(parser, &reading->document))
        return true;
    say_parser_error(reading, parser);
    return false;
}

/* Cases behind the end of a document would never be run. */
static void
refuse_more(struct reading *reading, yaml_parser_t *parser)
{
    if (!load(reading, parser))
        return;
    const yaml_node_t *root = yaml_document_get_root_node(&reading->document);
    if (root)
        say(reading, root->start_mark, "several documents in one file");
    yaml_document_delete(&reading->document);
}

static bool
read_stream(struct reading *reading, FILE *stream)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        out_of_memory();
    yaml_parser_set_input_file(&parser, stream);
    if (load(reading, &parser)) {
        read_document(reading);
        yaml_document_delete(&reading->document);
        refuse_more(reading, &parser);
    }
    yaml_parser_delete(&parser);
    return !ferror(stream);
}

int
case_file_read(struct case_file *file, const char *path)
{
    *file = (struct case_file){.path = path};
    struct reading reading = {.file = file, .defaults = json_object()};
    if (!reading.defaults)
        out_of_memory();
    errno = 0;
    FILE *stream = fopen(path, "re");
    bool good = stream && read_stream(&reading, stream);
    if (!good)
        complain("%s: %s", path, strerror(errno));
    if (stream)
        fclose(stream);
    json_decref(reading.defaults);
    if (!good)
        return EX_NOINPUT;
    return reading.errors ? EX_DATAERR : EX_OK;
}

void
case_file_free(struct case_file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        json_decref(file->items[i].name);
        json_decref(file->items[i].facts);
        json_decref(file->items[i].expected);
    }
    free(file->items);
    *file = (struct case_file){0};
}
