#include "audit/diagram.h"

#include "base/memory.h"

/* What the rules look at from an axis on. */
struct step {
    uint64_t *later; /* rules with a condition behind this one */
    uint64_t *can_include, *can_exclude; /* by the rest of this condition */
};

enum {
    POINT_WORK = 8 /* of a point, besides its words */
};

/* A state: the rules that may still hold, those that the present condition
 * includes, and a word of flags. */
enum state_flag {
    STATE_FINAL = 1, /* the present condition is settled */
    STATE_GRANTED = 2
};

struct state {
    uint64_t *alive, *included, *flags;
};

static struct state
state_at(const struct diagram *d, size_t step)
{
    uint64_t *words = d->scratch + step * d->state_words;
    return (struct state){words, words + d->rules.words,
                          words + 2 * d->rules.words};
}

/* -- what is to come ---------------------------------------------------- */

static const uint64_t *
mask_of(const struct diagram *d, int mask)
{
    return ruleset_mask(&d->rules, mask);
}

/* The rules that look at an axis which is not a list's. */
static void
add_plain(const struct diagram *d, enum dimension dimension, uint64_t *rules)
{
    static const int TLS[] = {RULES_TLS, RULES_NO_TLS, RULES_CERTIFICATES};
    static const int OWNED[] = {RULES_OWNED, RULES_NOT_OWNED};
    static const int IDENTITY[] = {RULES_AUTHENTICATED, RULES_ANONYMOUS};
    const int *masks = dimension == DIMENSION_TLS     ? TLS
                       : dimension == DIMENSION_OWNED ? OWNED
                                                      : IDENTITY;
    size_t count = dimension == DIMENSION_TLS        ? 3
                   : dimension == DIMENSION_OWNED    ? 2
                   : dimension == DIMENSION_IDENTITY ? 2
                                                     : 0;
    for (size_t i = 0; i < count; i++)
        words_or(rules, mask_of(d, masks[i]), d->rules.words);
}

/* From the last step to the first. */
static void
plan_step(struct diagram *d, size_t at)
{
    const struct axis *axis = &d->axes.items[at];
    struct step *step = &d->steps[at];
    size_t words = d->rules.words;
    if (at + 1 == d->axes.count)
        return;
    const struct axis *next = &d->axes.items[at + 1];
    words_or(step->later, d->steps[at + 1].later, words);
    add_plain(d, next->dimension, step->later);
    if (!axis->closes && axis->condition >= 0) { /* goes on with the next one */
        words_or(step->can_include, d->steps[at + 1].can_include, words);
        words_or(step->can_exclude, d->steps[at + 1].can_exclude, words);
        for (size_t i = 0; i < next->point_count; i++) {
            words_or(step->can_include, axis_included(next, i), words);
            words_or(step->can_exclude, axis_excluded(next, i), words);
        }
    } else if (next->condition >= 0) {
        words_or(step->later, mask_of(d, RULES_GIVEN + next->condition), words);
    }
}

static bool
plan_steps(struct diagram *d)
{
    size_t words = d->rules.words;
    size_t count = d->axes.count;
    uint64_t *masks = memory_new(3 * words * count, sizeof *masks);
    d->steps = memory_new(count, sizeof *d->steps);
    if (!masks || !d->steps) {
        memory_free(masks);
        return false;
    }
    for (size_t i = count; i-- > 0;) {
        uint64_t *mine = masks + 3 * words * i;
        d->steps[i] = (struct step){mine, mine + words, mine + 2 * words};
        plan_step(d, i);
    }
    return true;
}

void
diagram_init(struct diagram *d, const struct catalogue *catalogue,
             uint32_t connector)
{
    *d = (struct diagram){.budget = catalogue->budget};
    if (!ruleset_init(&d->rules, catalogue->image, connector) ||
        !axes_build(&d->axes, catalogue, &d->rules) || !plan_steps(d)) {
        d->failed = !d->budget->exceeded;
        return;
    }
    uint32_t refusal[1] = {UINT32_MAX};
    intern_add(&d->nodes, (struct text){(const char *)refusal, sizeof refusal});
    d->state_words = 2 * d->rules.words + 1;
    d->scratch =
        memory_new((d->axes.count + 1) * d->state_words, sizeof *d->scratch);
    d->failed |= !d->scratch || d->nodes.failed;
}

void
diagram_settle(struct diagram *d)
{
    if (d->steps)
        memory_free(d->steps->later);
    memory_free(d->steps);
    memory_free(d->results);
    memory_free(d->scratch);
    memory_free(d->joined);
    d->steps = NULL;
    d->results = d->joined = NULL;
    d->scratch = NULL;
    intern_clear(&d->states);
    intern_clear(&d->pairs);
}

