#include "policy/reader_owners.h"

#include "policy/list_file.h"
#include "policy/quoted.h"
#include "policy/reader_entry.h"
#include "policy/reader_files.h"
#include "policy/reader_leaves.h"
#include "policy/reader_lists.h"

/* A mailbox holds an '@' and a sub-domain entry begins with '.', so the kinds
 * cannot collide. */
static struct text
key_of(struct reader *reader, const struct entry *entry)
{
    struct text parts[] = {TEXT("."), entry->text};
    if (entry->kind != ENTRY_BELOW)
        return entry->text;
    return reader_join(reader, parts, 2);
}

/* A new owner, its lists still to come; NULL if the key is bad. */
static struct owner *
add_owner(struct reader *reader, struct text_map *index, struct text key,
          struct source source, bool in_file)
{
    struct place place = model_place(reader->model, source);
    struct element element;
    if (!entry_read(reader, key, PLACE_OWNER_KEY, in_file, source, &element))
        return NULL;
    uint32_t old, number = (uint32_t)reader->owners.count;
    if (!reader_index(reader, index, key_of(reader, &element.entry), number,
                      &old)) {
        const struct owner *first =
            (const struct owner *)reader->owners.items + old;
        report_add(reader->report, FINDING_OWNER_TWICE, place,
                   "put all its identities in one place",
                   "'%.*s%s' has owners in %s line %u already", QUOTED(key),
                   model_place(reader->model, first->source).file,
                   first->source.line);
        return NULL;
    }
    struct owner *owner = reader_push(reader, &reader->owners, sizeof *owner);
    if (!owner)
        return NULL;
    owner->kind = element.entry.kind;
    owner->key = element.entry.text;
    owner->source = source;
    return owner;
}

/* -- owners as a mapping ------------------------------------------------ */

static void
read_mapping(struct reader *reader, const struct node *node,
             struct text_map *index)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct node *key = node->keys[i];
        struct owner ignored = {0};
        if (node_is_null(node->items[i])) {
            report_add(reader->report, FINDING_VALUE_MISSING,
                       reader_place(reader, key), "write [] if nobody owns it",
                       "'%.*s%s' has no value", QUOTED(key->scalar));
            continue;
        }
        struct owner *owner =
            add_owner(reader, index, key->scalar, reader_source(key), false);
        lists_of_owner(reader, node->items[i], owner ? owner : &ignored);
    }
}

/* -- owners as a file --------------------------------------------------- */

static const char FORMS[] = "write owners: file:PATH, or a mapping "
                            "(address-or-domain: [identity])";

static bool
next_word(struct text *rest, struct text *word)
{
    *rest = text_trim(*rest);
    size_t end = 0;
    while (end < rest->size && rest->data[end] != ' ' &&
           rest->data[end] != '\t')
        end++;
    *word = text_slice(*rest, 0, end);
    *rest = text_from(*rest, end);
    return word->size > 0;
}

static void
read_identities(struct reader *reader, struct text rest, struct source source,
                const char *line, struct owner *owner)
{
    struct vector entries = {0};
    struct text word;
    uint32_t column = source.column;
    while (next_word(&rest, &word)) {
        struct element element;
        source.column = column + (uint32_t)(word.data - line);
        if (!entry_read(reader, word, PLACE_OWNER, true, source, &element))
            continue;
        struct entry *entry = reader_push(reader, &entries, sizeof *entry);
        if (entry)
            *entry = element.entry;
    }
    owner->lists = reader_new(reader, 1, sizeof *owner->lists);
    if (owner->lists && entries.count) {
        owner->lists[0] = leaf_share(reader, entries.items, entries.count);
        owner->list_count = 1;
    }
    vector_clear(&entries);
}

static void
read_line(struct reader *reader, struct text line, struct source source,
          struct text_map *index)
{
    struct text key, rest = line;
    next_word(&rest, &key);
    if (!text_trim(rest).size)
        report_add(reader->report, FINDING_OWNER_NOBODY,
                   model_place(reader->model, source),
                   "a line is: address-or-domain identity identity ...",
                   "no identity stands behind '%.*s%s'", QUOTED(key));
    struct owner ignored = {0};
    struct owner *owner = add_owner(reader, index, key, source, true);
    read_identities(reader, rest, source, line.data, owner ? owner : &ignored);
}

static void
read_file(struct reader *reader, const struct node *node, void *context)
{
    struct text_map *index = context;
    struct text text;
    if (!reader_text(reader, node, "'owners'", &text))
        return;
    if (!text_starts(text, TEXT("file:")) || text.size == 5) {
        report_add(reader->report, FINDING_OWNERS_FORM,
                   reader_place(reader, node), FORMS,
                   "'%.*s%s' is neither a file nor a mapping", QUOTED(text));
        return;
    }
    struct list_source *file = files_find(reader, text_trim(text_from(text, 5)),
                                          reader_place(reader, node));
    if (!file)
        return;
    struct list_file lines = list_file_of(file->content);
    struct text line;
    while (list_file_next(&lines, &line) && !reader->out_of_memory)
        read_line(reader, line,
                  (struct source){file->file, lines.line, lines.column}, index);
}

void
owners_read(struct reader *reader, const struct node *node)
{
    struct text_map index = {0};
    if (node->kind == NODE_MAPPING)
        read_mapping(reader, node, &index);
    else if (!reader_has_items(node))
        report_add(reader->report, FINDING_OWNERS_FORM,
                   reader_place(reader, node), FORMS,
                   "an empty list is neither a file nor a mapping");
    else
        reader_each(reader, node, "owners", read_file, &index);
    text_map_clear(&index);
}

/* -- anonymous-identities ----------------------------------------------- */

static void
add_anonymous(struct reader *reader, const struct entry *entry, void *context)
{
    (void)context;
    struct text *text = reader_push(reader, &reader->anonymous, sizeof *text);
    if (text)
        *text = entry->text;
}

void
anonymous_read(struct reader *reader, const struct node *node)
{
    lists_flatten(reader, node, PLACE_ANONYMOUS, add_anonymous, NULL);
}
