#include "diff/care.h"

#include "base/memory.h"

/* -- ownership ------------------------------------------------------------ */

static bool
have_common(const uint32_t *a, uint32_t a_count, const uint32_t *b,
            uint32_t b_count)
{
    for (uint32_t i = 0; a && i < a_count; i++)
        for (uint32_t j = 0; b && j < b_count; j++)
            if (a[i] == b[j])
                return true;
    return false;
}

enum ownership
care_ownership(const struct image *image, const struct view *identity,
               const struct view *sender)
{
    uint32_t mine = 0, theirs = 0;
    if (identity->traits & TRAIT_ANONYMOUS || sender->traits & TRAIT_MALFORMED)
        return OWNERSHIP_NONE;
    const uint32_t *my_lists =
        identity->owners ? image_counted(image, identity->owners - 1, &mine)
                         : NULL;
    if (sender->traits & TRAIT_NULL)
        return mine ? OWNERSHIP_OWNED : OWNERSHIP_NONE;
    const uint32_t *their_lists =
        sender->owners ? image_counted(image, sender->owners - 1, &theirs)
                       : NULL;
    return have_common(my_lists, mine, their_lists, theirs)
               ? OWNERSHIP_OWNED
               : OWNERSHIP_NOT_OWNED;
}

/* The cells of an option that own, or are owned, differently. */
struct owners {
    struct intern kinds; /* traits and owners of both sides */
    uint32_t *cell_of_kind;
    size_t room;
    struct intern sets;      /* of kinds: a row of bits */
    uint32_t *set_of_option; /* number in `sets` */
    size_t words;            /* of a row */
    bool failed;
};

struct owner_kind {
    uint32_t traits[SIDES], owners[SIDES];
};

static struct owner_kind
kind_of(const struct cell_key *key)
{
    struct owner_kind kind;
    for (int s = 0; s < SIDES; s++) {
        kind.traits[s] = key->views[s].traits &
                         (TRAIT_ANONYMOUS | TRAIT_NULL | TRAIT_MALFORMED);
        kind.owners[s] = key->views[s].owners;
    }
    return kind;
}

static uint32_t
add_kind(struct owners *o, const struct choice *choice, uint32_t cell)
{
    struct owner_kind kind = kind_of(cells_key(choice->cells, cell));
    size_t known = o->kinds.count;
    uint32_t number =
        intern_add(&o->kinds, (struct text){(const char *)&kind, sizeof kind});
    if (o->kinds.failed ||
        !memory_grow(&o->cell_of_kind, &o->room, o->kinds.count,
                     sizeof *o->cell_of_kind))
        o->failed = true;
    else if (number == known)
        o->cell_of_kind[number] = cell;
    return number;
}

static void
find_sets(struct owners *o, const struct choice *choice)
{
    size_t cells = choice->cells->keys.count;
    for (uint32_t i = 0; i < cells && !o->failed; i++)
        add_kind(o, choice, i);
    o->words = o->kinds.count / 64 + 1;
    o->set_of_option = memory_new(choice->option_count, sizeof(uint32_t));
    uint64_t *rows = memory_new(choice->option_count * o->words, sizeof *rows);
    o->failed |= !rows || !o->set_of_option;
    for (uint32_t i = 0; i < cells && !o->failed; i++) {
        uint32_t kind = add_kind(o, choice, i);
        rows[choice->option_of_cell[i] * o->words + kind / 64] |= UINT64_C(1)
                                                                  << kind % 64;
    }
    for (size_t i = 0; i < choice->option_count && !o->failed; i++)
        o->set_of_option[i] = intern_add(
            &o->sets, (struct text){(const char *)(rows + i * o->words),
                                    o->words * sizeof *rows});
    o->failed |= o->sets.failed;
    memory_free(rows);
}

static void
owners_clear(struct owners *o)
{
    intern_clear(&o->kinds);
    intern_clear(&o->sets);
    memory_free(o->cell_of_kind);
    memory_free(o->set_of_option);
}

/* -- which ownership there is between two sets ---------------------------- */

