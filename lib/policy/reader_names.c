#include "policy/reader_names.h"

#include "base/output.h"
#include "policy/nearest.h"
#include "policy/quoted.h"
#include "policy/reader_files.h"

enum {
    GUESSES_MOST = 100, /* a search looks at every name */
    CYCLE_TEXT_SIZE = 256
};

/* `$all` stands first: it alone is for groups, too. */
static const char *const BUILTIN[] = {"all",        "loopback", "private",
                                      "link-local", "inbound",  "always-relay"};

enum {
    BUILTIN_COUNT = sizeof BUILTIN / sizeof *BUILTIN
};

static struct named *
named_at(struct reader *reader, size_t at)
{
    return (struct named *)reader->named.items + at;
}

static struct text
fold(struct reader *reader, struct text text)
{
    char *folded = reader_new(reader, text.size + 1, 1);
    if (!folded)
        return (struct text){"", 0};
    text_fold(folded, text);
    return (struct text){folded, text.size};
}

static bool
is_builtin(struct text name)
{
    for (size_t i = 0; i < BUILTIN_COUNT; i++)
        if (text_equal_fold(name, text_of(BUILTIN[i])))
            return true;
    return false;
}

static bool
name_is_good(struct reader *reader, const struct node *key)
{
    struct text name = key->scalar;
    const char *hint = NULL;
    if (is_builtin(name))
        hint = "that name is a built-in list's: choose another";
    else if (!name.size || !text_equal(name, text_trim(name)) ||
             name.data[0] == '$' || text_has_control(name))
        hint = "a name has at least one letter, no '$' in front, no blanks "
               "around and no control characters";
    if (!hint)
        return true;
    report_add(reader->report, FINDING_NAME_INVALID, reader_place(reader, key),
               hint, "'%.*s%s' cannot be the name of a list", QUOTED(name));
    return false;
}

static void
add_named(struct reader *reader, const struct node *key,
          const struct node *value, bool group)
{
    if (!name_is_good(reader, key))
        return;
    uint32_t old, number = (uint32_t)reader->named.count;
    if (!reader_index(reader, &reader->names, fold(reader, key->scalar), number,
                      &old)) {
        const struct named *first = named_at(reader, old);
        if (first->group == group && text_equal(first->name, key->scalar))
            return; /* YAML's duplicate key, reported already */
        report_add(reader->report, FINDING_NAME_TWICE,
                   reader_place(reader, key),
                   "lists and groups share their names, and letters fold",
                   "'%.*s%s' is the name of the %s of line %u already",
                   QUOTED(key->scalar), first->group ? "group" : "list",
                   first->key->line);
        return;
    }
    struct named *named =
        reader_push(reader, &reader->named, sizeof(struct named));
    if (!named)
        return;
    named->name = reader_copy(reader, key->scalar);
    named->key = key;
    named->value = value;
    named->group = group;
    named->ask = group && value->kind == NODE_SCALAR &&
                 text_equal(value->scalar, TEXT("ask"));
}

static void
collect(struct reader *reader, const struct node *mapping, bool group)
{
    if (!mapping)
        return;
    if (mapping->kind != NODE_MAPPING) {
        reader_wrong_type(reader, mapping, group ? "'groups'" : "'lists'",
                          "a mapping (name: list)");
        return;
    }
    for (size_t i = 0; i < mapping->count; i++) {
        if (node_is_null(mapping->items[i]))
            report_add(reader->report, FINDING_VALUE_MISSING,
                       reader_place(reader, mapping->keys[i]),
                       "write [] for an empty list", "'%.*s%s' has no value",
                       QUOTED(mapping->keys[i]->scalar));
        add_named(reader, mapping->keys[i], mapping->items[i], group);
    }
}

/* The list that an entry names, whatever its place, or NULL. */
static struct named *
named_by(struct reader *reader, const struct node *entry)
{
    struct text text = text_trim(entry->scalar);
    if (text_starts_fold(text, TEXT("not ")))
        text = text_trim(text_from(text, 4));
    uint32_t number;
    if (!text_starts(text, TEXT("$")) || reader->out_of_memory ||
        !text_map_find(&reader->names, fold(reader, text_from(text, 1)),
                       &number))
        return NULL;
    return named_at(reader, number);
}

/* The way from the first list to the one that is looked at. */
struct path {
    struct named *steps[NAMES_DEPTH_MOST + 1];
    size_t count;
};

static void
report_cycle(struct reader *reader, const struct path *path,
             const struct named *again, const struct node *entry)
{
    char cycle[CYCLE_TEXT_SIZE];
    struct output out = output_to(cycle, sizeof cycle);
    size_t start = path->count - 1;
    while (path->steps[start] != again)
        start--;
    for (size_t i = start; i < path->count; i++)
        output_format(&out, "$%.*s -> ", TEXT_ARGS(path->steps[i]->name));
    output_format(&out, "$%.*s", TEXT_ARGS(again->name));
    report_add(reader->report, FINDING_NAME_CYCLE, reader_place(reader, entry),
               "a list cannot hold itself", "lists in a circle: %s", cycle);
}

