#include "decide/scope.h"

#include "base/memory.h"

/* -- rules -------------------------------------------------------------- */

/* What of a right is kept, rule by rule. */
struct keeping {
    const struct transaction *transaction;
    const struct image_right *right;
    struct judgement judged;
    bool named;     /* it matters which allow rule holds */
    unsigned used;  /* conditions that are kept anyway */
    bool rehearsal; /* keeps only what cannot be chosen */
    take_kept *take;
    void *context;
};

static uint64_t
rank_of(const struct keeping *k, uint32_t slot)
{
    uint64_t soft = slot >= k->right->soft;
    return soft << 32 | image_slot(k->transaction->image, slot);
}

static void
keep_all(const struct keeping *k, uint32_t slot, const struct rule_truth *truth)
{
    const struct image_rule *rule = image_rule_in(k->transaction->image, slot);
    for (int c = 0; c < RULE_CONDITIONS; c++)
        if (rule_has(rule, (enum rule_condition)c))
            k->take(k->context, slot, (enum rule_condition)c,
                    truth->conditions[c]);
}

/* One condition that keeps the rule from holding: of those that surely do, one
 * that is kept anyway, else the one whose box is likely to be the largest. */
static void
keep_one(const struct keeping *k, uint32_t slot, const struct rule_truth *truth)
{
    static const enum rule_condition order[] = {
        RULE_AUTHENTICATED, RULE_TLS,          RULE_CLIENTS,
        RULE_USERS,         RULE_RECIPIENTS,   RULE_SENDERS,
        RULE_SENDER_OWNED,  RULE_CERTIFICATES, RULE_LISTENERS};
    enum rule_condition kept = RULE_CONDITIONS;
    unsigned choices = 0;
    for (size_t i = sizeof order / sizeof *order; i-- > 0;) {
        enum rule_condition c = order[i];
        if (truth->conditions[c] != truth->whole)
            continue;
        choices++;
        if (!(k->used & 1u << kept) || k->used & 1u << c)
            kept = c;
    }
    if (choices == 1 || (choices && !k->rehearsal))
        k->take(k->context, slot, kept, truth->conditions[kept]);
}

/* A rule of a right that stays undecided: it stays what it is. */
static void
keep_as_it_is(const struct keeping *k, uint32_t slot,
              const struct rule_truth *truth)
{
    if (truth->whole == TRUTH_NO)
        keep_one(k, slot, truth);
    else
        keep_all(k, slot, truth);
}

static void
keep_rule(const struct keeping *k, uint32_t slot)
{
    bool deny = slot < k->right->allow;
    bool earlier = rank_of(k, slot) < rank_of(k, k->judged.slot);
    struct rule_truth truth = rule_judge(k->transaction, slot);
    switch (k->judged.outcome) {
    case OUTCOME_GRANTED:
        if (slot == k->judged.slot)
            keep_all(k, slot, &truth);
        else if (deny || (k->named && earlier))
            keep_one(k, slot, &truth);
        return;
    case OUTCOME_FORBIDDEN:
        if (slot == k->judged.slot)
            keep_all(k, slot, &truth);
        else if (deny && earlier)
            keep_one(k, slot, &truth);
        return;
    case OUTCOME_NO_ALLOW: keep_one(k, slot, &truth); return;
    case OUTCOME_UNDECIDED: keep_as_it_is(k, slot, &truth); return;
    case OUTCOME_DAMAGED: return;
    }
}

static void
keep_right(struct keeping *k, enum right which)
{
    const struct transaction *t = k->transaction;
    k->right = &t->facts->client.connector->rights[which];
    k->judged = evaluate_right(t, which);
    k->named = which == RIGHT_RELAY;
    for (uint32_t slot = k->right->first; slot < k->right->end; slot++)
        if (image_rule_in(t->image, slot))
            keep_rule(k, slot);
}

static void
keep_rights(const struct mayrelay_decision *d, struct keeping keeping)
{
    keeping.transaction = &d->transaction;
    for (int right = 0; right < RIGHT_COUNT; right++)
        if (d->rights_tried & 1u << right)
            keep_right(&keeping, (enum right)right);
}

static void
note_condition(void *context, uint32_t slot, enum rule_condition condition,
               enum truth truth)
{
    unsigned *used = context;
    (void)slot;
    (void)truth;
    *used |= 1u << condition;
}

/* First what must be, so that of several conditions that could keep a rule from
 * holding one is kept that must be kept anyway. */
void
scope_each(const struct mayrelay_decision *d, take_kept *take, void *context)
{
    unsigned used = 0;
    keep_rights(d, (struct keeping){.rehearsal = true,
                                    .take = note_condition,
                                    .context = &used});
    keep_rights(
        d, (struct keeping){.used = used, .take = take, .context = context});
}

/* -- look-ups ----------------------------------------------------------- */

/* As if nobody had looked host names and groups up. */
static struct transaction
without_look_ups(const struct transaction *t)
{
    struct transaction other = *t;
    struct sight *client = &other.sights[CONDITION_CLIENTS];
    struct sight *users = &other.sights[CONDITION_USERS];
    client->open = users->open = true;
    client->more_count = users->more_count = 0;
    client->subjects.count = 0;
    return other;
}

struct search {
    struct scope *scope;
    const struct transaction *transaction;
    struct transaction ignorant; /* without look-ups */
    uint64_t *slots;             /* with `clients` that are kept, by block */
    size_t blocks;
};

