#include "diff/extent.h"

#include "base/memory.h"

/* -- what is ordinary ----------------------------------------------------- */

/* A pattern is about the same as the list that it stands in. */
static enum choice_kind
subject_of(enum choice_kind kind)
{
    switch (kind) {
    case CHOICE_NAME_PATTERN: return CHOICE_NAME;
    case CHOICE_IDENTITY_PATTERN: return CHOICE_IDENTITY;
    case CHOICE_SENDER_PATTERN: return CHOICE_SENDER;
    case CHOICE_RECIPIENT_PATTERN: return CHOICE_RECIPIENT;
    case CHOICE_MAILBOX_PATTERN: return CHOICE_EXISTS;
    default: return kind;
    }
}

static bool
is_unlisted(const struct reached *reached, const struct choice *choice,
            size_t option)
{
    return choice->option_of_cell[reached->unlisted] == option;
}

/* Neither asks a condition for more than that, nor does a list name it. */
static bool
is_ordinary(const struct extent *extent, const struct choice *choice,
            size_t option)
{
    if (choice_is_pattern(choice))
        return choice_truth(choice, option, OLD) == TRUTH_NO &&
               choice_truth(choice, option, NEW) == TRUTH_NO;
    switch (choice->kind) {
    case CHOICE_NAME:
    case CHOICE_GROUP: return option == OPTION_ABSENT;
    case CHOICE_TLS: {
        uint32_t first = choice->cell_of_option[option];
        return cells_key(choice->cells, first)->views[OLD].traits &
               TRAIT_PLAIN_TEXT;
    }
    case CHOICE_OWNED:
        return option % OWNERSHIPS != OWNERSHIP_OWNED &&
               option / OWNERSHIPS != OWNERSHIP_OWNED;
    case CHOICE_IDENTITY:
        return is_unlisted(&extent->identities, choice, option) ||
               choice->cell_of_option[option] == 0; /* anonymous */
    case CHOICE_SENDER: return is_unlisted(&extent->senders, choice, option);
    case CHOICE_RECIPIENT:
        return is_unlisted(&extent->recipients, choice, option);
    default: return true;
    }
}

/* -- a plane -------------------------------------------------------------- */

/* What of a plane's map belongs to the effect. */
struct tracing {
    struct extent *extent;
    const struct difference *difference;
    const struct plane *plane;
    uint32_t *free; /* by node: bit 1 << kind, the effect is below it even if
                       all that is chosen about that is ordinary */
    bool *met;      /* by node: it is below some field's; others are parts of
                       what the two were compared by */
    bool *skipped;  /* by choice: it does not matter on some such way */
    bool *chosen;   /* by choice and option, for those with cells */
    size_t *first;  /* by choice: of its options */
};

static uint32_t
free_of(const struct tracing *t, uint32_t leads)
{
    if (!leads_to_leaf(leads))
        return t->free[leads];
    bool has = leads != LEAF(0) &&
               difference_effect(t->difference, leaf_value(leads)) ==
                   t->extent->effect;
    return has ? UINT32_MAX : 0;
}

static size_t
node_count(const struct tracing *t)
{
    return t->plane->map.nodes.count;
}

static const struct choice *
choice_of(const struct tracing *t, size_t number)
{
    return &t->plane->choices.items[number];
}

/* What a node leads to has a lower number. */
static void
find_met(struct tracing *t)
{
    for (uint32_t i = (uint32_t)node_count(t); i-- > 0;) {
        struct map_node node = map_node(&t->plane->map, i);
        size_t count = choice_of(t, node.choice)->option_count;
        for (size_t o = 0; o < count && t->met[i]; o++)
            if (!leads_to_leaf(node.leads[o]))
                t->met[node.leads[o]] = true;
    }
}

static void
find_free(struct tracing *t)
{
    for (uint32_t i = 0; i < node_count(t); i++) {
        struct map_node node = map_node(&t->plane->map, i);
        const struct choice *choice = choice_of(t, node.choice);
        uint32_t subject = UINT32_C(1) << subject_of(choice->kind);
        for (size_t o = 0; o < choice->option_count && t->met[i]; o++) {
            uint32_t below = free_of(t, node.leads[o]);
            if (below && !is_ordinary(t->extent, choice, o))
                below &= ~subject;
            t->free[i] |= below;
        }
    }
}

/* What lies between a choice and the next one does not matter. */
static void
skip(struct tracing *t, size_t from, uint32_t leads)
{
    size_t to = leads_to_leaf(leads) ? t->plane->choices.count
                                     : map_choice(&t->plane->map, leads);
    for (size_t i = from; i < to; i++)
        t->skipped[i] = true;
}

static void
find_chosen(struct tracing *t)
{
    for (uint32_t i = 0; i < node_count(t); i++) {
        struct map_node node = map_node(&t->plane->map, i);
        size_t count = choice_of(t, node.choice)->option_count;
        for (size_t o = 0; o < count && t->free[i]; o++) {
            if (!free_of(t, node.leads[o]))
                continue;
            t->chosen[t->first[node.choice] + o] = true;
            skip(t, node.choice + 1, node.leads[o]);
        }
    }
}

