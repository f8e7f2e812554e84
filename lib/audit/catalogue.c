#include "audit/catalogue.h"

#include "base/memory.h"
#include "base/output.h"
#include "decide/facts.h"
#include "image/intern.h"
#include "mail/domain.h"

size_t
catalogue_classes(const struct catalogue *catalogue, enum attribute attribute)
{
    return catalogue->image->settings->class_count[attribute];
}

/* -- texts -------------------------------------------------------------- */

static void
take_text_sample(struct text_class *class, struct text text)
{
    if (class->count < SAMPLES_MOST)
        class->samples[class->count] = text;
    class->count++;
}

static struct text_class *
gather_texts(struct catalogue *c, const struct text_set *set,
             enum attribute attribute)
{
    size_t count = catalogue_classes(c, attribute);
    struct text_class *classes = memory_new(count, sizeof *classes);
    budget_memory(c->budget, count * sizeof *classes);
    struct keyed_value entry;
    size_t at = 0;
    while (classes && text_set_next(set, &at, &entry)) {
        if (entry.value < count)
            take_text_sample(&classes[entry.value], entry.key);
    }
    c->failed |= !classes;
    return classes;
}

/* Who counts as nobody, though rules name him, is in no class. */
static void
gather_identities(struct catalogue *c)
{
    size_t count = catalogue_classes(c, ATTRIBUTE_IDENTITY);
    struct facts facts = {.image = c->image};
    struct keyed_value entry;
    size_t at = 0;
    c->identities = memory_new(count, sizeof *c->identities);
    budget_memory(c->budget, count * sizeof *c->identities);
    c->failed |= !c->identities;
    while (c->identities && text_set_next(&c->image->identities, &at, &entry))
        if (entry.value < count && !facts_is_anonymous(&facts, entry.key))
            take_text_sample(&c->identities[entry.value], entry.key);
}

/* -- names -------------------------------------------------------------- */

/* Labels that hardly anybody writes into a policy. */
static void
fresh_label(unsigned attempt, char *out, size_t size)
{
    struct output text = output_to(out, size);
    output_string(&text, "far");
    if (attempt)
        output_number(&text, attempt);
}

/* False if the name is too long for one below it. */
static bool
fresh_below(struct text name, unsigned attempt, char *out)
{
    char label[16];
    fresh_label(attempt, label, sizeof label);
    struct output text = output_to(out, DOMAIN_TEXT_SIZE);
    output_format(&text, "%s.%.*s", label, TEXT_ARGS(name));
    return text.size <= DOMAIN_TEXT_MOST;
}

static bool
is_any_other(const struct name_class *class)
{
    return class->class == 0 && class->owners == 0;
}

struct text
name_class_member(const struct name_class *class, unsigned attempt, char *out)
{
    if (is_any_other(class))
        return fresh_below(TEXT("example"), class->fresh + attempt, out)
                   ? text_of(out)
                   : TEXT("");
    if (!class->sample_count)
        return TEXT("");
    const struct name_sample *sample =
        &class->samples[attempt % class->sample_count];
    unsigned round = attempt / class->sample_count;
    if (sample->place == NAME_BELOW)
        return fresh_below(sample->name, round, out) ? text_of(out) : TEXT("");
    if (round > 0)
        return TEXT("");
    struct output text = output_to(out, DOMAIN_TEXT_SIZE);
    output_text(&text, sample->name);
    return text_of(out);
}

/* Names on their way into classes. */
struct gathering {
    struct catalogue *catalogue;
    struct names *names;
    struct intern numbers; /* {class, owners} to the number of the item */
    const struct name_set *set;
};

