#include "diff/values.h"

#include "base/memory.h"
#include "decide/take.h"
#include "net/range.h"

/* -- two sets of addresses ------------------------------------------------ */

struct side_walk
side_walk_start(const struct prefix_set *old, const struct prefix_set *new,
                enum address_family family)
{
    struct side_walk walk = {.at = {family, 0, 0}};
    walk.walks[OLD] = prefix_walk_start(old, family);
    walk.walks[NEW] = prefix_walk_start(new, family);
    for (int s = 0; s < SIDES; s++)
        walk.has_next[s] = prefix_walk_next(&walk.walks[s], &walk.next[s]);
    return walk;
}

bool
side_walk_next(struct side_walk *walk, struct side_run *run)
{
    if (walk->done)
        return false;
    struct address last = walk->at.family == ADDRESS_IPV4 ? RANGE_ALL_IPV4.last
                                                          : RANGE_ALL_IPV6.last;
    struct address next = last;
    walk->done = true;
    for (int s = 0; s < SIDES; s++) {
        while (walk->has_next[s] &&
               address_compare(walk->next[s].first, walk->at) <= 0) {
            walk->values[s] = walk->next[s].value;
            walk->has_next[s] =
                prefix_walk_next(&walk->walks[s], &walk->next[s]);
        }
        if (!walk->has_next[s] ||
            (!walk->done && address_compare(walk->next[s].first, next) >= 0))
            continue;
        next = walk->next[s].first;
        walk->done = false;
    }
    *run = (struct side_run){
        walk->at, last, {walk->values[OLD], walk->values[NEW]}};
    if (!walk->done && address_previous(next, &run->last))
        walk->at = next;
    return true;
}

static void
address_key(const struct values *v, const uint32_t classes[SIDES],
            struct cell_key *key)
{
    memset(key, 0, sizeof *key);
    for (int s = 0; s < SIDES; s++) {
        struct masks masks;
        uint32_t extra;
        if (classes[s] &&
            image_class(v->pair->images[s], ATTRIBUTE_CLIENT_ADDRESS,
                        classes[s], &masks, &extra))
            key->views[s] = view_of(&masks, 1);
    }
}

uint32_t
values_address(const struct values *v, const uint32_t classes[SIDES])
{
    struct cell_key key;
    address_key(v, classes, &key);
    uint32_t found = intern_find(&v->addresses.keys,
                                 (struct text){(const char *)&key, sizeof key});
    return found ? found - 1 : 0;
}

static void
gather_addresses(struct values *v, enum address_family family)
{
    struct side_walk walk =
        side_walk_start(&v->pair->images[OLD]->client_addresses,
                        &v->pair->images[NEW]->client_addresses, family);
    struct side_run run;
    uint32_t before[SIDES] = {UINT32_MAX, UINT32_MAX};
    while (side_walk_next(&walk, &run)) {
        struct cell_key key;
        if (memcmp(before, run.values, sizeof before) == 0)
            continue;
        memcpy(before, run.values, sizeof before);
        address_key(v, run.values, &key);
        cells_add(&v->addresses, &key, TEXT(""), false);
    }
}

/* -- as the look-ups see it ----------------------------------------------- */

static void
see_name(struct facts *facts, struct text text, struct view *view)
{
    struct masks masks[1];
    unsigned count = 0;
    take_name(facts, &facts->image->client_names, ATTRIBUTE_CLIENT_NAME, text,
              masks, &count);
    *view = view_of(masks, count);
}

static void
see_group(struct facts *facts, struct text text, struct view *view)
{
    struct masks masks[1];
    unsigned count = 0;
    take_text(facts, &facts->image->groups, ATTRIBUTE_GROUP, text, masks,
              &count);
    *view = view_of(masks, count);
}

static void
see_identity(struct facts *facts, struct text text, struct view *view)
{
    facts_auth(facts, text);
    const struct identity_facts *identity = &facts->identity;
    *view = view_of(&identity->masks, identity->masks.count > 0);
    if (!identity->authenticated)
        view->traits = TRAIT_ANONYMOUS;
    /* Their count, the place itself, stands in front of the lists. */
    const void *numbers = image_section(facts->image, SECTION_NUMBERS).data;
    if (identity->owner_lists)
        view->owners =
            (uint32_t)(identity->owner_lists - (const uint32_t *)numbers);
}

