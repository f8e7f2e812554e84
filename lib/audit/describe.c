#include "audit/describe.h"

#include <stdio.h>

#include "mail/mailbox.h"

enum {
    WORDS_SIZE = MAILBOX_TEXT_SIZE + 64
};

struct describing {
    const struct description *to;
    const struct box_side *side;
    const struct image_rule *rule;
    bool negated, goes_on;
};

const char *
describe_dimension(enum dimension dimension)
{
    switch (dimension) {
    case DIMENSION_ADDRESS: return "client";
    case DIMENSION_NAME:
    case DIMENSION_NAME_PATTERN: return "client-name";
    case DIMENSION_IDENTITY:
    case DIMENSION_IDENTITY_PATTERN: return "identity";
    case DIMENSION_GROUP: return "group";
    case DIMENSION_TLS: return "tls";
    case DIMENSION_SENDER:
    case DIMENSION_SENDER_PATTERN: return "sender";
    case DIMENSION_OWNED: return "sender-owned";
    case DIMENSION_RECIPIENT:
    case DIMENSION_RECIPIENT_PATTERN: return "recipient";
    case DIMENSIONS: break;
    }
    return "";
}

static enum selection_kind
selection_of(enum dimension dimension)
{
    switch (dimension) {
    case DIMENSION_ADDRESS:
    case DIMENSION_NAME:
    case DIMENSION_NAME_PATTERN: return SELECT_CLIENTS;
    case DIMENSION_IDENTITY:
    case DIMENSION_GROUP:
    case DIMENSION_IDENTITY_PATTERN: return SELECT_USERS;
    case DIMENSION_TLS: return SELECT_CERTIFICATES;
    case DIMENSION_SENDER:
    case DIMENSION_SENDER_PATTERN:
    case DIMENSION_OWNED: return SELECT_SENDERS;
    case DIMENSION_RECIPIENT:
    case DIMENSION_RECIPIENT_PATTERN:
    case DIMENSIONS: break;
    }
    return SELECT_RECIPIENTS;
}

/* Words, and the entries that may let through what they say. */
static void
emit_of(struct describing *d, struct text words,
        const struct candidates *entries)
{
    char room[WORDS_SIZE];
    struct output out = output_to(room, sizeof room);
    struct image_source source = {0};
    if (!d->goes_on)
        return;
    if (d->negated)
        output_string(&out, "not ");
    else
        source =
            lines_find(d->to->lines, d->rule,
                       selection_of(d->side->node.axis->dimension), entries);
    output_printable(&out, words);
    d->goes_on = d->to->take(d->to->context, output_written(&out), source);
}

static void
emit(struct describing *d, struct text words)
{
    static const struct candidates NONE = {.count = 0};
    emit_of(d, words, &NONE);
}

static void
emit_entry(struct describing *d, struct text words, enum entry_kind kind,
           struct text entry)
{
    struct candidates entries = {.count = 0};
    matching_add(&entries, kind, entry);
    emit_of(d, words, &entries);
}

static void
emit_more(struct describing *d, uint64_t count, size_t shown, const char *what)
{
    char room[64];
    struct output out = output_to(room, sizeof room);
    if (count <= shown)
        return;
    output_format(&out, "%llu more %s", (unsigned long long)(count - shown),
                  what);
    emit(d, output_written(&out));
}

static void
emit_texts(struct describing *d, const struct text_class *class,
           enum entry_kind kind, const char *what)
{
    size_t shown = class->count < SAMPLES_MOST ? class->count : SAMPLES_MOST;
    for (size_t i = 0; i < shown; i++)
        emit_entry(d, class->samples[i], kind, class->samples[i]);
    emit_more(d, class->count, shown, what);
}

static void
emit_hex(struct describing *d, struct text bytes)
{
    char room[80];
    struct output out = output_to(room, sizeof room);
    output_string(&out, "certificate ");
    for (size_t i = 0; i < bytes.size; i++)
        output_format(&out, "%02x", (unsigned char)bytes.data[i]);
    emit_entry(d, output_written(&out), ENTRY_FINGERPRINT, bytes);
}

