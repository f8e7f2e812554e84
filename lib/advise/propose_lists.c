/* Entries into lists, and out of them. */
#include "advise/proposer.h"
#include "base/memory.h"

enum {
    LISTS_DEPTH_MOST = 8 /* of lists that name lists */
};

/* A list of the policy on the way through what it names. */
struct visit {
    struct proposer *proposer;
    struct text entry;
    const struct matched *matched;
    const char *what;
    unsigned depth;
};

static void visit_lists(struct visit *visit, const struct node *list,
                        void (*each)(struct visit *, const struct node *),
                        void (*file)(struct visit *, struct text));

/* -- what a list names -------------------------------------------------- */

static const struct node *
named_list(const struct proposer *p, struct text name)
{
    static const char *const SECTIONS[] = {"lists", "groups"};
    for (size_t s = 0; s < 2; s++) {
        const struct node *section = layout_get(p->layout.root, SECTIONS[s]);
        for (size_t i = 0;
             section && section->kind == NODE_MAPPING && i < section->count;
             i++)
            if (text_equal(section->keys[i]->scalar, name))
                return section->items[i];
    }
    return NULL;
}

static void
visit_item(struct visit *visit, const struct node *item,
           void (*each)(struct visit *, const struct node *),
           void (*file)(struct visit *, struct text))
{
    struct text text = item->scalar;
    if (item->kind != NODE_SCALAR) {
        if (item->kind == NODE_SEQUENCE)
            for (size_t i = 0; i < item->count; i++)
                visit_item(visit, item->items[i], each, file);
        return;
    }
    if (text_starts(text, TEXT("file:")) && file)
        file(visit, text_from(text, 5));
    if (!text_starts(text, TEXT("$")) || visit->depth == LISTS_DEPTH_MOST)
        return;
    const struct node *named = named_list(visit->proposer, text_from(text, 1));
    if (!named ||
        (named->kind == NODE_SCALAR && text_equal(named->scalar, TEXT("ask"))))
        return;
    struct visit inner = *visit;
    struct text name = propose_text(visit->proposer, "%.*s", TEXT_ARGS(text));
    inner.what = name.data;
    inner.depth++;
    visit_lists(&inner, named, each, file);
}

/* The list itself, then the lists and files that it names. */
static void
visit_lists(struct visit *visit, const struct node *list,
            void (*each)(struct visit *, const struct node *),
            void (*file)(struct visit *, struct text))
{
    each(visit, list);
    visit_item(visit, list, each, file);
}

/* -- adding ------------------------------------------------------------- */

static void
add_to_list(struct visit *visit, const struct node *list)
{
    struct proposer *p = visit->proposer;
    struct text item = propose_written(p, visit->entry);
    struct edit edit;
    bool made = list->kind == NODE_SCALAR
                    ? edit_make_list(&p->layout, p->arena, list, item, &edit)
                    : edit_append(&p->layout, p->arena, list, item, &edit);
    if (item.size)
        propose_edit(p, made, &edit,
                     propose_text(p, "add %.*s to %s", TEXT_ARGS(visit->entry),
                                  visit->what));
}

static struct text
full_path(struct proposer *p, struct text path)
{
    struct text policy = text_of(p->draft->path);
    size_t slash = text_find_last(policy, '/');
    if (slash == TEXT_NONE || text_starts(path, TEXT("/")))
        return propose_text(p, "%.*s", TEXT_ARGS(path));
    return propose_text(p, "%.*s%.*s", (int)slash + 1, policy.data,
                        TEXT_ARGS(path));
}

void
propose_line(struct proposer *p, struct text path, struct text line)
{
    struct text full = full_path(p, path);
    struct text content = draft_list_file(p->draft, full);
    if (!content.data)
        return;
    bool ends = !content.size || text_ends(content, TEXT("\n"));
    struct edit edit = {
        .file = full,
        .at = content.size,
        .inserted =
            propose_text(p, "%s%.*s\n", ends ? "" : "\n", TEXT_ARGS(line)),
    };
    memory_free((void *)(uintptr_t)content.data);
    propose_edit(
        p, true, &edit,
        propose_text(p, "add %.*s to %.*s", TEXT_ARGS(line), TEXT_ARGS(path)));
}

static void
add_to_file(struct visit *visit, struct text path)
{
    propose_line(visit->proposer, path, visit->entry);
}

void
propose_add(struct proposer *p, const struct node *list, struct text entry,
            const char *what)
{
    struct visit visit = {.proposer = p, .entry = entry, .what = what};
    if (list && entry.data)
        visit_lists(&visit, list, add_to_list, add_to_file);
}

void
propose_exclude(struct proposer *p, const struct node *list, struct text entry,
                const char *what)
{
    if (!list || !entry.data)
        return;
    struct visit visit = {.proposer = p, .what = what};
    visit.entry = propose_text(p, "not %.*s", TEXT_ARGS(entry));
    visit_lists(&visit, list, add_to_list, NULL);
}

/* -- dropping ----------------------------------------------------------- */

/* An item on the entry's line; if `exact`, one that reads as the entry does. */
static void
drop_items(struct visit *visit, const struct node *list, bool exact)
{
    struct proposer *p = visit->proposer;
    for (size_t i = 0; i < list->count; i++) {
        const struct node *item = list->items[i];
        struct text text = item->scalar;
        struct edit edit;
        if (item->kind != NODE_SCALAR || item->line != visit->matched->line)
            continue;
        if (text_starts(text, TEXT("not ")))
            text = text_trim(text_from(text, 4));
        if (exact != text_equal_fold(text, text_of(visit->matched->entry)))
            continue;
        propose_edit(p, edit_remove(&p->layout, list, i, &edit), &edit,
                     propose_text(p, "take %.*s out of %s",
                                  TEXT_ARGS(item->scalar), visit->what));
    }
}

static void
drop_from_list(struct visit *visit, const struct node *list)
{
    size_t before = visit->proposer->count;
    if (list->kind != NODE_SEQUENCE)
        return;
    drop_items(visit, list, true);
    if (visit->proposer->count == before)
        drop_items(visit, list, false);
}

static void
drop_line(struct proposer *p, const struct matched *matched)
{
    struct text path = propose_text(p, "%s", matched->file);
    struct text content = draft_list_file(p->draft, path);
    struct edit edit = {.file = path};
    struct text rest = content;
    for (uint32_t line = 1; rest.size && line < matched->line; line++) {
        size_t feed = text_find(rest, '\n');
        rest = feed == TEXT_NONE ? TEXT("") : text_from(rest, feed + 1);
        edit.at += feed + 1;
    }
    size_t feed = text_find(rest, '\n');
    edit.removed = feed == TEXT_NONE ? rest.size : feed + 1;
    bool there = rest.size > 0;
    memory_free((void *)(uintptr_t)content.data);
    propose_edit(
        p, there, &edit,
        propose_text(p, "take %s out of %s", matched->entry, matched->file));
}

void
propose_drop(struct proposer *p, const struct node *list,
             const struct matched *matched, const char *what)
{
    if (!list)
        return;
    if (!text_equal(text_of(matched->file), text_of(p->draft->path))) {
        drop_line(p, matched);
        return;
    }
    struct visit visit = {.proposer = p, .matched = matched, .what = what};
    visit_lists(&visit, list, drop_from_list, NULL);
}
