/* What lists name as a whole: mailboxes of senders, recipients and owners, and
 * the lists of who exists. */
#include "audit/catalogue.h"
#include "audit/entrance.h"
#include "base/memory.h"
#include "decide/mailboxes.h"
#include "diff/mail.h"

/* -- odd ones ---------------------------------------------------------------
 */

static void
note_odd(struct mail *m, struct text mailbox)
{
    struct text local, domain;
    if (mail_split(mailbox, &local, &domain))
        intern_add(&m->odd_domains, domain);
    intern_add(&m->odd_locals, local);
}

static void
note_all(struct mail *m, const struct text_set *set, size_t skip)
{
    struct keyed_value entry;
    size_t at = 0;
    while (text_set_next(set, &at, &entry))
        note_odd(m, text_from(entry.key, skip));
}

/* -- mailboxes --------------------------------------------------------------
 */

/* Where mail arrives that then is looked for at the domain: rerouted, at an
 * address literal, or without a domain. */
static bool
leads_to(const struct mail *m, const struct mail_place *place,
         struct text domain)
{
    for (int s = 0; s < SIDES; s++) {
        const struct image *image = m->values->pair->images[s];
        struct text unsaid =
            text_of(image_string(image, image->settings->default_domain));
        bool qualified = !place->domain.size && text_equal(unsaid, domain);
        bool moved =
            place->targets[s].size && text_equal(place->targets[s], domain);
        if (qualified || moved)
            return true;
    }
    return false;
}

static void
show_mailbox(struct mail *m, struct text mailbox)
{
    struct text local, domain;
    bool whole = mail_split(mailbox, &local, &domain);
    struct mail_place place = mail_place_of(domain, LITERAL_ANOTHER);
    mail_show(m, local, &place, true);
    if (place.where == LITERAL_ANOTHER) { /* and where it is our own */
        place.where = LITERAL_OURS;
        mail_show(m, local, &place, false);
    }
    for (size_t i = 0; whole && i < m->indirect_count; i++)
        if (leads_to(m, &m->places[m->indirect[i]], domain))
            mail_show(m, local, &m->places[m->indirect[i]], false);
}

static bool
is_in_some(const struct text_set *const *sets, size_t count, struct text key)
{
    uint32_t value = 0;
    for (size_t i = 0; i < count && !value; i++)
        text_set_lookup(sets[i], key, &value);
    return value != 0;
}

/* What some of the sets name, each once. */
static void
show_mailboxes(struct mail *m, const struct text_set *const *sets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct keyed_value entry;
        size_t at = 0;
        while (!m->failed && text_set_next(sets[i], &at, &entry))
            if (!is_in_some(sets, i, entry.key))
                show_mailbox(m, entry.key);
    }
}

/* -- who exists --------------------------------------------------------------
 */

/* As it is, and with a tag that one of the policies takes off. */
static void
show_tagged(struct mail *m, struct text local, const struct mail_place *place)
{
    mail_show(m, local, place, true);
    for (int s = 0; s < SIDES; s++) {
        char room[MAILBOX_TEXT_SIZE];
        struct output out = output_to(room, sizeof room);
        if (!place->delimiters[s])
            continue;
        output_text(&out, local);
        output_byte(&out, place->delimiters[s]);
        values_write_fresh(m->values, &out, "far");
        mail_show(m, output_written(&out), place, false);
    }
}

/* The places of a mailbox list, so that each entry need not seek them. */
struct list_places {
    uint32_t list;
    uint32_t *places;
    size_t count, room;
    bool known;
};

static void
find_places(struct mail *m, int side, uint32_t list, struct list_places *found)
{
    if (found->known && found->list == list)
        return;
    found->known = true;
    found->list = list;
    found->count = 0;
    for (uint32_t i = 0; i < m->place_count && !m->failed; i++) {
        if (m->places[i].lists[side] != list)
            continue;
        if (memory_grow(&found->places, &found->room, found->count + 1,
                        sizeof *found->places))
            found->places[found->count++] = i;
        else
            m->failed = true;
    }
}

static void
show_entry(struct mail *m, int side, struct text key, struct list_places *found)
{
    uint32_t list;
    struct text local, domain;
    memcpy(&list, key.data, sizeof list);
    bool whole = mail_split(text_from(key, sizeof list), &local, &domain);
    find_places(m, side, list, found);
    if (whole) {
        struct mail_place place = mail_place_of(domain, LITERAL_NONE);
        mail_describe(m, &place);
        show_tagged(m, local, &place);
    }
    for (size_t i = 0; i < found->count && !m->cells->over_budget; i++) {
        const struct mail_place *place = &m->places[found->places[i]];
        if (!whole || leads_to(m, place, domain))
            show_tagged(m, local, place);
    }
}