void
diagram_clear(struct diagram *d)
{
    diagram_settle(d);
    intern_clear(&d->nodes);
    axes_clear(&d->axes);
    ruleset_clear(&d->rules);
}

/* -- states ------------------------------------------------------------- */

/* A condition is over: who is not included is out. */
static void
close_condition(const struct diagram *d, int condition, struct state state)
{
    const uint64_t *given = mask_of(d, RULES_GIVEN + condition);
    const uint64_t *all = mask_of(d, RULES_WITH_ALL + condition);
    for (size_t i = 0; i < d->rules.words; i++) {
        state.alive[i] &= ~given[i] | all[i] | state.included[i];
        state.included[i] = 0;
    }
    *state.flags &= ~(uint64_t)STATE_FINAL;
}

/* A condition goes on: who can no longer be included is out.  `sure` loses the
 * rules that it can still decide. */
static void
go_on(const struct diagram *d, const struct step *step, int condition,
      struct state state, uint64_t *sure)
{
    const uint64_t *given = mask_of(d, RULES_GIVEN + condition);
    const uint64_t *all = mask_of(d, RULES_WITH_ALL + condition);
    bool final = (*state.flags & STATE_FINAL) != 0;
    for (size_t i = 0; i < d->rules.words; i++) {
        uint64_t in = state.included[i] | all[i];
        uint64_t more = final ? 0 : step->can_include[i];
        uint64_t less = final ? 0 : step->can_exclude[i];
        state.alive[i] &= ~given[i] | in | more;
        state.included[i] &= state.alive[i];
        sure[i] &= ~given[i] | (in & ~less);
    }
}

/* Of connect and submit one allow rule is as good as another; without any they
 * are granted.  False: refused. */
static bool
settle_right(const struct diagram *d, struct state state, const uint64_t *sure)
{
    const uint64_t *allow = mask_of(d, RULES_ALLOW + (int)d->right);
    size_t words = d->rules.words;
    const struct image_right *record = &d->rules.connector->rights[d->right];
    if (*state.flags & STATE_GRANTED || record->allow == record->end)
        return true;
    uint64_t sure_one = 0;
    for (size_t i = 0; i < words; i++)
        sure_one |= sure[i] & state.alive[i] & allow[i];
    if (!sure_one)
        return words_meet(state.alive, allow, words);
    words_and_not(state.alive, allow, words);
    words_and_not(state.included, allow, words);
    *state.flags |= STATE_GRANTED;
    return true;
}

/* The bit of the rule that stands first in the file, SIZE_MAX if none does. */
static size_t
first_rule(const struct diagram *d, const uint64_t *sure,
           const struct state *state, const uint64_t *allow)
{
    size_t best = SIZE_MAX;
    uint32_t best_rule = UINT32_MAX;
    for (size_t i = 0; i < d->rules.words; i++)
        for (uint64_t bits = sure[i] & state->alive[i] & allow[i]; bits;
             bits &= bits - 1) {
            size_t bit = i * 64 + (size_t)__builtin_ctzll(bits);
            uint32_t rule =
                image_slot(d->rules.image, ruleset_slot(&d->rules, bit));
            if (rule < best_rule) {
                best = bit;
                best_rule = rule;
            }
        }
    return best;
}

/* Behind a relay rule that surely holds, later ones are never named. */
static bool
settle_relay(const struct diagram *d, struct state state, const uint64_t *sure)
{
    const uint64_t *allow = mask_of(d, RULES_ALLOW + RIGHT_RELAY);
    size_t words = d->rules.words;
    if (!words_meet(state.alive, allow, words))
        return false;
    size_t first = first_rule(d, sure, &state, allow);
    if (first == SIZE_MAX)
        return true;
    uint32_t rule = image_slot(d->rules.image, ruleset_slot(&d->rules, first));
    for (size_t i = 0; i < words; i++)
        for (uint64_t bits = state.alive[i] & allow[i]; bits;
             bits &= bits - 1) {
            size_t bit = i * 64 + (size_t)__builtin_ctzll(bits);
            if (image_slot(d->rules.image, ruleset_slot(&d->rules, bit)) <=
                rule)
                continue;
            state.alive[i] &= ~(UINT64_C(1) << bit % 64);
            state.included[i] &= state.alive[i];
        }
    return true;
}

