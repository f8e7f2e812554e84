#include "advise/layout.h"

#include "base/memory.h"

enum {
    ITEM_SIZE = 8192
};

/* -- nodes -------------------------------------------------------------- */

const struct node *
layout_get(const struct node *mapping, const char *key)
{
    if (!mapping || mapping->kind != NODE_MAPPING)
        return NULL;
    for (size_t i = 0; i < mapping->count; i++)
        if (text_equal(mapping->keys[i]->scalar, text_of(key)))
            return mapping->items[i];
    return NULL;
}

const struct node *
trail_node(const struct trail *trail)
{
    unsigned last = trail->depth - 1;
    return trail->containers[last]->items[trail->indexes[last]];
}

static bool
find_below(const struct node *node, const struct node *wanted,
           struct trail *trail)
{
    if (trail->depth == TRAIL_MOST)
        return false;
    unsigned level = trail->depth++;
    trail->containers[level] = node;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *item = node->items[i];
        bool is_mapping = item->kind == NODE_MAPPING;
        trail->indexes[level] = i;
        if (item->line == wanted->line && item->column == wanted->column &&
            is_mapping == (wanted->kind == NODE_MAPPING))
            return true;
        if (item->kind != NODE_SCALAR && find_below(item, wanted, trail))
            return true;
    }
    trail->depth = level;
    return false;
}

bool
layout_find(const struct node *root, uint32_t line, uint32_t column,
            bool mapping, struct trail *trail)
{
    struct node wanted = {.kind = mapping ? NODE_MAPPING : NODE_SEQUENCE,
                          .line = line,
                          .column = column};
    trail->depth = 0;
    return find_below(root, &wanted, trail);
}

/* -- places ------------------------------------------------------------- */

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char
byte_at(struct text text, size_t at)
{
    return at < text.size ? text.data[at] : '\0';
}

static size_t
skip_blanks(struct text text, size_t at)
{
    while (is_blank(byte_at(text, at)))
        at++;
    return at;
}

/* The end of the line, before its line feed. */
static size_t
line_end(struct text text, size_t at)
{
    size_t feed = text_find(text_from(text, at), '\n');
    return feed == TEXT_NONE ? text.size : at + feed;
}

static size_t
line_start(struct text text, size_t at)
{
    size_t feed = text_find_last(text_slice(text, 0, at), '\n');
    return feed == TEXT_NONE ? 0 : feed + 1;
}

/* Columns are characters, not octets. */
static size_t
offset_of(struct text text, uint32_t line, uint32_t column)
{
    size_t at = 0;
    for (uint32_t i = 1; i < line; i++) {
        at = line_end(text, at);
        if (at == text.size)
            return TEXT_NONE;
        at++;
    }
    for (uint32_t i = 1; i < column && at < text.size; i++) {
        at++;
        while (((unsigned char)byte_at(text, at) & 0xc0) == 0x80)
            at++;
    }
    return at;
}

/* An anchor stands before the node that it names. */
static size_t
skip_anchor(struct text text, size_t at)
{
    if (byte_at(text, at) != '&')
        return at;
    while (at < text.size && !is_blank(text.data[at]))
        at++;
    return skip_blanks(text, at);
}

static size_t
start_of(const struct layout *layout, const struct node *node)
{
    struct text text = layout->text;
    size_t at = offset_of(text, node->line, node->column);
    if (at == TEXT_NONE)
        return TEXT_NONE;
    at = skip_anchor(text, at);
    char c = byte_at(text, at);
    bool good = true;
    if (node->kind == NODE_SEQUENCE)
        good = c == '[' || c == '-';
    else if (node->kind == NODE_SCALAR && node->plain)
        good = text_starts(text_from(text, at), node->scalar);
    else if (node->kind == NODE_SCALAR)
        good = c == '"' || c == '\'';
    return good ? at : TEXT_NONE;
}

static bool
is_flow(const struct layout *layout, size_t start)
{
    char c = byte_at(layout->text, start);
    return c == '[' || c == '{';
}