static void follow(struct reader *reader, struct path *path,
                   struct named *named);

static void
follow_entry(struct reader *reader, const struct node *entry, void *context)
{
    struct path *path = context;
    struct named *from = path->steps[path->count - 1];
    struct named *to =
        entry->kind == NODE_SCALAR ? named_by(reader, entry) : NULL;
    if (!to)
        return;
    if (to->visit == NAMED_OPEN) {
        report_cycle(reader, path, to, entry);
        return;
    }
    if (to->visit == NAMED_NEW && path->count <= NAMES_DEPTH_MOST)
        follow(reader, path, to);
    if (to->visit == NAMED_NEW)
        to->height = NAMES_DEPTH_MOST;
    if (to->height < from->height)
        return;
    from->height = to->height + 1;
    if (from->height != NAMES_DEPTH_MOST + 1)
        return;
    reader->too_deep = true;
    report_add(reader->report, FINDING_NAME_TOO_DEEP,
               reader_place(reader, entry), NULL,
               "lists name lists more than %d deep", NAMES_DEPTH_MOST);
}

/* Like reader_each, but without a word about what is empty: the list itself
 * is judged where it is used. */
static void
each_scalar(struct reader *reader, const struct node *node, reader_visit *visit,
            void *context)
{
    if (node->kind == NODE_SCALAR)
        visit(reader, node, context);
    for (size_t i = 0; node->kind == NODE_SEQUENCE && i < node->count; i++)
        each_scalar(reader, node->items[i], visit, context);
}

static void
follow(struct reader *reader, struct path *path, struct named *named)
{
    named->visit = NAMED_OPEN;
    named->height = 1;
    path->steps[path->count++] = named;
    each_scalar(reader, named->value, follow_entry, path);
    path->count--;
    named->visit = NAMED_DONE;
}

void
names_read(struct reader *reader, const struct node *lists,
           const struct node *groups)
{
    collect(reader, lists, false);
    collect(reader, groups, true);
    for (size_t i = 0; i < reader->named.count; i++) {
        struct path path = {.count = 0};
        if (named_at(reader, i)->visit == NAMED_NEW)
            follow(reader, &path, named_at(reader, i));
    }
}

static void
report_no_name(struct reader *reader, struct text name, bool group,
               struct place place)
{
    struct nearest nearest = nearest_to(name);
    if (reader->guesses++ < GUESSES_MOST) {
        for (size_t i = 0; i < reader->named.count; i++)
            if (named_at(reader, i)->group == group)
                nearest_offer(&nearest, named_at(reader, i)->name);
        for (size_t i = 0; i < (group ? 1U : BUILTIN_COUNT); i++)
            nearest_offer(&nearest, text_of(BUILTIN[i]));
    }
    char hint[CYCLE_TEXT_SIZE];
    struct output out = output_to(hint, sizeof hint);
    if (nearest_found(&nearest))
        output_format(&out, "did you mean '$%.*s'?", TEXT_ARGS(nearest.best));
    else
        output_format(&out, "it would stand under '%s:'",
                      group ? "groups" : "lists");
    report_add(reader->report, FINDING_NAME_UNKNOWN, place, hint,
               "there is no %s '$%.*s%s'", group ? "group" : "list",
               QUOTED(name));
}

struct named *
names_find(struct reader *reader, struct text name, bool group,
           struct place place)
{
    uint32_t number;
    if (reader->out_of_memory)
        return NULL;
    if (!text_map_find(&reader->names, fold(reader, name), &number)) {
        report_no_name(reader, name, group, place);
        return NULL;
    }
    struct named *named = named_at(reader, number);
    named->used = true;
    if (named->group == group)
        return named;
    report_add(reader->report, FINDING_NAME_KIND, place,
               group ? "identities belong under 'groups:'"
                     : "a group can stand in 'users' and 'owners' alone",
               "'$%.*s%s' is a %s, but a %s belongs here", QUOTED(name),
               group ? "list" : "group", group ? "group" : "list");
    return NULL;
}

static void
try_file(struct reader *reader, const struct node *entry, void *context)
{
    (void)context;
    struct text text = text_trim(entry->scalar);
    if (text_starts(text, TEXT("file:")))
        files_find(reader, text_from(text, 5), reader_place(reader, entry));
}

static void
warn_unused(struct reader *reader, const struct named *named)
{
    report_add(reader->report, FINDING_NAME_UNUSED,
               reader_place(reader, named->key), NULL,
               "the %s '%.*s%s' is never used", named->group ? "group" : "list",
               QUOTED(named->name));
}

void
names_finish(struct reader *reader)
{
    for (size_t i = 0; i < reader->named.count; i++) {
        const struct named *named = named_at(reader, i);
        if (named->used)
            continue;
        if (!reader->too_deep)
            warn_unused(reader, named);
        each_scalar(reader, named->value, try_file, NULL);
    }
}
