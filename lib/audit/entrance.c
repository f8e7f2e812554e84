#include "audit/entrance.h"

#include "base/memory.h"
#include "decide/facts.h"
#include "image/provenance.h"

/* The addresses and ports that the policy names. */
struct named {
    struct address *addresses;
    uint16_t *ports;
    size_t address_count, address_room, port_count, port_room;
    bool failed;
};

struct endpoint
endpoint_of_key(struct text key)
{
    struct endpoint endpoint = {0};
    if (key.size != ENDPOINT_KEY_SIZE)
        return endpoint;
    endpoint.address.family = (enum address_family)key.data[0];
    memcpy(&endpoint.address.high, key.data + 1, 8);
    memcpy(&endpoint.address.low, key.data + 9, 8);
    memcpy(&endpoint.port, key.data + 17, 2);
    return endpoint;
}

static bool
knows_address(const struct named *named, struct address address)
{
    for (size_t i = 0; i < named->address_count; i++)
        if (address_equal(named->addresses[i], address))
            return true;
    return false;
}

static bool
knows_port(const struct named *named, uint16_t port)
{
    for (size_t i = 0; i < named->port_count; i++)
        if (named->ports[i] == port)
            return true;
    return false;
}

static void
take_named(struct named *named, struct endpoint endpoint)
{
    if (endpoint.address.family != ADDRESS_NONE &&
        !knows_address(named, endpoint.address)) {
        named->failed |=
            !memory_grow(&named->addresses, &named->address_room,
                         named->address_count + 1, sizeof *named->addresses);
        if (!named->failed)
            named->addresses[named->address_count++] = endpoint.address;
    }
    if (endpoint.port && !knows_port(named, endpoint.port)) {
        named->failed |=
            !memory_grow(&named->ports, &named->port_room,
                         named->port_count + 1, sizeof *named->ports);
        if (!named->failed)
            named->ports[named->port_count++] = endpoint.port;
    }
}

static void
take_keys(struct named *named, const struct text_set *set)
{
    struct keyed_value entry;
    size_t at = 0;
    while (!named->failed && text_set_next(set, &at, &entry))
        take_named(named, endpoint_of_key(entry.key));
}

static struct named
gather_named(const struct image *const *images, size_t count)
{
    struct named named = {0};
    for (size_t i = 0; i < count; i++) {
        take_keys(&named, &images[i]->listen_keys);
        take_keys(&named, &images[i]->listeners);
    }
    return named;
}

static void
named_clear(struct named *named)
{
    memory_free(named->addresses);
    memory_free(named->ports);
}

/* -- entrances ---------------------------------------------------------- */

/* As choose_connector and take_listener of decide do it for one connection. */
struct entrance
entrance_of(const struct image *image, struct endpoint listener)
{
    struct endpoint forms[LISTENER_FORMS_MOST];
    unsigned count = listener_forms(listener, forms);
    struct entrance entrance = {.listener = listener};
    for (unsigned i = 0; i < count; i++) {
        char key[ENDPOINT_KEY_SIZE];
        struct text text = endpoint_key(forms[i], key);
        uint32_t value = 0;
        if (text_set_lookup(&image->listen_keys, text, &value) && value)
            entrance.maps[entrance.map_count++] = value - 1;
        value = 0;
        if (text_set_lookup(&image->listeners, text, &value) && value)
            entrance.classes[entrance.class_count++] = value;
    }
    if (image->settings->any_listener)
        entrance.maps[entrance.map_count++] = image->settings->any_listener - 1;
    return entrance;
}

bool
entrance_is_same(const struct entrance *a, const struct entrance *b)
{
    return a->map_count == b->map_count && a->class_count == b->class_count &&
           memcmp(a->maps, b->maps, a->map_count * sizeof *a->maps) == 0 &&
           memcmp(a->classes, b->classes,
                  a->class_count * sizeof *a->classes) == 0;
}

bool
entrance_is_public(const struct entrance *entrance)
{
    struct address address = entrance->listener.address;
    return address.family == ADDRESS_NONE ||
           !range_is_internal((struct range){address, address});
}

static void
add_to(struct entrance *entrance, const struct entrance *other)
{
    entrance->more++;
    if (!entrance_is_public(entrance) && entrance_is_public(other))
        entrance->listener = other->listener;
}

static void
add_entrance(struct entrances *all, struct entrance entrance)
{
    for (size_t i = 0; i < all->count; i++)
        if (entrance_is_same(&all->items[i], &entrance)) {
            add_to(&all->items[i], &entrance);
            return;
        }
    if (!memory_grow(&all->items, &all->room, all->count + 1,
                     sizeof *all->items)) {
        all->failed = true;
        return;
    }
    all->items[all->count++] = entrance;
}