static struct reached *
reached_of(struct extent *extent, enum choice_kind kind)
{
    switch (kind) {
    case CHOICE_IDENTITY: return &extent->identities;
    case CHOICE_SENDER: return &extent->senders;
    case CHOICE_RECIPIENT: return &extent->recipients;
    default: return NULL;
    }
}

static void
take_cells(const struct tracing *t)
{
    for (size_t c = 0; c < t->plane->choices.count; c++) {
        const struct choice *choice = choice_of(t, c);
        struct reached *reached = reached_of(t->extent, choice->kind);
        for (uint32_t i = 0; reached && i < reached->cells->keys.count; i++)
            reached->has[i] |=
                t->skipped[c] ||
                t->chosen[t->first[c] + choice->option_of_cell[i]];
    }
}

/* -- clients -------------------------------------------------------------- */

static bool
add_clients(struct extent *extent, const struct field *field)
{
    if (!memory_grow(&extent->clients, &extent->room,
                     extent->client_count + field->count,
                     sizeof *extent->clients))
        return false;
    for (size_t i = 0; i < field->count; i++)
        extent->clients[extent->client_count++] = field->ranges[i];
    return true;
}

/* -- the whole ------------------------------------------------------------ */

static bool
tracing_start(struct tracing *t, const struct plane *plane)
{
    size_t choices = plane->choices.count, options = 0;
    t->plane = plane;
    t->free = memory_new(node_count(t) + 1, sizeof *t->free);
    t->met = memory_new(node_count(t) + 1, sizeof *t->met);
    t->skipped = memory_new(choices + 1, sizeof *t->skipped);
    t->first = memory_new(choices + 1, sizeof *t->first);
    for (size_t i = 0; t->first && i < choices; i++) {
        t->first[i] = options;
        options += choice_of(t, i)->option_count;
    }
    t->chosen = memory_new(options + 1, sizeof *t->chosen);
    return t->free && t->met && t->skipped && t->first && t->chosen;
}

static void
tracing_end(struct tracing *t)
{
    memory_free(t->free);
    memory_free(t->met);
    memory_free(t->skipped);
    memory_free(t->first);
    memory_free(t->chosen);
}

/* The clients of a field; their address is chosen. */
static bool
take_field(struct tracing *t, const struct field *field)
{
    uint32_t is_free = free_of(t, field->leads);
    t->extent->conditions &= ~is_free;
    if (is_free)
        skip(t, 1, field->leads);
    return !is_free || add_clients(t->extent, field);
}

static bool
trace(struct extent *extent, const struct difference *d, uint32_t number)
{
    struct tracing t = {.extent = extent, .difference = d};
    bool good = tracing_start(&t, d->planes[number]);
    for (size_t i = 0; good && i < d->field_count; i++)
        if (d->fields[i].plane == number && !leads_to_leaf(d->fields[i].leads))
            t.met[d->fields[i].leads] = true;
    if (good) {
        find_met(&t);
        find_free(&t);
        find_chosen(&t);
    }
    for (size_t i = 0; good && i < d->field_count; i++)
        if (d->fields[i].plane == number)
            good = take_field(&t, &d->fields[i]);
    if (good)
        take_cells(&t);
    tracing_end(&t);
    return good;
}

/* Of what no list names one was shown to both policies before all others. */
static bool
reached_init(struct reached *reached, enum choice_kind kind,
             const struct cells *cells, const char *unlisted)
{
    *reached = (struct reached){.kind = kind, .cells = cells};
    reached->has = memory_new(cells->keys.count + 1, sizeof *reached->has);
    for (uint32_t i = 0; i < cells->keys.count; i++)
        if (text_equal(cells->items[i].samples[0], text_of(unlisted)))
            reached->unlisted = i;
    return reached->has != NULL;
}

static bool
extent_init(struct extent *extent, const struct values *values)
{
    char someone[32], mailbox[64];
    struct output out = output_to(someone, sizeof someone);
    values_write_fresh(values, &out, "someone");
    out = output_to(mailbox, sizeof mailbox);
    values_write_fresh(values, &out, "someone");
    values_write_fresh(values, &out, "@far");
    output_string(&out, ".example");
    return reached_init(&extent->identities, CHOICE_IDENTITY,
                        &values->identities, someone) &&
           reached_init(&extent->senders, CHOICE_SENDER, &values->senders,
                        mailbox) &&
           reached_init(&extent->recipients, CHOICE_RECIPIENT,
                        &values->recipients, mailbox);
}

bool
extent_find(struct extent *extent, const struct difference *difference,
            enum mayrelay_diff_effect effect)
{
    *extent = (struct extent){.effect = effect, .conditions = UINT32_MAX};
    bool good = extent_init(extent, &difference->values);
    for (uint32_t i = 0; good && i < difference->plane_count; i++)
        good = trace(extent, difference, i);
    ranges_sort(extent->clients, extent->client_count);
    extent->client_count = ranges_join(extent->clients, extent->client_count);
    return good;
}

void
extent_clear(struct extent *extent)
{
    memory_free(extent->clients);
    memory_free(extent->identities.has);
    memory_free(extent->senders.has);
    memory_free(extent->recipients.has);
}
