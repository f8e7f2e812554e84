#include "audit/surface.h"

#include "base/memory.h"

enum {
    REACH_WORK = 8 /* of a run of addresses */
};

/* -- counting ----------------------------------------------------------- */

static uint64_t
add_up(uint64_t a, uint64_t b)
{
    return a + b < a ? UINT64_MAX : a + b;
}

/* Addresses of IPv4, /64 networks of IPv6. */
static uint64_t
size_of(struct range range)
{
    return range.first.family == ADDRESS_IPV4
               ? range.last.low - range.first.low + 1
               : add_up(range.last.high - range.first.high, 1);
}

static uint64_t
common_size(struct range range, struct range other)
{
    if (!range_overlaps(range, other))
        return 0;
    struct range common = {
        address_compare(range.first, other.first) > 0 ? range.first
                                                      : other.first,
        address_compare(range.last, other.last) < 0 ? range.last : other.last};
    return size_of(common);
}

void
tally_add(struct tally *tally, struct range range)
{
    bool ipv4 = range.first.family == ADDRESS_IPV4;
    uint64_t inside = 0;
    for (size_t i = 0; i < 2; i++)
        inside += common_size(range, RANGES_LOOPBACK[i]) +
                  common_size(range, RANGES_LINK_LOCAL[i]);
    for (size_t i = 0; i < 4; i++)
        inside += common_size(range, RANGES_PRIVATE[i]);
    uint64_t all = size_of(range);
    uint64_t outside = inside < all ? all - inside : 0;
    uint64_t *in = ipv4 ? &tally->ipv4_internal : &tally->ipv6_internal;
    uint64_t *out = ipv4 ? &tally->ipv4_public : &tally->ipv6_public;
    *in = add_up(*in, inside);
    *out = add_up(*out, outside);
}

/* -- networks ----------------------------------------------------------- */

/* The zero bits at an address's end. */
static unsigned
trailing_zeros(struct address address)
{
    unsigned most = address.family == ADDRESS_IPV4 ? 32 : 128;
    if (address.low)
        return (unsigned)__builtin_ctzll(address.low);
    return address.high ? 64 + (unsigned)__builtin_ctzll(address.high) : most;
}

struct range
range_take_network(struct range *rest, bool *more)
{
    unsigned host = trailing_zeros(rest->first);
    unsigned size = range_size_log2(*rest);
    struct range network = {
        rest->first, network_last(rest->first, host < size ? host : size)};
    *more = address_compare(network.last, rest->last) < 0 &&
            address_next(network.last, &rest->first);
    return network;
}

struct network_walk
networks_of(const struct grant *grant)
{
    return (struct network_walk){.next = grant->ranges,
                                 .end = grant->ranges + grant->count};
}

bool
network_next(struct network_walk *walk, struct range *network)
{
    if (!walk->more) {
        if (walk->next == walk->end)
            return false;
        walk->rest = *walk->next++;
    }
    *network = range_take_network(&walk->rest, &walk->more);
    return true;
}

/* -- grants ------------------------------------------------------------- */

static struct grant *
grant_of(struct surface *s, uint32_t entrance, uint32_t connector,
         uint32_t leads, size_t from)
{
    for (size_t i = from; i < s->count; i++)
        if (s->grants[i].connector == connector && s->grants[i].leads == leads)
            return &s->grants[i];
    if (!memory_grow(&s->grants, &s->room, s->count + 1, sizeof *s->grants)) {
        s->failed = true;
        return NULL;
    }
    struct grant *grant = &s->grants[s->count++];
    *grant = (struct grant){
        .entrance = entrance, .connector = connector, .leads = leads};
    return grant;
}

static bool
is_right_behind(struct address last, struct address first)
{
    struct address next;
    return address_next(last, &next) && address_equal(next, first);
}

static void
add_range(struct surface *s, struct grant *grant, struct range range)
{
    tally_add(&grant->tally, range);
    struct range *last = grant->count ? &grant->ranges[grant->count - 1] : NULL;
    if (last && is_right_behind(last->last, range.first)) {
        last->last = range.last;
        return;
    }
    if (!memory_grow(&grant->ranges, &grant->room, grant->count + 1,
                     sizeof *grant->ranges))
        s->failed = true;
    else
        grant->ranges[grant->count++] = range;
    budget_memory(&s->budget, sizeof range);
}

/* No node has this number. */
#define ROOT_NOT_MET (LEADS_TO_RULE - 1)

/* What connections of an entrance to a connector lead to. */
static uint32_t
find_root(struct surface *s, const struct entrance *entrance, struct diagram *d)
{
    uint64_t *words = memory_new(2 * d->rules.words, sizeof *words);
    uint32_t root = LEADS_NOWHERE;
    for (unsigned i = 0; words && i < entrance->class_count; i++) {
        struct masks masks;
        uint32_t extra;
        if (image_class(s->image, ATTRIBUTE_LISTENER, entrance->classes[i],
                        &masks, &extra))
            ruleset_add(&d->rules, masks, words, words + d->rules.words);
    }
    if (words)
        root = diagram_root(d, words);
    s->failed |= !words || d->failed;
    memory_free(words);
    return root;
}