/* Takes a step; `sure` is scratch.  False: refused. */
static bool
settle(const struct diagram *d, size_t at, struct state state, uint64_t *sure)
{
    const struct axis *axis = &d->axes.items[at];
    const struct step *step = &d->steps[at];
    size_t words = d->rules.words;
    for (size_t i = 0; i < words; i++)
        sure[i] = ~step->later[i];
    if (axis->condition >= 0 && axis->closes)
        close_condition(d, axis->condition, state);
    else if (axis->condition >= 0)
        go_on(d, step, axis->condition, state, sure);
    const uint64_t *deny = mask_of(d, RULES_DENY);
    for (size_t i = 0; i < words; i++)
        if (sure[i] & state.alive[i] & deny[i])
            return false;
    return d->right == RIGHT_RELAY ? settle_relay(d, state, sure)
                                   : settle_right(d, state, sure);
}

static void
take_point(const struct diagram *d, const struct axis *axis, size_t point,
           struct state from, struct state to)
{
    const uint64_t *included = axis_included(axis, point);
    const uint64_t *excluded = axis_excluded(axis, point);
    bool ignored = (*from.flags & STATE_FINAL) != 0;
    *to.flags = *from.flags;
    if (axis_is_final(axis, point))
        *to.flags |= STATE_FINAL;
    for (size_t i = 0; i < d->rules.words; i++) {
        to.alive[i] = from.alive[i] & (ignored ? UINT64_MAX : ~excluded[i]);
        to.included[i] =
            (from.included[i] | (ignored ? 0 : included[i])) & to.alive[i];
    }
}

/* -- nodes -------------------------------------------------------------- */

/* The number of an item of a table, which may be new. */
static uint32_t
number_in(struct diagram *d, struct intern *table, const void *bytes,
          size_t size)
{
    size_t known = table->count;
    uint32_t number = intern_add(table, (struct text){bytes, size});
    if (table->count > known)
        budget_memory(d->budget, size + INTERN_BESIDE);
    d->failed |= table->failed;
    return number;
}

static bool
is_over(const struct diagram *d)
{
    return d->failed || d->budget->exceeded;
}

static uint32_t explore(struct diagram *d, size_t at);

static uint32_t
add_node(struct diagram *d, size_t at, uint32_t *leads, size_t count)
{
    bool same = true;
    for (size_t i = 1; i < count && same; i++)
        same = leads[i] == leads[0];
    if (same)
        return leads[0];
    leads[count] = (uint32_t)at;
    return number_in(d, &d->nodes, leads, (count + 1) * sizeof *leads);
}

/* The rules that are alive all look elsewhere: one point is as good as
 * another. */
static bool
is_indifferent(const struct diagram *d, const struct axis *axis,
               struct state state)
{
    return axis->point_count > 1 && !axis->closes &&
           axis->dimension != DIMENSION_IDENTITY &&
           axis->dimension != DIMENSION_SENDER &&
           axis->dimension != DIMENSION_RECIPIENT &&
           !words_meet(axis->touched, state.alive, d->rules.words);
}

static uint32_t
explore_points(struct diagram *d, size_t at)
{
    const struct axis *axis = &d->axes.items[at];
    struct state from = state_at(d, at);
    struct state to = state_at(d, at + 1);
    size_t count = is_indifferent(d, axis, from) ? 1 : axis->point_count;
    uint32_t *leads = memory_new(count + 1, sizeof *leads);
    uint64_t *sure = memory_new(d->rules.words, sizeof *sure);
    uint32_t result = LEADS_NOWHERE;
    d->failed |= !leads || !sure;
    for (size_t i = 0; i < count && !is_over(d); i++) {
        budget_work(d->budget, POINT_WORK + d->rules.words);
        take_point(d, axis, i, from, to);
        leads[i] = settle(d, at, to, sure) ? explore(d, at + 1) : LEADS_NOWHERE;
    }
    if (!d->failed)
        result = add_node(d, at, leads, count);
    memory_free(leads);
    memory_free(sure);
    return result;
}

static uint32_t
leaf(const struct diagram *d, struct state state)
{
    if (d->right != RIGHT_RELAY)
        return LEADS_ON;
    size_t bit = first_rule(d, mask_of(d, RULES_ALL), &state,
                            mask_of(d, RULES_ALLOW + RIGHT_RELAY));
    return bit == SIZE_MAX ? LEADS_NOWHERE : LEADS_TO_RULE | (uint32_t)bit;
}