static void
gather_name(struct gathering *g, struct text name, enum name_place place,
            uint32_t class, uint32_t owners)
{
    uint32_t key[2] = {class, owners};
    struct names *names = g->names;
    uint32_t number =
        intern_add(&g->numbers, (struct text){(const char *)key, sizeof key});
    if (g->numbers.failed || !memory_grow(&names->items, &names->room,
                                          number + 1, sizeof *names->items)) {
        g->catalogue->failed = true;
        return;
    }
    if (number == names->count) {
        budget_memory(g->catalogue->budget, sizeof *names->items + sizeof key);
        names->items[names->count++] =
            (struct name_class){.class = class, .owners = owners};
    }
    struct name_class *item = &names->items[number];
    if (place == NAME_ITSELF)
        item->count++;
    else
        item->open = true;
    if (item->sample_count < SAMPLES_MOST && !is_any_other(item))
        item->samples[item->sample_count++] = (struct name_sample){name, place};
}

static uint32_t
owners_of_domain(const struct image *image, struct text domain)
{
    struct text owners = image_section(image, SECTION_OWNERS);
    uint32_t number = 0;
    uint32_t place = 0;
    if (name_set_lookup(&image->owner_domains, domain, &number) &&
        number < owners.size / sizeof place)
        memcpy(&place, owners.data + number * sizeof place, sizeof place);
    return place;
}

uint32_t
catalogue_owners(const struct image *image, struct text mailbox,
                 struct text domain)
{
    uint32_t place = 0;
    text_set_lookup(&image->owner_mailboxes, mailbox, &place);
    return place || !domain.size ? place : owners_of_domain(image, domain);
}

static void
gather_looked_up(struct gathering *g, struct text shown, enum name_place place,
                 struct text name)
{
    const struct image *image = g->catalogue->image;
    uint32_t class = 0;
    name_set_lookup(g->set, name, &class);
    gather_name(g, shown, place, class, owners_of_domain(image, name));
}

/* The names of `set` as the attribute's set and the owners see them.  A name
 * below is tried under several labels, as some may have entries of their own;
 * what those say is gathered with them. */
static void
gather_with_owners(struct gathering *g, const struct name_set *set)
{
    struct named_value name;
    size_t at = 0;
    while (!g->catalogue->failed && name_set_next(set, &at, &name)) {
        char below[DOMAIN_TEXT_SIZE];
        gather_looked_up(g, name.name, NAME_ITSELF, name.name);
        for (unsigned attempt = 0; attempt < 4; attempt++)
            if (fresh_below(name.name, attempt, below))
                gather_looked_up(g, name.name, NAME_BELOW, text_of(below));
    }
}

static void
gather_alone(struct gathering *g)
{
    struct named_value name;
    size_t at = 0;
    while (!g->catalogue->failed && name_set_next(g->set, &at, &name)) {
        gather_name(g, name.name, NAME_ITSELF, name.exact, 0);
        if (name.name.size + 2 <= DOMAIN_TEXT_MOST)
            gather_name(g, name.name, NAME_BELOW, name.below, 0);
    }
}

/* A name of the reserved domain "example" that no list says anything of. */
static void
find_fresh(struct gathering *g)
{
    enum {
        LABELS_TRIED = 10000
    };
    struct name_class *other = &g->names->items[0];
    for (unsigned i = 0; i < LABELS_TRIED; i++) {
        char name[DOMAIN_TEXT_SIZE];
        uint32_t class = 0;
        other->fresh = i;
        if (fresh_below(TEXT("example"), i, name) &&
            name_set_lookup(g->set, text_of(name), &class) && class == 0 &&
            owners_of_domain(g->catalogue->image, text_of(name)) == 0)
            return;
    }
}

static void
gather_names(struct catalogue *c, struct names *names,
             const struct name_set *set, bool with_owners)
{
    struct gathering g = {.catalogue = c, .names = names, .set = set};
    gather_name(&g, TEXT(""), NAME_OTHER, 0, 0);
    if (names->count)
        find_fresh(&g);
    if (with_owners) {
        gather_with_owners(&g, set);
        gather_with_owners(&g, &c->image->owner_domains);
    } else {
        gather_alone(&g);
    }
    intern_clear(&g.numbers);
}

/* -- mail --------------------------------------------------------------- */

