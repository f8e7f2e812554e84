#include "diff/replay.h"

#include "decide/decision.h"
#include "diff/care.h"

enum {
    ATTEMPTS_MOST = 200, /* of a box that hangs on patterns */
    PAIRS_MOST = 1000000 /* of identities and senders */
};

/* A witness on its way. */
struct making {
    const struct difference *difference;
    const struct box *box;
    const struct door *door;
    const struct choices *choices;
    struct witness *witness;
    unsigned attempt;
};

static const struct choice *
choice_of(const struct making *m, enum choice_kind kind, size_t *number)
{
    *number = choices_find(m->choices, kind);
    return &m->choices->items[*number];
}

/* Is the cell in the box, and can it occur there? */
static bool
stands_for(const struct making *m, size_t number, uint32_t cell)
{
    const struct choice *choice = &m->choices->items[number];
    return box_holds(m->box, number, choice->option_of_cell[cell]) &&
           cell_occurs(cells_key(choice->cells, cell), m->door->actual.address);
}

/* The `which`th cell that does, the first if there are fewer; UINT32_MAX if
 * there is none. */
static uint32_t
find_cell(const struct making *m, enum choice_kind kind, unsigned which)
{
    size_t number;
    const struct choice *choice = choice_of(m, kind, &number);
    uint32_t first = UINT32_MAX;
    for (uint32_t cell = 0; cell < choice->cells->keys.count; cell++) {
        if (!stands_for(m, number, cell))
            continue;
        if (first == UINT32_MAX)
            first = cell;
        if (which-- == 0)
            return cell;
    }
    return first;
}

static struct text
sample_of(const struct cells *cells, uint32_t cell, unsigned attempt)
{
    const struct cell *it = &cells->items[cell];
    return it->samples[attempt % it->sample_count];
}

/* -- the parts ------------------------------------------------------------ */

static bool
is_owned_so(const struct making *m, const struct cell_key *identity,
            const struct cell_key *sender)
{
    const struct pair *pair = &m->difference->pair;
    size_t option = 0;
    for (int s = SIDES; s-- > 0;)
        option = option * OWNERSHIPS +
                 (size_t)care_ownership(pair->images[s], &identity->views[s],
                                        &sender->views[s]);
    return box_holds(m->box, choices_find(m->choices, CHOICE_OWNED), option);
}

/* The `which`th pair of an identity and a sender; false if there is none. */
static bool
find_pair(const struct making *m, unsigned which, uint32_t *identity,
          uint32_t *sender)
{
    size_t identities, senders;
    const struct choice *mine = choice_of(m, CHOICE_IDENTITY, &identities);
    const struct choice *theirs = choice_of(m, CHOICE_SENDER, &senders);
    size_t tried = 0;
    for (uint32_t i = 0; i < mine->cells->keys.count; i++) {
        if (!stands_for(m, identities, i))
            continue;
        for (uint32_t s = 0;
             s < theirs->cells->keys.count && ++tried < PAIRS_MOST; s++) {
            if (!stands_for(m, senders, s) ||
                !is_owned_so(m, cells_key(mine->cells, i),
                             cells_key(theirs->cells, s)) ||
                which-- > 0)
                continue;
            *identity = i;
            *sender = s;
            return true;
        }
    }
    return false;
}

static void
write_mail(const struct making *m, struct text sample, char *to, size_t size)
{
    struct output out = output_to(to, size);
    size_t at = text_find(sample, OWN_ADDRESS[0]);
    output_text(&out, text_slice(sample, 0, at));
    if (at == TEXT_NONE)
        return;
    if (m->door->actual.address.family == ADDRESS_IPV6)
        output_string(&out, "IPv6:");
    address_write(&out, m->door->actual.address);
    output_text(&out, text_from(sample, at + 1));
}

static bool
take_mail(struct making *m)
{
    struct witness *w = m->witness;
    const struct values *v = m->choices->values;
    uint32_t identity, sender;
    uint32_t recipient = find_cell(m, CHOICE_RECIPIENT, m->attempt / 3);
    if (recipient == UINT32_MAX ||
        !find_pair(m, m->attempt / 2, &identity, &sender))
        return false;
    unsigned attempt = m->attempt;
    w->identity = sample_of(&v->identities, identity, attempt);
    write_mail(m, sample_of(&v->senders, sender, attempt), w->sender,
               sizeof w->sender);
    write_mail(m, sample_of(&v->recipients, recipient, attempt), w->recipient,
               sizeof w->recipient);
    w->ends_at_mail = (cells_key(&v->recipients, recipient)->views[OLD].traits &
                       TRAIT_LATER) != 0;
    return true;
}

static bool
take_tls(struct making *m)
{
    const struct cells *cells = &m->choices->values->certificates;
    uint32_t cell = find_cell(m, CHOICE_TLS, 0);
    if (cell == UINT32_MAX)
        return false;
    m->witness->tls =
        !(cells_key(cells, cell)->views[OLD].traits & TRAIT_PLAIN_TEXT);
    m->witness->certificate = sample_of(cells, cell, 0);
    return true;
}

