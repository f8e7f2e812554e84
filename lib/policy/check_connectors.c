#include "policy/check_connectors.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/output.h"

enum {
    RANGE_TEXT_SIZE = 96
};

/* A range of a connector under one of its listen entries. */
struct claim {
    struct endpoint listen; /* zero: no listen */
    struct range range;
    struct source source;
    uint32_t connector;
};

struct claims {
    struct claim *items;
    size_t count, room;
    bool out_of_memory;
};

static void
add_claim(struct claims *claims, struct claim claim)
{
    if (!memory_grow(&claims->items, &claims->room, claims->count + 1,
                     sizeof *claims->items))
        claims->out_of_memory = true;
    else
        claims->items[claims->count++] = claim;
}

/* Without `clients`: both families, whole. */
static void
claim_ranges(struct claims *claims, const struct connector *connector,
             struct claim claim)
{
    claim.source = connector->source;
    claim.range = RANGE_ALL_IPV4;
    if (!connector->client_count)
        add_claim(claims, claim);
    claim.range = RANGE_ALL_IPV6;
    if (!connector->client_count)
        add_claim(claims, claim);
    for (size_t i = 0; i < connector->client_count; i++) {
        claim.range = connector->clients[i].range;
        claim.source = connector->clients[i].source;
        add_claim(claims, claim);
    }
}

static void
claim_all(struct claims *claims, const struct model *model)
{
    for (size_t i = 0; i < model->connector_count; i++) {
        const struct connector *connector = &model->connectors[i];
        struct claim claim = {.connector = (uint32_t)i};
        if (!connector->listen_count)
            claim_ranges(claims, connector, claim);
        for (size_t j = 0; j < connector->listen_count; j++) {
            claim.listen = connector->listens[j].endpoint;
            claim_ranges(claims, connector, claim);
        }
    }
}

static int
compare_listen(struct endpoint a, struct endpoint b)
{
    int order = address_compare(a.address, b.address);
    return order ? order : (int)a.port - (int)b.port;
}

static int
by_listen_and_range(const void *left, const void *right)
{
    const struct claim *a = left;
    const struct claim *b = right;
    int order = compare_listen(a->listen, b->listen);
    if (!order)
        order = range_compare(a->range, b->range);
    return order
               ? order
               : (a->connector > b->connector) - (a->connector < b->connector);
}

/* -- who reaches furthest ----------------------------------------------- */

/* Of a stretch of claims: the one whose range ends last, and the best one of
 * any other connector; NULL if none.  A tree of them answers for every
 * stretch, so that all pairs are judged without being looked at. */
struct furthest {
    const struct claim *best, *other;
};

/* Than none: always. */
static bool
ends_later(const struct claim *a, const struct claim *b)
{
    return !b || address_compare(a->range.last, b->range.last) > 0;
}

static void
consider(struct furthest *furthest, const struct claim *claim)
{
    if (!claim)
        return;
    const struct claim *best = furthest->best;
    if (best && !ends_later(claim, best)) {
        if (claim->connector != best->connector &&
            ends_later(claim, furthest->other))
            furthest->other = claim;
        return;
    }
    if (best && best->connector != claim->connector)
        furthest->other = best;
    furthest->best = claim;
}

static void
merge(struct furthest *into, struct furthest from)
{
    consider(into, from.best);
    consider(into, from.other);
}

static struct furthest *
build_tree(const struct claim *claims, size_t count)
{
    struct furthest *tree = memory_new(2 * count, sizeof *tree);
    if (!tree)
        return NULL;
    for (size_t i = 0; i < count; i++)
        tree[count + i].best = &claims[i];
    for (size_t i = count - 1; i > 0; i--) {
        merge(&tree[i], tree[2 * i]);
        merge(&tree[i], tree[2 * i + 1]);
    }
    return tree;
}

static struct furthest
furthest_of(const struct furthest *tree, size_t count, size_t from, size_t to)
{
    struct furthest furthest = {NULL, NULL};
    for (from += count, to += count; from < to; from /= 2, to /= 2) {
        if (from % 2)
            merge(&furthest, tree[from++]);
        if (to % 2)
            merge(&furthest, tree[--to]);
    }
    return furthest;
}

