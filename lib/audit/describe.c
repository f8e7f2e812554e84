#include "audit/describe.h"

#include <stdio.h>

#include "mail/mailbox.h"

enum {
    WORDS_SIZE = MAILBOX_TEXT_SIZE + 64
};

struct describing {
    const struct surface *surface;
    const struct box_side *side;
    take_words *take;
    void *context;
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

static void
emit(struct describing *d, struct text words)
{
    char room[WORDS_SIZE];
    struct output out = output_to(room, sizeof room);
    if (d->negated)
        output_string(&out, "not ");
    output_printable(&out, words);
    if (d->goes_on)
        d->goes_on = d->take(d->context, output_written(&out));
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
           const char *what)
{
    size_t shown = class->count < SAMPLES_MOST ? class->count : SAMPLES_MOST;
    for (size_t i = 0; i < shown; i++)
        emit(d, class->samples[i]);
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
    emit(d, output_written(&out));
}

/* `local` with its '@', or empty. */
static void
emit_names(struct describing *d, const struct name_class *class,
           struct text local)
{
    char room[WORDS_SIZE];
    size_t itself = 0;
    if (class->class == 0 && class->owners == 0) {
        struct output out = output_to(room, sizeof room);
        output_text(&out, local);
        output_string(&out, "any other domain");
        emit(d, output_written(&out));
        return;
    }
    for (unsigned i = 0; i < class->sample_count; i++) {
        const struct name_sample *sample = &class->samples[i];
        struct output out = output_to(room, sizeof room);
        output_text(&out, local);
        if (sample->place == NAME_BELOW)
            output_byte(&out, '.');
        output_text(&out, sample->name);
        itself += sample->place == NAME_ITSELF;
        emit(d, output_written(&out));
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
    for (size_t i = 0; i < shown; i++) {
        char room[MAILBOX_TEXT_SIZE];
        struct output out = output_to(room, sizeof room);
        output_text(&out, class->samples[i]);
        output_byte(&out, '@');
        if (cell->form == MAIL_OWN) {
            output_string(&out, "our own literal");
            emit(d, output_written(&out));
        } else {
            emit_names(d, &cells->domains.items[cell->domain],
                       output_written(&out));
        }
    }
    emit_more(d, class->count, shown, "local parts");
}

static void
emit_mail(struct describing *d, const struct mail_cells *cells, size_t number)
{
    const struct mail_cell *cell = &cells->items[number];
    if (cell->count) {
        emit(d, cell->sample);
        emit_more(d, cell->count, 1, "mailboxes");
    } else if (cell->form == MAIL_NULL) {
        emit(d, TEXT("<>"));
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
    const struct catalogue *c = &d->surface->catalogue;
    switch (d->side->node.axis->dimension) {
    case DIMENSION_IDENTITY:
        if (cell == CELL_ANONYMOUS)
            emit(d, TEXT("anonymous"));
        else if (cell == CELL_ANY_IDENTITY)
            emit(d, TEXT("any other account"));
        else
            emit_texts(d, &c->identities[cell - 1], "accounts");
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

/* What is there or not: which. */
static void
emit_members(struct describing *d)
{
    const struct axis *axis = d->side->node.axis;
    const struct catalogue *c = &d->surface->catalogue;
    d->negated = d->side->node.leads[CELL_YES] != d->side->leads;
    for (size_t i = 0; i < axis->member_count; i++) {
        char room[WORDS_SIZE];
        struct output out = output_to(room, sizeof room);
        if (axis->dimension == DIMENSION_NAME) {
            for (size_t j = 0; j < c->client_names.count; j++)
                if (c->client_names.items[j].class == axis->members[i])
                    emit_names(d, &c->client_names.items[j], TEXT(""));
        } else if (axis->dimension == DIMENSION_GROUP) {
            emit_texts(d, &c->groups[axis->members[i]], "groups");
        } else {
            output_byte(&out, '/');
            output_text(&out,
                        image_pattern(d->surface->image, axis->members[i]));
            output_byte(&out, '/');
            emit(d, output_written(&out));
        }
    }
}

static void
emit_cells(struct describing *d)
{
    const struct axis *axis = d->side->node.axis;
    size_t inside = 0;
    for (size_t cell = 0; cell < axis->cell_count; cell++)
        inside += side_holds(d->side, cell);
    bool any = inside > axis->cell_count / 2 && axis->cell_count > 2;
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
describe_side(const struct surface *surface, const struct box_side *side,
              take_words *take, void *context)
{
    struct describing d = {.surface = surface,
                           .side = side,
                           .take = take,
                           .context = context,
                           .goes_on = true};
    if (side->node.axis->member_count)
        emit_members(&d);
    else
        emit_cells(&d);
}
