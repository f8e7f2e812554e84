/* Places and local parts: of each class one that may stand for all of it, or
 * every odd one. */
#include "base/memory.h"
#include "diff/mail.h"

/* Members of classes, as they come. */
struct choosing {
    struct mail *mail;
    struct intern classes;
    bool *has_plain; /* by class */
    size_t has_plain_room;
    struct odd {
        struct text text;
        uint32_t class;
    } * odd;
    size_t odd_count, odd_room;
};

typedef void add_chosen(struct mail *mail, struct text text);

static void
choose(struct choosing *c, const uint32_t *key, size_t size, struct text text,
       bool is_odd, add_chosen *add)
{
    struct mail *m = c->mail;
    size_t known = c->classes.count;
    uint32_t class =
        intern_add(&c->classes, (struct text){(const char *)key, size});
    if (c->classes.failed ||
        !memory_grow(&c->has_plain, &c->has_plain_room, c->classes.count,
                     sizeof *c->has_plain) ||
        !memory_grow(&c->odd, &c->odd_room, c->odd_count + 1, sizeof *c->odd)) {
        m->failed = true;
        return;
    }
    if (class == known)
        c->has_plain[class] = false;
    if (is_odd)
        c->odd[c->odd_count++] = (struct odd){text, class};
    else if (!c->has_plain[class]) {
        c->has_plain[class] = true;
        text = arena_copy(&m->texts, text);
        m->failed |= !text.data;
        if (text.data)
            add(m, text);
    }
}

/* Odd ones are all there is of some classes. */
static void
choose_rest(struct choosing *c, add_chosen *add)
{
    for (size_t i = 0; i < c->odd_count; i++)
        if (!c->has_plain[c->odd[i].class])
            add(c->mail, c->odd[i].text);
    intern_clear(&c->classes);
    memory_free(c->has_plain);
    memory_free(c->odd);
}

/* -- domains -------------------------------------------------------------- */

static void
add_domain(struct mail *m, struct text domain)
{
    mail_add_place(m, mail_place_of(domain, LITERAL_NONE));
}

static const struct name_set *
domains_of(const struct mail *m, int side)
{
    const struct image *image = m->values->pair->images[side];
    return m->is_sender ? &image->sender_domains : &image->recipient_domains;
}

static void
choose_domain(struct choosing *c, struct text name, bool is_odd)
{
    struct mail *m = c->mail;
    uint32_t key[SIDES][2] = {0};
    for (int s = 0; s < SIDES; s++) {
        const struct image *image = m->values->pair->images[s];
        name_set_lookup(domains_of(m, s), name, &key[s][0]);
        if (m->has_owners)
            name_set_lookup(&image->owner_domains, name, &key[s][1]);
    }
    choose(c, &key[0][0], sizeof key, name, is_odd, add_domain);
}

static void
choose_domains(struct choosing *c, const struct name_set *set)
{
    struct mail *m = c->mail;
    struct named_value name;
    size_t at = 0;
    while (!m->failed && name_set_next(set, &at, &name)) {
        char below[DOMAIN_TEXT_SIZE];
        struct output out = output_to(below, sizeof below);
        choose_domain(c, name.name,
                      intern_find(&m->odd_domains, name.name) != 0);
        values_write_fresh(m->values, &out, "far");
        output_format(&out, ".%.*s", TEXT_ARGS(name.name));
        if (out.size <= DOMAIN_TEXT_MOST)
            choose_domain(c, output_written(&out), false);
    }
}

/* -- address literals -------------------------------------------------------
 */

static void
add_literal(struct mail *m, struct address address)
{
    char room[ADDRESS_TEXT_SIZE + 8];
    struct output out = output_to(room, sizeof room);
    output_string(&out, address.family == ADDRESS_IPV6 ? "[IPv6:" : "[");
    address_write(&out, address);
    output_byte(&out, ']');
    struct text domain = arena_copy(&m->texts, output_written(&out));
    m->failed |= !domain.data;
    if (domain.data)
        mail_add_place(m, mail_place_of(domain, LITERAL_ANOTHER));
}

/* Of each kind of literals the first two, as one may be our own address. */
static void
add_literals(struct mail *m, enum address_family family, unsigned *found)
{
    struct side_walk walk =
        side_walk_start(&m->values->pair->images[OLD]->literals,
                        &m->values->pair->images[NEW]->literals, family);
    struct side_run run;
    while (side_walk_next(&walk, &run)) {
        unsigned kind = (run.values[OLD] != 0) + 2u * (run.values[NEW] != 0);
        struct address at = run.first;
        for (bool more = kind != 0; more && found[kind] < 2;
             more =
                 address_compare(at, run.last) < 0 && address_next(at, &at)) {
            add_literal(m, at);
            found[kind]++;
        }
    }
}

static void
gather_literals(struct mail *m)
{
    unsigned found[4] = {0};
    struct mail_place ours = {.domain = TEXT("[" OWN_ADDRESS "]"),
                              .where = LITERAL_OURS};
    add_literals(m, ADDRESS_IPV4, found);
    add_literals(m, ADDRESS_IPV6, found);
    add_literal(m, m->own);
    mail_add_place(m, ours);
}

void
mail_gather_places(struct mail *m)
{
    struct choosing c = {.mail = m};
    char room[DOMAIN_TEXT_SIZE];
    struct output out = output_to(room, sizeof room);
    values_write_fresh(m->values, &out, "far");
    output_string(&out, ".example");
    choose_domain(&c, output_written(&out), false);
    for (int s = 0; s < SIDES; s++) {
        choose_domains(&c, domains_of(m, s));
        if (m->has_owners)
            choose_domains(&c, &m->values->pair->images[s]->owner_domains);
    }
    choose_rest(&c, add_domain);
    gather_literals(m);
    mail_add_place(m, (struct mail_place){.domain = TEXT("")});
}

/* -- local parts ---------------------------------------------------------- */

static const struct text_set *
locals_of(const struct mail *m, int side)
{
    const struct image *image = m->values->pair->images[side];
    return m->is_sender ? &image->sender_locals : &image->recipient_locals;
}

/* Its end may be a tag. */
static bool
has_delimiter(struct text local)
{
    for (size_t i = 1; i < local.size; i++)
        if (!ascii_is_alnum(local.data[i]) &&
            (unsigned char)local.data[i] < 0x80)
            return true;
    return false;
}

static void
choose_local(struct choosing *c, struct text local)
{
    struct mail *m = c->mail;
    uint32_t key[SIDES] = {0};
    for (int s = 0; s < SIDES; s++)
        text_set_lookup(locals_of(m, s), local, &key[s]);
    if (!m->is_sender && has_delimiter(local))
        mail_add_local(m, local);
    else
        choose(c, key, sizeof key, local,
               intern_find(&m->odd_locals, local) != 0 ||
                   text_equal(local, TEXT("postmaster")),
               mail_add_local);
}

void
mail_gather_locals(struct mail *m)
{
    struct choosing c = {.mail = m};
    char room[32];
    struct output out = output_to(room, sizeof room);
    values_write_fresh(m->values, &out, "someone");
    choose_local(&c, output_written(&out));
    for (int s = 0; s < SIDES; s++) {
        struct keyed_value entry;
        size_t at = 0;
        while (!m->failed && text_set_next(locals_of(m, s), &at, &entry))
            choose_local(&c, entry.key);
    }
    choose_rest(&c, mail_add_local);
    mail_add_local(m, TEXT("postmaster"));
    if (!m->is_sender)
        mail_add_local(m, TEXT("someone%far.example"));
}
