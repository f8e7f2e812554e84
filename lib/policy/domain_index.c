#include "policy/domain_index.h"

#include "base/memory.h"
#include "policy/text_map.h"

/* What `domains:` says at one name: of itself, of all below it, and (bits of
 * classes) in more specific entries below it. */
struct spot {
    enum domain_class own, below;
    unsigned inside;
};

struct domain_index {
    struct text_map names; /* to the number of a spot */
    struct spot *spots;
    size_t count, room;
};

static const struct spot *
find_spot(const struct domain_index *index, struct text name)
{
    uint32_t number;
    return text_map_find(&index->names, name, &number) ? &index->spots[number]
                                                       : NULL;
}

/* A new one if the name has none yet; NULL: no memory. */
static struct spot *
spot_at(struct domain_index *index, struct text name)
{
    uint32_t number = (uint32_t)index->count;
    if (!memory_grow(&index->spots, &index->room, index->count + 1,
                     sizeof *index->spots))
        return NULL;
    switch (text_map_add(&index->names, name, number, &number)) {
    case TEXT_MAP_NO_MEMORY: return NULL;
    case TEXT_MAP_PRESENT: return &index->spots[number];
    case TEXT_MAP_ADDED: break;
    }
    index->spots[index->count] =
        (struct spot){DOMAIN_FOREIGN, DOMAIN_FOREIGN, 0};
    return &index->spots[index->count++];
}

/* The name above; false at the top. */
static bool
go_up(struct text *name)
{
    size_t dot = text_find(*name, '.');
    *name = text_from(*name, dot == TEXT_NONE ? dot : dot + 1);
    return dot != TEXT_NONE;
}

static bool
add_domain(struct domain_index *index, const struct domain_entry *domain)
{
    struct text name = domain->name;
    struct spot *spot = spot_at(index, name);
    if (!spot)
        return false;
    *(domain->below ? &spot->below : &spot->own) = domain->class;
    while (go_up(&name)) {
        spot = spot_at(index, name);
        if (!spot)
            return false;
        spot->inside |= 1U << domain->class;
    }
    return true;
}

struct domain_index *
domain_index_new(const struct model *model)
{
    struct domain_index *index = memory_new(1, sizeof *index);
    bool good = index != NULL;
    for (size_t i = 0; good && i < model->domain_count; i++)
        good = add_domain(index, &model->domains[i]);
    if (good)
        return index;
    domain_index_free(index);
    return NULL;
}

void
domain_index_free(struct domain_index *index)
{
    if (!index)
        return;
    text_map_clear(&index->names);
    memory_free(index->spots);
    memory_free(index);
}

/* What the nearest sub-domain entry above a name says of it. */
static enum domain_class
class_from_above(const struct domain_index *index, struct text name)
{
    while (go_up(&name)) {
        const struct spot *spot = find_spot(index, name);
        if (spot && spot->below != DOMAIN_FOREIGN)
            return spot->below;
    }
    return DOMAIN_FOREIGN;
}

enum domain_class
domain_index_class(const struct domain_index *index, struct text name)
{
    const struct spot *spot = find_spot(index, name);
    return spot && spot->own != DOMAIN_FOREIGN ? spot->own
                                               : class_from_above(index, name);
}

enum domain_class
domain_index_class_below(const struct domain_index *index, struct text name)
{
    const struct spot *spot = find_spot(index, name);
    enum domain_class class = spot && spot->below != DOMAIN_FOREIGN
                                  ? spot->below
                                  : class_from_above(index, name);
    unsigned others = spot ? spot->inside & ~(1U << class) : 0;
    return others ? DOMAIN_FOREIGN : class;
}
