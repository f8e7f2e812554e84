/* Which connector a client meets: for each listen entry, one map from client
 * addresses to connectors in which the smallest range counts. */
#include <stdlib.h>

#include "base/memory.h"
#include "image/compiler.h"
#include "image/provenance.h"
#include "image/sweep.h"
#include "set/text_set.h"

/* One client range of a connector, as it stands behind a listen entry. */
struct choice {
    struct range range;
    uint32_t connector;
};

struct choices {
    struct choice *items;
    size_t count, room;
};

/* A listen entry of a connector. */
struct listen {
    uint32_t key; /* in the intern of endpoint keys */
    uint32_t connector;
};

struct listens {
    struct intern keys;
    struct listen *items;
    size_t count, room;
};

static bool
add_choice(struct choices *choices, struct range range, uint32_t connector)
{
    if (!memory_grow(&choices->items, &choices->room, choices->count + 1,
                     sizeof *choices->items))
        return false;
    choices->items[choices->count++] = (struct choice){range, connector};
    return true;
}

static bool
add_choices(struct choices *choices, const struct connector *connector,
            uint32_t number)
{
    bool added = true;
    if (connector->client_count == 0) {
        added &= add_choice(choices, RANGE_ALL_IPV4, number);
        added &= add_choice(choices, RANGE_ALL_IPV6, number);
    }
    for (size_t i = 0; i < connector->client_count; i++)
        added &= add_choice(choices, connector->clients[i].range, number);
    return added;
}

/* policy.md §6: the client range with the fewest addresses wins; it belongs to
 * one connector, as ranges of two connectors nest or are apart. */
static uint32_t
smallest(void *context, const uint32_t *lists, size_t count)
{
    const struct choice *choices = context;
    uint32_t best = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || range_compare_size(choices[lists[i]].range,
                                         choices[best].range) < 0)
            best = lists[i];
    return count ? choices[best].connector + 1 : 0;
}

/* Appends a map and returns its number. */
static uint32_t
build_map(struct compiler *c, const struct choices *choices)
{
    struct buffer *maps = &c->sections[SECTION_CHOICES];
    struct sweep sweep = {0};
    for (size_t i = 0; i < choices->count; i++)
        sweep_add(&sweep, choices->items[i].range, (uint32_t)i);
    buffer_align(maps, IMAGE_ALIGN);
    struct image_section section = {maps->size, 0};
    sweep_build(&sweep, choices->count + 1, smallest, choices->items, maps);
    section.size = maps->size - section.offset;
    buffer_add(&c->sections[SECTION_LISTENS], &section, sizeof section);
    sweep_clear(&sweep);
    return (uint32_t)(c->sections[SECTION_LISTENS].size / sizeof section) - 1;
}

static void
compile_any_listener(struct compiler *c)
{
    struct choices choices = {0};
    for (uint32_t i = 0; i < c->model->connector_count; i++)
        if (c->model->connectors[i].listen_count == 0)
            c->failed |= !add_choices(&choices, &c->model->connectors[i], i);
    if (choices.count && !c->failed)
        c->settings.any_listener = 1 + build_map(c, &choices);
    memory_free(choices.items);
}

static bool
gather_listens(struct listens *listens, const struct model *model)
{
    char key[ENDPOINT_KEY_SIZE];
    for (uint32_t i = 0; i < model->connector_count; i++) {
        const struct connector *connector = &model->connectors[i];
        for (size_t j = 0; j < connector->listen_count; j++) {
            if (!memory_grow(&listens->items, &listens->room,
                             listens->count + 1, sizeof *listens->items))
                return false;
            uint32_t number =
                intern_add(&listens->keys,
                           endpoint_key(connector->listens[j].endpoint, key));
            listens->items[listens->count++] = (struct listen){number, i};
        }
    }
    return !listens->keys.failed;
}

static int
by_key(const void *left, const void *right)
{
    const struct listen *a = left;
    const struct listen *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->connector > b->connector) - (a->connector < b->connector);
}

/* The connectors behind one key come in a row; the same key twice in one
 * connector counts once. */
static size_t
compile_key(struct compiler *c, const struct listens *listens, size_t from,
            uint32_t *value)
{
    struct choices choices = {0};
    const struct listen *items = listens->items;
    size_t at = from;
    for (; at < listens->count && items[at].key == items[from].key; at++)
        if (at == from || items[at].connector != items[at - 1].connector)
            c->failed |= !add_choices(
                &choices, &c->model->connectors[items[at].connector],
                items[at].connector);
    if (!c->failed)
        *value = 1 + build_map(c, &choices);
    memory_free(choices.items);
    return at;
}

void
compile_listens(struct compiler *c)
{
    struct listens listens = {0};
    c->failed |= !gather_listens(&listens, c->model);
    compile_any_listener(c);
    size_t keys = listens.keys.count;
    struct keyed_value *values = memory_new(keys, sizeof *values);
    c->failed |= !values;
    if (listens.count && !c->failed)
        qsort(listens.items, listens.count, sizeof *listens.items, by_key);
    for (size_t at = 0; at < listens.count && !c->failed;) {
        uint32_t key = listens.items[at].key;
        values[key].key = intern_get(&listens.keys, key);
        at = compile_key(c, &listens, at, &values[key].value);
    }
    if (!c->failed)
        text_set_build(&c->sections[SECTION_LISTEN_KEYS], values, keys);
    memory_free(values);
    memory_free(listens.items);
    intern_clear(&listens.keys);
}