/* A local part (its size 0: any) at a domain, which may begin with a dot. */
static void
emit_name(struct describing *d, struct text local, const char *domain)
{
    char room[WORDS_SIZE];
    struct output out = output_to(room, sizeof room);
    struct candidates entries = {.count = 0};
    if (local.size) {
        matching_add(&entries, ENTRY_LOCAL_PART, local);
        output_format(&out, "%.*s@", TEXT_ARGS(local));
    }
    matching_add_name(&entries, text_of(domain));
    output_string(&out, domain);
    emit_of(d, output_written(&out), &entries);
}

static void
emit_names(struct describing *d, const struct name_class *class,
           struct text local)
{
    size_t itself = 0;
    if (class->class == 0 && class->owners == 0) {
        emit_name(d, local, "any other domain");
        return;
    }
    for (unsigned i = 0; i < class->sample_count; i++) {
        const struct name_sample *sample = &class->samples[i];
        char name[DOMAIN_TEXT_SIZE + 1];
        struct output out = output_to(name, sizeof name);
        if (sample->place == NAME_BELOW)
            output_byte(&out, '.');
        output_text(&out, sample->name);
        itself += sample->place == NAME_ITSELF;
        emit_name(d, local, name);
    }
    emit_more(d, class->count, itself, "names");
}

/* -- mail --------------------------------------------------------------- */

static void
emit_locals(struct describing *d, const struct mail_cells *cells,
            const struct mail_cell *cell)
{
    const struct text_class *class = &cells->locals[cell->local];
    size_t shown = class->count < SAMPLES_MOST ? class->count : SAMPLES_MOST;
    for (size_t i = 0; i < shown; i++)
        if (cell->form == MAIL_OWN)
            emit_name(d, class->samples[i], "our own literal");
        else
            emit_names(d, &cells->domains.items[cell->domain],
                       class->samples[i]);
    emit_more(d, class->count, shown, "local parts");
}

/* The key of one that some list names; not each has a domain. */
static void
emit_mailbox(struct describing *d, struct text mailbox)
{
    size_t at = text_find_last(mailbox, '@');
    struct candidates entries = {.count = 0};
    matching_add(&entries, ENTRY_MAILBOX, mailbox);
    if (at != TEXT_NONE) {
        matching_add(&entries, ENTRY_LOCAL_PART, text_slice(mailbox, 0, at));
        matching_add_name(&entries, text_from(mailbox, at + 1));
    }
    emit_of(d, mailbox, &entries);
}

static void
emit_mail(struct describing *d, const struct mail_cells *cells, size_t number)
{
    const struct mail_cell *cell = &cells->items[number];
    if (cell->count) {
        emit_mailbox(d, cell->sample);
        emit_more(d, cell->count, 1, "mailboxes");
    } else if (cell->form == MAIL_NULL) {
        emit_entry(d, TEXT("<>"), ENTRY_NULL_SENDER, TEXT("<>"));
    } else if (cell->form == MAIL_ROUTING) {
        emit(d, TEXT("any with routing"));
    } else if (cell->local) {
        emit_locals(d, cells, cell);
    } else if (cell->form == MAIL_OWN) {
        emit(d, TEXT("any at our own literal, bare postmaster"));
    } else {
        emit_names(d, &cells->domains.items[cell->domain], TEXT(""));
    }
}

/* -- cells -------------------------------------------------------------- */