/* From the state at a step, which stays as it is. */
static uint32_t
explore(struct diagram *d, size_t at)
{
    struct state state = state_at(d, at);
    if (at == d->axes.count)
        return leaf(d, state);
    uint64_t flags = *state.flags;
    *state.flags |= (uint64_t)at << 32;
    size_t known = d->states.count;
    uint32_t number = number_in(d, &d->states, state.alive,
                                d->state_words * sizeof *state.alive);
    *state.flags = flags;
    if (d->failed || !memory_grow(&d->results, &d->result_room, d->states.count,
                                  sizeof *d->results)) {
        d->failed = true;
        return LEADS_NOWHERE;
    }
    if (number < known)
        return d->results[number];
    uint32_t result = explore_points(d, at);
    d->results[number] = result;
    return result;
}

/* What one right leads to, from the listener on. */
static uint32_t
explore_right(struct diagram *d, enum right right, const uint64_t *listeners)
{
    const struct image_right *record = &d->rules.connector->rights[right];
    struct state state = state_at(d, 0);
    const uint64_t *given = mask_of(d, RULES_LISTENERS);
    uint64_t *of_right = memory_new(d->rules.words, sizeof *of_right);
    d->failed |= !of_right;
    if (!of_right)
        return LEADS_NOWHERE;
    for (uint32_t slot = record->first; slot < record->end; slot++) {
        size_t bit = slot - d->rules.first_block * SLOTS_PER_BLOCK;
        of_right[bit / 64] |= UINT64_C(1) << bit % 64;
    }
    d->right = right;
    *state.flags = (uint64_t)right << 8;
    for (size_t i = 0; i < d->rules.words; i++) {
        state.alive[i] =
            mask_of(d, RULES_ALL)[i] & of_right[i] & (~given[i] | listeners[i]);
        state.included[i] = 0;
    }
    memory_free(of_right);
    return explore(d, 0);
}

/* -- joining ------------------------------------------------------------ */

static uint32_t join(struct diagram *d, uint32_t a, uint32_t b);

static size_t
step_of(const struct diagram *d, uint32_t leads)
{
    return leads_to_rule(leads) ? SIZE_MAX : diagram_node(d, leads).step;
}

static uint32_t
lead_at(const struct diagram *d, uint32_t leads, size_t step, size_t point)
{
    return step_of(d, leads) == step ? diagram_node(d, leads).leads[point]
                                     : leads;
}

/* Nodes move as new ones are made, so they are looked up each time. */
static uint32_t
join_points(struct diagram *d, uint32_t a, uint32_t b)
{
    size_t first = step_of(d, a);
    size_t second = step_of(d, b);
    size_t step = first < second ? first : second;
    size_t count = d->axes.items[step].point_count;
    uint32_t *leads = memory_new(count + 1, sizeof *leads);
    uint32_t result = LEADS_NOWHERE;
    d->failed |= !leads;
    for (size_t i = 0; i < count && !is_over(d); i++) {
        budget_work(d->budget, 1);
        leads[i] = join(d, lead_at(d, a, step, i), lead_at(d, b, step, i));
    }
    if (!d->failed)
        result = add_node(d, step, leads, count);
    memory_free(leads);
    return result;
}

/* Both rights, of which `a` is not that to relay. */
static uint32_t
join(struct diagram *d, uint32_t a, uint32_t b)
{
    if (a == LEADS_NOWHERE || b == LEADS_NOWHERE)
        return LEADS_NOWHERE;
    if (a == LEADS_ON)
        return b;
    if (b == LEADS_ON)
        return a;
    uint32_t pair[2] = {a, b};
    size_t known = d->pairs.count;
    uint32_t number = number_in(d, &d->pairs, pair, sizeof pair);
    if (d->failed || !memory_grow(&d->joined, &d->joined_room, d->pairs.count,
                                  sizeof *d->joined)) {
        d->failed = true;
        return LEADS_NOWHERE;
    }
    if (number < known)
        return d->joined[number];
    uint32_t result = join_points(d, a, b);
    d->joined[number] = result;
    return result;
}

uint32_t
diagram_root(struct diagram *d, const uint64_t *listeners)
{
    uint32_t root = LEADS_ON;
    for (int right = 0; right < RIGHT_COUNT; right++) {
        if (is_over(d))
            return LEADS_NOWHERE;
        root = join(d, root, explore_right(d, (enum right)right, listeners));
    }
    return root;
}

struct node
diagram_node(const struct diagram *d, uint32_t leads)
{
    struct text bytes = intern_get(&d->nodes, leads);
    const uint32_t *numbers = (const void *)bytes.data;
    size_t step = numbers[bytes.size / sizeof *numbers - 1];
    return (struct node){&d->axes.items[step], step, numbers};
}