static void
see_certificate(struct facts *facts, struct text text, struct view *view)
{
    facts_tls(facts, text);
    *view = view_of(&facts->identity.certificate,
                    facts->identity.certificate.count > 0);
}

void
values_key(struct values *v, enum value_kind kind, struct text text,
           struct cell_key *key)
{
    memset(key, 0, sizeof *key);
    for (int s = 0; s < SIDES; s++)
        switch (kind) {
        case VALUE_NAME: see_name(v->facts[s], text, &key->views[s]); break;
        case VALUE_GROUP: see_group(v->facts[s], text, &key->views[s]); break;
        case VALUE_IDENTITY:
            see_identity(v->facts[s], text, &key->views[s]);
            break;
        case VALUE_CERTIFICATE:
            see_certificate(v->facts[s], text, &key->views[s]);
            break;
        }
}

/* -- gathering ------------------------------------------------------------ */

static void
show(struct values *v, enum value_kind kind, struct text text, bool named)
{
    struct cells *cells[] = {[VALUE_NAME] = &v->names,
                             [VALUE_GROUP] = &v->groups,
                             [VALUE_IDENTITY] = &v->identities,
                             [VALUE_CERTIFICATE] = &v->certificates};
    struct cell_key key;
    values_key(v, kind, text, &key);
    cells_add(cells[kind], &key, text, named);
}

/* The keys of both sets, each once. */
static void
gather_texts(struct values *v, enum value_kind kind, const struct text_set *old,
             const struct text_set *new)
{
    const struct text_set *sets[SIDES] = {old, new};
    for (int s = 0; s < SIDES; s++) {
        struct keyed_value entry;
        size_t at = 0;
        while (text_set_next(sets[s], &at, &entry)) {
            uint32_t before = 0;
            if (s == NEW)
                text_set_lookup(old, entry.key, &before);
            if (!before)
                show(v, kind, entry.key, true);
        }
    }
}

static void
gather_certificates(struct values *v)
{
    struct cell_key key;
    memset(&key, 0, sizeof key);
    for (int s = 0; s < SIDES; s++)
        key.views[s].traits = TRAIT_PLAIN_TEXT;
    cells_add(&v->certificates, &key, TEXT(""), false);
    show(v, VALUE_CERTIFICATE, TEXT(""), false);
    gather_texts(v, VALUE_CERTIFICATE, &v->pair->images[OLD]->certificates,
                 &v->pair->images[NEW]->certificates);
}

/* Who has the name of nobody as a part of his own. */
static void
gather_parts(struct values *v, const struct text_set *nobodies)
{
    struct keyed_value entry;
    size_t at = 0;
    while (text_set_next(nobodies, &at, &entry)) {
        char room[IDENTITY_MOST];
        struct output out = output_to(room, sizeof room);
        values_write_fresh(v, &out, "someone");
        output_format(&out, "@%.*s", TEXT_ARGS(entry.key));
        show(v, VALUE_IDENTITY, output_written(&out), false);
    }
}

/* Whom one policy takes for nobody the other may not. */
static void
gather_identities(struct values *v)
{
    const struct image *const *images = v->pair->images;
    char room[32];
    struct output fresh = output_to(room, sizeof room);
    values_write_fresh(v, &fresh, "someone");
    show(v, VALUE_IDENTITY, TEXT(""), false);
    show(v, VALUE_IDENTITY, output_written(&fresh), false);
    gather_texts(v, VALUE_IDENTITY, &images[OLD]->identities,
                 &images[NEW]->identities);
    gather_texts(v, VALUE_IDENTITY, &images[OLD]->anonymous,
                 &images[NEW]->anonymous);
    for (int s = 0; s < SIDES; s++)
        gather_parts(v, &images[s]->anonymous);
}

