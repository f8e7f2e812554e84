#include "policy/yaml.h"

#include <stdlib.h>
#include <yaml.h>

#include "base/memory.h"
#include "base/output.h"
#include "policy/quoted.h"
#include "policy/yaml_text.h"

enum {
    DEPTH_MOST = 32,
    NODES_MOST = 4000000,
    ALIASED_MOST = 1000000,
    ANCHORS_MOST = 1000
};

static const char EMPTY_HINT[] =
    "the smallest useful policy: {mayrelay: 1, domains: {inbound: "
    "[example.com]}, relay: {allow: [{authenticated: true}]}}";

#define NO_ANCHOR SIZE_MAX

struct anchor {
    struct text name;
    struct node *node;
    size_t weight;   /* nodes below and itself, aliases expanded */
    unsigned height; /* levels, its own included; a scalar has none */
    bool open;       /* its end has not been read yet */
};

/* A sequence or mapping whose end has not been read yet. */
struct level {
    struct node *node;
    size_t first;  /* of its children among the pending nodes */
    size_t weight; /* of the whole text when it began */
    unsigned height;
    size_t anchor;
};

struct builder {
    struct text text;
    const char *file;
    struct arena *arena;
    struct mayrelay_report *report;
    struct level levels[DEPTH_MOST];
    unsigned depth;
    struct node **pending; /* children of open levels; keys between values */
    size_t pending_count, pending_room;
    struct anchor *anchors;
    size_t anchor_count, anchor_room;
    size_t nodes, aliased;
    unsigned documents;
    struct node *root;
    bool ended;
};

static struct place
place_of(const struct builder *builder, yaml_mark_t mark)
{
    return (struct place){builder->file, (uint32_t)mark.line + 1,
                          (uint32_t)mark.column + 1};
}

static struct place
place_of_node(const struct builder *builder, const struct node *node)
{
    return (struct place){builder->file, node->line, node->column};
}

static bool
out_of_memory(struct builder *builder)
{
    report_add(builder->report, FINDING_OUT_OF_MEMORY,
               (struct place){builder->file, 0, 0}, NULL, "out of memory");
    return false;
}

static bool
too_large(struct builder *builder, yaml_mark_t mark, const char *what,
          unsigned most)
{
    report_add(builder->report, FINDING_YAML_LIMIT, place_of(builder, mark),
               NULL, "%s (the limit is %u)", what, most);
    return false;
}

/* -- nodes -------------------------------------------------------------- */

static bool
push_child(struct builder *builder, struct node *node, unsigned height)
{
    if (builder->depth == 0) {
        builder->root = node;
        return true;
    }
    struct level *parent = &builder->levels[builder->depth - 1];
    if (parent->height < height + 1)
        parent->height = height + 1;
    if (!memory_grow(&builder->pending, &builder->pending_room,
                     builder->pending_count + 1, sizeof *builder->pending))
        return out_of_memory(builder);
    builder->pending[builder->pending_count++] = node;
    return true;
}

static struct node *
new_node(struct builder *builder, enum node_kind kind, yaml_mark_t mark)
{
    if (++builder->nodes > NODES_MOST) {
        too_large(builder, mark, "too many values", NODES_MOST);
        return NULL;
    }
    struct node *node = arena_new(builder->arena, 1, sizeof *node);
    if (!node) {
        out_of_memory(builder);
        return NULL;
    }
    node->kind = kind;
    node->line = (uint32_t)mark.line + 1;
    node->column = (uint32_t)mark.column + 1;
    return node;
}

static void
refuse_tag(struct builder *builder, yaml_mark_t mark, const yaml_char_t *tag)
{
    if (!tag)
        return;
    struct text name = text_of((const char *)tag);
    report_add(builder->report, FINDING_YAML_TAG, place_of(builder, mark),
               "leave the tag out; text that begins with '!' is quoted",
               "a policy holds no YAML tags: '%.*s%s'", QUOTED(name));
}

/* -- anchors and aliases ------------------------------------------------ */