static uint32_t
leads_of(const struct diagram *d, uint32_t root, uint32_t class)
{
    if (root == LEADS_NOWHERE || leads_to_rule(root))
        return root;
    struct node node = diagram_node(d, root);
    if (node.axis->dimension != DIMENSION_ADDRESS)
        return root;
    return node.leads[node.axis->point_of_cell[class]];
}

/* What a class of addresses came to when it was last met: most runs of many
 * are of classes that have been met before. */
struct met_before {
    uint32_t connector; /* + 1; 0: never */
    uint32_t grant;     /* its number + 1; 0: none */
};

static struct met_before
meet(struct surface *s, uint32_t entrance, const struct reach *reach,
     uint32_t *roots, size_t from)
{
    uint32_t c = reach->connector - 1;
    struct diagram *d = &s->diagrams[c];
    struct met_before met = {.connector = reach->connector};
    if (roots[c] == ROOT_NOT_MET)
        roots[c] = find_root(s, &s->entrances.items[entrance], d);
    uint32_t leads = leads_of(d, roots[c], reach->class);
    s->met[c] = true;
    budget_work(&s->budget, s->count - from);
    if (leads == LEADS_NOWHERE)
        return met;
    const struct grant *grant = grant_of(s, entrance, c, leads, from);
    if (grant)
        met.grant = (uint32_t)(grant - s->grants) + 1;
    return met;
}

static void
sweep(struct surface *s, uint32_t entrance, enum address_family family,
      uint32_t *roots, size_t from)
{
    struct reach_walk walk =
        reach_start(s->image, &s->entrances.items[entrance], family);
    size_t classes = s->image->settings->class_count[ATTRIBUTE_CLIENT_ADDRESS];
    struct met_before *before = memory_new(classes, sizeof *before);
    struct reach reach;
    s->failed |= !before;
    budget_work(&s->budget, classes);
    while (!s->failed && !s->budget.exceeded && reach_next(&walk, &reach)) {
        budget_work(&s->budget, REACH_WORK);
        if (!reach.connector || reach.connector > s->connectors ||
            reach.class >= classes)
            continue;
        struct met_before *met = &before[reach.class];
        if (met->connector != reach.connector)
            *met = meet(s, entrance, &reach, roots, from);
        if (met->grant)
            add_range(s, &s->grants[met->grant - 1], reach.range);
    }
    memory_free(before);
}

static void
sweep_entrance(struct surface *s, uint32_t entrance)
{
    size_t from = s->count;
    uint32_t *roots = memory_new(s->connectors, sizeof *roots);
    s->failed |= !roots;
    budget_work(&s->budget, s->connectors);
    for (size_t c = 0; roots && c < s->connectors; c++)
        roots[c] = ROOT_NOT_MET;
    if (roots) {
        sweep(s, entrance, ADDRESS_IPV4, roots, from);
        sweep(s, entrance, ADDRESS_IPV6, roots, from);
    }
    memory_free(roots);
}

static void
drop_grants(struct surface *s)
{
    for (size_t i = 0; i < s->count; i++)
        memory_free(s->grants[i].ranges);
    s->count = 0;
}

void
surface_build(struct surface *s, const struct image *image)
{
    *s = (struct surface){.image = image,
                          .connectors = image_count(image, SECTION_CONNECTORS),
                          .budget = budget_for(image->size)};
    catalogue_build(&s->catalogue, image, &s->budget);
    entrances_build(&s->entrances, image);
    s->diagrams = memory_new(s->connectors, sizeof *s->diagrams);
    s->met = memory_new(s->connectors, sizeof *s->met);
    s->failed =
        !s->diagrams || !s->met || s->catalogue.failed || s->entrances.failed;
    s->budget.exceeded |= s->entrances.over_budget;
    for (uint32_t c = 0; c < s->connectors && !s->failed && !s->budget.exceeded;
         c++) {
        diagram_init(&s->diagrams[c], &s->catalogue, c);
        s->failed |= s->diagrams[c].failed;
    }
    for (uint32_t i = 0;
         i < s->entrances.count && !s->failed && !s->budget.exceeded; i++)
        sweep_entrance(s, i);
    for (size_t c = 0; s->diagrams && c < s->connectors; c++)
        diagram_settle(&s->diagrams[c]);
    s->over_budget = s->budget.exceeded;
    if (s->over_budget)
        drop_grants(s);
}

void
surface_clear(struct surface *s)
{
    for (size_t i = 0; s->diagrams && i < s->connectors; i++)
        diagram_clear(&s->diagrams[i]);
    drop_grants(s);
    memory_free(s->diagrams);
    memory_free(s->grants);
    memory_free(s->met);
    entrances_clear(&s->entrances);
    catalogue_clear(&s->catalogue);
}
