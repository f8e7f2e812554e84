#include "diff/right.h"

#include <stdlib.h>

#include "base/memory.h"

/* A deny rule in the order in which rules are named. */
struct ranked {
    uint64_t rank;
    size_t bit;
    uint32_t reply;
};

/* What rules look at from a choice on. */
struct plan {
    uint64_t *resolve; /* rules of which it is the last of its condition */
    uint64_t *pending; /* rules that look at something behind it */
};

enum state_flag {
    STATE_FINAL = 1,     /* the rest of the condition has no say */
    STATE_GRANTED = 2,   /* some allow rule surely holds, ... */
    STATE_ALWAYS = 4,    /* ... or only always-relay */
    STATE_MAY_ALLOW = 8, /* some that is behind us may hold */
    STATE_MAY_DENY = 16
};

/* Rules that may hold, those of them that may also not, and those that the
 * present condition includes, may include and may exclude. */
struct state {
    uint64_t *alive, *doubt, *in, *may_in, *may_out, *flags;
};

enum {
    STATE_VECTORS = 5,
    STATE_COST = 100 /* a new one, beside an edge made */
};

struct explorer {
    struct map *map;
    const struct choices *choices;
    const struct ruleset *rules;
    int side;
    enum right right;
    size_t words;
    struct plan *plans;
    uint64_t *plan_words;
    struct ranked *denies;
    size_t deny_count;
    struct intern states;
    uint32_t *results;
    size_t result_room;
    uint64_t *scratch; /* a state for every choice */
    bool failed;
};

static struct state
state_at(const struct explorer *e, size_t choice)
{
    uint64_t *words = e->scratch + choice * (STATE_VECTORS * e->words + 1);
    return (struct state){words,
                          words + e->words,
                          words + 2 * e->words,
                          words + 3 * e->words,
                          words + 4 * e->words,
                          words + 5 * e->words};
}

static bool
stopped(const struct explorer *e)
{
    return e->failed || map_stopped(e->map);
}

/* -- the plan ------------------------------------------------------------- */

static const uint64_t *
touched_by(const struct explorer *e, size_t choice)
{
    return e->choices->items[choice].sides[e->side].touched;
}

/* A list is settled by the last choice that some rule of it looks at; by the
 * first one of its condition, if by none. */
static void
plan_condition(struct explorer *e, size_t first, size_t end)
{
    int condition = e->choices->items[first].condition;
    const uint64_t *given = ruleset_mask(e->rules, RULES_GIVEN + condition);
    for (size_t w = 0; w < e->words; w++) {
        uint64_t left = given[w];
        for (size_t i = end; i-- > first;) {
            uint64_t here = i == first ? left : left & touched_by(e, i)[w];
            e->plans[i].resolve[w] = here;
            left &= ~here;
        }
    }
}

static bool
make_plan(struct explorer *e)
{
    size_t count = e->choices->count;
    e->plans = memory_new(count, sizeof *e->plans);
    e->plan_words = memory_new(2 * count * e->words, sizeof *e->plan_words);
    if (!e->plans || !e->plan_words)
        return false;
    for (size_t i = 0; i < count; i++)
        e->plans[i] = (struct plan){e->plan_words + 2 * i * e->words,
                                    e->plan_words + (2 * i + 1) * e->words};
    for (size_t i = 0, end; i < count; i = end) {
        int condition = e->choices->items[i].condition;
        for (end = i + 1; end < count && condition >= 0 &&
                          e->choices->items[end].condition == condition;)
            end++;
        if (condition >= 0)
            plan_condition(e, i, end);
    }
    for (size_t i = count - 1; i-- > 0;) {
        words_or(e->plans[i].pending, e->plans[i + 1].pending, e->words);
        words_or(e->plans[i].pending, e->plans[i + 1].resolve, e->words);
        words_or(e->plans[i].pending, touched_by(e, i + 1), e->words);
    }
    return true;
}

/* -- deny rules ----------------------------------------------------------- */

static int
by_rank(const void *left, const void *right)
{
    const struct ranked *a = left;
    const struct ranked *b = right;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

static bool
rank_denies(struct explorer *e, number_reply *number, void *context)
{
    const struct image *image = e->rules->image;
    const struct image_right *record = &e->rules->connector->rights[e->right];
    uint32_t count = record->allow - record->first;
    e->denies = memory_new(count + 1, sizeof *e->denies);
    if (!e->denies)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t slot = record->first + i;
        const struct image_rule *rule = image_rule_in(image, slot);
        uint64_t soft = slot >= record->soft;
        if (rule)
            e->denies[e->deny_count++] =
                (struct ranked){soft << 32 | image_slot(image, slot),
                                slot - e->rules->first_block * SLOTS_PER_BLOCK,
                                number(context, rule)};
    }
    qsort(e->denies, e->deny_count, sizeof *e->denies, by_rank);
    return true;
}

