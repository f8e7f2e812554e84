#include "audit/witness.h"

#include "decide/facts.h"

/* A witness on its way. */
struct making {
    struct witness *witness;
    const struct surface *surface;
    const struct search *search;
    const struct image *image;
    unsigned attempt;
    size_t identity, sender; /* cells */
};

static const struct catalogue *
catalogue_of(const struct making *m)
{
    return &m->surface->catalogue;
}

/* -- cells -------------------------------------------------------------- */

static bool
stands_for(const struct making *m, size_t axis, size_t cell)
{
    const struct axis *it = &m->search->diagram->axes.items[axis];
    return it->point_of_cell[cell] == m->search->chosen[axis] &&
           means_allow(&m->search->means, it, cell);
}

/* The `which`th cell of the chosen point, the first one if there are fewer;
 * SIZE_MAX if there is none. */
static size_t
chosen_cell(const struct making *m, size_t axis, unsigned which)
{
    const struct axis *it = &m->search->diagram->axes.items[axis];
    size_t first = SIZE_MAX;
    for (size_t cell = 0; cell < it->cell_count; cell++) {
        if (!stands_for(m, axis, cell))
            continue;
        if (first == SIZE_MAX)
            first = cell;
        if (which-- == 0)
            return cell;
    }
    return first;
}

static size_t
axis_of(const struct making *m, enum dimension dimension)
{
    const struct axes *axes = &m->search->diagram->axes;
    for (size_t i = 0; i < axes->count; i++)
        if (axes->items[i].dimension == dimension)
            return i;
    return SIZE_MAX;
}

/* -- ownership ---------------------------------------------------------- */

static const uint32_t *
owner_lists(const struct making *m, size_t identity, uint32_t *count)
{
    struct masks masks;
    uint32_t place = 0;
    *count = 0;
    if (identity == CELL_ANONYMOUS ||
        !image_class(m->image, ATTRIBUTE_IDENTITY, (uint32_t)identity - 1,
                     &masks, &place) ||
        !place)
        return NULL;
    return image_counted(m->image, place - 1, count);
}

static bool
owns(const struct making *m, size_t identity, const struct mail_cell *sender)
{
    uint32_t mine, theirs = 0;
    const uint32_t *my_lists = owner_lists(m, identity, &mine);
    if (sender->form == MAIL_NULL)
        return mine > 0;
    const uint32_t *their_lists =
        sender->owners ? image_counted(m->image, sender->owners - 1, &theirs)
                       : NULL;
    for (uint32_t i = 0; their_lists && i < theirs; i++)
        for (uint32_t j = 0; my_lists && j < mine; j++)
            if (my_lists[j] == their_lists[i])
                return true;
    return false;
}

/* The `which`th pair of an identity and a sender that is as the way wants it.
 * Of very many only the first are looked at. */
static bool
choose_pair(struct making *m, unsigned which)
{
    enum {
        PAIRS_MOST = 20000
    };
    size_t identities = axis_of(m, DIMENSION_IDENTITY);
    size_t senders = axis_of(m, DIMENSION_SENDER);
    size_t owned = axis_of(m, DIMENSION_OWNED);
    const struct axes *axes = &m->search->diagram->axes;
    const struct axis *axis = &axes->items[owned];
    size_t tried = 0;
    for (size_t s = 0; s < axes->items[senders].cell_count; s++) {
        if (!stands_for(m, senders, s))
            continue;
        for (size_t i = 0; i < axes->items[identities].cell_count; i++) {
            if (!stands_for(m, identities, i) || ++tried > PAIRS_MOST)
                continue;
            bool holds = owns(m, i, &catalogue_of(m)->senders.items[s]);
            if (axis->point_count > 1 && i != CELL_ANONYMOUS &&
                axis->point_of_cell[holds] != m->search->chosen[owned])
                continue;
            m->identity = i;
            m->sender = s;
            if (which-- == 0)
                return true;
        }
    }
    return false;
}

/* -- texts -------------------------------------------------------------- */

/* An identity or local part that no list names. */
static struct text
fresh_text(const char *stem, const struct text_set *set,
           const struct text_set *other, char *out, size_t size)
{
    for (unsigned i = 0; i < 1000; i++) {
        struct output text = output_to(out, size);
        uint32_t listed = 0, also = 0;
        output_string(&text, stem);
        if (i)
            output_number(&text, i);
        text_set_lookup(set, output_written(&text), &listed);
        if (other)
            text_set_lookup(other, output_written(&text), &also);
        if (!listed && !also)
            break;
    }
    return text_of(out);
}