/* Behind the closing quote. */
static size_t
quoted_end(struct text text, size_t at)
{
    char quote = text.data[at++];
    for (; at < text.size; at++) {
        bool escapes = text.data[at] == '\\' && quote == '"';
        bool doubled = text.data[at] == quote && quote == '\'' &&
                       byte_at(text, at + 1) == quote;
        if (escapes || doubled)
            at++;
        else if (text.data[at] == quote)
            return at + 1;
    }
    return TEXT_NONE;
}

/* Behind the bracket or brace that closes the one at `at`. */
static size_t
flow_end(struct text text, size_t at)
{
    unsigned depth = 0;
    char before = ' ';
    while (at < text.size) {
        char c = text.data[at];
        bool fresh = is_blank(before) || before == '[' || before == '{' ||
                     before == ',' || before == ':';
        if (c == '#' && is_blank(before)) {
            at = line_end(text, at);
            before = ' ';
            continue;
        }
        if ((c == '"' || c == '\'') && fresh) {
            at = quoted_end(text, at);
            before = c;
            continue;
        }
        if (c == '[' || c == '{')
            depth++;
        else if ((c == ']' || c == '}') && --depth == 0)
            return at + 1;
        before = c;
        at++;
    }
    return TEXT_NONE;
}

static size_t
end_of(const struct layout *layout, const struct node *node)
{
    size_t start = start_of(layout, node);
    if (start == TEXT_NONE)
        return TEXT_NONE;
    if (node->kind == NODE_SCALAR)
        return node->plain ? start + node->scalar.size
                           : quoted_end(layout->text, start);
    if (is_flow(layout, start))
        return flow_end(layout->text, start);
    return node->count ? end_of(layout, node->items[node->count - 1])
                       : TEXT_NONE;
}

/* -- writing ------------------------------------------------------------ */

/* Plain enough to need no quotes, wherever it stands. */
static bool
is_plain(struct text text)
{
    static const char *const NULLS[] = {"null", "true", "false"};
    if (!text.size || !(ascii_is_alnum(text.data[0]) || text.data[0] == '.' ||
                        text.data[0] == '$'))
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (!ascii_is_alnum(text.data[i]) &&
            !text_has(TEXT("$._-@/+="), text.data[i]))
            return false;
    for (size_t i = 0; i < sizeof NULLS / sizeof *NULLS; i++)
        if (text_equal_fold(text, text_of(NULLS[i])))
            return false;
    return true;
}

void
layout_write(const struct layout *layout, struct output *out, struct text text)
{
    struct text bare =
        text_starts(text, TEXT("not ")) ? text_from(text, 4) : text;
    if (!layout->json && is_plain(bare)) {
        output_text(out, text);
        return;
    }
    output_byte(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\')
            output_byte(out, '\\');
        output_byte(out, text.data[i]);
    }
    output_byte(out, '"');
}

/* -- edits -------------------------------------------------------------- */

static bool
insert(struct arena *arena, size_t at, size_t removed, const struct output *out,
       struct edit *edit)
{
    struct text written = output_written(out);
    if (out->size != written.size)
        return false;
    *edit = (struct edit){
        .at = at, .removed = removed, .inserted = arena_copy(arena, written)};
    return edit->inserted.data != NULL;
}

static void
indent(struct output *out, const struct layout *layout, size_t start)
{
    for (size_t at = line_start(layout->text, start); at < start; at++)
        if (((unsigned char)layout->text.data[at] & 0xc0) != 0x80)
            output_byte(out, ' ');
}

/* An alias, whose node stands elsewhere, is not what a list ends with. */
static size_t
last_end(const struct layout *layout, const struct node *container,
         size_t start)
{
    const struct node *last =
        container->count ? container->items[container->count - 1] : NULL;
    size_t last_start = last ? start_of(layout, last) : TEXT_NONE;
    if (last_start == TEXT_NONE || last_start < start)
        return TEXT_NONE;
    return end_of(layout, last);
}

static void
write_block_item(struct output *out, const struct node *container,
                 struct text item)
{
    if (container->kind == NODE_SEQUENCE)
        output_string(out, "- ");
    output_text(out, item);
}