/* One side of mail on its way into cells. */
struct mail_gathering {
    struct catalogue *catalogue;
    struct mail_cells *cells;
    struct intern numbers; /* {form, classes, owners} to the number of a cell */
    const struct text_set *mailboxes, *locals;
    const struct name_set *domains;
    bool is_sender, has_owners;
};

static struct mail_cell *
cell_of(struct mail_gathering *g, struct mail_cell wanted)
{
    struct mail_cells *cells = g->cells;
    uint32_t key[5] = {(uint32_t)wanted.form, wanted.mailbox, wanted.local,
                       wanted.domain, wanted.owners};
    if (g->catalogue->budget->exceeded)
        return NULL;
    uint32_t number =
        intern_add(&g->numbers, (struct text){(const char *)key, sizeof key});
    if (g->numbers.failed || !memory_grow(&cells->items, &cells->room,
                                          number + 1, sizeof *cells->items)) {
        g->catalogue->failed = true;
        return NULL;
    }
    if (number == cells->count) {
        budget_memory(g->catalogue->budget,
                      sizeof wanted + sizeof key + INTERN_BESIDE);
        cells->items[cells->count++] = wanted;
    }
    return &cells->items[number];
}

bool
recipient_is_foreign(const struct image *image, uint32_t class)
{
    struct masks masks;
    uint32_t record = 0;
    if (!image_class(image, ATTRIBUTE_RECIPIENT_DOMAIN, class, &masks,
                     &record) ||
        !record)
        return true;
    const struct image_domain *domain = image_domain(image, record - 1);
    return !domain || domain->class == DOMAIN_ALWAYS_RELAY;
}

static bool
is_wanted(const struct mail_gathering *g, uint32_t domain)
{
    return g->is_sender ||
           recipient_is_foreign(g->catalogue->image,
                                g->cells->domains.items[domain].class);
}

static void
gather_combinations(struct mail_gathering *g)
{
    struct catalogue *c = g->catalogue;
    const struct names *domains = &g->cells->domains;
    for (uint32_t l = 0; l < g->cells->local_count; l++) {
        if (l && !g->cells->locals[l].count)
            continue;
        for (uint32_t d = 0; d < domains->count; d++)
            if (is_wanted(g, d) && !c->failed && !c->budget->exceeded)
                cell_of(g,
                        (struct mail_cell){.local = l,
                                           .domain = d,
                                           .owners = domains->items[d].owners});
        if (g->is_sender)
            cell_of(g, (struct mail_cell){.form = MAIL_OWN, .local = l});
    }
}

/* The item of the domain, UINT32_MAX if it is not there. */
static uint32_t
domain_item(const struct mail_gathering *g, const struct intern *numbers,
            struct text domain)
{
    uint32_t key[2] = {0, 0};
    name_set_lookup(g->domains, domain, &key[0]);
    if (g->has_owners)
        key[1] = owners_of_domain(g->catalogue->image, domain);
    uint32_t found =
        intern_find(numbers, (struct text){(const char *)key, sizeof key});
    return found ? found - 1 : UINT32_MAX;
}

static void
count_mailbox(struct mail_gathering *g, struct mail_cell wanted,
              struct text mailbox)
{
    struct mail_cell *cell = cell_of(g, wanted);
    if (!cell)
        return;
    if (!cell->count++)
        cell->sample = mailbox;
}

/* A mailbox at a literal may be at one of our own: then it is both. */
static void
gather_mailbox(struct mail_gathering *g, const struct intern *numbers,
               struct text mailbox)
{
    const struct image *image = g->catalogue->image;
    size_t at = text_find_last(mailbox, '@');
    struct text local = at == TEXT_NONE ? mailbox : text_slice(mailbox, 0, at);
    struct text domain =
        at == TEXT_NONE ? TEXT("") : text_from(mailbox, at + 1);
    bool literal = at == TEXT_NONE || text_starts(domain, TEXT("["));
    struct mail_cell cell = {.form = MAIL_PLAIN};
    text_set_lookup(g->mailboxes, mailbox, &cell.mailbox);
    text_set_lookup(g->locals, local, &cell.local);
    if (g->has_owners)
        cell.owners =
            catalogue_owners(image, mailbox, literal ? TEXT("") : domain);
    if (!literal)
        cell.domain = domain_item(g, numbers, domain);
    if (cell.domain == UINT32_MAX || !is_wanted(g, cell.domain))
        return;
    count_mailbox(g, cell, mailbox);
    cell.form = MAIL_OWN;
    if (literal && g->is_sender)
        count_mailbox(g, cell, mailbox);
}