struct owning {
    struct map *map;
    const struct choice *identities, *senders;
    struct owners mine, theirs;
    uint32_t *nodes; /* by kind of identity and of sender: a node */
};

/* A node of CHOICE_OWNED that is 1 for one option alone. */
static uint32_t
build_owned(struct map *map, size_t option)
{
    size_t choice = choices_find(map->choices, CHOICE_OWNED);
    uint32_t *leads = map_leads(map, choice);
    uint32_t result = LEAF(0);
    for (size_t i = 0; leads && i < map->choices->items[choice].option_count;
         i++)
        leads[i] = LEAF(i == option);
    if (leads)
        result = map_add(map, choice, leads);
    memory_free(leads);
    return result;
}

static void
find_nodes(struct owning *o)
{
    const struct pair *pair = o->map->choices->values->pair;
    size_t senders = o->theirs.kinds.count;
    o->nodes = memory_new(o->mine.kinds.count * senders, sizeof *o->nodes);
    o->map->failed |= !o->nodes;
    for (size_t i = 0; i < o->mine.kinds.count && !map_stopped(o->map); i++)
        for (size_t j = 0; j < senders; j++) {
            const struct cell_key *identity =
                cells_key(o->identities->cells, o->mine.cell_of_kind[i]);
            const struct cell_key *sender =
                cells_key(o->senders->cells, o->theirs.cell_of_kind[j]);
            size_t option = 0;
            for (int s = SIDES; s-- > 0;)
                option =
                    option * OWNERSHIPS +
                    (size_t)care_ownership(pair->images[s], &identity->views[s],
                                           &sender->views[s]);
            o->nodes[i * senders + j] = build_owned(o->map, option);
        }
}

static uint32_t
join_sets(struct owning *o, uint32_t mine, uint32_t theirs)
{
    uint32_t result = LEAF(0);
    size_t senders = o->theirs.kinds.count;
    for (size_t i = 0; i < o->mine.kinds.count; i++)
        for (size_t j = 0; j < senders && !map_stopped(o->map); j++) {
            const uint64_t *a =
                (const void *)intern_get(&o->mine.sets, mine).data;
            const uint64_t *b =
                (const void *)intern_get(&o->theirs.sets, theirs).data;
            if (a[i / 64] >> i % 64 & 1 && b[j / 64] >> j % 64 & 1)
                result = map_or(o->map, result, o->nodes[i * senders + j]);
            map_charge(o->map, 1);
        }
    return result;
}

/* By set of identities: what each sender's option leads to. */
static uint32_t
build_senders(struct owning *o, uint32_t mine)
{
    size_t choice = choices_find(o->map->choices, CHOICE_SENDER);
    uint32_t *leads = map_leads(o->map, choice);
    uint32_t *of_set = memory_new(o->theirs.sets.count, sizeof *of_set);
    uint32_t result = LEAF(0);
    o->map->failed |= !of_set;
    for (uint32_t i = 0; i < o->theirs.sets.count && !map_stopped(o->map); i++)
        of_set[i] = join_sets(o, mine, i);
    for (size_t i = 0; i < o->senders->option_count && !map_stopped(o->map);
         i++)
        leads[i] = of_set[o->theirs.set_of_option[i]];
    if (!map_stopped(o->map))
        result = map_add(o->map, choice, leads);
    memory_free(leads);
    memory_free(of_set);
    return result;
}

static uint32_t
build_identities(struct owning *o)
{
    size_t choice = choices_find(o->map->choices, CHOICE_IDENTITY);
    uint32_t *leads = map_leads(o->map, choice);
    uint32_t *of_set = memory_new(o->mine.sets.count, sizeof *of_set);
    uint32_t result = LEAF(0);
    o->map->failed |= !of_set;
    for (uint32_t i = 0; i < o->mine.sets.count && !map_stopped(o->map); i++)
        of_set[i] = build_senders(o, i);
    for (size_t i = 0; i < o->identities->option_count && !map_stopped(o->map);
         i++)
        leads[i] = of_set[o->mine.set_of_option[i]];
    if (!map_stopped(o->map))
        result = map_add(o->map, choice, leads);
    memory_free(leads);
    memory_free(of_set);
    return result;
}