static void
gather_names(struct values *v, const struct name_set *set)
{
    struct named_value name;
    size_t at = 0;
    while (name_set_next(set, &at, &name)) {
        char below[DOMAIN_TEXT_SIZE];
        struct output out = output_to(below, sizeof below);
        show(v, VALUE_NAME, name.name, true);
        values_write_fresh(v, &out, "far");
        output_format(&out, ".%.*s", TEXT_ARGS(name.name));
        if (out.size <= DOMAIN_TEXT_MOST)
            show(v, VALUE_NAME, output_written(&out), false);
    }
}

/* -- what is in no list --------------------------------------------------- */

void
values_write_fresh(const struct values *v, struct output *out, const char *stem)
{
    output_string(out, stem);
    if (v->fresh)
        output_number(out, v->fresh);
}

static void
note_stem(struct values *v, struct text text, struct text stem)
{
    for (size_t i = 0; i + stem.size <= text.size; i++) {
        uint32_t number = 0;
        if (text.data[i] != stem.data[0] ||
            !text_starts(text_from(text, i), stem))
            continue;
        for (size_t j = i + stem.size;
             j < text.size && ascii_is_digit(text.data[j]) && number < 1000000;
             j++)
            number = number * 10 + (uint32_t)(text.data[j] - '0');
        if (number >= v->fresh)
            v->fresh = number + 1;
    }
}

void
values_note_fresh(struct values *v, struct text text)
{
    note_stem(v, text, TEXT("far"));
    note_stem(v, text, TEXT("someone"));
}

static void
note_texts(struct values *v, const struct text_set *set)
{
    struct keyed_value entry;
    size_t at = 0;
    while (text_set_next(set, &at, &entry))
        values_note_fresh(v, entry.key);
}

static void
note_names(struct values *v, const struct name_set *set)
{
    struct named_value name;
    size_t at = 0;
    while (name_set_next(set, &at, &name))
        values_note_fresh(v, name.name);
}

static void
find_fresh(struct values *v, const struct image *image)
{
    const struct text_set *texts[] = {
        &image->identities,       &image->senders,    &image->sender_locals,
        &image->recipient_locals, &image->recipients, &image->mailboxes,
        &image->owner_mailboxes,  &image->anonymous};
    const struct name_set *names[] = {
        &image->client_names, &image->sender_domains, &image->recipient_domains,
        &image->owner_domains};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        note_texts(v, texts[i]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        note_names(v, names[i]);
}

/* -- the whole ------------------------------------------------------------ */

static bool
make_facts(struct values *v)
{
    for (int s = 0; s < SIDES; s++) {
        v->facts[s] = memory_new(1, sizeof *v->facts[s]);
        if (!v->facts[s])
            return false;
        facts_init(v->facts[s], v->pair->images[s]);
    }
    return true;
}

static void
settle(struct values *v)
{
    const struct cells *all[] = {&v->addresses,  &v->names,        &v->groups,
                                 &v->identities, &v->certificates, &v->senders,
                                 &v->recipients};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        v->failed |= all[i]->failed;
        v->over_budget |= all[i]->over_budget;
    }
    for (int s = 0; s < SIDES; s++)
        v->failed |= v->facts[s]->damaged;
}

void
pair_values_build(struct values *v, const struct pair *pair)
{
    *v = (struct values){.pair = pair};
    if (!make_facts(v)) {
        v->failed = true;
        return;
    }
    for (int s = 0; s < SIDES; s++)
        find_fresh(v, pair->images[s]);
    gather_addresses(v, ADDRESS_IPV4);
    gather_addresses(v, ADDRESS_IPV6);
    for (int s = 0; s < SIDES; s++)
        gather_names(v, &pair->images[s]->client_names);
    gather_texts(v, VALUE_GROUP, &pair->images[OLD]->groups,
                 &pair->images[NEW]->groups);
    gather_identities(v);
    gather_certificates(v);
    senders_build(v);
    recipients_build(v);
    settle(v);
}

void
pair_values_clear(struct values *v)
{
    struct cells *all[] = {&v->addresses,  &v->names,        &v->groups,
                           &v->identities, &v->certificates, &v->senders,
                           &v->recipients};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        cells_clear(all[i]);
    for (int s = 0; s < SIDES; s++) {
        if (v->facts[s])
            facts_clear(v->facts[s]);
        memory_free(v->facts[s]);
    }
}
