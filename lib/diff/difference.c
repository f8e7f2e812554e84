#include "diff/difference.h"

#include "base/memory.h"
#include "diff/care.h"

static bool
stopped(const struct difference *d)
{
    return d->over_budget || d->failed;
}

/* -- doors ---------------------------------------------------------------- */

static bool
is_same_door(const struct door *a, const struct door *b)
{
    return entrance_is_same(&a->sides[OLD], &b->sides[OLD]) &&
           entrance_is_same(&a->sides[NEW], &b->sides[NEW]);
}

/* The doors on their way, and the addresses that some mailbox of the values
 * stands at: a door of such an address is like no other. */
struct finding_doors {
    struct difference *difference;
    struct intern literals;
};

struct literal {
    uint64_t high, low, family;
};

static struct text
literal_bytes(struct address address, struct literal *literal)
{
    *literal = (struct literal){address.high, address.low, address.family};
    return (struct text){(const char *)literal, sizeof *literal};
}

static void
find_literals(struct finding_doors *f, const struct cells *cells)
{
    for (uint32_t i = 0; i < cells->keys.count; i++) {
        const struct cell_key *key = cells_key(cells, i);
        struct literal literal;
        if (key->place != LITERAL_NONE)
            intern_add(&f->literals,
                       literal_bytes(cell_literal(key), &literal));
    }
}

static bool
stands_for_itself(const struct finding_doors *f, struct address address)
{
    struct literal literal;
    return intern_find(&f->literals, literal_bytes(address, &literal)) != 0;
}

/* An address that is left out is one like all others. */
static struct endpoint
complete(const struct finding_doors *f, struct endpoint listener)
{
    uint32_t from = LISTENER_FRESH;
    struct endpoint actual;
    do {
        actual = listener_complete(f->difference->pair.images, SIDES, listener,
                                   from);
        from = (uint32_t)actual.address.low + 1;
    } while (listener.address.family == ADDRESS_NONE &&
             stands_for_itself(f, actual.address));
    return actual;
}

static void
add_door(void *context, struct endpoint listener)
{
    struct finding_doors *f = context;
    struct difference *d = f->difference;
    struct door door = {.listener = listener};
    if (stopped(d))
        return;
    for (int s = 0; s < SIDES; s++)
        door.sides[s] = entrance_of(d->pair.images[s], listener);
    door.actual = complete(f, listener);
    door.alone = stands_for_itself(f, door.actual.address);
    for (size_t i = 0; i < d->door_count; i++) {
        bool same_address =
            address_equal(d->doors[i].actual.address, door.actual.address);
        if (!is_same_door(&d->doors[i], &door) ||
            ((door.alone || d->doors[i].alone) && !same_address))
            continue;
        d->doors[i].more++;
        return;
    }
    if (!memory_grow(&d->doors, &d->door_room, d->door_count + 1,
                     sizeof *d->doors))
        d->failed = true;
    else
        d->doors[d->door_count++] = door;
}

/* -- planes --------------------------------------------------------------- */

static void
plane_free(struct plane *plane)
{
    map_clear(&plane->map);
    choices_clear(&plane->choices);
    memory_free(plane);
}

static void
add_plane(struct difference *d, const uint32_t connectors[SIDES])
{
    struct plane *plane =
        memory_grow(&d->planes, &d->plane_room, d->plane_count + 1,
                    sizeof(struct plane *))
            ? memory_new(1, sizeof *plane)
            : NULL;
    if (!plane) {
        d->failed = true;
        return;
    }
    memcpy(plane->connectors, connectors, sizeof plane->connectors);
    d->planes[d->plane_count++] = plane;
    choices_build(&plane->choices, &d->values, connectors);
    map_init(&plane->map, &plane->choices);
    d->failed |= plane->choices.failed;
    d->over_budget |= plane->choices.over_budget;
}

/* UINT32_MAX if there is none. */
static uint32_t
find_plane(struct difference *d, const uint32_t connectors[SIDES])
{
    for (size_t i = 0; i < d->plane_count; i++)
        if (memcmp(d->planes[i]->connectors, connectors,
                   sizeof d->planes[i]->connectors) == 0)
            return (uint32_t)i;
    add_plane(d, connectors);
    return stopped(d) ? UINT32_MAX : (uint32_t)d->plane_count - 1;
}

/* -- behind a door -------------------------------------------------------- */

static uint32_t
find_change(void *context, uint32_t old, uint32_t new)
{
    struct difference *d = context;
    struct change change = {{old, new}};
    if (old == new)
        return 0;
    uint32_t number = intern_add(
        &d->changes, (struct text){(const char *)&change, sizeof change});
    d->failed |= d->changes.failed;
    return number + 1;
}

