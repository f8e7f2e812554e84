#include "diff/mail.h"

#include "audit/catalogue.h"
#include "base/memory.h"
#include "decide/mailboxes.h"

bool
mail_init(struct mail *m, struct values *v, bool is_sender)
{
    *m = (struct mail){.values = v,
                       .cells = is_sender ? &v->senders : &v->recipients,
                       .is_sender = is_sender};
    for (int s = 0; s < SIDES; s++) {
        m->has_owners |= is_sender && image_asks_for_owners(v->pair->images[s]);
        m->forms[s] = memory_new(1, sizeof *m->forms[s]);
        m->failed |= !m->forms[s];
    }
    return !m->failed;
}

void
mail_clear(struct mail *m)
{
    m->values->failed |= m->failed;
    arena_clear(&m->texts);
    memory_free(m->places);
    memory_free(m->indirect);
    memory_free(m->locals);
    intern_clear(&m->odd_domains);
    intern_clear(&m->odd_locals);
    for (int s = 0; s < SIDES; s++)
        memory_free(m->forms[s]);
}

bool
mail_split(struct text mailbox, struct text *local, struct text *domain)
{
    size_t at = text_find_last(mailbox, '@');
    bool whole = at != TEXT_NONE && !text_ends(mailbox, TEXT("\""));
    *local = whole ? text_slice(mailbox, 0, at) : mailbox;
    *domain = whole ? text_from(mailbox, at + 1) : TEXT("");
    return whole;
}

struct mail_place
mail_place_of(struct text domain, enum literal_place where)
{
    struct mail_place place = {.domain = domain};
    if (!text_starts(domain, TEXT("[")))
        return place;
    place.where = where;
    struct text inside = text_slice(domain, 1, domain.size - 1);
    if (text_starts_fold(inside, TEXT("ipv6:")))
        inside = text_from(inside, 5);
    address_parse(inside, &place.literal);
    return place;
}

void
mail_add_place(struct mail *m, struct mail_place place)
{
    if (!memory_grow(&m->places, &m->place_room, m->place_count + 1,
                     sizeof *m->places) ||
        !memory_grow(&m->indirect, &m->indirect_room, m->indirect_count + 1,
                     sizeof *m->indirect)) {
        m->failed = true;
        return;
    }
    if (!m->is_sender)
        mail_describe(m, &place);
    if (!place.domain.size || place.targets[OLD].size ||
        place.targets[NEW].size)
        m->indirect[m->indirect_count++] = (uint32_t)m->place_count;
    m->places[m->place_count++] = place;
}

void
mail_add_local(struct mail *m, struct text local)
{
    if (!memory_grow(&m->locals, &m->local_room, m->local_count + 1,
                     sizeof *m->locals))
        m->failed = true;
    else
        m->locals[m->local_count++] = local;
}

/* -- as the look-ups see it ----------------------------------------------- */

static struct transaction
transaction_of(const struct facts *facts)
{
    return (struct transaction){.image = facts->image, .facts = facts};
}

static void
see_sender(struct mail *m, struct facts *facts, struct text argument,
           struct view *view)
{
    const struct sender_facts *sender = &facts->sender;
    const struct mailbox *mailbox = &sender->mailbox;
    facts_mail(facts, argument);
    m->failed |= !sender->given;
    *view = view_of(sender->masks, sender->mask_count);
    if (mailbox->kind == MAILBOX_MALFORMED)
        view->traits = TRAIT_MALFORMED;
    if (mailbox->kind == MAILBOX_NULL)
        view->traits = TRAIT_NULL;
    if (m->has_owners && !view->traits)
        view->owners = catalogue_owners(
            facts->image, mailbox->key,
            mailbox->kind == MAILBOX_AT_DOMAIN ? mailbox->domain : TEXT(""));
}

static void
see_mailbox(struct mail *m, struct facts *facts, int side, struct view *view)
{
    const struct recipient_facts *recipient = &facts->recipient;
    const struct image_domain *check = recipient->check;
    struct transaction t = transaction_of(facts);
    view->exists = EXISTS_YES;
    if (recipient->is_postmaster || !check ||
        check->mailboxes == MAILBOXES_NONE)
        return;
    view->exists = EXISTS_ASK;
    if (check->mailboxes == MAILBOXES_ASK)
        return;
    mailbox_forms(&t, check, m->forms[side]);
    const struct image_list *list = image_list(facts->image, check->mailboxes);
    enum truth named =
        mailbox_is_named(facts->image, check->mailboxes, m->forms[side]);
    m->failed |= !list || named == TRUTH_UNKNOWN;
    view->exists = EXISTS_YES;
    if (named == TRUTH_YES)
        return;
    view->exists = list && list->pattern_count ? EXISTS_BY_PATTERN : EXISTS_NO;
    view->list = check->mailboxes;
}

static void
see_recipient(struct mail *m, struct facts *facts, int side,
              struct text argument, struct view *view)
{
    const struct recipient_facts *recipient = &facts->recipient;
    facts_rcpt(facts, argument);
    m->failed |= !recipient->given;
    bool routing = recipient->mailbox.carries_routing;
    bool malformed = recipient->mailbox.kind == MAILBOX_MALFORMED;
    *view = view_of(recipient->masks,
                    routing || malformed ? 0 : recipient->mask_count);
    if (malformed) {
        view->traits = TRAIT_MALFORMED;
        return;
    }
    view->traits = (routing ? TRAIT_ROUTING : 0u) |
                   (recipient->is_relay ? TRAIT_RELAY : 0u) |
                   (recipient->rerouted ? TRAIT_REROUTED : 0u) |
                   (recipient->is_postmaster ? TRAIT_POSTMASTER : 0u);
    if (!recipient->is_relay)
        see_mailbox(m, facts, side, view);
}

