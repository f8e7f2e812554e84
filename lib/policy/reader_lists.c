#include "policy/reader_lists.h"

#include <stdlib.h>

#include "policy/list_file.h"
#include "policy/quoted.h"
#include "policy/reader_duplicates.h"
#include "policy/reader_files.h"
#include "policy/reader_leaves.h"
#include "policy/reader_names.h"

/* What a named list is at one place. */
struct resolved {
    struct resolved *next;
    enum entry_place where;
    struct selection selection;
    bool excludes; /* holds exclusions, or a list that does */
    bool asks;     /* holds a group that is asked for */
};

/* A list while it is being read. */
struct gather {
    struct reader *reader;
    enum entry_place where;
    struct selection *selection; /* its flags, as they are met */
    struct vector entries[2];    /* plain ones; [1]: behind `not` */
    struct vector leaves[2];     /* uint32_t */
    size_t elements[2];
    bool excludes, asks;
    struct place excluding; /* where a list with exclusions is named */
    struct text excluding_name;
    bool has_excluding;
};

static bool
is_of_identities(enum entry_place where)
{
    return where == PLACE_USERS || where == PLACE_GROUP || where == PLACE_OWNER;
}

static void
add_number(struct reader *reader, struct vector *numbers, uint32_t number)
{
    uint32_t *item = reader_push(reader, numbers, sizeof *item);
    if (item)
        *item = number;
}

static void
add_numbers(struct reader *reader, struct vector *numbers, const uint32_t *more,
            size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_number(reader, numbers, more[i]);
}

/* -- list files --------------------------------------------------------- */

/* A file's lines as a leaf; a bad line is reported and left out. */
static uint32_t
leaf_of_file(struct reader *reader, struct list_source *file,
             enum entry_place where)
{
    struct list_file lines = list_file_of(file->content);
    struct entry *entries =
        reader_new(reader, list_file_most(&lines), sizeof *entries);
    size_t count = 0;
    struct text line;
    while (!reader->out_of_memory && list_file_next(&lines, &line)) {
        struct source source = {file->file, lines.line, lines.column};
        struct element element;
        if (entry_read(reader, line, where, true, source, &element))
            entries[count++] = element.entry;
        else
            file->flawed = true;
    }
    struct text parts[] = {TEXT("file:"), file->path};
    uint32_t number = leaf_adopt(reader, reader_join(reader, parts, 2),
                                 LIST_USE_AT[where], entries, count);
    if (!reader->out_of_memory && where != PLACE_DOMAINS)
        duplicates_warn(reader, leaf_at(reader, number));
    return number;
}

static void
add_file(struct gather *gather, struct text path, bool exclude,
         struct place place)
{
    struct list_source *file = files_find(gather->reader, path, place);
    if (!file)
        return;
    enum entry_place where = gather->where;
    if (!file->leaf_at[where])
        file->leaf_at[where] = leaf_of_file(gather->reader, file, where) + 1;
    add_number(gather->reader, &gather->leaves[exclude],
               file->leaf_at[where] - 1);
    gather->selection->flawed |= file->flawed;
}

/* -- named lists -------------------------------------------------------- */

static const struct resolved *
resolve(struct reader *reader, struct named *named, enum entry_place where);

static void
take_selection(struct gather *gather, const struct selection *from,
               bool exclude)
{
    struct reader *reader = gather->reader;
    struct selection *to = gather->selection;
    bool *inbound = exclude ? &to->not_inbound : &to->inbound;
    bool *always = exclude ? &to->not_always_relay : &to->always_relay;
    *inbound |= from->inbound;
    *always |= from->always_relay;
    to->all |= from->all;
    to->flawed |= from->flawed;
    add_numbers(reader, &gather->leaves[exclude], from->includes,
                from->include_count);
    if (exclude)
        return;
    to->not_inbound |= from->not_inbound;
    to->not_always_relay |= from->not_always_relay;
    add_numbers(reader, &gather->leaves[1], from->excludes,
                from->exclude_count);
}

static void
add_named(struct gather *gather, struct text name, bool exclude,
          struct place place)
{
    struct reader *reader = gather->reader;
    struct named *named =
        names_find(reader, name, is_of_identities(gather->where), place);
    const struct resolved *resolved =
        named ? resolve(reader, named, gather->where) : NULL;
    gather->selection->flawed |= !resolved;
    if (!resolved)
        return;
    gather->asks |= resolved->asks;
    if (resolved->excludes) {
        gather->excludes = gather->has_excluding = true;
        gather->excluding = place;
        gather->excluding_name = name;
    }
    if (exclude && resolved->selection.all) {
        gather->selection->flawed = true;
        report_add(reader->report, FINDING_NOT_ALL, place,
                   "leave the list out: it would take everything away",
                   "'not $%.*s%s' excludes everything: that list holds $all",
                   QUOTED(name));
        return;
    }
    take_selection(gather, &resolved->selection, exclude);
}

/* -- built-in lists ----------------------------------------------------- */