static bool
add_anchor(struct builder *builder, yaml_mark_t mark, const yaml_char_t *name,
           struct node *node, size_t *index)
{
    *index = NO_ANCHOR;
    if (!name)
        return true;
    if (builder->anchor_count == ANCHORS_MOST)
        return too_large(builder, mark, "too many anchors", ANCHORS_MOST);
    if (!memory_grow(&builder->anchors, &builder->anchor_room,
                     builder->anchor_count + 1, sizeof *builder->anchors))
        return out_of_memory(builder);
    struct text copy = arena_copy(builder->arena, text_of((const char *)name));
    if (!copy.data)
        return out_of_memory(builder);
    *index = builder->anchor_count++;
    builder->anchors[*index] =
        (struct anchor){.name = copy, .node = node, .weight = 1};
    return true;
}

/* YAML lets a name be anchored again: the newest counts. */
static const struct anchor *
find_anchor(const struct builder *builder, struct text name)
{
    for (size_t i = builder->anchor_count; i > 0; i--)
        if (text_equal(builder->anchors[i - 1].name, name))
            return &builder->anchors[i - 1];
    return NULL;
}

/* The next node is a key of the innermost mapping. */
static bool
awaits_key(const struct builder *builder)
{
    if (builder->depth == 0)
        return false;
    const struct level *level = &builder->levels[builder->depth - 1];
    return level->node->kind == NODE_MAPPING &&
           (builder->pending_count - level->first) % 2 == 0;
}

/* A key is judged where it stands, so an alias that is one has its own place.
 */
static bool
push_aliased_key(struct builder *builder, yaml_mark_t mark,
                 const struct anchor *anchor)
{
    struct node *key = new_node(builder, anchor->node->kind, mark);
    if (!key)
        return false;
    uint32_t line = key->line;
    uint32_t column = key->column;
    *key = *anchor->node;
    key->line = line;
    key->column = column;
    return push_child(builder, key, anchor->height);
}

static bool
add_alias(struct builder *builder, const yaml_event_t *event)
{
    struct text name = text_of((const char *)event->data.alias.anchor);
    yaml_mark_t mark = event->start_mark;
    const struct anchor *anchor = find_anchor(builder, name);
    if (!anchor || anchor->open) {
        char hint[2 * QUOTED_MOST];
        struct output out = output_to(hint, sizeof hint);
        output_format(&out, "text that begins with '*' is quoted: \"*%.*s%s\"",
                      QUOTED(name));
        report_add(builder->report, FINDING_YAML_ALIAS, place_of(builder, mark),
                   hint,
                   anchor ? "the alias '*%.*s%s' stands inside what it names"
                          : "'*%.*s%s' is an alias without an anchor",
                   QUOTED(name));
        return false;
    }
    builder->aliased += anchor->weight;
    if (builder->aliased > ALIASED_MOST)
        return too_large(builder, mark, "the aliases stand for too many values",
                         ALIASED_MOST);
    if (builder->depth + anchor->height > DEPTH_MOST)
        return too_large(builder, mark, "nested too deeply", DEPTH_MOST);
    if (awaits_key(builder))
        return push_aliased_key(builder, mark, anchor);
    return push_child(builder, anchor->node, anchor->height);
}

/* -- scalars ------------------------------------------------------------ */

static bool
add_scalar(struct builder *builder, const yaml_event_t *event)
{
    struct text value = {(const char *)event->data.scalar.value,
                         event->data.scalar.length};
    refuse_tag(builder, event->start_mark, event->data.scalar.tag);
    if (text_has(value, '\0'))
        report_add(builder->report, FINDING_YAML_ENCODING,
                   place_of(builder, event->start_mark), NULL,
                   "a text holds a NUL: '%.*s%s'", QUOTED(value));
    struct node *node = new_node(builder, NODE_SCALAR, event->start_mark);
    size_t anchor;
    if (!node || !add_anchor(builder, event->start_mark,
                             event->data.scalar.anchor, node, &anchor))
        return false;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->scalar = arena_copy(builder->arena, value);
    if (!node->scalar.data)
        return out_of_memory(builder);
    return push_child(builder, node, 0);
}

/* -- sequences and mappings --------------------------------------------- */

static bool
open_level(struct builder *builder, enum node_kind kind, yaml_mark_t mark,
           const yaml_char_t *tag, const yaml_char_t *anchor_name)
{
    if (builder->depth == DEPTH_MOST)
        return too_large(builder, mark, "nested too deeply", DEPTH_MOST);
    refuse_tag(builder, mark, tag);
    struct level level = {.first = builder->pending_count,
                          .weight = builder->nodes + builder->aliased,
                          .height = 1};
    level.node = new_node(builder, kind, mark);
    if (!level.node ||
        !add_anchor(builder, mark, anchor_name, level.node, &level.anchor))
        return false;
    if (level.anchor != NO_ANCHOR)
        builder->anchors[level.anchor].open = true;
    builder->levels[builder->depth++] = level;
    return true;
}

