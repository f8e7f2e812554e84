#include "cases/chart.h"

#include "base/memory.h"
#include "decide/evaluate.h"

/* Leaves and nodes of the last step are numbered apart. */

static const struct transaction *
transaction_of(const struct chart *chart)
{
    return &chart->session->decision.transaction;
}

/* -- rules that can still hold -------------------------------------------- */

static void
add_candidate(struct chart *c, struct alive *alive, struct candidate candidate)
{
    if (!memory_grow(&alive->items, &alive->room, alive->count + 1,
                     sizeof *alive->items))
        c->failed = true;
    else
        alive->items[alive->count++] = candidate;
}

/* All of the connector, if there is one. */
static void
begin_alive(struct chart *c)
{
    const struct image_connector *connector =
        c->session->facts.client.connector;
    struct alive *alive = &c->alive[STEP_CLIENT];
    alive->count = 0;
    for (int right = 0; connector && right < RIGHT_COUNT; right++)
        for (uint32_t slot = connector->rights[right].first;
             slot < connector->rights[right].end; slot++)
            if (image_rule_in(c->values->image, slot))
                add_candidate(c, alive,
                              (struct candidate){slot, TRUTH_YES, TRUTH_YES});
}

/* What a step decides; and the condition that begins or ends with it, as host
 * names and groups come after what else it looks at. */
struct decided {
    enum rule_condition conditions[2];
    size_t count;
    enum rule_condition pending;
    bool has_pending;
};

static const struct decided DECIDED[STEPS] = {
    [STEP_CLIENT] = {{RULE_LISTENERS}, 1, RULE_CLIENTS, true},
    [STEP_NAMES] = {{RULE_CLIENTS}, 1, RULE_CLIENTS, false},
    [STEP_TLS] = {{RULE_TLS, RULE_CERTIFICATES}, 2, RULE_CLIENTS, false},
    [STEP_IDENTITY] = {{RULE_AUTHENTICATED}, 1, RULE_USERS, true},
    [STEP_GROUPS] = {{RULE_USERS}, 1, RULE_CLIENTS, false},
    [STEP_SENDER] = {{RULE_SENDERS, RULE_SENDER_OWNED}, 2, RULE_CLIENTS, false},
    [STEP_RECIPIENT] = {{RULE_RECIPIENTS}, 1, RULE_CLIENTS, false},
};

/* By what has just been told. */
static void
judge(struct chart *c, struct candidate *candidate, enum step told)
{
    const struct transaction *t = transaction_of(c);
    const struct decided *decided = &DECIDED[told];
    candidate->pending = TRUTH_YES;
    c->work++;
    for (size_t i = 0; i < decided->count; i++)
        candidate->settled = truth_and(
            candidate->settled,
            rule_judge_condition(t, candidate->slot, decided->conditions[i]));
    if (decided->has_pending && candidate->settled != TRUTH_NO)
        candidate->pending =
            rule_judge_condition(t, candidate->slot, decided->pending);
}

static enum truth
truth_of_candidate(const struct candidate *candidate)
{
    return truth_and(candidate->settled, candidate->pending);
}

/* -- states --------------------------------------------------------------- */

struct state {
    struct buffer key;
    bool open; /* some pending condition hangs on the next step */
};

static void
add_number(struct state *state, uint64_t number)
{
    buffer_add(&state->key, &number, sizeof number);
}

/* Whatever else is told, the decision stays.  (The session's last one is of
 * this connection, but may be of another sender; and a host name can have
 * another rule named.) */
static bool
is_settled(const struct chart *c, enum step told)
{
    switch (c->session->decision.reason) {
    case MAYRELAY_REASON_NO_CONNECTOR: return true;
    case MAYRELAY_REASON_CONNECT_REFUSED: return told >= STEP_NAMES;
    case MAYRELAY_REASON_BAD_SENDER: return told >= STEP_SENDER;
    default: return false;
    }
}

static bool
is_of_connect(const struct chart *c, uint32_t slot)
{
    const struct image_rule *rule = image_rule_in(c->values->image, slot);
    return rule && rule->right == RIGHT_CONNECT;
}

/* Who may connect is asked no more. */
static bool
has_connected(const struct chart *c, enum step told)
{
    return told >= STEP_NAMES &&
           evaluate_right(transaction_of(c), RIGHT_CONNECT).outcome ==
               OUTCOME_GRANTED;
}

static void
add_rules(struct chart *c, struct state *state, enum step told)
{
    const struct alive *before = &c->alive[told];
    struct alive *after = &c->alive[told + 1];
    bool connected = has_connected(c, told);
    after->count = 0;
    for (size_t i = 0; i < before->count; i++) {
        struct candidate candidate = before->items[i];
        if (connected && is_of_connect(c, candidate.slot))
            continue;
        judge(c, &candidate, told);
        if (truth_of_candidate(&candidate) == TRUTH_NO)
            continue;
        state->open |= candidate.pending == TRUTH_UNKNOWN;
        add_candidate(c, after, candidate);
        add_number(state, (uint64_t)candidate.slot << 4 |
                              (uint64_t)candidate.settled << 2 |
                              candidate.pending);
    }
}