static bool
take_identity(struct making *m, char *room, size_t size)
{
    struct witness *w = m->witness;
    if (m->identity == CELL_ANONYMOUS)
        return true;
    if (m->identity == CELL_ANY_IDENTITY) {
        w->identity = fresh_text("someone", &m->image->identities,
                                 &m->image->anonymous, room, size);
        return true;
    }
    const struct text_class *class =
        &catalogue_of(m)->identities[m->identity - 1];
    if (!class->count)
        return false;
    size_t samples = class->count < SAMPLES_MOST ? class->count : SAMPLES_MOST;
    w->identity = class->samples[m->attempt % samples];
    return true;
}

/* An address literal of ours: a listed one, or the listener's. */
static void
write_own_literal(const struct making *m, struct output *out)
{
    static const enum address_family FAMILIES[] = {ADDRESS_IPV4, ADDRESS_IPV6};
    struct interval interval;
    struct endpoint listener;
    for (size_t i = 0; i < 2; i++) {
        struct prefix_walk walk =
            prefix_walk_start(&m->image->literals, FAMILIES[i]);
        while (prefix_walk_next(&walk, &interval)) {
            if (!interval.value)
                continue;
            output_string(out, i ? "[IPv6:" : "[");
            address_write(out, interval.first);
            output_byte(out, ']');
            return;
        }
    }
    if (!endpoint_parse(text_of(m->witness->listener), &listener))
        return;
    output_string(out,
                  listener.address.family == ADDRESS_IPV6 ? "[IPv6:" : "[");
    address_write(out, listener.address);
    output_byte(out, ']');
}

static struct text
local_of(const struct making *m, const struct mail_cells *cells,
         const struct mail_cell *cell, const struct text_set *locals,
         char *room, size_t size)
{
    const struct text_class *class = &cells->locals[cell->local];
    if (cell->local == 0)
        return fresh_text("someone", locals, NULL, room, size);
    size_t samples = class->count < SAMPLES_MOST ? class->count : SAMPLES_MOST;
    return samples ? class->samples[m->attempt / 2 % samples] : TEXT("");
}

static bool
write_mail(struct making *m, const struct mail_cells *cells, size_t cell_number,
           const struct text_set *locals, char *to, size_t size)
{
    const struct mail_cell *cell = &cells->items[cell_number];
    struct output out = output_to(to, size);
    char room[64];
    char domain[DOMAIN_TEXT_SIZE];
    if (cell->form == MAIL_NULL)
        return true;
    if (cell->count) {
        output_text(&out, cell->sample);
        return true;
    }
    if (cell->form == MAIL_ROUTING) {
        output_string(&out, "someone%far.example@far.example");
        return true;
    }
    struct text local = local_of(m, cells, cell, locals, room, sizeof room);
    output_text(&out, local);
    if (cell->form == MAIL_OWN && text_equal(local, TEXT("postmaster")))
        return true;
    output_byte(&out, '@');
    if (cell->form == MAIL_OWN) {
        size_t before = out.size;
        write_own_literal(m, &out);
        return out.size > before;
    }
    struct text name = name_class_member(&cells->domains.items[cell->domain],
                                         m->attempt, domain);
    output_text(&out, name);
    return local.size && name.size;
}

/* -- what may be there --------------------------------------------------- */

static bool
add_name(struct making *m, const struct axis *axis)
{
    struct witness *w = m->witness;
    const struct names *names = &catalogue_of(m)->client_names;
    if (w->name_count == WITNESS_NAMES_MOST)
        return false;
    for (size_t i = 0; i < names->count; i++)
        for (size_t j = 0; j < axis->member_count; j++)
            if (names->items[i].class == axis->members[j] &&
                name_class_member(&names->items[i], m->attempt,
                                  w->names[w->name_count])
                    .size) {
                w->name_count++;
                return true;
            }
    return false;
}