static bool
has_bit(const uint64_t *words, size_t bit)
{
    return words[bit / 64] >> bit % 64 & 1;
}

static void
clear_bit(uint64_t *words, size_t bit)
{
    words[bit / 64] &= ~(UINT64_C(1) << bit % 64);
}

/* Once a rule surely forbids, those that are named after it have no say, nor
 * those right before it that answer alike, nor any allow rule.  True if no
 * other one is left. */
static bool
settle_forbidden(const struct explorer *e, struct state state, size_t sure)
{
    bool alone = true;
    bool alike = true;
    for (size_t i = sure + 1; i < e->deny_count; i++)
        clear_bit(state.alive, e->denies[i].bit);
    for (size_t i = sure; i-- > 0;) {
        if (!has_bit(state.alive, e->denies[i].bit))
            continue;
        alike = alike && e->denies[i].reply == e->denies[sure].reply;
        if (alike)
            clear_bit(state.alive, e->denies[i].bit);
        else
            alone = false;
    }
    const uint64_t *allow = ruleset_mask(e->rules, RULES_ALLOW + (int)e->right);
    words_and_not(state.alive, allow, e->words);
    *state.flags &= STATE_FINAL;
    return alone;
}

/* -- settling ------------------------------------------------------------- */

/* Lists that nothing behind the choice looks at. */
static void
resolve(const struct explorer *e, size_t choice, struct state state)
{
    int condition = e->choices->items[choice].condition;
    if (condition < 0)
        return;
    const uint64_t *all = ruleset_mask(e->rules, RULES_WITH_ALL + condition);
    const uint64_t *rules = e->plans[choice].resolve;
    for (size_t w = 0; w < e->words; w++) {
        uint64_t in = state.in[w] | all[w];
        uint64_t sure = in & ~state.may_out[w];
        state.alive[w] &= ~rules[w] | in | state.may_in[w];
        state.doubt[w] |= rules[w] & ~sure;
        state.in[w] &= ~rules[w];
        state.may_in[w] &= ~rules[w];
        state.may_out[w] &= ~rules[w];
    }
}

/* What has been settled of the allow rules becomes a flag. */
static void
settle_allow(const struct explorer *e, struct state state,
             const uint64_t *pending)
{
    const uint64_t *allow = ruleset_mask(e->rules, RULES_ALLOW + (int)e->right);
    const uint64_t *always = ruleset_mask(e->rules, RULES_ALWAYS_RELAY);
    uint64_t granted = 0, by_always = 0, maybe = 0;
    for (size_t w = 0; w < e->words; w++) {
        uint64_t settled = state.alive[w] & allow[w] & ~pending[w];
        granted |= settled & ~state.doubt[w] & ~always[w];
        by_always |= settled & ~state.doubt[w] & always[w];
        maybe |= settled & state.doubt[w];
        state.alive[w] &= ~settled;
    }
    if (maybe)
        *state.flags |= STATE_MAY_ALLOW;
    if (by_always)
        *state.flags |= STATE_ALWAYS;
    if (granted)
        *state.flags |= STATE_GRANTED;
    if (*state.flags & STATE_GRANTED) {
        words_and_not(state.alive, allow, e->words);
        *state.flags &= ~(uint64_t)(STATE_ALWAYS | STATE_MAY_ALLOW);
    }
    if (*state.flags & STATE_ALWAYS) {
        words_and_not(state.alive, always, e->words);
        *state.flags &= ~(uint64_t)STATE_MAY_ALLOW;
    }
}

static void
settle_doubtful_deny(const struct explorer *e, struct state state,
                     const uint64_t *pending)
{
    const uint64_t *deny = ruleset_mask(e->rules, RULES_DENY);
    for (size_t w = 0; w < e->words; w++) {
        uint64_t maybe =
            state.alive[w] & deny[w] & ~pending[w] & state.doubt[w];
        if (maybe)
            *state.flags |= STATE_MAY_DENY;
        state.alive[w] &= ~maybe;
    }
}

/* States that come to the same shall be the same: without the bits of rules
 * that are out; and where a rule is in doubt for good, to be in it for sure is
 * no more than that it may be. */