static void
add_builtin(struct gather *gather, enum element_kind kind, bool exclude)
{
    static const struct {
        struct text name;
        const struct range *ranges;
        size_t count;
    } BUILTIN[3] = {
        {TEXT("$loopback"), RANGES_LOOPBACK, 2},
        {TEXT("$private"), RANGES_PRIVATE, 4},
        {TEXT("$link-local"), RANGES_LINK_LOCAL, 2},
    };
    struct reader *reader = gather->reader;
    size_t which = (size_t)kind - ELEMENT_LOOPBACK;
    if (!reader->builtin[which]) {
        struct entry entries[4] = {{.kind = ENTRY_RANGE}};
        for (size_t i = 0; i < BUILTIN[which].count; i++)
            entries[i].range = BUILTIN[which].ranges[i];
        reader->builtin[which] =
            leaf_add(reader, BUILTIN[which].name, LIST_CLIENTS, entries,
                     BUILTIN[which].count) +
            1;
    }
    add_number(reader, &gather->leaves[exclude], reader->builtin[which] - 1);
}

/* -- one list ----------------------------------------------------------- */

static void
add_element(struct gather *gather, const struct element *element,
            struct place place)
{
    struct selection *selection = gather->selection;
    bool exclude = element->exclude;
    switch (element->kind) {
    case ELEMENT_ENTRY: {
        struct entry *entry = reader_push(
            gather->reader, &gather->entries[exclude], sizeof *entry);
        if (entry)
            *entry = element->entry;
        return;
    }
    case ELEMENT_LIST: add_named(gather, element->name, exclude, place); return;
    case ELEMENT_FILE: add_file(gather, element->name, exclude, place); return;
    case ELEMENT_ALL: selection->all = true; return;
    case ELEMENT_LOOPBACK:
    case ELEMENT_PRIVATE:
    case ELEMENT_LINK_LOCAL:
        add_builtin(gather, element->kind, exclude);
        return;
    case ELEMENT_INBOUND:
        *(exclude ? &selection->not_inbound : &selection->inbound) = true;
        return;
    case ELEMENT_ALWAYS_RELAY:
        *(exclude ? &selection->not_always_relay : &selection->always_relay) =
            true;
        return;
    }
}

static void
gather_entry(struct reader *reader, const struct node *node, void *context)
{
    struct gather *gather = context;
    struct text text;
    if (!reader_text(reader, node, "an entry of a list", &text)) {
        gather->elements[0]++;
        gather->selection->flawed = true;
        return;
    }
    struct element element;
    bool good = entry_read(reader, text, gather->where, false,
                           reader_source(node), &element);
    gather->elements[good && element.exclude]++;
    gather->selection->flawed |= !good;
    if (good)
        add_element(gather, &element, reader_place(reader, node));
}

