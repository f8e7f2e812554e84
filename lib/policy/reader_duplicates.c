#include "policy/reader_duplicates.h"

#include <stdlib.h>

#include "base/memory.h"

enum {
    WARNINGS_MOST = 3 /* per list */
};

static int
endpoint_compare(struct endpoint a, struct endpoint b)
{
    int order = address_compare(a.address, b.address);
    return order ? order : (int)a.port - (int)b.port;
}

static int
compare_content(const struct entry *a, const struct entry *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->kind == ENTRY_RANGE)
        return range_compare(a->range, b->range);
    if (a->kind == ENTRY_ENDPOINT)
        return endpoint_compare(a->endpoint, b->endpoint);
    return text_compare(a->text, b->text);
}

/* Equal ones in the order of the list. */
static int
compare_pointed(const void *left, const void *right)
{
    const struct entry *a = *(const struct entry *const *)left;
    const struct entry *b = *(const struct entry *const *)right;
    int order = compare_content(a, b);
    return order ? order : a < b ? -1 : a > b;
}

static bool
is_sorted(const struct list *list)
{
    for (size_t i = 1; i < list->count; i++)
        if (compare_content(&list->entries[i - 1], &list->entries[i]) >= 0)
            return false;
    return true;
}

static void
warn_equals(struct reader *reader, const struct entry *const *sorted,
            size_t count)
{
    unsigned warnings = 0;
    for (size_t i = 1; i < count && warnings < WARNINGS_MOST; i++) {
        if (compare_content(sorted[i - 1], sorted[i]) != 0)
            continue;
        warnings++;
        report_add(reader->report, FINDING_ENTRY_TWICE,
                   model_place(reader->model, sorted[i]->source), NULL,
                   "the same entry stands in line %u already",
                   sorted[i - 1]->source.line);
    }
}

void
duplicates_warn(struct reader *reader, const struct list *list)
{
    if (is_sorted(list))
        return;
    const struct entry **sorted = memory_new(list->count, sizeof *sorted);
    if (!sorted) {
        reader->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < list->count; i++)
        sorted[i] = &list->entries[i];
    qsort(sorted, list->count, sizeof *sorted, compare_pointed);
    warn_equals(reader, sorted, list->count);
    memory_free(sorted);
}
