#include "diff/choices.h"

#include "base/memory.h"
#include "diff/pattern_use.h"

/* A choice on its way. */
struct making {
    struct choice *choice;
    const struct choices *choices;
    struct intern sights[SIDES], options;
    uint64_t *scratch[SIDES];
    uint32_t *sight_of_option[SIDES], *cell_of_option;
    size_t sight_room[SIDES], cell_room, of_cell_room;
    size_t cell_count;
    bool failed;
};

/* -- one option ----------------------------------------------------------- */

static size_t
sight_words(const struct ruleset *rules)
{
    return SIGHT_MASKS * rules->words + 1;
}

static struct making
make(struct choices *choices, enum choice_kind kind, int condition)
{
    struct making m = {.choices = choices};
    choices->over_budget |= choices->count == CHOICES_MOST;
    if (choices->over_budget ||
        !memory_grow(&choices->items, &choices->room, choices->count + 1,
                     sizeof *choices->items)) {
        m.failed = true;
        return m;
    }
    m.choice = &choices->items[choices->count++];
    *m.choice = (struct choice){.kind = kind, .condition = condition};
    for (int s = 0; s < SIDES; s++) {
        m.choice->sides[s].words = choices->rules[s].words;
        m.scratch[s] =
            memory_new(sight_words(&choices->rules[s]), sizeof *m.scratch[s]);
        m.failed |= !m.scratch[s];
    }
    return m;
}

static uint64_t *
mask_at(struct making *m, int side, enum sight_mask mask)
{
    return m->scratch[side] + (size_t)mask * m->choices->rules[side].words;
}

static void
add_words(struct making *m, int side, enum sight_mask mask,
          const uint64_t *words)
{
    words_or(mask_at(m, side, mask), words, m->choices->rules[side].words);
}

static void
add_mask(struct making *m, int side, enum sight_mask mask, int rules)
{
    if (m->choices->rules[side].words)
        add_words(m, side, mask, ruleset_mask(&m->choices->rules[side], rules));
}

static void
make_final(struct making *m, int side)
{
    *mask_at(m, side, SIGHT_MASKS) = 1;
}

static void
add_view(struct making *m, int side, const struct view *view)
{
    for (uint32_t i = 0; i < view->mask_count; i++)
        ruleset_add(&m->choices->rules[side],
                    (struct masks){view->first[i], view->counts[i]},
                    mask_at(m, side, SIGHT_INCLUDED),
                    mask_at(m, side, SIGHT_DEAD));
}

/* What the failed look-up of names or groups leaves open. */
static void
add_unknown(struct making *m, int side, enum condition condition)
{
    const struct ruleset *rules = &m->choices->rules[side];
    for (size_t i = 0; i < rules->words; i++) {
        const struct image_block *block =
            image_block(rules->image, rules->first_block + (uint32_t)i);
        if (!block)
            continue;
        mask_at(m, side, SIGHT_MAYBE_INCLUDED)[i] |=
            block->list[condition].open_inc;
        mask_at(m, side, SIGHT_MAYBE_EXCLUDED)[i] |=
            block->list[condition].open_exc;
    }
}

static void
begin_option(struct making *m)
{
    for (int s = 0; s < SIDES && !m->failed; s++)
        memset(m->scratch[s], 0,
               sight_words(&m->choices->rules[s]) * sizeof *m->scratch[s]);
}

/* What tells options apart besides what rules make of them. */
struct option_key {
    uint32_t sights[SIDES];
    uint32_t traits[SIDES], exists[SIDES], lists[SIDES];
    uint32_t apart, number;
};

/* `key` has everything but the sights; returns the option. */
static uint32_t
end_option(struct making *m, struct option_key *key, uint32_t cell)
{
    for (int s = 0; s < SIDES && !m->failed; s++) {
        size_t size =
            sight_words(&m->choices->rules[s]) * sizeof *m->scratch[s];
        key->sights[s] = intern_add(
            &m->sights[s], (struct text){(const char *)m->scratch[s], size});
        m->failed |= m->sights[s].failed;
    }
    if (m->failed)
        return 0;
    size_t known = m->options.count;
    uint32_t option =
        intern_add(&m->options, (struct text){(const char *)key, sizeof *key});
    for (int s = 0; s < SIDES; s++)
        m->failed |=
            !memory_grow(&m->sight_of_option[s], &m->sight_room[s],
                         m->options.count, sizeof *m->sight_of_option[s]);
    m->failed |= m->options.failed ||
                 !memory_grow(&m->cell_of_option, &m->cell_room,
                              m->options.count, sizeof *m->cell_of_option);
    if (m->failed || option < known)
        return option;
    for (int s = 0; s < SIDES; s++)
        m->sight_of_option[s][option] = key->sights[s];
    m->cell_of_option[option] = cell;
    return option;
}