static void
gather_mailboxes(struct mail_gathering *g, const struct text_set *set)
{
    struct intern numbers = {0};
    for (size_t i = 0; i < g->cells->domains.count; i++) {
        uint32_t key[2] = {g->cells->domains.items[i].class,
                           g->cells->domains.items[i].owners};
        intern_add(&numbers, (struct text){(const char *)key, sizeof key});
    }
    struct keyed_value entry;
    size_t at = 0;
    while (!g->catalogue->failed && !g->catalogue->budget->exceeded &&
           text_set_next(set, &at, &entry))
        gather_mailbox(g, &numbers, entry.key);
    g->catalogue->failed |= numbers.failed;
    intern_clear(&numbers);
}

static void
gather_mail(struct mail_gathering *g, enum attribute local)
{
    struct catalogue *c = g->catalogue;
    gather_names(c, &g->cells->domains, g->domains, g->has_owners);
    g->cells->local_count = catalogue_classes(c, local);
    g->cells->locals = gather_texts(c, g->locals, local);
    if (c->failed)
        return;
    gather_combinations(g);
    gather_mailboxes(g, g->mailboxes);
    if (g->has_owners)
        gather_mailboxes(g, &c->image->owner_mailboxes);
    cell_of(
        g, (struct mail_cell){.form = g->is_sender ? MAIL_NULL : MAIL_ROUTING});
    intern_clear(&g->numbers);
}

/* -- the whole ---------------------------------------------------------- */

bool
image_asks_for_owners(const struct image *image)
{
    size_t blocks = image_count(image, SECTION_BLOCKS);
    for (uint32_t i = 0; i < blocks; i++) {
        const struct image_block *block = image_block(image, i);
        if (block && (block->owned | block->not_owned))
            return true;
    }
    return false;
}

void
catalogue_build(struct catalogue *c, const struct image *image,
                struct budget *budget)
{
    *c = (struct catalogue){.image = image, .budget = budget};
    gather_names(c, &c->client_names, &image->client_names, false);
    gather_identities(c);
    c->groups = gather_texts(c, &image->groups, ATTRIBUTE_GROUP);
    c->certificates =
        gather_texts(c, &image->certificates, ATTRIBUTE_CERTIFICATE);
    struct mail_gathering senders = {
        .catalogue = c,
        .cells = &c->senders,
        .mailboxes = &image->senders,
        .locals = &image->sender_locals,
        .domains = &image->sender_domains,
        .is_sender = true,
        .has_owners = image_asks_for_owners(image),
    };
    gather_mail(&senders, ATTRIBUTE_SENDER_LOCAL);
    struct mail_gathering recipients = {
        .catalogue = c,
        .cells = &c->recipients,
        .mailboxes = &image->recipients,
        .locals = &image->recipient_locals,
        .domains = &image->recipient_domains,
    };
    gather_mail(&recipients, ATTRIBUTE_RECIPIENT_LOCAL);
}

static void
mail_cells_clear(struct mail_cells *cells)
{
    memory_free(cells->domains.items);
    memory_free(cells->locals);
    memory_free(cells->items);
}

void
catalogue_clear(struct catalogue *c)
{
    memory_free(c->client_names.items);
    memory_free(c->identities);
    memory_free(c->groups);
    memory_free(c->certificates);
    mail_cells_clear(&c->senders);
    mail_cells_clear(&c->recipients);
}