static bool
add_group(struct making *m, const struct axis *axis)
{
    struct witness *w = m->witness;
    const struct text_class *class = &catalogue_of(m)->groups[axis->members[0]];
    if (w->group_count == WITNESS_NAMES_MOST || !class->count)
        return false;
    w->groups[w->group_count++] = class->samples[0];
    return true;
}

static bool
take_presences(struct making *m)
{
    const struct axes *axes = &m->search->diagram->axes;
    for (size_t i = 0; i < axes->count; i++) {
        const struct axis *axis = &axes->items[i];
        bool there = axis->member_count && m->search->chosen[i] == CELL_YES;
        m->witness->symbolic |= there && axis->symbolic;
        if (there && axis->dimension == DIMENSION_NAME && !add_name(m, axis))
            return false;
        if (there && axis->dimension == DIMENSION_GROUP && !add_group(m, axis))
            return false;
    }
    return true;
}

static bool
take_tls(struct making *m)
{
    size_t cell = chosen_cell(m, axis_of(m, DIMENSION_TLS), 0);
    m->witness->tls = cell != CELL_PLAIN_TEXT;
    if (cell <= CELL_ENCRYPTED)
        return true;
    const struct text_class *class = &catalogue_of(m)->certificates[cell - 1];
    m->witness->certificate = class->count ? class->samples[0] : TEXT("");
    return class->count > 0;
}

/* -- the whole ---------------------------------------------------------- */

/* Some pattern has a say, be it that it does not match. */
static bool
has_patterns(const struct search *search)
{
    for (size_t i = 0; i < search->diagram->axes.count; i++)
        if (search->diagram->axes.items[i].symbolic && search->matters[i])
            return true;
    return false;
}

bool
witness_make(struct witness *w, const struct surface *surface,
             const struct search *search, const struct grant *grant,
             struct address client, uint32_t leads, unsigned attempt)
{
    const struct image *image = surface->image;
    struct making m = {.witness = w,
                       .surface = surface,
                       .search = search,
                       .image = image,
                       .attempt = attempt};
    struct endpoint listener =
        entrance_endpoint(image, &surface->entrances.items[grant->entrance]);
    *w = (struct witness){.rule = diagram_rule(search->diagram, leads),
                          .symbolic = has_patterns(search)};
    struct output out = output_to(w->client, sizeof w->client);
    address_write(&out, client);
    out = output_to(w->listener, sizeof w->listener);
    if (listener.port)
        endpoint_write(&out, listener);
    size_t recipient =
        chosen_cell(&m, axis_of(&m, DIMENSION_RECIPIENT), attempt);
    return choose_pair(&m, attempt) && recipient != SIZE_MAX &&
           take_presences(&m) && take_tls(&m) &&
           take_identity(&m, w->fresh_identity, sizeof w->fresh_identity) &&
           write_mail(&m, &surface->catalogue.senders, m.sender,
                      &image->sender_locals, w->sender, sizeof w->sender) &&
           write_mail(&m, &surface->catalogue.recipients, recipient,
                      &image->recipient_locals, w->recipient,
                      sizeof w->recipient);
}

/* -- replay ------------------------------------------------------------- */

static void
say(struct output *out, const char *who, const char *what, struct text value,
    const char *end)
{
    if (!out)
        return;
    output_format(out, "%s: %s", who, what);
    output_printable(out, value);
    output_format(out, "%s\n", end);
}

static void
answer(struct output *out, const mayrelay_session *session)
{
    const mayrelay_decision *decision = mayrelay_session_get_decision(session);
    say(out, "S", "", text_of(mayrelay_decision_get_reply(decision)), "");
}

static void
greet(const struct witness *w, mayrelay_session *session, struct output *out)
{
    mayrelay_session_connect(session, w->client,
                             w->listener[0] ? w->listener : NULL);
    say(out, "*", "connection from ", text_of(w->client), "");
    if (w->listener[0])
        say(out, "*", "to our ", text_of(w->listener), "");
    for (unsigned i = 0; i < w->name_count; i++) {
        mayrelay_session_add_client_name(session, w->names[i], MAYRELAY_ZSTR);
        say(out, "*", "its confirmed host name: ", text_of(w->names[i]), "");
    }
    if (w->names_fail)
        say(out, "*", "the look-up of its host names fails", TEXT(""), "");
    mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME,
                            w->names_fail ? MAYRELAY_FAILED : MAYRELAY_KNOWN);
    mayrelay_session_resume(session);
}