/* An option of a choice without cells. */
static void
end_plain(struct making *m)
{
    struct option_key key = {.number = (uint32_t)m->options.count};
    end_option(m, &key, 0);
}

static void
end_cell(struct making *m, const struct cell_key *cell, uint32_t number)
{
    struct option_key key = {.apart = cell->apart};
    for (int s = 0; s < SIDES; s++) {
        key.traits[s] = cell->views[s].traits;
        key.exists[s] = cell->views[s].exists;
        key.lists[s] = cell->views[s].list;
    }
    uint32_t option = end_option(m, &key, number);
    if (m->failed ||
        !memory_grow(&m->choice->option_of_cell, &m->of_cell_room,
                     m->cell_count + 1, sizeof *m->choice->option_of_cell)) {
        m->failed = true;
        return;
    }
    m->choice->option_of_cell[m->cell_count++] = option;
}

static void
finish_side(struct making *m, int s)
{
    struct choice_side *side = &m->choice->sides[s];
    size_t words = sight_words(&m->choices->rules[s]);
    side->sight_of_option = m->sight_of_option[s];
    side->sight_count = m->sights[s].count;
    side->masks = memory_new(side->sight_count * words, sizeof *side->masks);
    side->touched = memory_new(side->words + 1, sizeof *side->touched);
    m->failed |= !side->masks || !side->touched;
    for (uint32_t i = 0; !m->failed && i < side->sight_count; i++) {
        struct text sight = intern_get(&m->sights[s], i);
        memcpy(side->masks + i * words, sight.data, sight.size);
        for (int mask = 0; mask < SIGHT_MASKS; mask++)
            words_or(side->touched, choice_mask(side, i, (enum sight_mask)mask),
                     side->words);
    }
    intern_clear(&m->sights[s]);
    memory_free(m->scratch[s]);
}

static bool
finish(struct making *m)
{
    if (!m->choice)
        return false;
    m->choice->option_count = m->options.count;
    m->choice->cell_of_option = m->cell_of_option;
    for (int s = 0; s < SIDES; s++)
        finish_side(m, s);
    intern_clear(&m->options);
    return !m->failed;
}

/* -- choices with cells --------------------------------------------------- */

typedef void see_cell(struct making *m, int side, const struct view *view);

static bool
make_cells(struct choices *choices, enum choice_kind kind, int condition,
           const struct cells *cells, see_cell *see)
{
    struct making m = make(choices, kind, condition);
    if (m.choice)
        m.choice->cells = cells;
    for (uint32_t i = 0; i < cells->keys.count && !m.failed; i++) {
        const struct cell_key *key = cells_key(cells, i);
        begin_option(&m);
        for (int s = 0; s < SIDES; s++)
            see(&m, s, &key->views[s]);
        end_cell(&m, key, i);
    }
    return finish(&m);
}

/* Nobody is no member of `users`, and owns nothing. */
static void
see_identity(struct making *m, int side, const struct view *view)
{
    if (view->traits & TRAIT_ANONYMOUS) {
        add_mask(m, side, SIGHT_DEAD, RULES_GIVEN + CONDITION_USERS);
        add_mask(m, side, SIGHT_DEAD, RULES_AUTHENTICATED);
        add_mask(m, side, SIGHT_DEAD, RULES_OWNED);
        add_mask(m, side, SIGHT_DEAD, RULES_NOT_OWNED);
        make_final(m, side);
        return;
    }
    add_view(m, side, view);
    add_mask(m, side, SIGHT_DEAD, RULES_ANONYMOUS);
}

static void
see_tls(struct making *m, int side, const struct view *view)
{
    size_t words = m->choices->rules[side].words;
    uint64_t *dead = mask_at(m, side, SIGHT_DEAD);
    uint64_t *listed = mask_at(m, side, SIGHT_INCLUDED);
    if (view->traits & TRAIT_PLAIN_TEXT)
        add_mask(m, side, SIGHT_DEAD, RULES_TLS);
    else
        add_mask(m, side, SIGHT_DEAD, RULES_NO_TLS);
    add_view(m, side, view);
    for (size_t i = 0; i < words; i++) {
        const uint64_t *wanted =
            ruleset_mask(&m->choices->rules[side], RULES_CERTIFICATES);
        dead[i] |= wanted[i] & ~listed[i];
        listed[i] = 0;
    }
}

