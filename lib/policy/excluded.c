#include "policy/excluded.h"

#include <stdlib.h>

#include "base/memory.h"
#include "policy/text_map.h"

enum {
    KINDS = ENTRY_FINGERPRINT + 1
};

struct excluded {
    struct text_map texts[KINDS]; /* by the entry's kind */
    struct range *ranges;         /* apart and in order */
    size_t range_count;
    const struct domain_index *index;
    bool classes[DOMAIN_REROUTE + 1]; /* $inbound, $always-relay */
};

static int
by_first(const void *left, const void *right)
{
    return range_compare(*(const struct range *)left,
                         *(const struct range *)right);
}

static void
join_ranges(struct excluded *excluded)
{
    if (excluded->range_count)
        qsort(excluded->ranges, excluded->range_count, sizeof *excluded->ranges,
              by_first);
    excluded->range_count =
        ranges_join(excluded->ranges, excluded->range_count);
}

static bool
add_entry(struct excluded *excluded, const struct entry *entry)
{
    if (entry->kind == ENTRY_ENDPOINT)
        return true;
    if (entry->kind == ENTRY_RANGE) {
        excluded->ranges[excluded->range_count++] = entry->range;
        return true;
    }
    return text_map_add(&excluded->texts[entry->kind], entry->text, 0, NULL) !=
           TEXT_MAP_NO_MEMORY;
}

static bool
add_lists(struct excluded *excluded, const struct model *model,
          const struct selection *selection)
{
    size_t total = 0;
    for (size_t i = 0; i < selection->exclude_count; i++)
        total += model->lists[selection->excludes[i]].count;
    excluded->ranges = memory_new(total, sizeof *excluded->ranges);
    bool good = excluded->ranges != NULL;
    for (size_t i = 0; i < selection->exclude_count; i++) {
        const struct list *list = &model->lists[selection->excludes[i]];
        for (size_t j = 0; good && j < list->count; j++)
            good = add_entry(excluded, &list->entries[j]);
    }
    return good;
}

struct excluded *
excluded_new(const struct model *model, const struct domain_index *index,
             const struct selection *selection, enum selection_kind kind)
{
    struct excluded *excluded = memory_new(1, sizeof *excluded);
    if (!excluded || !add_lists(excluded, model, selection)) {
        excluded_free(excluded);
        return NULL;
    }
    join_ranges(excluded);
    excluded->index = index;
    excluded->classes[DOMAIN_INBOUND] = selection->not_inbound;
    excluded->classes[DOMAIN_ALWAYS_RELAY] = selection->not_always_relay;
    /* For senders $inbound includes the keys of reroute (policy.md §4). */
    excluded->classes[DOMAIN_REROUTE] =
        selection->not_inbound && kind == SELECT_SENDERS;
    return excluded;
}

void
excluded_free(struct excluded *excluded)
{
    if (!excluded)
        return;
    for (size_t kind = 0; kind < KINDS; kind++)
        text_map_clear(&excluded->texts[kind]);
    memory_free(excluded->ranges);
    memory_free(excluded);
}

static bool
holds_text(const struct excluded *excluded, enum entry_kind kind,
           struct text text)
{
    uint32_t value;
    return text_map_find(&excluded->texts[kind], text, &value);
}

static bool
holds_range(const struct excluded *excluded, struct range range)
{
    size_t at =
        ranges_find(excluded->ranges, excluded->range_count, range.first);
    return at < excluded->range_count &&
           range_holds(excluded->ranges[at], range);
}

/* Some sub-domain entry is above the name. */
static bool
holds_above(const struct excluded *excluded, struct text name)
{
    for (size_t dot; (dot = text_find(name, '.')) != TEXT_NONE;) {
        name = text_from(name, dot + 1);
        if (holds_text(excluded, ENTRY_BELOW, name))
            return true;
    }
    return false;
}

static bool
holds_mailbox(const struct excluded *excluded, struct text mailbox)
{
    size_t at = text_find_last(mailbox, '@');
    struct text domain = text_from(mailbox, at + 1);
    return holds_text(excluded, ENTRY_LOCAL_PART, text_slice(mailbox, 0, at)) ||
           holds_text(excluded, ENTRY_NAME, domain) ||
           holds_above(excluded, domain);
}

/* `domains:` puts all that the entry matches in an excluded class. */
static bool
holds_class(const struct excluded *excluded, const struct entry *entry)
{
    const struct domain_index *index = excluded->index;
    struct text text = entry->text;
    if (!index)
        return false;
    switch (entry->kind) {
    case ENTRY_NAME: return excluded->classes[domain_index_class(index, text)];
    case ENTRY_BELOW:
        return excluded->classes[domain_index_class_below(index, text)];
    case ENTRY_MAILBOX:
        text = text_from(text, text_find_last(text, '@') + 1);
        return excluded->classes[domain_index_class(index, text)];
    default: return false;
    }
}

bool
excluded_holds(const struct excluded *excluded, const struct entry *entry)
{
    if (entry->kind == ENTRY_RANGE)
        return holds_range(excluded, entry->range);
    if (holds_text(excluded, entry->kind, entry->text) ||
        holds_class(excluded, entry))
        return true;
    if (entry->kind == ENTRY_NAME || entry->kind == ENTRY_BELOW)
        return holds_above(excluded, entry->text);
    return entry->kind == ENTRY_MAILBOX && holds_mailbox(excluded, entry->text);
}