static void
start_tls(const struct witness *w, mayrelay_session *session,
          struct output *out)
{
    char hex[65] = "";
    struct output digits = output_to(hex, sizeof hex);
    for (size_t i = 0; i < w->certificate.size; i++)
        output_format(&digits, "%02x", (unsigned char)w->certificate.data[i]);
    say(out, "C", "STARTTLS", TEXT(""), "");
    if (hex[0])
        say(out, "*", "client certificate: ", text_of(hex), "");
    mayrelay_session_tls(session, hex[0] ? hex : NULL, MAYRELAY_ZSTR);
}

static void
sign_in(const struct witness *w, mayrelay_session *session, struct output *out)
{
    if (w->identity.size) {
        mayrelay_session_auth(session, w->identity.data, w->identity.size);
        say(out, "C", "AUTH PLAIN (as ", w->identity, ")");
    }
    for (unsigned i = 0; i < w->group_count; i++) {
        mayrelay_session_add_group(session, w->groups[i].data,
                                   w->groups[i].size);
        say(out, "*", "a member of ", w->groups[i], "");
    }
    if (w->groups_fail)
        say(out, "*", "the look-up of its groups fails", TEXT(""), "");
    mayrelay_session_answer(session, MAYRELAY_FACT_GROUPS,
                            w->groups_fail ? MAYRELAY_FAILED : MAYRELAY_KNOWN);
}

static void
look_mailbox_up(const struct witness *w, mayrelay_session *session,
                struct output *out)
{
    switch (w->mailbox) {
    case MAILBOX_NOT_ASKED: return;
    case MAILBOX_EXISTS:
    case MAILBOX_ABSENT:
        say(out, "*", "the mailbox ",
            w->mailbox == MAILBOX_EXISTS ? TEXT("exists")
                                         : TEXT("does not exist"),
            "");
        mayrelay_session_set_recipient_exists(session,
                                              w->mailbox == MAILBOX_EXISTS);
        break;
    case MAILBOX_UNKNOWN:
        say(out, "*", "the look-up of the mailbox fails", TEXT(""), "");
        mayrelay_session_answer(session, MAYRELAY_FACT_RECIPIENT,
                                MAYRELAY_FAILED);
        break;
    }
    mayrelay_session_resume(session);
}

static enum replay
outcome(const struct witness *w, const mayrelay_session *session)
{
    const mayrelay_decision *decision = mayrelay_session_get_decision(session);
    uint32_t line = mayrelay_decision_get_line(decision);
    if (mayrelay_decision_get_reason(decision) ==
        MAYRELAY_REASON_INTERNAL_ERROR)
        return REPLAY_FAILED;
    return mayrelay_decision_get_verdict(decision) == MAYRELAY_ACCEPT &&
                   mayrelay_decision_get_is_relay(decision) &&
                   (w->symbolic || line == w->rule->source.line)
               ? REPLAY_ACCEPTED
               : REPLAY_REFUSED;
}

void
witness_play(const struct witness *w, mayrelay_session *session,
             struct output *out, bool with_answers)
{
    mayrelay_session_rewrites(session, !w->no_rewriting);
    if (w->no_rewriting)
        say(out, "*", "the host does not rewrite recipients", TEXT(""), "");
    greet(w, session, out);
    if (w->tls)
        start_tls(w, session, out);
    sign_in(w, session, out);
    mayrelay_session_mail(session, w->sender, MAYRELAY_ZSTR);
    say(out, "C", "MAIL FROM:<", text_of(w->sender), ">");
    if (with_answers)
        answer(out, session);
    if (w->ends_at_mail)
        return;
    mayrelay_session_rcpt(session, w->recipient, MAYRELAY_ZSTR);
    say(out, "C", "RCPT TO:<", text_of(w->recipient), ">");
    look_mailbox_up(w, session, out);
    if (with_answers)
        answer(out, session);
}

enum replay
witness_replay(const struct witness *w, mayrelay_policy *policy,
               struct output *out)
{
    mayrelay_session *session = mayrelay_session_new(policy);
    if (!session)
        return REPLAY_FAILED;
    witness_play(w, session, out, true);
    enum replay replay = outcome(w, session);
    mayrelay_session_free(session);
    return replay;
}