/* No pattern is tried on <>. */
static void
see_sender(struct making *m, int side, const struct view *view)
{
    if (view->traits & TRAIT_MALFORMED)
        return;
    add_view(m, side, view);
    if (view->traits & TRAIT_NULL)
        make_final(m, side);
}

/* A recipient with routing is in no list of an allow rule, and in all of deny
 * rules (policy.md §8); so may one be that has not been named yet. */
static void
see_special_recipient(struct making *m, int side, bool later)
{
    const struct ruleset *rules = &m->choices->rules[side];
    make_final(m, side);
    if (!rules->words)
        return;
    const uint64_t *given =
        ruleset_mask(rules, RULES_GIVEN + CONDITION_RECIPIENTS);
    const uint64_t *deny = ruleset_mask(rules, RULES_DENY);
    enum sight_mask in = later ? SIGHT_MAYBE_INCLUDED : SIGHT_INCLUDED;
    enum sight_mask out = later ? SIGHT_MAYBE_EXCLUDED : SIGHT_DEAD;
    if (later)
        add_unknown(m, side, CONDITION_RECIPIENTS);
    for (size_t i = 0; i < rules->words; i++) {
        mask_at(m, side, in)[i] |= given[i] & deny[i];
        mask_at(m, side, out)[i] |= given[i] & ~deny[i];
    }
}

static void
see_recipient(struct making *m, int side, const struct view *view)
{
    if (view->traits & TRAIT_MALFORMED)
        return;
    if (view->traits & (TRAIT_ROUTING | TRAIT_LATER))
        see_special_recipient(m, side, (view->traits & TRAIT_LATER) != 0);
    else
        add_view(m, side, view);
}

/* -- choices without cells ------------------------------------------------ */

static bool
make_look_up(struct choices *choices, enum choice_kind kind,
             enum condition condition)
{
    struct making m = make(choices, kind, (int)condition);
    for (int option = OPTION_KNOWN; option <= OPTION_UNKNOWN && !m.failed;
         option++) {
        begin_option(&m);
        for (int s = 0; s < SIDES && option == OPTION_UNKNOWN; s++) {
            add_unknown(&m, s, condition);
            make_final(&m, s);
        }
        end_plain(&m);
    }
    return finish(&m);
}

static bool
make_ownership(struct choices *choices)
{
    struct making m = make(choices, CHOICE_OWNED, -1);
    for (int i = 0; i < OWNERSHIPS * OWNERSHIPS && !m.failed; i++) {
        const int owned[SIDES] = {i % OWNERSHIPS, i / OWNERSHIPS};
        begin_option(&m);
        for (int s = 0; s < SIDES; s++) {
            if (owned[s] != OWNERSHIP_OWNED)
                add_mask(&m, s, SIGHT_DEAD, RULES_OWNED);
            if (owned[s] != OWNERSHIP_NOT_OWNED)
                add_mask(&m, s, SIGHT_DEAD, RULES_NOT_OWNED);
        }
        end_plain(&m);
    }
    return finish(&m);
}

static bool
make_plain(struct choices *choices, enum choice_kind kind, int options)
{
    struct making m = make(choices, kind, -1);
    for (int i = 0; i < options && !m.failed; i++) {
        begin_option(&m);
        end_plain(&m);
    }
    return finish(&m);
}

/* -- what is there or not ------------------------------------------------- */

/* Cells with the same meaning: together one choice. */
struct meanings {
    struct intern keys; /* the masks of both sides */
    uint32_t *of_cell;  /* number in `keys` + 1; 0: it means nothing */
    uint64_t *scratch;
    size_t words[SIDES];
};

static size_t
meaning_size(const struct meanings *meanings)
{
    return 2 * (meanings->words[OLD] + meanings->words[NEW]);
}