static void
emit_cell(struct describing *d, size_t cell)
{
    const struct catalogue *c = &d->to->surface->catalogue;
    switch (d->side->node.axis->dimension) {
    case DIMENSION_IDENTITY:
        if (cell == CELL_ANONYMOUS)
            emit(d, TEXT("anonymous"));
        else if (cell == CELL_ANY_IDENTITY)
            emit(d, TEXT("any other account"));
        else
            emit_texts(d, &c->identities[cell - 1], ENTRY_IDENTITY, "accounts");
        break;
    case DIMENSION_TLS:
        if (cell == CELL_PLAIN_TEXT)
            emit(d, TEXT("without TLS"));
        else if (cell == CELL_ENCRYPTED)
            emit(d, TEXT("with TLS"));
        else if (c->certificates[cell - 1].count)
            emit_hex(d, c->certificates[cell - 1].samples[0]);
        break;
    case DIMENSION_SENDER: emit_mail(d, &c->senders, cell); break;
    case DIMENSION_RECIPIENT: emit_mail(d, &c->recipients, cell); break;
    case DIMENSION_OWNED:
        emit(d, cell == CELL_YES ? TEXT("owned by the account")
                                 : TEXT("not owned by the account"));
        break;
    case DIMENSION_ADDRESS:
    case DIMENSION_NAME:
    case DIMENSION_NAME_PATTERN:
    case DIMENSION_GROUP:
    case DIMENSION_IDENTITY_PATTERN:
    case DIMENSION_SENDER_PATTERN:
    case DIMENSION_RECIPIENT_PATTERN:
    case DIMENSIONS: break;
    }
}

static void
emit_pattern(struct describing *d, struct text source)
{
    char room[WORDS_SIZE];
    struct output out = output_to(room, sizeof room);
    output_format(&out, "/%.*s/", TEXT_ARGS(source));
    emit_entry(d, output_written(&out), ENTRY_PATTERN, source);
}

/* What is there or not: which. */
static void
emit_members(struct describing *d)
{
    const struct axis *axis = d->side->node.axis;
    const struct catalogue *c = &d->to->surface->catalogue;
    d->negated = d->side->node.leads[CELL_YES] != d->side->leads;
    for (size_t i = 0; i < axis->member_count; i++) {
        if (axis->dimension == DIMENSION_NAME) {
            for (size_t j = 0; j < c->client_names.count; j++)
                if (c->client_names.items[j].class == axis->members[i])
                    emit_names(d, &c->client_names.items[j], TEXT(""));
        } else if (axis->dimension == DIMENSION_GROUP) {
            emit_texts(d, &c->groups[axis->members[i]], ENTRY_GROUP, "groups");
        } else {
            emit_pattern(
                d, image_pattern(d->to->surface->image, axis->members[i]));
        }
    }
}

/* The cell of what no list names: a set without it holds list entries alone. */
static size_t
cell_of_others(enum dimension dimension)
{
    return dimension == DIMENSION_IDENTITY ? CELL_ANY_IDENTITY
           : dimension == DIMENSION_TLS    ? CELL_ENCRYPTED
                                           : 0;
}

static void
emit_cells(struct describing *d)
{
    const struct axis *axis = d->side->node.axis;
    size_t inside = 0;
    for (size_t cell = 0; cell < axis->cell_count; cell++)
        inside += side_holds(d->side, cell);
    bool any = inside > axis->cell_count / 2 && axis->cell_count > 2 &&
               side_holds(d->side, cell_of_others(axis->dimension));
    if (axis->dimension == DIMENSION_IDENTITY &&
        inside == axis->cell_count - 1 &&
        !side_holds(d->side, CELL_ANONYMOUS)) {
        emit(d, TEXT("any account"));
        return;
    }
    if (any)
        emit(d, TEXT("any"));
    d->negated = any;
    for (size_t cell = 0; cell < axis->cell_count && d->goes_on; cell++)
        if (side_holds(d->side, cell) != any)
            emit_cell(d, cell);
}

void
describe_side(const struct description *description, const struct box *box,
              size_t side)
{
    struct describing d = {.to = description,
                           .side = &box->sides[side],
                           .rule = box->rule,
                           .goes_on = true};
    if (d.side->node.axis->member_count)
        emit_members(&d);
    else
        emit_cells(&d);
}