static void
normalize(const struct explorer *e, struct state state)
{
    for (size_t w = 0; w < e->words; w++) {
        uint64_t alive = state.alive[w];
        uint64_t in = state.in[w] & alive;
        uint64_t doubt = state.doubt[w] & alive;
        uint64_t may_out = state.may_out[w] & alive & ~doubt;
        uint64_t soft = in & (doubt | may_out);
        state.doubt[w] = doubt;
        state.in[w] = in & ~soft;
        state.may_in[w] = ((state.may_in[w] & alive) | soft) & ~state.in[w];
        state.may_out[w] = may_out;
    }
}

/* What the right comes to, if no rule is left that could change it. */
static bool
is_over(const struct explorer *e, struct state state, uint32_t *value)
{
    const uint64_t *deny = ruleset_mask(e->rules, RULES_DENY);
    const uint64_t *allow = ruleset_mask(e->rules, RULES_ALLOW + (int)e->right);
    uint64_t flags = *state.flags;
    bool may_be_allowed =
        words_meet(state.alive, allow, e->words) ||
        (flags & (STATE_GRANTED | STATE_ALWAYS | STATE_MAY_ALLOW)) != 0;
    if (!may_be_allowed)
        *state.flags &= ~(uint64_t)STATE_MAY_DENY;
    if (words_meet(state.alive, deny, e->words) ||
        words_meet(state.alive, allow, e->words))
        return false;
    if (!may_be_allowed)
        *value = RIGHT_LACKING;
    else if (flags & (STATE_MAY_DENY | STATE_MAY_ALLOW))
        *value = RIGHT_UNDECIDED;
    else
        *value = flags & STATE_GRANTED ? RIGHT_GRANTED : RIGHT_GRANTED_ALWAYS;
    return true;
}

/* The deny rule that surely holds and is named first, or SIZE_MAX. */
static size_t
first_forbidding(const struct explorer *e, struct state state,
                 const uint64_t *pending)
{
    for (size_t i = 0; i < e->deny_count; i++) {
        size_t bit = e->denies[i].bit;
        if (has_bit(state.alive, bit) && !has_bit(state.doubt, bit) &&
            !has_bit(pending, bit))
            return i;
    }
    return SIZE_MAX;
}

static bool
ends_condition(const struct explorer *e, size_t choice)
{
    const struct choice *it = &e->choices->items[choice];
    return it->condition < 0 || choice + 1 == e->choices->count ||
           it[1].condition != it->condition;
}

/* Behind a choice; true if the right is settled. */
static bool
settle(const struct explorer *e, size_t choice, struct state state,
       uint32_t *value)
{
    const uint64_t *pending = e->plans[choice].pending;
    resolve(e, choice, state);
    if (ends_condition(e, choice))
        *state.flags &= ~(uint64_t)STATE_FINAL;
    settle_doubtful_deny(e, state, pending);
    size_t forbidding = first_forbidding(e, state, pending);
    bool over;
    if (forbidding != SIZE_MAX) {
        *value = RIGHT_FORBIDDEN + e->denies[forbidding].reply;
        over = settle_forbidden(e, state, forbidding);
    } else {
        settle_allow(e, state, pending);
        over = is_over(e, state, value);
    }
    normalize(e, state);
    return over;
}

/* -- exploring ------------------------------------------------------------ */

static void
take_sight(const struct explorer *e, size_t choice, size_t sight,
           struct state from, struct state to)
{
    const struct choice_side *side = &e->choices->items[choice].sides[e->side];
    memcpy(to.alive, from.alive,
           (STATE_VECTORS * e->words + 1) * sizeof *to.alive);
    if (*from.flags & STATE_FINAL)
        return;
    if (choice_is_final(side, sight))
        *to.flags |= STATE_FINAL;
    words_and_not(to.alive, choice_mask(side, sight, SIGHT_DEAD), e->words);
    words_or(to.in, choice_mask(side, sight, SIGHT_INCLUDED), e->words);
    words_or(to.may_in, choice_mask(side, sight, SIGHT_MAYBE_INCLUDED),
             e->words);
    words_or(to.may_out, choice_mask(side, sight, SIGHT_MAYBE_EXCLUDED),
             e->words);
}

static uint32_t explore(struct explorer *e, size_t choice);

static uint32_t
explore_sight(struct explorer *e, size_t choice, size_t sight)
{
    struct state to = state_at(e, choice + 1);
    uint32_t value = RIGHT_LACKING;
    take_sight(e, choice, sight, state_at(e, choice), to);
    return settle(e, choice, to, &value) ? LEAF(value) : explore(e, choice + 1);
}