static bool
rules_ask(const struct choices *choices)
{
    const struct choice *owned =
        &choices->items[choices_find(choices, CHOICE_OWNED)];
    for (int s = 0; s < SIDES; s++)
        for (size_t w = 0; w < owned->sides[s].words; w++)
            if (owned->sides[s].touched[w])
                return true;
    return false;
}

static uint32_t
care_owned(struct map *map)
{
    const struct choices *choices = map->choices;
    struct owning o = {
        .map = map,
        .identities = &choices->items[choices_find(choices, CHOICE_IDENTITY)],
        .senders = &choices->items[choices_find(choices, CHOICE_SENDER)]};
    uint32_t result = LEAF(1);
    if (!rules_ask(choices))
        return result;
    find_sets(&o.mine, o.identities);
    find_sets(&o.theirs, o.senders);
    map->failed |= o.mine.failed || o.theirs.failed;
    if (!map->failed)
        find_nodes(&o);
    if (!map_stopped(map))
        result = build_identities(&o);
    owners_clear(&o.mine);
    owners_clear(&o.theirs);
    memory_free(o.nodes);
    return result;
}

/* -- literals and patterns ------------------------------------------------ */

/* 1 for the options that some cell can be where `own` is our address. */
static uint32_t
care_literals(struct map *map, enum choice_kind kind, struct address own)
{
    size_t number = choices_find(map->choices, kind);
    const struct choice *choice = &map->choices->items[number];
    uint32_t *leads = map_leads(map, number);
    uint32_t result = LEAF(1);
    for (size_t i = 0; leads && i < choice->option_count; i++)
        leads[i] = LEAF(0);
    for (uint32_t i = 0; leads && i < choice->cells->keys.count; i++)
        if (cell_occurs(cells_key(choice->cells, i), own))
            leads[choice->option_of_cell[i]] = LEAF(1);
    if (leads)
        result = map_add(map, number, leads);
    memory_free(leads);
    return result;
}

/* Both policies see the same, unless the text is apart. */
static uint32_t
care_pattern(struct map *map, size_t number, enum choice_kind mail,
             uint32_t apart)
{
    size_t from = choices_find(map->choices, mail);
    const struct choice *pattern = &map->choices->items[number];
    const struct choice *texts = &map->choices->items[from];
    uint32_t *leads = map_leads(map, number);
    uint32_t *of_text = map_leads(map, from);
    uint32_t result = LEAF(1);
    for (size_t i = 0; leads && i < pattern->option_count; i++)
        leads[i] = LEAF(choice_truth(pattern, i, OLD) ==
                        choice_truth(pattern, i, NEW));
    uint32_t same = leads ? map_add(map, number, leads) : LEAF(1);
    for (size_t i = 0; of_text && i < texts->option_count; i++) {
        const struct cell_key *key =
            cells_key(texts->cells, texts->cell_of_option[i]);
        of_text[i] = (key->apart & apart) ? LEAF(1) : same;
    }
    if (of_text)
        result = map_add(map, from, of_text);
    memory_free(leads);
    memory_free(of_text);
    return result;
}

uint32_t
care_build(struct map *map, struct address own)
{
    const struct choices *choices = map->choices;
    uint32_t care = care_owned(map);
    care = map_and(map, care, care_literals(map, CHOICE_SENDER, own));
    care = map_and(map, care, care_literals(map, CHOICE_RECIPIENT, own));
    for (size_t i = 0; i < choices->count && !map_stopped(map); i++) {
        const struct choice *choice = &choices->items[i];
        if (!choice->apart)
            continue;
        bool of_sender = choice->kind == CHOICE_SENDER_PATTERN;
        bool of_forms = choice->kind == CHOICE_MAILBOX_PATTERN;
        care = map_and(
            map, care,
            care_pattern(map, i, of_sender ? CHOICE_SENDER : CHOICE_RECIPIENT,
                         of_forms ? APART_FORMS : APART_WHOLE));
    }
    return care;
}