static void
show_who_exists(struct mail *m)
{
    for (int side = 0; side < SIDES; side++) {
        struct list_places found = {0};
        struct keyed_value entry;
        size_t at = 0;
        while (!m->failed && !m->cells->over_budget &&
               text_set_next(&m->values->pair->images[side]->mailboxes, &at,
                             &entry))
            if (entry.key.size > sizeof found.list)
                show_entry(m, side, entry.key, &found);
        memory_free(found.places);
    }
}

/* -- the whole --------------------------------------------------------------
 */

static bool
is_listener(const struct text_set *keys, struct address address)
{
    struct keyed_value entry;
    size_t at = 0;
    while (text_set_next(keys, &at, &entry))
        if (address_equal(endpoint_of_key(entry.key).address, address))
            return true;
    return false;
}

static bool
names_address(const struct mail *m, struct address address)
{
    char room[ADDRESS_TEXT_SIZE + 2];
    struct output out = output_to(room, sizeof room);
    output_byte(&out, '[');
    address_write(&out, address);
    output_byte(&out, ']');
    bool named = intern_find(&m->odd_domains, output_written(&out)) != 0;
    for (int s = 0; s < SIDES; s++) {
        const struct image *image = m->values->pair->images[s];
        uint32_t listed = 0;
        prefix_set_lookup(&image->literals, address, &listed);
        named |= listed != 0 || is_listener(&image->listen_keys, address) ||
                 is_listener(&image->listeners, address);
    }
    return named;
}

static void
find_own(struct mail *m)
{
    uint32_t next = UINT32_C(0xc6336401); /* 198.51.100.1 */
    do
        m->own = address_ipv4(next++);
    while (names_address(m, m->own));
}

static void
show_everywhere(struct mail *m)
{
    for (size_t l = 0; l < m->local_count; l++)
        for (size_t p = 0; p < m->place_count && !m->failed &&
                           !m->cells->over_budget && !m->cells->failed;
             p++)
            mail_show(m, m->locals[l], &m->places[p], false);
}

/* What a list of both names, and everything else. */
static void
show_all(struct mail *m)
{
    static const struct mail_place NOWHERE = {0};
    const struct image *const *images = m->values->pair->images;
    const struct text_set *const senders[] = {
        &images[OLD]->senders, &images[NEW]->senders,
        &images[OLD]->owner_mailboxes, &images[NEW]->owner_mailboxes};
    const struct text_set *const recipients[] = {&images[OLD]->recipients,
                                                 &images[NEW]->recipients};
    find_own(m);
    mail_gather_places(m);
    mail_gather_locals(m);
    show_everywhere(m);
    mail_show_argument(m, TEXT("@"), &NOWHERE, false);
    if (m->is_sender) {
        show_mailboxes(m, senders, m->has_owners ? 2 * SIDES : SIDES);
        mail_show_argument(m, TEXT(""), &NOWHERE, false);
    } else {
        show_mailboxes(m, recipients, SIDES);
        show_who_exists(m);
    }
}

void
senders_build(struct values *v)
{
    const struct image *const *images = v->pair->images;
    struct mail m;
    bool ready = mail_init(&m, v, true);
    for (int s = 0; s < SIDES; s++) {
        note_all(&m, &images[s]->senders, 0);
        note_all(&m, &images[s]->owner_mailboxes, 0);
    }
    if (ready)
        show_all(&m);
    mail_clear(&m);
}

/* No recipient yet: the decision at MAIL. */
static void
add_later(struct mail *m)
{
    struct cell_key key;
    memset(&key, 0, sizeof key);
    key.views[OLD].traits = key.views[NEW].traits = TRAIT_LATER;
    cells_add(m->cells, &key, TEXT(""), false);
}

void
recipients_build(struct values *v)
{
    const struct image *const *images = v->pair->images;
    struct mail m;
    bool ready = mail_init(&m, v, false);
    for (int s = 0; s < SIDES; s++) {
        note_all(&m, &images[s]->recipients, 0);
        note_all(&m, &images[s]->mailboxes, sizeof(uint32_t));
    }
    if (ready) {
        add_later(&m);
        show_all(&m);
    }
    mail_clear(&m);
}
