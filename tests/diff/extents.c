#include "extents.h"

#include <stdlib.h>
#include <string.h>

#include "diff/box.h"
#include "diff/extent.h"

enum {
    BOXES_MOST = 1000, /* of one field */
    SUBJECTS = CHOICE_REWRITES + 1
};

/* What is in some box of an effect, as the boxes say. */
struct seen {
    const struct difference *difference;
    enum mayrelay_diff_effect effect;
    bool *identities, *senders, *recipients;
    bool subject_is_free[SUBJECTS];
    bool field_has_some, *fields;
    size_t visits;
};

/* -- what an extent leaves out -------------------------------------------- */

static enum choice_kind
list_of(enum choice_kind kind)
{
    static const enum choice_kind LISTS[SUBJECTS] = {
        [CHOICE_NAME_PATTERN] = CHOICE_NAME,
        [CHOICE_IDENTITY_PATTERN] = CHOICE_IDENTITY,
        [CHOICE_SENDER_PATTERN] = CHOICE_SENDER,
        [CHOICE_RECIPIENT_PATTERN] = CHOICE_RECIPIENT,
        [CHOICE_MAILBOX_PATTERN] = CHOICE_EXISTS};
    return LISTS[kind] ? LISTS[kind] : kind;
}

/* Is it the cell of a text that no list names? */
static bool
says(const struct box *box, const struct choice *choice, uint32_t cell,
     const char *domain)
{
    char room[100];
    struct output out = output_to(room, sizeof room);
    values_write_fresh(box->plane->choices.values, &out, "someone");
    if (domain) {
        values_write_fresh(box->plane->choices.values, &out, domain);
        output_string(&out, ".example");
    }
    return text_equal(choice->cells->items[cell].samples[0],
                      output_written(&out));
}

static bool
cell_is_ordinary(const struct box *box, const struct choice *choice,
                 uint32_t cell)
{
    const struct cell_key *key = cells_key(choice->cells, cell);
    switch (choice->kind) {
    case CHOICE_TLS: return key->views[OLD].traits & TRAIT_PLAIN_TEXT;
    case CHOICE_IDENTITY:
        return !choice->cells->items[cell].samples[0].size ||
               says(box, choice, cell, NULL);
    case CHOICE_SENDER:
    case CHOICE_RECIPIENT: return says(box, choice, cell, "@far");
    default: return true;
    }
}

static bool
option_is_ordinary(const struct choice *choice, size_t option)
{
    if (choice_is_pattern(choice))
        return choice_truth(choice, option, OLD) == TRUTH_NO &&
               choice_truth(choice, option, NEW) == TRUTH_NO;
    if (choice->kind == CHOICE_OWNED)
        return option % OWNERSHIPS != OWNERSHIP_OWNED &&
               option / OWNERSHIPS != OWNERSHIP_OWNED;
    if (choice->kind == CHOICE_NAME || choice->kind == CHOICE_GROUP)
        return option == OPTION_ABSENT;
    return true;
}

static bool
box_is_ordinary(const struct box *box, size_t number)
{
    const struct choice *choice = &box->plane->choices.items[number];
    for (size_t o = 0; o < choice->option_count; o++) {
        bool ordinary = !choice->option_of_cell &&
                        option_is_ordinary(choice, o) &&
                        box_holds(box, number, o);
        for (uint32_t i = 0;
             choice->option_of_cell && i < choice->cells->keys.count; i++)
            ordinary |= choice->option_of_cell[i] == o &&
                        cell_is_ordinary(box, choice, i) &&
                        box_holds(box, number, o);
        if (ordinary)
            return true;
    }
    return false;
}

/* -- boxes ---------------------------------------------------------------- */

static void
see_cells(bool *has, const struct box *box, enum choice_kind kind)
{
    size_t number = choices_find(&box->plane->choices, kind);
    const struct choice *choice = &box->plane->choices.items[number];
    for (uint32_t i = 0; i < choice->cells->keys.count; i++)
        has[i] |= box_holds(box, number, choice->option_of_cell[i]);
}