static bool
take_name(struct making *m, const struct choice *choice)
{
    struct witness *w = m->witness;
    if (w->name_count == WITNESS_NAMES_MOST)
        return false;
    struct output out =
        output_to(w->names[w->name_count], sizeof w->names[w->name_count]);
    output_text(&out,
                sample_of(choice->cells,
                          choice->members[m->attempt % choice->member_count],
                          m->attempt));
    w->name_count++;
    return true;
}

static bool
take_group(struct making *m, const struct choice *choice)
{
    struct witness *w = m->witness;
    if (w->group_count == WITNESS_NAMES_MOST)
        return false;
    w->groups[w->group_count++] =
        sample_of(choice->cells, choice->members[0], 0);
    return true;
}

/* The first of the options that the box holds. */
static size_t
find_option(const struct making *m, size_t number)
{
    size_t option = 0;
    while (option + 1 < m->choices->items[number].option_count &&
           !box_holds(m->box, number, option))
        option++;
    return option;
}

static enum witness_mailbox
mailbox_of(size_t option)
{
    switch (option) {
    case OPTION_EXISTS_YES: return MAILBOX_EXISTS;
    case OPTION_EXISTS_NO: return MAILBOX_ABSENT;
    default: return MAILBOX_UNKNOWN;
    }
}

static bool
take_others(struct making *m)
{
    struct witness *w = m->witness;
    bool ok = true;
    for (size_t i = 0; i < m->choices->count && ok; i++) {
        const struct choice *choice = &m->choices->items[i];
        bool matters = box_side(m->box, i) != NULL;
        size_t option = find_option(m, i);
        switch (choice->kind) {
        case CHOICE_NAMES: w->names_fail = option == OPTION_UNKNOWN; break;
        case CHOICE_GROUPS: w->groups_fail = option == OPTION_UNKNOWN; break;
        case CHOICE_NAME:
            if (option == OPTION_PRESENT)
                ok = take_name(m, choice);
            break;
        case CHOICE_GROUP:
            if (option == OPTION_PRESENT)
                ok = take_group(m, choice);
            break;
        case CHOICE_EXISTS:
            if (matters)
                w->mailbox = mailbox_of(option);
            break;
        case CHOICE_REWRITES:
            w->no_rewriting = option == OPTION_REWRITES_NO;
            break;
        default: break;
        }
    }
    return ok;
}

static bool
make(struct making *m)
{
    struct witness *w = m->witness;
    const struct field *field = m->box->field;
    *w = (struct witness){.symbolic = box_is_symbolic(m->box)};
    struct output out = output_to(w->client, sizeof w->client);
    address_write(&out, field->ranges[0].first);
    out = output_to(w->listener, sizeof w->listener);
    endpoint_write(&out, m->door->actual);
    return take_mail(m) && take_tls(m) && take_others(m);
}

/* -- replaying ------------------------------------------------------------ */

static bool
decides_so(const struct ending *ending, const mayrelay_session *session)
{
    const mayrelay_decision *d = mayrelay_session_get_decision(session);
    return mayrelay_decision_get_verdict(d) == ending->verdict &&
           mayrelay_decision_get_code(d) == ending->code &&
           mayrelay_decision_get_reason(d) == ending->reason &&
           mayrelay_decision_get_kind(d) == ending->kind &&
           strcmp(mayrelay_decision_get_enhanced(d), ending->enhanced) == 0;
}

static bool
replay(struct making *m, mayrelay_session *const sessions[SIDES],
       struct output *out)
{
    bool so = true;
    for (int s = 0; s < SIDES; s++) {
        witness_play(m->witness, sessions[s], s == OLD ? out : NULL, false);
        so &= decides_so(
            difference_outcome(m->difference, m->box->value, (enum side)s),
            sessions[s]);
    }
    for (int s = 0; s < SIDES; s++) {
        const mayrelay_decision *d = mayrelay_session_get_decision(sessions[s]);
        output_format(out, "%s: %s", s == OLD ? "old" : "new",
                      mayrelay_decision_get_reply(d));
        output_format(out, " (%s)\n",
                      mayrelay_reason_name(mayrelay_decision_get_reason(d)));
    }
    return so;
}

enum box_shown
box_replay(const struct difference *difference, const struct box *box,
           mayrelay_session *const sessions[SIDES], struct witness *witness,
           struct output *out)
{
    struct making m = {.difference = difference,
                       .box = box,
                       .door = &difference->doors[box->field->door],
                       .choices = &box->plane->choices,
                       .witness = witness};
    bool symbolic = box_is_symbolic(box);
    size_t before = out->size; /* what shows nothing is taken back */
    for (; m.attempt < (symbolic ? ATTEMPTS_MOST : 1); m.attempt++) {
        if (!make(&m))
            continue;
        out->size = before;
        if (replay(&m, sessions, out))
            return BOX_SHOWN;
        if (!symbolic)
            return BOX_BROKEN;
    }
    out->size = before;
    return BOX_HIDDEN;
}