bool
edit_append(const struct layout *layout, struct arena *arena,
            const struct node *container, struct text item, struct edit *edit)
{
    char room[ITEM_SIZE];
    struct output out = output_to(room, sizeof room);
    struct text text = layout->text;
    size_t start = start_of(layout, container);
    if (start == TEXT_NONE || container->kind == NODE_SCALAR)
        return false;
    size_t end = last_end(layout, container, start);
    size_t at;
    if (is_flow(layout, start)) {
        bool behind = end != TEXT_NONE;
        at = behind ? end : start + 1;
        output_string(&out, behind ? ", " : "");
        output_text(&out, item);
        output_string(&out, behind || !container->count ? "" : ", ");
    } else if (end != TEXT_NONE) {
        at = line_end(text, end);
        output_byte(&out, '\n');
        indent(&out, layout, start);
        write_block_item(&out, container, item);
    } else {
        at = start;
        write_block_item(&out, container, item);
        output_byte(&out, '\n');
        indent(&out, layout, start);
    }
    return insert(arena, at, 0, &out, edit);
}

bool
edit_make_list(const struct layout *layout, struct arena *arena,
               const struct node *node, struct text item, struct edit *edit)
{
    char room[ITEM_SIZE];
    struct output out = output_to(room, sizeof room);
    size_t start = start_of(layout, node);
    size_t end = end_of(layout, node);
    if (start == TEXT_NONE || end == TEXT_NONE)
        return false;
    output_byte(&out, '[');
    output_text(&out, text_slice(layout->text, start, end));
    output_string(&out, ", ");
    output_text(&out, item);
    output_byte(&out, ']');
    return insert(arena, start, end - start, &out, edit);
}

bool
edit_replace(const struct layout *layout, struct arena *arena,
             const struct node *scalar, struct text value, struct edit *edit)
{
    char room[ITEM_SIZE];
    struct output out = output_to(room, sizeof room);
    size_t start = start_of(layout, scalar);
    size_t end = end_of(layout, scalar);
    if (start == TEXT_NONE || end == TEXT_NONE)
        return false;
    if (start && byte_at(layout->text, start - 1) == ':')
        output_byte(&out, ' ');
    output_text(&out, value);
    return insert(arena, start, end - start, &out, edit);
}

/* -- removing ----------------------------------------------------------- */

static size_t
element_start(const struct layout *layout, const struct node *container,
              size_t index)
{
    return start_of(layout, container->kind == NODE_MAPPING
                                ? container->keys[index]
                                : container->items[index]);
}

/* It begins its line, after the dash of its own, if it is an item of a list. */
static bool
begins_line(const struct layout *layout, const struct node *container,
            size_t start)
{
    struct text before =
        text_slice(layout->text, line_start(layout->text, start), start);
    if (container->kind == NODE_SEQUENCE) {
        before = text_trim(before);
        return text_equal(before, TEXT("-"));
    }
    return text_trim(before).size == 0;
}

bool
edit_remove(const struct layout *layout, const struct node *container,
            size_t index, struct edit *edit)
{
    size_t open = start_of(layout, container);
    size_t start = element_start(layout, container, index);
    size_t end = end_of(layout, container->items[index]);
    if (open == TEXT_NONE || start == TEXT_NONE || end == TEXT_NONE ||
        start < open || end < start)
        return false;
    bool flow = is_flow(layout, open);
    if (!flow && container->count == 1)
        return false;
    if (!flow && begins_line(layout, container, start)) {
        start = line_start(layout->text, start);
        end = line_end(layout->text, end);
        end += end < layout->text.size;
    } else if (index + 1 < container->count) {
        end = element_start(layout, container, index + 1);
    } else if (flow && index > 0) {
        start = end_of(layout, container->items[index - 1]);
    }
    *edit = (struct edit){.at = start, .removed = end - start};
    return start != TEXT_NONE && end != TEXT_NONE && start < end;
}

struct text
edit_apply(const struct edit *edit, struct text text)
{
    struct text none = {NULL, 0};
    if (edit->at > text.size || edit->removed > text.size - edit->at)
        return none;
    size_t behind = edit->at + edit->removed;
    size_t room = text.size - edit->removed + edit->inserted.size + 1;
    char *data = memory_new(room, 1);
    if (!data)
        return none;
    struct output out = output_to(data, room);
    output_text(&out, text_slice(text, 0, edit->at));
    output_text(&out, edit->inserted);
    output_text(&out, text_from(text, behind));
    return (struct text){data, out.size};
}