static bool
see(void *context, const struct box *box)
{
    struct seen *seen = context;
    bool is_free[SUBJECTS];
    if (++seen->visits == BOXES_MOST)
        return false;
    if (difference_effect(seen->difference, box->value) != seen->effect)
        return true;
    seen->field_has_some = true;
    see_cells(seen->identities, box, CHOICE_IDENTITY);
    see_cells(seen->senders, box, CHOICE_SENDER);
    see_cells(seen->recipients, box, CHOICE_RECIPIENT);
    memset(is_free, true, sizeof is_free);
    for (size_t i = 1; i < box->plane->choices.count; i++)
        is_free[list_of(box->plane->choices.items[i].kind)] &=
            box_is_ordinary(box, i);
    for (size_t i = 0; i < SUBJECTS; i++)
        seen->subject_is_free[i] |= is_free[i];
    return true;
}

static bool
see_all(struct seen *seen)
{
    const struct difference *d = seen->difference;
    bool failed = false;
    for (size_t i = 0; i < d->field_count; i++) {
        seen->visits = 0;
        seen->field_has_some = false;
        if (!boxes_each(d, &d->fields[i], see, seen, &failed))
            return false;
        seen->fields[i] = seen->field_has_some;
    }
    return true;
}

/* -- both ----------------------------------------------------------------- */

static bool
is_in(const struct extent *extent, struct address address)
{
    size_t at = ranges_find(extent->clients, extent->client_count, address);
    return at < extent->client_count &&
           range_contains(extent->clients[at], address);
}

/* The first and last of each range, and those beside them. */
static bool
clients_hold(const struct extent *extent, const struct seen *seen)
{
    const struct difference *d = seen->difference;
    double outside = 0, inside = 0;
    for (size_t i = 0; i < d->field_count; i++)
        for (size_t r = 0; seen->fields[i] && r < d->fields[i].count; r++) {
            struct range range = d->fields[i].ranges[r];
            bool has = is_in(extent, range.first) && is_in(extent, range.last);
            outside += !has;
        }
    for (size_t i = 0; i < extent->client_count; i++)
        for (size_t f = 0; f < d->field_count; f++)
            for (size_t r = 0; seen->fields[f] && r < d->fields[f].count; r++)
                inside += range_contains(d->fields[f].ranges[r],
                                         extent->clients[i].first);
    return outside == 0 && inside >= (double)extent->client_count;
}

static bool
is_same(const struct extent *extent, const struct seen *seen)
{
    const struct values *v = &seen->difference->values;
    size_t identities = v->identities.keys.count * sizeof(bool);
    size_t senders = v->senders.keys.count * sizeof(bool);
    size_t recipients = v->recipients.keys.count * sizeof(bool);
    bool same =
        memcmp(extent->identities.has, seen->identities, identities) == 0 &&
        memcmp(extent->senders.has, seen->senders, senders) == 0 &&
        memcmp(extent->recipients.has, seen->recipients, recipients) == 0 &&
        clients_hold(extent, seen);
    for (size_t i = 0; i < SUBJECTS && !extent_is_empty(extent); i++) {
        bool is_list = list_of((enum choice_kind)i) == (enum choice_kind)i;
        bool is_free = !(extent->conditions >> i & 1);
        same &= !is_list || is_free == seen->subject_is_free[i];
    }
    return same;
}

static enum extents_answer
check(const struct difference *d, enum mayrelay_diff_effect effect)
{
    const struct values *v = &d->values;
    struct seen seen = {
        .difference = d,
        .effect = effect,
        .identities = calloc(v->identities.keys.count + 1, sizeof(bool)),
        .senders = calloc(v->senders.keys.count + 1, sizeof(bool)),
        .recipients = calloc(v->recipients.keys.count + 1, sizeof(bool)),
        .fields = calloc(d->field_count + 1, sizeof(bool))};
    struct extent extent;
    enum extents_answer answer = EXTENTS_UNKNOWN;
    bool found = extent_find(&extent, d, effect);
    if (found && see_all(&seen))
        answer = is_same(&extent, &seen) ? EXTENTS_HOLD : EXTENTS_BROKEN;
    extent_clear(&extent);
    free(seen.identities);
    free(seen.senders);
    free(seen.recipients);
    free(seen.fields);
    return answer;
}

enum extents_answer
extents_check(const struct difference *difference)
{
    enum extents_answer answer = EXTENTS_HOLD;
    for (int i = 0; i <= MAYRELAY_DIFF_ANSWER && answer == EXTENTS_HOLD; i++)
        answer = check(difference, (enum mayrelay_diff_effect)i);
    return answer;
}