static int
by_number(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static uint32_t *
settle_numbers(struct reader *reader, struct vector *numbers, size_t *count)
{
    uint32_t *items = numbers->items;
    if (!numbers->count) {
        *count = 0;
        return NULL;
    }
    qsort(items, numbers->count, sizeof *items, by_number);
    size_t kept = 1;
    for (size_t i = 1; i < numbers->count; i++)
        if (items[i] != items[kept - 1])
            items[kept++] = items[i];
    numbers->count = kept;
    return reader_settle(reader, numbers, sizeof *items, count);
}

/* The plain entries of one side as a leaf of their own. */
static void
add_own_leaf(struct gather *gather, struct text name, bool exclude)
{
    struct vector *entries = &gather->entries[exclude];
    if (!entries->count)
        return;
    struct reader *reader = gather->reader;
    uint32_t number = gather->where == PLACE_OWNER
                          ? leaf_share(reader, entries->items, entries->count)
                          : leaf_add(reader, name, LIST_USE_AT[gather->where],
                                     entries->items, entries->count);
    add_number(reader, &gather->leaves[exclude], number);
    if (!reader->out_of_memory && gather->where != PLACE_DOMAINS &&
        gather->where != PLACE_OWNER)
        duplicates_warn(reader, leaf_at(reader, number));
}

static void
check_exclusions(struct gather *gather, const struct node *node)
{
    struct reader *reader = gather->reader;
    size_t included = gather->elements[0];
    size_t excluded = gather->elements[1];
    gather->excludes |= excluded > 0;
    gather->selection->flawed |= excluded && !included;
    if (gather->has_excluding && (excluded || included > 1))
        report_add(reader->report, FINDING_LIST_EXCLUDES, gather->excluding,
                   "write its entries here, or split it in two lists",
                   "'$%.*s%s' has exclusions, so it may only stand alone",
                   QUOTED(gather->excluding_name));
    if (excluded && !included)
        report_add(reader->report, FINDING_EXCLUSIONS_ONLY,
                   reader_place(reader, node),
                   is_of_identities(gather->where) ||
                           LIST_USE_AT[gather->where] == LIST_CLIENTS ||
                           LIST_USE_AT[gather->where] == LIST_MAIL
                       ? "did you mean '$all, not ...'?"
                       : NULL,
                   "the list only excludes, so nothing is in it");
}

/* Reads the list at `node`; `name` is the one of its own leaves. */
static void
gather_list(struct gather *gather, const struct node *node, struct text name)
{
    struct reader *reader = gather->reader;
    struct selection *selection = gather->selection;
    selection->given = true;
    selection->source = reader_source(node);
    if (!reader_each(reader, node, entry_place_name(gather->where),
                     gather_entry, gather))
        selection->flawed = true;
    check_exclusions(gather, node);
    for (int exclude = 0; exclude < 2; exclude++) {
        add_own_leaf(gather, name, exclude);
        vector_clear(&gather->entries[exclude]);
    }
    selection->includes =
        settle_numbers(reader, &gather->leaves[0], &selection->include_count);
    selection->excludes =
        settle_numbers(reader, &gather->leaves[1], &selection->exclude_count);
}

static uint32_t
ask_leaf(struct reader *reader, const struct named *named)
{
    char *folded = reader_new(reader, named->name.size + 1, 1);
    struct entry entry = {.kind = ENTRY_GROUP,
                          .source = reader_source(named->key)};
    if (folded) {
        text_fold(folded, named->name);
        entry.text = (struct text){folded, named->name.size};
    }
    return leaf_add(reader, (struct text){NULL, 0}, LIST_USERS, &entry, 1);
}

static void
resolve_new(struct reader *reader, struct named *named,
            struct resolved *resolved)
{
    struct gather gather = {.reader = reader,
                            .where = resolved->where,
                            .selection = &resolved->selection};
    struct text parts[] = {TEXT("$"), named->name};
    if (named->ask) {
        add_number(reader, &gather.leaves[0], ask_leaf(reader, named));
        resolved->selection.includes = settle_numbers(
            reader, &gather.leaves[0], &resolved->selection.include_count);
        resolved->asks = true;
        return;
    }
    resolved->selection.flawed = node_is_null(named->value);
    if (resolved->selection.flawed)
        return;
    named->resolving = true;
    reader->depth++;
    gather_list(&gather, named->value, reader_join(reader, parts, 2));
    reader->depth--;
    named->resolving = false;
    resolved->excludes = gather.excludes;
    resolved->asks = gather.asks;
}

/* The members of a group are judged alike wherever it is named.  Circles and
 * too deep nesting were reported before: they must only end here. */
static const struct resolved *
resolve(struct reader *reader, struct named *named, enum entry_place where)
{
    if (named->group)
        where = PLACE_GROUP;
    for (struct resolved *r = named->resolved; r; r = r->next)
        if (r->where == where)
            return r;
    if (named->resolving || reader->depth > NAMES_DEPTH_MOST)
        return NULL;
    struct resolved *resolved = reader_new(reader, 1, sizeof *resolved);
    if (!resolved)
        return NULL;
    resolved->where = where;
    resolve_new(reader, named, resolved);
    resolved->next = named->resolved;
    named->resolved = resolved;
    return resolved;
}

/* -- the ways in -------------------------------------------------------- */

void
lists_select(struct reader *reader, const struct node *node,
             enum entry_place where, struct selection *selection)
{
    struct gather gather = {
        .reader = reader, .where = where, .selection = selection};
    gather_list(&gather, node, (struct text){NULL, 0});
}

bool
lists_flatten(struct reader *reader, const struct node *node,
              enum entry_place where, entry_visit *visit, void *context)
{
    struct selection selection = {0};
    lists_select(reader, node, where, &selection);
    if (reader->out_of_memory)
        return false;
    for (size_t i = 0; i < selection.include_count; i++) {
        struct list list = *leaf_at(reader, selection.includes[i]);
        for (size_t j = 0; j < list.count; j++) {
            struct entry entry = list.entries[j];
            if (!entry.source.line)
                entry.source = selection.source;
            visit(reader, &entry, context);
        }
    }
    struct entry all = {.kind = ENTRY_RANGE, .source = selection.source};
    if (!selection.all || LIST_USE_AT[where] != LIST_CLIENTS)
        return !selection.flawed;
    all.range = RANGE_ALL_IPV4;
    visit(reader, &all, context);
    all.range = RANGE_ALL_IPV6;
    visit(reader, &all, context);
    return !selection.flawed;
}

void
lists_of_owner(struct reader *reader, const struct node *node,
               struct owner *owner)
{
    struct selection selection = {0};
    struct gather gather = {
        .reader = reader, .where = PLACE_OWNER, .selection = &selection};
    gather_list(&gather, node, (struct text){NULL, 0});
    owner->lists = selection.includes;
    owner->list_count = selection.include_count;
    if (gather.asks)
        report_add(reader->report, FINDING_OWNER_ASKS,
                   reader_place(reader, node),
                   "name its members here, or another group",
                   "owners cannot be looked up in a group that is asked for");
}

void
lists_judge_groups(struct reader *reader)
{
    struct named *named = reader->named.items;
    for (size_t i = 0; i < reader->named.count; i++)
        if (named[i].group)
            resolve(reader, &named[i], PLACE_GROUP);
}