/* What a decision looks at beside its rules. */
static void
add_others(const struct chart *c, struct state *state, enum step told)
{
    const struct facts *facts = &c->session->facts;
    const struct endpoint *listener = &facts->client.listener;
    add_number(state, (uint64_t)(uintptr_t)facts->client.connector);
    add_number(state, listener->address.high);
    add_number(state, listener->address.low);
    if (told < STEP_IDENTITY)
        return;
    add_number(state, facts->identity.authenticated);
    if (told < STEP_SENDER && c->values->asks_owners)
        add_number(state, (uint64_t)(uintptr_t)facts->identity.owner_lists);
}

static void
add_leaf(const struct chart *c, struct state *state)
{
    const struct mayrelay_decision *d = &c->session->decision;
    add_number(state, (uint64_t)d->reason << 32 | (uint64_t)d->code);
    add_number(state, (uint64_t)(uintptr_t)d->rule);
    add_number(state, (uint64_t)d->kind << 32 | d->needs);
    add_number(state, d->verdict == MAYRELAY_ACCEPT &&
                          c->session->facts.recipient.rerouted);
    buffer_add(&state->key, d->enhanced, strlen(d->enhanced));
}

static void
look(struct chart *c)
{
    transaction_look(&c->session->decision.transaction);
}

static void
build_state(struct chart *c, struct state *state, enum step told)
{
    add_number(state, told);
    look(c);
    if (is_settled(c, told)) {
        c->alive[told + 1].count = 0;
        add_leaf(c, state);
        return;
    }
    add_others(c, state, told);
    add_rules(c, state, told);
    if (state->open)
        add_number(state, c->way.class[told]);
}

/* -- rules that are shown to hold ----------------------------------------- */

static struct shown *
shown_of(const struct chart *c, const struct image_rule *rule)
{
    const char *first = image_section(c->values->image, SECTION_RULES).data;
    size_t number = (size_t)((const char *)rule - first) / sizeof *rule;
    return number < c->rules ? &c->shown[number] : NULL;
}

static void
show_held(struct chart *c, struct candidate candidate, enum step told)
{
    const struct image_rule *rule =
        image_rule_in(c->values->image, candidate.slot);
    struct shown *shown = rule ? shown_of(c, rule) : NULL;
    bool tried = rule && c->session->decision.rights_tried & 1u << rule->right;
    if (!shown || !tried || shown->has_held)
        return;
    judge(c, &candidate, told);
    if (truth_of_candidate(&candidate) != TRUTH_YES)
        return;
    shown->has_held = true;
    shown->held = c->way;
}

static void
show_rules(struct chart *c)
{
    const struct alive *alive = &c->alive[STEP_RECIPIENT];
    const struct image_rule *rule = c->session->decision.rule;
    struct shown *decided = rule ? shown_of(c, rule) : NULL;
    if (decided && !decided->has_decided) {
        decided->has_decided = true;
        decided->decided = c->way;
    }
    for (size_t i = 0; i < alive->count; i++)
        show_held(c, alive->items[i], STEP_RECIPIENT);
}

/* Those of connect are not asked any more once it has been granted. */
static void
show_connect_rules(struct chart *c)
{
    const struct alive *alive = &c->alive[STEP_NAMES];
    for (size_t i = 0; i < alive->count; i++)
        if (is_of_connect(c, alive->items[i].slot))
            show_held(c, alive->items[i], STEP_NAMES);
}

/* -- nodes ---------------------------------------------------------------- */

static uint32_t explore(struct chart *c, enum step step);

uint32_t
chart_leaf(struct chart *c)
{
    struct state state = {.open = false};
    add_leaf(c, &state);
    uint32_t number =
        intern_add(&c->leaves,
                   (struct text){(const char *)state.key.data, state.key.size});
    c->failed |= state.key.failed || c->leaves.failed;
    buffer_clear(&state.key);
    return number;
}

static size_t
classes_to_tell(const struct chart *c, enum step step)
{
    bool nobody =
        step == STEP_GROUPS && !c->session->facts.identity.authenticated;
    bool settled = step > STEP_CLIENT && is_settled(c, step - 1);
    return nobody || settled ? 1 : c->values->steps[step].count;
}

static uint32_t
explore_class(struct chart *c, enum step step, uint32_t class)
{
    c->way.class[step] = class;
    c->work++;
    c->failed |=
        !value_tell(c->session, step, values_get(c->values, step, class, 0));
    if (step == STEP_NAMES) {
        look(c);
        show_connect_rules(c);
    }
    if (step + 1 < STEPS)
        return explore(c, step + 1);
    look(c);
    show_rules(c);
    return chart_leaf(c);
}

