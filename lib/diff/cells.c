#include "diff/cells.h"

#include "base/memory.h"

void
cells_clear(struct cells *cells)
{
    intern_clear(&cells->keys);
    memory_free(cells->items);
    arena_clear(&cells->samples);
}

static void
take_sample(struct cells *cells, struct cell *cell, struct text sample)
{
    struct text copy = arena_copy(&cells->samples, sample);
    cells->failed |= !copy.data;
    if (copy.data)
        cell->samples[cell->sample_count++] = copy;
}

void
cells_add(struct cells *cells, const struct cell_key *key, struct text sample,
          bool named)
{
    if (cells->over_budget || cells->failed)
        return;
    size_t known = cells->keys.count;
    uint32_t number =
        intern_add(&cells->keys, (struct text){(const char *)key, sizeof *key});
    if (cells->keys.failed ||
        !memory_grow(&cells->items, &cells->room, cells->keys.count,
                     sizeof *cells->items)) {
        cells->failed = true;
        return;
    }
    if (number == known)
        cells->items[number] = (struct cell){0};
    cells->over_budget = cells->keys.count > CELLS_MOST;
    struct cell *cell = &cells->items[number];
    cell->count += named;
    cell->open |= !named;
    if (cell->sample_count < CELL_SAMPLES)
        take_sample(cells, cell, sample);
}

const struct cell_key *
cells_key(const struct cells *cells, uint32_t cell)
{
    return (const void *)intern_get(&cells->keys, cell).data;
}

struct address
cell_literal(const struct cell_key *key)
{
    return (struct address){(enum address_family)key->literal_family,
                            key->literal_high, key->literal_low};
}

bool
cell_occurs(const struct cell_key *key, struct address own)
{
    struct address literal = cell_literal(key);
    switch ((enum literal_place)key->place) {
    case LITERAL_NONE: return true;
    case LITERAL_OURS:
        return literal.family == ADDRESS_NONE || address_equal(literal, own);
    case LITERAL_ANOTHER: return !address_equal(literal, own);
    }
    return true;
}

struct view
view_of(const struct masks *masks, unsigned count)
{
    struct view view;
    memset(&view, 0, sizeof view);
    view.mask_count = count;
    for (unsigned i = 0; i < count; i++) {
        view.first[i] = masks[i].first;
        view.counts[i] = masks[i].count;
    }
    return view;
}

bool
cells_apart(const struct cells *cells, uint32_t apart)
{
    for (uint32_t i = 0; i < cells->keys.count; i++)
        if (cells_key(cells, i)->apart & apart)
            return true;
    return false;
}