enum listeners_met
listeners_each(const struct image *const *images, size_t count,
               visit_listener *visit, void *context)
{
    struct named named = gather_named(images, count);
    enum listeners_met met = LISTENERS_ALL;
    if (named.failed)
        met = LISTENERS_FAILED;
    else if ((named.address_count + 1) * (named.port_count + 1) >
             ENTRANCES_TRIED_MOST)
        met = LISTENERS_TOO_MANY;
    for (size_t a = 0; met == LISTENERS_ALL && a <= named.address_count; a++)
        for (size_t p = 0; p <= named.port_count; p++) {
            struct endpoint listener = {0};
            if (a < named.address_count)
                listener.address = named.addresses[a];
            if (p < named.port_count)
                listener.port = named.ports[p];
            visit(context, listener);
        }
    named_clear(&named);
    return met;
}

struct building {
    struct entrances *all;
    const struct image *image;
};

static void
build_entrance(void *context, struct endpoint listener)
{
    struct building *building = context;
    if (!building->all->failed)
        add_entrance(building->all, entrance_of(building->image, listener));
}

void
entrances_build(struct entrances *all, const struct image *image)
{
    struct building building = {all, image};
    *all = (struct entrances){0};
    enum listeners_met met =
        listeners_each(&image, 1, build_entrance, &building);
    all->failed |= met == LISTENERS_FAILED;
    all->over_budget = met == LISTENERS_TOO_MANY;
    struct named named = gather_named(&image, 1);
    all->failed |= named.failed;
    all->addresses = named.addresses;
    all->address_count = named.address_count;
    named.addresses = NULL;
    named_clear(&named);
}

void
entrances_clear(struct entrances *all)
{
    memory_free(all->items);
    memory_free(all->addresses);
}

const struct entrance *
entrances_find(const struct entrances *all, const struct image *image,
               struct endpoint listener)
{
    struct entrance wanted = entrance_of(image, listener);
    for (size_t i = 0; i < all->count; i++)
        if (entrance_is_same(&all->items[i], &wanted))
            return &all->items[i];
    return NULL;
}

struct endpoint
listener_complete(const struct image *const *images, size_t count,
                  struct endpoint listener, uint32_t first)
{
    struct named named = gather_named(images, count);
    if (listener.address.family == ADDRESS_NONE)
        do
            listener.address = address_ipv4(first++);
        while (knows_address(&named, listener.address));
    if (!listener.port)
        do
            listener.port = listener.port ? listener.port + 1 : 25;
        while (knows_port(&named, listener.port));
    named_clear(&named);
    return listener;
}

struct endpoint
entrance_endpoint(const struct image *image, const struct entrance *entrance)
{
    struct endpoint listener = entrance->listener;
    if (!image->settings->needs_listener && !entrance->class_count &&
        listener.address.family == ADDRESS_NONE && !listener.port)
        return listener;
    return listener_complete(&image, 1, listener, LISTENER_FRESH);
}

/* -- reach -------------------------------------------------------------- */

static void
add_part(struct reach_walk *walk, const struct prefix_set *set,
         enum address_family family)
{
    struct reach_part *part = &walk->parts[walk->part_count++];
    *part = (struct reach_part){.walk = prefix_walk_start(set, family)};
    part->has_next = prefix_walk_next(&part->walk, &part->next);
}

struct reach_walk
reach_start(const struct image *image, const struct entrance *entrance,
            enum address_family family)
{
    struct reach_walk walk = {.at = {family, 0, 0}};
    add_part(&walk, &image->client_addresses, family);
    for (unsigned i = 0; i < entrance->map_count; i++) {
        struct prefix_set set;
        if (image_choice(image, entrance->maps[i], &set))
            add_part(&walk, &set, family);
    }
    return walk;
}

/* Takes what begins here, and what has the same value behind it. */
static void
advance(struct reach_part *part, struct address at)
{
    while (part->has_next && (address_compare(part->next.first, at) <= 0 ||
                              part->next.value == part->value)) {
        part->value = part->next.value;
        part->has_next = prefix_walk_next(&part->walk, &part->next);
    }
}

bool
reach_next(struct reach_walk *walk, struct reach *reach)
{
    if (walk->done)
        return false;
    struct address last = walk->at.family == ADDRESS_IPV4 ? RANGE_ALL_IPV4.last
                                                          : RANGE_ALL_IPV6.last;
    struct address next = last;
    walk->done = true;
    *reach = (struct reach){.range = {walk->at, last}};
    for (unsigned i = 0; i < walk->part_count; i++) {
        struct reach_part *part = &walk->parts[i];
        advance(part, walk->at);
        if (i == 0)
            reach->class = part->value;
        else if (!reach->connector)
            reach->connector = part->value;
        if (!part->has_next ||
            (!walk->done && address_compare(part->next.first, next) >= 0))
            continue;
        next = part->next.first;
        walk->done = false;
    }
    if (!walk->done && address_previous(next, &reach->range.last))
        walk->at = next;
    return true;
}