/* No rule that is alive looks at the choice, or it has no say: one option is
 * as good as another. */
static bool
is_indifferent(const struct explorer *e, size_t choice, struct state state)
{
    return *state.flags & STATE_FINAL ||
           (!words_meet(touched_by(e, choice), state.alive, e->words) &&
            e->choices->items[choice].kind != CHOICE_NAMES &&
            e->choices->items[choice].kind != CHOICE_GROUPS &&
            e->choices->items[choice].kind != CHOICE_IDENTITY &&
            e->choices->items[choice].kind != CHOICE_SENDER &&
            e->choices->items[choice].kind != CHOICE_RECIPIENT);
}

static uint32_t
explore_options(struct explorer *e, size_t choice)
{
    const struct choice *it = &e->choices->items[choice];
    const struct choice_side *side = &it->sides[e->side];
    if (is_indifferent(e, choice, state_at(e, choice)))
        return explore_sight(e, choice, 0);
    uint32_t *of_sight = memory_new(side->sight_count, sizeof *of_sight);
    uint32_t *leads = map_leads(e->map, choice);
    uint32_t result = LEAF(0);
    e->failed |= !of_sight;
    for (size_t i = 0; i < side->sight_count && !stopped(e); i++) {
        of_sight[i] = explore_sight(e, choice, i);
    }
    for (size_t i = 0; i < it->option_count && !stopped(e); i++)
        leads[i] = of_sight[side->sight_of_option[i]];
    if (!stopped(e))
        result = map_add(e->map, choice, leads);
    memory_free(of_sight);
    memory_free(leads);
    return result;
}

/* From the state at a choice, which stays as it is. */
static uint32_t
explore(struct explorer *e, size_t choice)
{
    struct state state = state_at(e, choice);
    if (stopped(e))
        return LEAF(0);
    uint64_t flags = *state.flags;
    *state.flags |= (uint64_t)choice << 32;
    size_t known = e->states.count;
    uint32_t number =
        intern_add(&e->states, (struct text){(const char *)state.alive,
                                             (STATE_VECTORS * e->words + 1) *
                                                 sizeof *state.alive});
    *state.flags = flags;
    if (e->states.failed || !memory_grow(&e->results, &e->result_room,
                                         e->states.count, sizeof *e->results)) {
        e->failed = true;
        return LEAF(0);
    }
    if (number == known) {
        map_charge(e->map, STATE_COST + e->words);
        uint32_t result = explore_options(e, choice);
        e->results[number] = result;
    }
    return e->results[number];
}

/* -- the whole ------------------------------------------------------------ */

static uint32_t
explore_right(struct explorer *e, const uint64_t *listeners)
{
    const struct image_right *record = &e->rules->connector->rights[e->right];
    const uint64_t *given = ruleset_mask(e->rules, RULES_LISTENERS);
    const uint64_t *all = ruleset_mask(e->rules, RULES_ALL);
    struct state state = state_at(e, 0);
    uint32_t value;
    for (uint32_t slot = record->first; slot < record->end; slot++) {
        size_t bit = slot - e->rules->first_block * SLOTS_PER_BLOCK;
        state.alive[bit / 64] |= UINT64_C(1) << bit % 64;
    }
    for (size_t w = 0; w < e->words; w++)
        state.alive[w] &= all[w] & (~given[w] | listeners[w]);
    if (e->right != RIGHT_RELAY && record->allow == record->end)
        *state.flags |= STATE_GRANTED;
    return is_over(e, state, &value) ? LEAF(value) : explore(e, 0);
}

uint32_t
right_build(struct map *map, int side, enum right right,
            const uint64_t *listeners, number_reply *number, void *context)
{
    const struct choices *choices = map->choices;
    struct explorer e = {
        .map = map,
        .choices = choices,
        .rules = &choices->rules[side],
        .side = side,
        .right = right,
        .words = choices->rules[side].words,
    };
    e.scratch = memory_new((choices->count + 1) * (STATE_VECTORS * e.words + 1),
                           sizeof *e.scratch);
    uint32_t result = LEAF(0);
    if (!e.scratch || !make_plan(&e) || !rank_denies(&e, number, context))
        e.failed = true;
    else
        result = explore_right(&e, listeners);
    map->failed |= e.failed;
    intern_clear(&e.states);
    memory_free(e.results);
    memory_free(e.scratch);
    memory_free(e.plans);
    memory_free(e.plan_words);
    memory_free(e.denies);
    return result;
}