/* The rules whose list of listeners includes the door's. */
static uint64_t *
find_listeners(const struct ruleset *rules, const struct entrance *entrance)
{
    uint64_t *words = memory_new(2 * rules->words + 1, sizeof *words);
    for (unsigned i = 0; words && i < entrance->class_count; i++) {
        struct masks masks;
        uint32_t extra;
        if (image_class(rules->image, ATTRIBUTE_LISTENER, entrance->classes[i],
                        &masks, &extra))
            ruleset_add(rules, masks, words, words + rules->words);
    }
    return words;
}

/* The differences of a plane behind a door. */
static uint32_t
find_root(struct difference *d, const struct door *door, struct plane *plane)
{
    enum {
        OPERATION_CHANGE = 1000 /* not one of outcome_build's */
    };
    const struct map_operation change = {
        .number = OPERATION_CHANGE, .context = d, .join = find_change};
    struct map *map = &plane->map;
    uint32_t decisions[SIDES] = {LEAF(0), LEAF(0)};
    for (int s = 0; s < SIDES; s++) {
        uint64_t *listeners =
            find_listeners(&plane->choices.rules[s], &door->sides[s]);
        map->failed |= !listeners;
        if (!map_stopped(map))
            decisions[s] = outcome_build(&d->outcomes, map, s, listeners);
        memory_free(listeners);
    }
    uint32_t root = map_join(map, &change, decisions[OLD], decisions[NEW]);
    if (!leads_to_leaf(root))
        root = map_restrict(map, root, care_build(map, door->actual.address));
    d->failed |= map->failed;
    d->over_budget |= map->over_budget;
    return root;
}

/* -- fields --------------------------------------------------------------- */

static struct field *
field_of(struct difference *d, uint32_t door, uint32_t plane, uint32_t leads,
         size_t from)
{
    for (size_t i = from; i < d->field_count; i++)
        if (d->fields[i].plane == plane && d->fields[i].leads == leads)
            return &d->fields[i];
    if (!memory_grow(&d->fields, &d->field_room, d->field_count + 1,
                     sizeof *d->fields)) {
        d->failed = true;
        return NULL;
    }
    struct field *field = &d->fields[d->field_count++];
    *field = (struct field){.door = door, .plane = plane, .leads = leads};
    return field;
}

static void
add_range(struct difference *d, struct field *field, struct range range)
{
    struct range *last = field->count ? &field->ranges[field->count - 1] : NULL;
    struct address next;
    tally_add(&field->tally, range);
    if (last && address_next(last->last, &next) &&
        address_equal(next, range.first)) {
        last->last = range.last;
        return;
    }
    if (!memory_grow(&field->ranges, &field->room, field->count + 1,
                     sizeof *field->ranges))
        d->failed = true;
    else
        field->ranges[field->count++] = range;
}

/* Clients that neither policy can tell apart by their address. */
struct meeting {
    struct range range;
    uint32_t connectors[SIDES], classes[SIDES];
};

struct meeting_walk {
    struct reach_walk walks[SIDES];
    struct reach now[SIDES];
    struct address at;
    bool done;
};

static bool
next_meeting(struct meeting_walk *walk, struct meeting *meeting)
{
    if (walk->done)
        return false;
    const struct reach *now = walk->now;
    bool old_ends =
        address_compare(now[OLD].range.last, now[NEW].range.last) <= 0;
    meeting->range =
        (struct range){walk->at, now[old_ends ? OLD : NEW].range.last};
    for (int s = 0; s < SIDES; s++) {
        meeting->connectors[s] =
            now[s].connector ? now[s].connector - 1 : NO_CONNECTOR;
        meeting->classes[s] = now[s].class;
    }
    walk->done = !address_next(meeting->range.last, &walk->at);
    for (int s = 0; s < SIDES && !walk->done; s++)
        if (address_equal(walk->now[s].range.last, meeting->range.last))
            walk->done = !reach_next(&walk->walks[s], &walk->now[s]);
    return true;
}

static struct meeting_walk
start_meeting(const struct difference *d, const struct door *door,
              enum address_family family)
{
    struct meeting_walk walk = {.at = {family, 0, 0}};
    for (int s = 0; s < SIDES; s++) {
        walk.walks[s] = reach_start(d->pair.images[s], &door->sides[s], family);
        walk.done |= !reach_next(&walk.walks[s], &walk.now[s]);
    }
    return walk;
}

/* What clients like those of the run before came to. */
struct met_before {
    uint32_t connectors[SIDES], classes[SIDES];
    size_t field; /* its number + 1; 0: no difference */
    bool known;
};

/* The roots of the planes behind one door. */
struct roots {
    uint32_t *leads;
    bool *known;
    size_t leads_room, known_room, count;
};

static uint32_t
root_of(struct difference *d, struct roots *roots, const struct door *door,
        uint32_t plane)
{
    if (!memory_grow(&roots->leads, &roots->leads_room, plane + 1,
                     sizeof *roots->leads) ||
        !memory_grow(&roots->known, &roots->known_room, plane + 1,
                     sizeof *roots->known)) {
        d->failed = true;
        return LEAF(0);
    }
    while (roots->count <= plane)
        roots->known[roots->count++] = false;
    if (!roots->known[plane])
        roots->leads[plane] = find_root(d, door, d->planes[plane]);
    roots->known[plane] = true;
    return roots->leads[plane];
}