static uint32_t
explore_classes(struct chart *c, enum step step)
{
    size_t count = classes_to_tell(c, step);
    uint32_t *leads = memory_new(count + 1, sizeof *leads);
    c->failed |= !leads;
    bool same = true;
    for (uint32_t i = 0; i < count && !c->failed && !c->over_budget; i++) {
        c->over_budget |= c->work > CHART_WORK_MOST;
        leads[i] = explore_class(c, step, i);
        same &= leads[i] == leads[0];
    }
    uint32_t number = 0;
    c->way.class[step] = 0;
    if (!c->failed) {
        count = same ? 1 : count;
        leads[count] = step;
        number =
            intern_add(&c->nodes, (struct text){(const char *)leads,
                                                (count + 1) * sizeof *leads});
    }
    c->failed |= c->nodes.failed;
    memory_free(leads);
    return number;
}

/* What can come of all steps from this one on. */
static uint32_t
explore(struct chart *c, enum step step)
{
    struct state state = {.open = false};
    if (step == STEP_CLIENT)
        return explore_classes(c, step);
    if (step == STEP_NAMES)
        begin_alive(c);
    build_state(c, &state, step - 1);
    size_t known = c->states.count;
    uint32_t number =
        intern_add(&c->states,
                   (struct text){(const char *)state.key.data, state.key.size});
    c->failed |= state.key.failed || c->states.failed ||
                 !memory_grow(&c->results, &c->result_room, number + 1,
                              sizeof *c->results);
    buffer_clear(&state.key);
    if (c->failed)
        return 0;
    if (number < known)
        return c->results[number];
    uint32_t result = explore_classes(c, step);
    if (!c->failed)
        c->results[number] = result;
    return result;
}

struct chart_node
chart_node(const struct chart *c, uint32_t number)
{
    struct text bytes = intern_get(&c->nodes, number);
    const uint32_t *numbers = (const void *)bytes.data;
    size_t count = bytes.size / sizeof *numbers - 1;
    return (struct chart_node){(enum step)numbers[count], numbers, count};
}

void
chart_build(struct chart *c, const struct values *values)
{
    *c = (struct chart){.values = values,
                        .session = mayrelay_session_new(values->policy),
                        .rules = image_count(values->image, SECTION_RULES)};
    c->shown = memory_new(c->rules + 1, sizeof *c->shown);
    c->failed = !c->session || !c->shown;
    if (c->failed)
        return;
    mayrelay_session_rewrites(c->session, true);
    c->root = explore(c, STEP_CLIENT);
}

void
chart_clear(struct chart *c)
{
    for (size_t i = 0; i <= STEPS; i++)
        memory_free(c->alive[i].items);
    intern_clear(&c->nodes);
    intern_clear(&c->states);
    intern_clear(&c->leaves);
    memory_free(c->results);
    memory_free(c->shown);
    mayrelay_session_free(c->session);
}

/* -- one rule ------------------------------------------------------------- */

static uint32_t
slot_of(const struct chart *c, const struct image_rule *rule)
{
    size_t slots = image_count(c->values->image, SECTION_SLOTS);
    const struct image_connector *connector =
        c->session->facts.client.connector;
    uint32_t first = connector ? connector->rights[rule->right].first : 0;
    uint32_t end = connector ? connector->rights[rule->right].end : 0;
    for (uint32_t slot = first; slot < end && slot < slots; slot++)
        if (image_rule_in(c->values->image, slot) == rule)
            return slot;
    return UINT32_MAX;
}

/* The class with which the rule holds best so far; UINT32_MAX: none. */
static uint32_t
best_class(struct chart *c, const struct image_rule *rule, enum step step)
{
    uint32_t best = UINT32_MAX;
    enum truth best_truth = TRUTH_NO;
    size_t count = c->values->steps[step].count;
    for (uint32_t i = 0; i < count && best_truth != TRUTH_YES; i++) {
        c->failed |=
            !value_tell(c->session, step, values_get(c->values, step, i, 0));
        look(c);
        struct candidate candidate = {slot_of(c, rule), TRUTH_YES, TRUTH_YES};
        if (candidate.slot == UINT32_MAX)
            continue;
        judge(c, &candidate, step);
        enum truth truth = truth_of_candidate(&candidate);
        if (truth > best_truth) {
            best = i;
            best_truth = truth;
        }
    }
    return best;
}

bool
chart_seek_rule(struct chart *c, uint32_t number, struct way *way)
{
    const struct image_rule *rule = image_rule(c->values->image, number);
    for (int i = 0; i < STEPS; i++) {
        enum step step = (enum step)i;
        way->class[step] = best_class(c, rule, step);
        if (way->class[step] == UINT32_MAX)
            return false;
        c->failed |= !value_tell(
            c->session, step, values_get(c->values, step, way->class[step], 0));
    }
    return true;
}