/* -- judging ------------------------------------------------------------ */

static bool
stands_before(struct source a, struct source b)
{
    if (a.file != b.file)
        return a.file < b.file;
    return a.line != b.line ? a.line < b.line : a.column < b.column;
}

static void
report_pair(const struct model *model, struct mayrelay_report *report,
            const struct claim *a, const struct claim *b)
{
    const struct claim *late = stands_before(a->source, b->source) ? b : a;
    const struct claim *early = late == a ? b : a;
    char text[2][RANGE_TEXT_SIZE];
    struct output out = output_to(text[0], sizeof text[0]);
    range_write(&out, late->range);
    out = output_to(text[1], sizeof text[1]);
    range_write(&out, early->range);
    struct place place = model_place(model, early->source);
    report_add(report, FINDING_CONNECTORS_OVERLAP,
               model_place(model, late->source),
               "a range may lie wholly inside one of another connector, or "
               "apart from all",
               "for the same listener, clients %s of '%.*s' %s %s of '%.*s' "
               "in %s line %u",
               text[0], TEXT_ARGS(model->connectors[late->connector].name),
               range_equal(a->range, b->range) ? "are" : "overlap", text[1],
               TEXT_ARGS(model->connectors[early->connector].name),
               place.file ? place.file : "the policy", place.line);
}

/* The first claim from `from` on whose range begins behind `address`. */
static size_t
first_behind(const struct claim *claims, size_t from, size_t count,
             struct address address)
{
    size_t to = count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (address_compare(claims[middle].range.first, address) > 0)
            to = middle;
        else
            from = middle + 1;
    }
    return from;
}

/* The other connector's claim that is equal to claim `at`, or begins inside it
 * and ends behind it. */
static const struct claim *
rival_of(const struct claim *claims, size_t count, const struct furthest *tree,
         size_t at)
{
    const struct claim *claim = &claims[at];
    const struct claim *next = at + 1 < count ? claim + 1 : NULL;
    if (next && range_equal(next->range, claim->range) &&
        next->connector != claim->connector)
        return next;
    size_t from = first_behind(claims, at, count, claim->range.first);
    size_t to = first_behind(claims, from, count, claim->range.last);
    struct furthest furthest = furthest_of(tree, count, from, to);
    const struct claim *rival = furthest.best;
    if (rival && rival->connector == claim->connector)
        rival = furthest.other;
    return rival && ends_later(rival, claim) ? rival : NULL;
}

static bool
same_source(struct source a, struct source b)
{
    return a.file == b.file && a.line == b.line && a.column == b.column;
}

/* Claims of one listen entry.  A connector without `clients` claims two ranges
 * with one source: that is said once. */
static bool
judge_claims(const struct model *model, struct mayrelay_report *report,
             const struct claim *claims, size_t count)
{
    struct furthest *tree = build_tree(claims, count);
    if (!tree)
        return false;
    struct source said = {0, 0, 0};
    for (size_t i = 0; i < count; i++) {
        const struct claim *rival = rival_of(claims, count, tree, i);
        if (!rival || same_source(said, claims[i].source))
            continue;
        report_pair(model, report, &claims[i], rival);
        said = claims[i].source;
    }
    memory_free(tree);
    return true;
}

bool
check_connectors(const struct model *model, struct mayrelay_report *report)
{
    struct claims claims = {NULL, 0, 0, false};
    claim_all(&claims, model);
    if (claims.count)
        qsort(claims.items, claims.count, sizeof *claims.items,
              by_listen_and_range);
    bool good = !claims.out_of_memory;
    for (size_t from = 0, to; good && from < claims.count; from = to) {
        const struct claim *first = &claims.items[from];
        for (to = from + 1; to < claims.count; to++)
            if (compare_listen(first->listen, claims.items[to].listen) != 0)
                break;
        good = judge_claims(model, report, first, to - from);
    }
    memory_free(claims.items);
    return good;
}