static void
meet(struct difference *d, uint32_t door, struct roots *roots,
     const struct meeting *meeting, size_t from, struct met_before *before)
{
    bool same =
        before->known &&
        memcmp(before->connectors, meeting->connectors,
               sizeof before->connectors) == 0 &&
        memcmp(before->classes, meeting->classes, sizeof before->classes) == 0;
    if (same)
        return;
    memcpy(before->connectors, meeting->connectors, sizeof before->connectors);
    memcpy(before->classes, meeting->classes, sizeof before->classes);
    before->known = true;
    before->field = 0;
    uint32_t plane = find_plane(d, meeting->connectors);
    if (plane == UINT32_MAX)
        return;
    uint32_t root = root_of(d, roots, &d->doors[door], plane);
    const struct plane *it = d->planes[plane];
    if (stopped(d))
        return;
    uint32_t cell = values_address(&d->values, meeting->classes);
    uint32_t leads = map_follow(&it->map, root, 0,
                                it->choices.items[0].option_of_cell[cell]);
    if (leads == LEAF(0))
        return;
    const struct field *field = field_of(d, door, plane, leads, from);
    if (field)
        before->field = (size_t)(field - d->fields) + 1;
}

static void
sweep(struct difference *d, uint32_t door, enum address_family family,
      struct roots *roots, size_t from)
{
    struct meeting_walk walk = start_meeting(d, &d->doors[door], family);
    struct met_before before = {.known = false};
    struct meeting meeting;
    while (!stopped(d) && next_meeting(&walk, &meeting)) {
        meet(d, door, roots, &meeting, from, &before);
        if (before.field && !stopped(d))
            add_range(d, &d->fields[before.field - 1], meeting.range);
    }
}

static void
sweep_door(struct difference *d, uint32_t door)
{
    struct roots roots = {0};
    size_t from = d->field_count;
    sweep(d, door, ADDRESS_IPV4, &roots, from);
    sweep(d, door, ADDRESS_IPV6, &roots, from);
    memory_free(roots.leads);
    memory_free(roots.known);
}

/* -- the whole ------------------------------------------------------------ */

static bool
is_same_image(const struct image *a, const struct image *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

static void
find_doors(struct difference *d)
{
    struct finding_doors f = {.difference = d};
    find_literals(&f, &d->values.senders);
    find_literals(&f, &d->values.recipients);
    enum listeners_met met =
        listeners_each(d->pair.images, SIDES, add_door, &f);
    d->failed |= met == LISTENERS_FAILED || f.literals.failed;
    d->over_budget |= met == LISTENERS_TOO_MANY;
    intern_clear(&f.literals);
}

void
difference_build(struct difference *d, mayrelay_policy *old,
                 mayrelay_policy *new)
{
    *d = (struct difference){
        .pair = {{old, new}, {policy_image(old), policy_image(new)}}};
    if (is_same_image(d->pair.images[OLD], d->pair.images[NEW]))
        return;
    pair_values_build(&d->values, &d->pair);
    d->failed = !outcomes_init(&d->outcomes) || d->values.failed;
    d->over_budget = d->values.over_budget;
    if (!stopped(d))
        find_doors(d);
    for (uint32_t i = 0; i < d->door_count && !stopped(d); i++)
        sweep_door(d, i);
}

void
difference_clear(struct difference *d)
{
    for (size_t i = 0; i < d->plane_count; i++)
        plane_free(d->planes[i]);
    for (size_t i = 0; i < d->field_count; i++)
        memory_free(d->fields[i].ranges);
    memory_free(d->planes);
    memory_free(d->fields);
    memory_free(d->doors);
    intern_clear(&d->changes);
    outcomes_clear(&d->outcomes);
    pair_values_clear(&d->values);
}

/* -- effects -------------------------------------------------------------- */

/* At MAIL nothing has been accepted yet. */
static bool
accepts(const struct ending *ending)
{
    return ending->verdict == MAYRELAY_ACCEPT &&
           ending->reason != MAYRELAY_REASON_PROCEED;
}

enum mayrelay_diff_effect
difference_effect(const struct difference *d, uint32_t value)
{
    const struct ending *old = difference_outcome(d, value, OLD);
    const struct ending *new = difference_outcome(d, value, NEW);
    if (accepts(old) != accepts(new))
        return accepts(new) ? MAYRELAY_DIFF_GAINED : MAYRELAY_DIFF_LOST;
    if (accepts(new) && (new->elsewhere || old->is_relay != new->is_relay))
        return MAYRELAY_DIFF_MOVED;
    return MAYRELAY_DIFF_ANSWER;
}