static bool
find_meanings(struct meanings *meanings, const struct choices *choices,
              const struct cells *cells)
{
    size_t count = meaning_size(meanings);
    for (uint32_t i = 0; i < cells->keys.count; i++) {
        const struct cell_key *key = cells_key(cells, i);
        uint64_t *words = meanings->scratch;
        uint64_t any = 0;
        memset(words, 0, count * sizeof *words);
        for (int s = 0; s < SIDES; s++) {
            const struct view *view = &key->views[s];
            for (uint32_t j = 0; j < view->mask_count; j++)
                ruleset_add(&choices->rules[s],
                            (struct masks){view->first[j], view->counts[j]},
                            words, words + meanings->words[s]);
            words += 2 * meanings->words[s];
        }
        for (size_t j = 0; j < count; j++)
            any |= meanings->scratch[j];
        if (any)
            meanings->of_cell[i] =
                1 + intern_add(&meanings->keys,
                               (struct text){(const char *)meanings->scratch,
                                             count * sizeof *words});
    }
    return !meanings->keys.failed;
}

static bool
take_members(struct choice *choice, const struct meanings *meanings,
             uint32_t meaning)
{
    size_t room = 0;
    for (uint32_t i = 0; i < choice->cells->keys.count; i++) {
        if (meanings->of_cell[i] != meaning + 1)
            continue;
        if (!memory_grow(&choice->members, &room, choice->member_count + 1,
                         sizeof *choice->members))
            return false;
        choice->members[choice->member_count++] = i;
    }
    return true;
}

static bool
make_presence(struct choices *choices, enum choice_kind kind,
              enum condition condition, const struct cells *cells,
              const struct meanings *meanings, uint32_t meaning)
{
    struct making m = make(choices, kind, (int)condition);
    const uint64_t *words =
        (const void *)intern_get(&meanings->keys, meaning).data;
    for (int option = OPTION_ABSENT; option <= OPTION_PRESENT && !m.failed;
         option++) {
        begin_option(&m);
        for (int s = 0; s < SIDES && option == OPTION_PRESENT; s++) {
            add_words(&m, s, SIGHT_INCLUDED, words);
            add_words(&m, s, SIGHT_DEAD, words + meanings->words[s]);
            words += 2 * meanings->words[s];
        }
        end_plain(&m);
    }
    if (m.choice)
        m.choice->cells = cells;
    bool taken = m.choice && take_members(m.choice, meanings, meaning);
    return finish(&m) && taken;
}

static bool
make_presences(struct choices *choices, enum choice_kind kind,
               enum condition condition, const struct cells *cells)
{
    struct meanings meanings = {
        .words = {choices->rules[OLD].words, choices->rules[NEW].words}};
    meanings.scratch =
        memory_new(meaning_size(&meanings) + 1, sizeof *meanings.scratch);
    meanings.of_cell =
        memory_new(cells->keys.count + 1, sizeof *meanings.of_cell);
    bool ok = meanings.scratch && meanings.of_cell &&
              find_meanings(&meanings, choices, cells);
    for (uint32_t i = 0; ok && i < meanings.keys.count; i++)
        ok = make_presence(choices, kind, condition, cells, &meanings, i);
    intern_clear(&meanings.keys);
    memory_free(meanings.of_cell);
    memory_free(meanings.scratch);
    return ok;
}

/* -- patterns ------------------------------------------------------------- */

static void
see_pattern(struct making *m, int side, enum truth truth, uint32_t pattern)
{
    bool maybe = truth == TRUTH_UNKNOWN;
    if (truth == TRUTH_NO || pattern == UINT32_MAX || m->choice->condition < 0)
        return;
    ruleset_add_pattern(
        &m->choices->rules[side], (enum condition)m->choice->condition, pattern,
        mask_at(m, side, maybe ? SIGHT_MAYBE_INCLUDED : SIGHT_INCLUDED),
        mask_at(m, side, maybe ? SIGHT_MAYBE_EXCLUDED : SIGHT_DEAD));
}

static bool
make_pattern(struct choices *choices, enum choice_kind kind, int condition,
             struct text pattern, bool apart)
{
    struct making m = make(choices, kind, condition);
    if (m.choice) {
        m.choice->pattern = pattern;
        m.choice->apart = apart;
    }
    for (size_t i = 0; i < (apart ? TRUTHS * TRUTHS : TRUTHS) && !m.failed;
         i++) {
        begin_option(&m);
        for (int s = 0; s < SIDES; s++)
            see_pattern(
                &m, s, choice_truth(m.choice, i, s),
                pattern_find(choices->values->pair->images[s], pattern));
        end_plain(&m);
    }
    return finish(&m);
}

