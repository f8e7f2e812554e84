#include "policy/reader_leaves.h"

#include <string.h>

struct list *
leaf_at(struct reader *reader, uint32_t number)
{
    return &((struct leaf *)reader->leaves.items)[number].list;
}

uint32_t
leaf_adopt(struct reader *reader, struct text name, enum list_use use,
           struct entry *entries, size_t count)
{
    uint32_t number = (uint32_t)reader->leaves.count;
    struct leaf *leaf = reader_push(reader, &reader->leaves, sizeof *leaf);
    if (!leaf)
        return 0;
    leaf->list = (struct list){name, use, entries, entries ? count : 0};
    return number;
}

uint32_t
leaf_add(struct reader *reader, struct text name, enum list_use use,
         const struct entry *entries, size_t count)
{
    struct entry *kept = reader_new(reader, count, sizeof *kept);
    if (kept && count)
        memcpy(kept, entries, count * sizeof *kept);
    return leaf_adopt(reader, name, use, kept, count);
}

uint32_t
leaf_share(struct reader *reader, const struct entry *entries, size_t count)
{
    struct vector parts = {0};
    for (size_t i = 0; i < count; i++) {
        struct text *text = reader_push(reader, &parts, 2 * sizeof *text);
        if (!text)
            break;
        text[0] = entries[i].text;
        text[1] = (struct text){"", 1}; /* no identity holds a NUL */
    }
    struct text key = reader_join(reader, parts.items, 2 * parts.count);
    vector_clear(&parts);
    uint32_t old;
    uint32_t number = (uint32_t)reader->leaves.count;
    if (!reader_index(reader, &reader->member_lists, key, number, &old))
        return old;
    return leaf_add(reader, (struct text){NULL, 0}, LIST_USERS, entries, count);
}

static void
keep(struct reader *reader, uint32_t *numbers, size_t count)
{
    struct leaf *leaves = reader->leaves.items;
    for (size_t i = 0; i < count; i++)
        leaves[numbers[i]].kept = true;
}

static void
renumber(struct reader *reader, uint32_t *numbers, size_t count)
{
    const struct leaf *leaves = reader->leaves.items;
    for (size_t i = 0; i < count; i++)
        numbers[i] = leaves[numbers[i]].number;
}

static bool
has_mailboxes(const struct domain_entry *domain)
{
    return domain->mailboxes < MAILBOXES_ASK;
}

/* Every array of leaf numbers in the model, each once. */
static void
each_numbers(struct reader *reader,
             void (*act)(struct reader *, uint32_t *, size_t))
{
    struct rule *rules = reader->rules.items;
    for (size_t i = 0; i < reader->rules.count; i++)
        for (int kind = 0; kind < SELECT_COUNT; kind++) {
            struct selection *selection = &rules[i].select[kind];
            act(reader, selection->includes, selection->include_count);
            act(reader, selection->excludes, selection->exclude_count);
        }
    struct owner *owners = reader->owners.items;
    for (size_t i = 0; i < reader->owners.count; i++)
        act(reader, owners[i].lists, owners[i].list_count);
    struct domain_entry *domains = reader->domains.items;
    for (size_t i = 0; i < reader->domains.count; i++)
        if (has_mailboxes(&domains[i]))
            act(reader, &domains[i].mailboxes, 1);
}

void
leaf_settle(struct reader *reader)
{
    struct model *model = reader->model;
    each_numbers(reader, keep);
    model->lists =
        reader_new(reader, reader->leaves.count, sizeof *model->lists);
    struct leaf *leaves = reader->leaves.items;
    for (size_t i = 0; model->lists && i < reader->leaves.count; i++) {
        if (!leaves[i].kept)
            continue;
        leaves[i].number = (uint32_t)model->list_count;
        model->lists[model->list_count++] = leaves[i].list;
    }
    each_numbers(reader, renumber);
    vector_clear(&reader->leaves);
}
