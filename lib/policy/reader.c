#include "policy/reader.h"

#include <string.h>

#include "base/memory.h"
#include "policy/quoted.h"

struct source
reader_source(const struct node *node)
{
    return (struct source){0, node->line, node->column};
}

struct place
reader_place(const struct reader *reader, const struct node *node)
{
    return model_place(reader->model, reader_source(node));
}

void *
reader_new(struct reader *reader, size_t count, size_t size)
{
    void *memory = arena_new(&reader->model->arena, count, size);
    if (!memory)
        reader->out_of_memory = true;
    return memory;
}

struct text
reader_copy(struct reader *reader, struct text text)
{
    struct text copy = arena_copy(&reader->model->arena, text);
    if (!copy.data)
        reader->out_of_memory = true;
    return copy;
}

void *
reader_push(struct reader *reader, struct vector *vector, size_t size)
{
    if (vector->count >= UINT32_MAX - 1 ||
        !memory_grow(&vector->items, &vector->room, vector->count + 1, size)) {
        reader->out_of_memory = true;
        return NULL;
    }
    void *item = (char *)vector->items + vector->count++ * size;
    memset(item, 0, size);
    return item;
}

void *
reader_settle(struct reader *reader, struct vector *vector, size_t size,
              size_t *count)
{
    void *settled = reader_new(reader, vector->count, size);
    *count = settled ? vector->count : 0;
    if (*count)
        memcpy(settled, vector->items, *count * size);
    vector_clear(vector);
    return settled;
}

void
vector_clear(struct vector *vector)
{
    memory_free(vector->items);
    *vector = (struct vector){0};
}

bool
reader_index(struct reader *reader, struct text_map *map, struct text key,
             uint32_t value, uint32_t *present)
{
    if (reader->out_of_memory)
        return true;
    switch (text_map_add(map, key, value, present)) {
    case TEXT_MAP_ADDED: return true;
    case TEXT_MAP_PRESENT: return false;
    case TEXT_MAP_NO_MEMORY: break;
    }
    reader->out_of_memory = true;
    return true;
}

struct text
reader_join(struct reader *reader, const struct text *parts, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += parts[i].size;
    char *joined = reader_new(reader, size + 1, 1);
    if (!joined)
        return (struct text){"", 0};
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size)
            memcpy(joined + at, parts[i].data, parts[i].size);
        at += parts[i].size;
    }
    return (struct text){joined, size};
}

static const char *
kind_name(const struct node *node)
{
    if (node_is_null(node))
        return "an empty value";
    switch (node->kind) {
    case NODE_SCALAR: return "a text";
    case NODE_SEQUENCE: return "a list";
    case NODE_MAPPING: return "a mapping (key: value)";
    }
    return "a value";
}

static void
report_type(struct reader *reader, const struct node *node, const char *what,
            const char *expected, const char *hint)
{
    report_add(reader->report,
               node_is_null(node) ? FINDING_VALUE_MISSING : FINDING_TYPE,
               reader_place(reader, node), hint, "%s must be %s, not %s", what,
               expected, kind_name(node));
}

void
reader_wrong_type(struct reader *reader, const struct node *node,
                  const char *what, const char *expected)
{
    report_type(reader, node, what, expected, NULL);
}

bool
reader_text(struct reader *reader, const struct node *node, const char *what,
            struct text *text)
{
    if (node->kind != NODE_SCALAR || node_is_null(node)) {
        /* In `[a, b: c]` YAML sees a mapping where an entry was meant. */
        report_type(reader, node, what, "a text",
                    node->kind == NODE_MAPPING
                        ? "a text with ': ', '{' or '?' is quoted: \"...\""
                        : NULL);
        return false;
    }
    *text = node->scalar;
    return true;
}

bool
reader_bool(struct reader *reader, const struct node *node, const char *what,
            bool *value)
{
    if (node->kind != NODE_SCALAR || node_is_null(node)) {
        reader_wrong_type(reader, node, what, "true or false");
        return false;
    }
    if (node_is_bool(node, value))
        return true;
    report_add(reader->report, FINDING_NOT_BOOLEAN, reader_place(reader, node),
               "write a plain true or false, without quotes",
               "'%s' must be true or false, not '%.*s%s'", what,
               QUOTED(node->scalar));
    return false;
}

bool
reader_each(struct reader *reader, const struct node *node, const char *what,
            reader_visit *visit, void *context)
{
    if (node->kind == NODE_SEQUENCE) {
        bool whole = true;
        for (size_t i = 0; i < node->count; i++)
            whole &= reader_each(reader, node->items[i], what, visit, context);
        return whole;
    }
    if (!node_is_null(node)) {
        visit(reader, node, context);
        return true;
    }
    report_add(reader->report, FINDING_VALUE_MISSING,
               reader_place(reader, node),
               node->scalar.size ? "quote it if the text is meant" : NULL,
               "an empty entry in %s", what);
    return false;
}

bool
reader_has_items(const struct node *node)
{
    if (node->kind != NODE_SEQUENCE)
        return true;
    for (size_t i = 0; i < node->count; i++)
        if (reader_has_items(node->items[i]))
            return true;
    return false;
}