/* The finalizer of splitmix64 over both. */
static void
mix(uint64_t *fingerprint, uint64_t value)
{
    uint64_t z = (*fingerprint ^ value) + 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    *fingerprint = z ^ z >> 31;
}

/* Whether the condition would be what it is whatever a look-up says. */
static bool
hangs_on_look_up(const struct search *f, uint32_t slot,
                 enum rule_condition condition, enum truth truth)
{
    struct rule_truth without = rule_judge(&f->ignorant, slot);
    return truth == TRUTH_UNKNOWN || without.conditions[condition] != truth;
}

static void
find_condition(void *context, uint32_t slot, enum rule_condition condition,
               enum truth truth)
{
    struct search *f = context;
    struct scope *scope = f->scope;
    scope->conditions |= 1u << condition;
    mix(&scope->fingerprint,
        (uint64_t)slot << 8 | (unsigned)condition << 2 | truth);
    if (condition == RULE_CLIENTS) {
        scope->client = true;
        scope->names |= hangs_on_look_up(f, slot, condition, truth);
        size_t block = slot / SLOTS_PER_BLOCK;
        if (block < f->blocks)
            f->slots[block] |= UINT64_C(1) << slot % SLOTS_PER_BLOCK;
    } else if (condition == RULE_AUTHENTICATED) {
        scope->authenticated = true;
    } else if (condition == RULE_USERS) {
        /* Nobody is in no list. */
        bool somebody = f->transaction->facts->identity.authenticated;
        scope->authenticated = true;
        scope->groups |=
            somebody && hangs_on_look_up(f, slot, condition, truth);
    }
}

/* -- steps -------------------------------------------------------------- */

static bool
is_refused_submission(enum mayrelay_reason reason)
{
    return reason == MAYRELAY_REASON_SUBMIT_DENIED ||
           reason == MAYRELAY_REASON_AUTH_REQUIRED;
}

/* Which steps of decide.c were taken, and so what they look at. */
static void
find_steps(struct scope *scope, const struct mayrelay_decision *d)
{
    const struct transaction *t = &d->transaction;
    bool submitted = d->rights_tried & 1u << RIGHT_SUBMIT;
    bool malformed = d->reason == MAYRELAY_REASON_BAD_SENDER ||
                     d->reason == MAYRELAY_REASON_BAD_RECIPIENT;
    bool recipient = t->stage == STAGE_RCPT && !malformed &&
                     (submitted || d->reason == MAYRELAY_REASON_CANNOT_REWRITE);
    bool last = recipient && submitted && !is_refused_submission(d->reason);
    scope->sender = submitted || malformed || recipient;
    scope->recipient = scope->sender && t->stage == STAGE_RCPT &&
                       d->reason != MAYRELAY_REASON_BAD_SENDER;
    scope->reroute = recipient && t->image->settings->has_reroute;
    scope->is_relay = last;
    scope->mailbox = last && !t->facts->recipient.is_relay;
    /* What is lacking to submit has two names. */
    scope->authenticated = submitted && is_refused_submission(d->reason);
}

static unsigned
is_malformed(const struct mailbox *mailbox)
{
    return mailbox->kind == MAILBOX_MALFORMED;
}

static void
mix_steps(struct scope *scope, const struct transaction *t)
{
    const struct facts *facts = t->facts;
    const struct recipient_facts *recipient = &facts->recipient;
    uint64_t *f = &scope->fingerprint;
    mix(f, t->stage);
    mix(f, facts->client.connector ? facts->client.connector->name : 0);
    mix(f, scope->sender ? 1 + is_malformed(&facts->sender.mailbox) : 0);
    mix(f, scope->recipient ? 1 + is_malformed(&recipient->mailbox) : 0);
    mix(f, scope->reroute ? 1 + 2u * recipient->rerouted + facts->rewrites : 0);
    mix(f, scope->authenticated ? 1 + facts->identity.authenticated : 0);
    mix(f, scope->is_relay ? 1 + 2u * recipient->is_relay +
                                 recipient->mailbox.carries_routing
                           : 0);
    unsigned needs = 0;
    mix(f, scope->mailbox ? 1 + recipient_exists(t, &needs) : 0);
    mix(f, needs);
    mix(f, scope->mailbox && recipient->is_postmaster);
    mix(f, scope->names ? 1 + facts->client.names_state : 0);
    mix(f, scope->groups ? 1 + facts->identity.groups_state : 0);
}

void
scope_find(struct scope *scope, const struct mayrelay_decision *d)
{
    const struct transaction *t = &d->transaction;
    *scope = (struct scope){
        .exists = t->facts && d->reason != MAYRELAY_REASON_INTERNAL_ERROR};
    if (!scope->exists)
        return;
    struct search search = {.scope = scope,
                            .transaction = t,
                            .ignorant = without_look_ups(t),
                            .blocks = image_count(t->image, SECTION_BLOCKS)};
    search.slots = memory_new(search.blocks, sizeof *search.slots);
    if (!search.slots)
        search.blocks = 0;
    find_steps(scope, d);
    scope_each(d, find_condition, &search);
    mix_steps(scope, t);
    scope->clients =
        (struct range){t->facts->client.address, t->facts->client.address};
    if (search.slots)
        scope->clients = scope_clients(t, search.slots, search.blocks);
    memory_free(search.slots);
}

uint64_t
mayrelay_decision_get_fingerprint(const mayrelay_decision *decision)
{
    struct scope scope;
    if (!decision)
        return 0;
    scope_find(&scope, decision);
    return scope.fingerprint;
}