static bool
same_forms(const struct mailbox_forms *a, const struct mailbox_forms *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = text_equal(a->wholes[i], b->wholes[i]);
    return same;
}

static uint32_t
see_apart(const struct mail *m, const struct cell_key *key)
{
    const struct facts *old = m->values->facts[OLD];
    const struct facts *new = m->values->facts[NEW];
    const struct mailbox *a =
        m->is_sender ? &old->sender.mailbox : &old->recipient.mailbox;
    const struct mailbox *b =
        m->is_sender ? &new->sender.mailbox : &new->recipient.mailbox;
    uint32_t apart = 0;
    bool old_said = a->kind != MAILBOX_MALFORMED;
    bool new_said = b->kind != MAILBOX_MALFORMED;
    if (old_said != new_said || (old_said && !text_equal(a->whole, b->whole)))
        apart |= APART_WHOLE;
    if (key->views[OLD].exists == EXISTS_BY_PATTERN &&
        key->views[NEW].exists == EXISTS_BY_PATTERN &&
        !same_forms(m->forms[OLD], m->forms[NEW]))
        apart |= APART_FORMS;
    return apart;
}

/* -- showing -------------------------------------------------------------- */

/* With an actual address in the place of our own. */
static struct text
insert_own(struct text argument, struct address own, char *room, size_t size)
{
    size_t at = text_find(argument, OWN_ADDRESS[0]);
    struct output out = output_to(room, size);
    if (at == TEXT_NONE)
        return argument;
    output_text(&out, text_slice(argument, 0, at));
    address_write(&out, own);
    output_text(&out, text_from(argument, at + 1));
    return output_written(&out);
}

void
mail_key(struct mail *m, struct text argument, struct address own,
         struct cell_key *key)
{
    memset(key, 0, sizeof *key);
    for (int s = 0; s < SIDES; s++) {
        struct facts *facts = m->values->facts[s];
        facts->client.listener.address = own;
        if (m->is_sender)
            see_sender(m, facts, argument, &key->views[s]);
        else
            see_recipient(m, facts, s, argument, &key->views[s]);
    }
    key->apart = see_apart(m, key);
}

void
mail_show_argument(struct mail *m, struct text argument,
                   const struct mail_place *place, bool named)
{
    char room[MAILBOX_TEXT_SIZE + ADDRESS_TEXT_SIZE];
    struct address own = {ADDRESS_NONE, 0, 0};
    struct cell_key key;
    if (place->where == LITERAL_OURS)
        own = place->literal.family == ADDRESS_NONE ? m->own : place->literal;
    mail_key(m, insert_own(argument, own, room, sizeof room), own, &key);
    key.place = place->where;
    if (place->where != LITERAL_NONE) {
        key.literal_family = place->literal.family;
        key.literal_high = place->literal.high;
        key.literal_low = place->literal.low;
    }
    cells_add(m->cells, &key, argument, named);
}

void
mail_show(struct mail *m, struct text local, const struct mail_place *place,
          bool named)
{
    char room[MAILBOX_TEXT_SIZE];
    struct output out = output_to(room, sizeof room);
    output_text(&out, local);
    if (place->domain.size) {
        output_byte(&out, '@');
        output_text(&out, place->domain);
    }
    mail_show_argument(m, output_written(&out), place, named);
}

void
mail_describe(struct mail *m, struct mail_place *place)
{
    char room[MAILBOX_TEXT_SIZE];
    struct output out = output_to(room, sizeof room);
    output_string(&out, place->domain.size ? "someone@" : "someone");
    output_text(&out, place->domain);
    for (int s = 0; s < SIDES; s++) {
        char inserted[MAILBOX_TEXT_SIZE + ADDRESS_TEXT_SIZE];
        struct facts *facts = m->values->facts[s];
        struct address own = {ADDRESS_NONE, 0, 0};
        if (place->where == LITERAL_OURS)
            own =
                place->literal.family == ADDRESS_NONE ? m->own : place->literal;
        facts->client.listener.address = own;
        facts_rcpt(facts, insert_own(output_written(&out), own, inserted,
                                     sizeof inserted));
        const struct recipient_facts *recipient = &facts->recipient;
        const struct image_domain *check = recipient->check;
        place->lists[s] = check ? check->mailboxes : MAILBOXES_NONE;
        place->delimiters[s] = check ? (char)check->delimiter : '\0';
        place->targets[s] = TEXT("");
        if (recipient->mailbox.kind == MAILBOX_AT_DOMAIN &&
            !text_equal(recipient->mailbox.domain, place->domain))
            place->targets[s] =
                arena_copy(&m->texts, recipient->mailbox.domain);
        else if (recipient->mailbox.kind == MAILBOX_AT_LITERAL && check)
            place->targets[s] = text_of(image_string(
                facts->image, facts->image->settings->default_domain));
    }
}