/* The patterns of both policies, each once. */
static bool
make_patterns(struct choices *choices, enum choice_kind kind, int condition,
              bool apart)
{
    const struct image *const *images = choices->values->pair->images;
    bool ok = true;
    for (int s = 0; s < SIDES; s++)
        for (uint32_t i = 0; ok && i < images[s]->settings->pattern_count;
             i++) {
            struct text pattern = image_pattern(images[s], i);
            uint32_t numbers[SIDES] = {pattern_find(images[OLD], pattern),
                                       pattern_find(images[NEW], pattern)};
            bool looks = false;
            if (s == NEW && numbers[OLD] != UINT32_MAX)
                continue;
            for (int t = 0; t < SIDES; t++)
                if (numbers[t] != UINT32_MAX)
                    looks |= condition < 0
                                 ? pattern_in_mailboxes(choices, t, numbers[t])
                                 : pattern_in_rules(choices, t,
                                                    (enum condition)condition,
                                                    numbers[t]);
            if (looks)
                ok = make_pattern(choices, kind, condition, pattern, apart);
        }
    return ok;
}

/* -- the whole ------------------------------------------------------------ */

static void
see_plain(struct making *m, int side, const struct view *view)
{
    add_view(m, side, view);
}

static bool
make_all(struct choices *c)
{
    const struct values *v = c->values;
    return make_cells(c, CHOICE_ADDRESS, CONDITION_CLIENTS, &v->addresses,
                      see_plain) &&
           make_look_up(c, CHOICE_NAMES, CONDITION_CLIENTS) &&
           make_presences(c, CHOICE_NAME, CONDITION_CLIENTS, &v->names) &&
           make_patterns(c, CHOICE_NAME_PATTERN, CONDITION_CLIENTS, false) &&
           make_cells(c, CHOICE_IDENTITY, CONDITION_USERS, &v->identities,
                      see_identity) &&
           make_patterns(c, CHOICE_IDENTITY_PATTERN, CONDITION_USERS, false) &&
           make_look_up(c, CHOICE_GROUPS, CONDITION_USERS) &&
           make_presences(c, CHOICE_GROUP, CONDITION_USERS, &v->groups) &&
           make_cells(c, CHOICE_TLS, -1, &v->certificates, see_tls) &&
           make_cells(c, CHOICE_SENDER, CONDITION_SENDERS, &v->senders,
                      see_sender) &&
           make_patterns(c, CHOICE_SENDER_PATTERN, CONDITION_SENDERS,
                         cells_apart(&v->senders, APART_WHOLE)) &&
           make_ownership(c) &&
           make_cells(c, CHOICE_RECIPIENT, CONDITION_RECIPIENTS, &v->recipients,
                      see_recipient) &&
           make_patterns(c, CHOICE_RECIPIENT_PATTERN, CONDITION_RECIPIENTS,
                         cells_apart(&v->recipients, APART_WHOLE)) &&
           make_plain(c, CHOICE_EXISTS, 3) &&
           make_patterns(c, CHOICE_MAILBOX_PATTERN, -1,
                         cells_apart(&v->recipients, APART_FORMS)) &&
           make_plain(c, CHOICE_REWRITES, 2);
}

void
choices_build(struct choices *choices, const struct values *values,
              const uint32_t connectors[SIDES])
{
    *choices = (struct choices){.values = values};
    for (int s = 0; s < SIDES; s++) {
        const struct image *image = values->pair->images[s];
        choices->rules[s] = (struct ruleset){.image = image};
        if (connectors[s] != NO_CONNECTOR &&
            !ruleset_init(&choices->rules[s], image, connectors[s]))
            choices->failed = true;
    }
    choices->failed =
        choices->failed || (!make_all(choices) && !choices->over_budget);
}

void
choices_clear(struct choices *choices)
{
    for (size_t i = 0; i < choices->count; i++) {
        struct choice *choice = &choices->items[i];
        for (int s = 0; s < SIDES; s++) {
            memory_free(choice->sides[s].sight_of_option);
            memory_free(choice->sides[s].masks);
            memory_free(choice->sides[s].touched);
        }
        memory_free(choice->option_of_cell);
        memory_free(choice->cell_of_option);
        memory_free(choice->members);
    }
    memory_free(choices->items);
    for (int s = 0; s < SIDES; s++)
        ruleset_clear(&choices->rules[s]);
}