/* "[2001:db8::1]:25" without quotes is a mapping with a list as its key. */
static void
refuse_key(struct builder *builder, const struct node *key)
{
    struct text token =
        yaml_token_at_place(builder->text, key->line, key->column);
    char hint[2 * QUOTED_MOST];
    struct output out = output_to(hint, sizeof hint);
    output_format(&out, "did you mean \"%.*s%s\"?", QUOTED(token));
    report_add(builder->report, FINDING_YAML_KEY, place_of_node(builder, key),
               hint,
               "a list or mapping stands where a key is expected: "
               "'%.*s%s'",
               QUOTED(token));
}

static bool
key_is_sound(struct builder *builder, const struct node *key)
{
    if (key->kind != NODE_SCALAR) {
        refuse_key(builder, key);
        return false;
    }
    if (!key->plain || !text_equal(key->scalar, TEXT("<<")))
        return true;
    report_add(builder->report, FINDING_YAML_MERGE_KEY,
               place_of_node(builder, key),
               "write the keys out; lists may be shared by anchors",
               "a policy holds no YAML merge keys: '<<'");
    return false;
}

static int
by_text_and_place(const void *left, const void *right)
{
    const struct node *a = *(struct node *const *)left;
    const struct node *b = *(struct node *const *)right;
    int order = text_compare(a->scalar, b->scalar);
    if (!order)
        order = (a->line > b->line) - (a->line < b->line);
    if (order)
        return order;
    return (a->column > b->column) - (a->column < b->column);
}

static void
refuse_duplicates(struct builder *builder, struct node **sorted, size_t count)
{
    size_t first = 0;
    for (size_t i = 1; i < count; i++) {
        const struct node *key = sorted[i];
        if (!text_equal(key->scalar, sorted[first]->scalar)) {
            first = i;
            continue;
        }
        report_add(builder->report, FINDING_DUPLICATE_KEY,
                   place_of_node(builder, key),
                   "write the key once, with both values under it",
                   "the key '%.*s%s' stands here twice, first in line %u",
                   QUOTED(key->scalar), sorted[first]->line);
    }
}

static bool
check_duplicates(struct builder *builder, const struct node *mapping)
{
    if (mapping->count < 2)
        return true;
    struct node **sorted = memory_new(mapping->count, sizeof *sorted);
    if (!sorted)
        return out_of_memory(builder);
    for (size_t i = 0; i < mapping->count; i++)
        sorted[i] = mapping->keys[i];
    qsort(sorted, mapping->count, sizeof *sorted, by_text_and_place);
    refuse_duplicates(builder, sorted, mapping->count);
    memory_free(sorted);
    return true;
}

static bool
fill_sequence(struct builder *builder, struct node *node,
              struct node *const *children, size_t count)
{
    node->items = arena_new(builder->arena, count + 1, sizeof *node->items);
    if (!node->items)
        return out_of_memory(builder);
    for (size_t i = 0; i < count; i++)
        node->items[i] = children[i];
    node->count = count;
    return true;
}

static bool
fill_mapping(struct builder *builder, struct node *node,
             struct node *const *children, size_t count)
{
    size_t room = count / 2 + 1;
    node->items = arena_new(builder->arena, room, sizeof *node->items);
    node->keys = arena_new(builder->arena, room, sizeof *node->keys);
    if (!node->items || !node->keys)
        return out_of_memory(builder);
    for (size_t i = 0; i + 1 < count; i += 2) {
        if (!key_is_sound(builder, children[i]))
            continue;
        node->keys[node->count] = children[i];
        node->items[node->count++] = children[i + 1];
    }
    return check_duplicates(builder, node);
}

static bool
close_level(struct builder *builder)
{
    struct level level = builder->levels[--builder->depth];
    size_t count = builder->pending_count - level.first;
    struct node *const *children =
        count ? builder->pending + level.first : NULL;
    bool filled = level.node->kind == NODE_SEQUENCE
                      ? fill_sequence(builder, level.node, children, count)
                      : fill_mapping(builder, level.node, children, count);
    if (!filled)
        return false;
    builder->pending_count = level.first;
    if (level.anchor != NO_ANCHOR) {
        struct anchor *anchor = &builder->anchors[level.anchor];
        anchor->weight = builder->nodes + builder->aliased - level.weight;
        anchor->height = level.height;
        anchor->open = false;
    }
    return push_child(builder, level.node, level.height);
}

/* -- the document ------------------------------------------------------- */

static bool
begin_document(struct builder *builder, const yaml_event_t *event)
{
    struct place place = place_of(builder, event->start_mark);
    if (++builder->documents > 1) {
        report_add(builder->report, FINDING_YAML_DOCUMENTS, place,
                   "keep one policy in one file",
                   "a second YAML document begins here");
        return false;
    }
    if (event->data.document_start.tag_directives.start !=
        event->data.document_start.tag_directives.end)
        report_add(builder->report, FINDING_YAML_DIRECTIVE, place,
                   "leave the directive out",
                   "a policy holds no YAML directive '%%TAG'");
    return true;
}

static bool
take_event(struct builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT: return true;
    case YAML_STREAM_END_EVENT: builder->ended = true; return true;
    case YAML_DOCUMENT_START_EVENT: return begin_document(builder, event);
    case YAML_ALIAS_EVENT: return add_alias(builder, event);
    case YAML_SCALAR_EVENT: return add_scalar(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_level(builder, NODE_SEQUENCE, event->start_mark,
                          event->data.sequence_start.tag,
                          event->data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT:
        return open_level(builder, NODE_MAPPING, event->start_mark,
                          event->data.mapping_start.tag,
                          event->data.mapping_start.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: return close_level(builder);
    }
    return true;
}

static struct yaml_trouble
trouble_of(const yaml_parser_t *parser)
{
    return (struct yaml_trouble){
        .context = text_of(parser->context),
        .problem = text_of(parser->problem),
        .context_at = {parser->context_mark.index, parser->context_mark.line,
                       parser->context_mark.column},
        .problem_at = {parser->problem_mark.index, parser->problem_mark.line,
                       parser->problem_mark.column},
        .unreadable = parser->error == YAML_READER_ERROR,
        .offset = parser->problem_offset};
}

static bool
build(struct builder *builder, yaml_parser_t *parser)
{
    while (!builder->ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            if (parser->error == YAML_MEMORY_ERROR)
                return out_of_memory(builder);
            yaml_explain(trouble_of(parser), builder->text, builder->file,
                         builder->report);
            return false;
        }
        bool fine = take_event(builder, &event);
        yaml_event_delete(&event);
        if (!fine)
            return false;
    }
    return true;
}

static struct node *
root_of(struct builder *builder)
{
    struct node *root = builder->root;
    if (root &&
        !(root->kind == NODE_SCALAR && root->plain && root->scalar.size == 0))
        return root;
    report_add(builder->report, FINDING_YAML_EMPTY,
               (struct place){builder->file, 0, 0}, EMPTY_HINT,
               "the policy is empty");
    return NULL;
}

struct node *
yaml_read(struct text text, const char *file, struct arena *arena,
          struct mayrelay_report *report)
{
    if (!yaml_text_is_sound(text, file, report))
        return NULL;
    struct builder builder = {.file = file, .arena = arena, .report = report};
    yaml_parser_t parser;
    if (!yaml_text_prepare(text, arena, &builder.text) ||
        !yaml_parser_initialize(&parser)) {
        out_of_memory(&builder);
        return NULL;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &parser, (const unsigned char *)builder.text.data, builder.text.size);
    bool built = build(&builder, &parser);
    yaml_parser_delete(&parser);
    memory_free(builder.pending);
    memory_free(builder.anchors);
    return built ? root_of(&builder) : NULL;
}

/* -- scalars with a meaning --------------------------------------------- */

bool
node_is_null(const struct node *node)
{
    static const char *const SPELLINGS[] = {"", "~", "null", "Null", "NULL"};
    if (node->kind != NODE_SCALAR || !node->plain)
        return false;
    for (size_t i = 0; i < sizeof SPELLINGS / sizeof *SPELLINGS; i++)
        if (text_equal(node->scalar, text_of(SPELLINGS[i])))
            return true;
    return false;
}

bool
node_is_bool(const struct node *node, bool *value)
{
    if (node->kind != NODE_SCALAR || !node->plain)
        return false;
    *value = text_equal(node->scalar, TEXT("true"));
    return *value || text_equal(node->scalar, TEXT("false"));
}
