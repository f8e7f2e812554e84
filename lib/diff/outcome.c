#include "diff/outcome.h"

#include "base/memory.h"
#include "decide/reply.h"

/* -- outcomes ------------------------------------------------------------- */

bool
outcomes_init(struct outcomes *o)
{
    *o = (struct outcomes){0};
    o->scratch = memory_new(1, sizeof *o->scratch);
    o->facts = memory_new(1, sizeof *o->facts);
    return o->scratch && o->facts;
}

void
outcomes_clear(struct outcomes *o)
{
    intern_clear(&o->keys);
    intern_clear(&o->words);
    arena_clear(&o->texts);
    memory_free(o->items);
    for (int s = 0; s < SIDES; s++) {
        intern_clear(&o->answers[s].numbers);
        memory_free(o->answers[s].rules);
    }
    memory_free(o->scratch);
    memory_free(o->facts);
}

/* What a transaction can add to the outcome of a reason or rule. */
struct circumstances {
    bool is_relay;
    bool sender_elsewhere, recipient_elsewhere;
};

static bool
mentions(struct text text, struct text what)
{
    for (size_t i = 0; i + what.size <= text.size; i++)
        if (text_starts(text_from(text, i), what))
            return true;
    return false;
}

/* The text as it stands in the policy, as the reply's own text has values in
 * it; what the rule is called counts where the text says it. */
static struct text
template_of(const struct mayrelay_decision *d)
{
    const struct image *image = d->transaction.image;
    if (d->rule)
        return text_of(image_string(image, d->rule->text));
    if (reason_accepts(d->reason))
        return text_of(REASON_DEFAULTS[d->reason].text);
    return text_of(
        image_string(image, image->settings->replies[d->reason].text));
}

static uint32_t
add_outcome(struct outcomes *o, const struct ending *outcome, struct text rule)
{
    char said[sizeof outcome->enhanced] = {0};
    memcpy(said, outcome->enhanced, strlen(outcome->enhanced));
    const uint32_t key[] = {
        (uint32_t)outcome->verdict,
        (uint32_t)outcome->reason,
        (uint32_t)outcome->kind,
        (uint32_t)outcome->code,
        outcome->is_relay,
        outcome->elsewhere,
        intern_add(&o->words, (struct text){said, sizeof said}),
        intern_add(&o->words, rule),
        intern_add(&o->words, outcome->text),
    };
    size_t known = o->keys.count;
    uint32_t number =
        intern_add(&o->keys, (struct text){(const char *)key, sizeof key});
    if (o->keys.failed || o->words.failed ||
        !memory_grow(&o->items, &o->room, o->keys.count, sizeof *o->items)) {
        o->failed = true;
        return 0;
    }
    if (number < known)
        return number;
    o->items[number] = *outcome;
    o->items[number].text = arena_copy(&o->texts, outcome->text);
    o->failed |= !o->items[number].text.data;
    return number;
}

/* As finish of decide does it. */
static uint32_t
outcome_of(struct outcomes *o, const struct image *image,
           enum mayrelay_reason reason, const struct image_rule *rule,
           struct circumstances at)
{
    struct mayrelay_decision *d = o->scratch;
    d->transaction.image = image;
    d->transaction.facts = o->facts;
    d->transaction.stage = STAGE_RCPT;
    d->reason = reason;
    d->rule = rule;
    d->kind = rule ? MAYRELAY_KIND_FORBIDDEN : REASON_DEFAULTS[reason].kind;
    reply_compose(d);
    struct ending outcome = {.verdict = d->verdict,
                             .reason = d->reason,
                             .kind = d->kind,
                             .code = d->code,
                             .text = template_of(d)};
    bool accepts = outcome.verdict == MAYRELAY_ACCEPT;
    memcpy(outcome.enhanced, d->enhanced, sizeof outcome.enhanced);
    outcome.is_relay = accepts && at.is_relay;
    outcome.elsewhere =
        (at.recipient_elsewhere &&
         (accepts || mentions(outcome.text, TEXT("%{recipient}")))) ||
        (at.sender_elsewhere && mentions(outcome.text, TEXT("%{sender}")));
    bool names_rule = mentions(outcome.text, TEXT("%{rule}"));
    return add_outcome(
        o, &outcome,
        text_of(rule && names_rule ? image_string(image, rule->name) : ""));
}

/* -- one side ------------------------------------------------------------- */

struct building {
    struct outcomes *outcomes;
    struct map *map;
    const struct image *image;
    const struct image_connector *connector;
    int side;
};

/* What a decision is while it is being made: over, with its outcome; or open,
 * with what later steps must know of it. */
enum progress {
    OPEN_UNDECIDED = 1,
    OPEN_SENDER_ELSEWHERE = 2,
    OPEN_RECIPIENT_ELSEWHERE = 4,
    OPEN_REROUTED = 8,
    OPEN_LATER = 16, /* no recipient yet */
    OPEN_RELAY = 32,
    OPEN_ROUTING = 64,
    OPEN_ABSENT = 128, /* the mailbox does not exist, ... */
    OPEN_UNSURE = 256, /* ... or may not */
    OPEN_BAD_SENDER = 512,
    OPEN_BAD_RECIPIENT = 1024,
    OPEN_CANNOT_REWRITE = 2048,
    PROGRESS_OVER = 4096 /* and the outcome's number above it */
};

static uint32_t
over(struct building *b, uint32_t progress, enum mayrelay_reason reason,
     const struct image_rule *rule)
{
    struct circumstances at = {
        .is_relay = (progress & OPEN_RELAY) != 0,
        .sender_elsewhere = (progress & OPEN_SENDER_ELSEWHERE) != 0,
        .recipient_elsewhere = (progress & OPEN_RECIPIENT_ELSEWHERE) != 0};
    return PROGRESS_OVER *
           (1 + outcome_of(b->outcomes, b->image, reason, rule, at));
}

static bool
is_over(void *context, uint32_t progress)
{
    (void)context;
    return progress >= PROGRESS_OVER;
}

static uint32_t
forbidden(struct building *b, uint32_t progress, uint32_t value)
{
    const struct image_rule *rule =
        b->outcomes->answers[b->side].rules[value - RIGHT_FORBIDDEN];
    return over(b, progress, (enum mayrelay_reason)rule->reason, rule);
}

static uint32_t
number_of_reply(void *context, const struct image_rule *rule)
{
    struct building *b = context;
    struct answers *answers = &b->outcomes->answers[b->side];
    static const struct circumstances ELSEWHERE = {.sender_elsewhere = true,
                                                   .recipient_elsewhere = true};
    uint32_t outcome =
        outcome_of(b->outcomes, b->image, (enum mayrelay_reason)rule->reason,
                   rule, ELSEWHERE);
    size_t known = answers->numbers.count;
    uint32_t number =
        intern_add(&answers->numbers,
                   (struct text){(const char *)&outcome, sizeof outcome});
    if (answers->numbers.failed ||
        !memory_grow(&answers->rules, &answers->room, answers->numbers.count,
                     sizeof(const struct image_rule *))) {
        b->map->failed = true; /* so nobody looks for the number's rule */
        return 0;
    }
    if (number == known)
        answers->rules[number] = rule;
    return number;
}

/* -- the recipient --------------------------------------------------------- */

static uint32_t
plus(void *context, uint32_t a, uint32_t b)
{
    (void)context;
    return a | b;
}

static bool
has_pattern(const struct image *image, uint32_t number, struct text pattern)
{
    const struct image_list *list = image_list(image, number);
    const uint32_t *patterns = image_list_patterns(image, list);
    for (uint32_t i = 0; patterns && i < list->pattern_count; i++)
        if (text_equal(image_pattern(image, patterns[i]), pattern))
            return true;
    return false;
}

/* One pattern has given up: none matches, or it is not known. */
static uint32_t
unsure(void *context, uint32_t rest, uint32_t flag)
{
    (void)context;
    return rest & OPEN_ABSENT ? rest | flag : rest;
}

/* Does some pattern of the mailbox list match, from a choice on? */
static uint32_t
build_matching(struct building *b, const struct view *view, size_t choice)
{
    const struct choices *choices = b->map->choices;
    const struct choice *it = &choices->items[choice];
    if (it->kind == CHOICE_REWRITES)
        return LEAF(OPEN_ABSENT);
    uint32_t rest = build_matching(b, view, choice + 1);
    if (it->kind != CHOICE_MAILBOX_PATTERN ||
        !has_pattern(b->image, view->list, it->pattern))
        return rest;
    static const struct map_operation UNSURE = {.number = 0, .join = unsure};
    uint32_t *leads = map_leads(b->map, choice);
    uint32_t result = LEAF(0);
    for (size_t i = 0; leads && i < it->option_count; i++)
        switch (choice_truth(it, i, b->side)) {
        case TRUTH_NO: leads[i] = rest; break;
        case TRUTH_YES: leads[i] = LEAF(0); break;
        case TRUTH_UNKNOWN:
            leads[i] = map_join(b->map, &UNSURE, rest, LEAF(OPEN_UNSURE));
            break;
        }
    if (leads)
        result = map_add(b->map, choice, leads);
    memory_free(leads);
    return result;
}

static uint32_t
build_existence(struct building *b, const struct view *view)
{
    static const uint32_t SAID[] = {[OPTION_EXISTS_YES] = LEAF(0),
                                    [OPTION_EXISTS_NO] = LEAF(OPEN_ABSENT),
                                    [OPTION_EXISTS_UNKNOWN] =
                                        LEAF(OPEN_ABSENT | OPEN_UNSURE)};
    size_t choice = choices_find(b->map->choices, CHOICE_EXISTS);
    uint32_t leads[sizeof SAID / sizeof *SAID + 1];
    switch ((enum existence)view->exists) {
    case EXISTS_YES: break;
    case EXISTS_NO: return LEAF(OPEN_ABSENT);
    case EXISTS_BY_PATTERN: return build_matching(b, view, choice + 1);
    case EXISTS_ASK:
        memcpy(leads, SAID, sizeof SAID);
        return map_add(b->map, choice, leads);
    }
    return LEAF(0);
}

/* What a postmaster of ours is accepted as, no reroute changes. */
static uint32_t
build_rewriting(struct building *b, const struct view *view)
{
    size_t choice = choices_find(b->map->choices, CHOICE_REWRITES);
    uint32_t leads[3] = {
        [OPTION_REWRITES_YES] =
            LEAF(view->traits & TRAIT_POSTMASTER ? 0 : OPEN_REROUTED),
        [OPTION_REWRITES_NO] = LEAF(OPEN_CANNOT_REWRITE)};
    return map_add(b->map, choice, leads);
}

static uint32_t
build_recipient(struct building *b, const struct cell_key *key)
{
    static const struct map_operation PLUS = {.number = 1, .join = plus};
    const struct view *view = &key->views[b->side];
    uint32_t flags = 0;
    if (view->traits & TRAIT_LATER)
        return LEAF(OPEN_LATER);
    if (view->traits & TRAIT_MALFORMED)
        flags |= OPEN_BAD_RECIPIENT;
    if (view->traits & TRAIT_RELAY)
        flags |= OPEN_RELAY;
    if (view->traits & TRAIT_ROUTING)
        flags |= OPEN_ROUTING;
    if (key->apart & APART_WHOLE && b->side == NEW)
        flags |= OPEN_RECIPIENT_ELSEWHERE;
    uint32_t result = LEAF(flags);
    if (view->traits & TRAIT_MALFORMED)
        return result;
    if (!(view->traits & TRAIT_RELAY))
        result = map_join(b->map, &PLUS, build_existence(b, view), result);
    if (view->traits & TRAIT_REROUTED)
        result = map_join(b->map, &PLUS, build_rewriting(b, view), result);
    return result;
}

static uint32_t
sender_flags(const struct building *b, const struct cell_key *key)
{
    bool malformed = (key->views[b->side].traits & TRAIT_MALFORMED) != 0;
    bool elsewhere = key->apart & APART_WHOLE && b->side == NEW;
    return (malformed ? OPEN_BAD_SENDER : 0u) |
           (elsewhere ? OPEN_SENDER_ELSEWHERE : 0u);
}

static uint32_t
build_mail(struct building *b, enum choice_kind kind)
{
    size_t number = choices_find(b->map->choices, kind);
    const struct choice *choice = &b->map->choices->items[number];
    uint32_t *leads = map_leads(b->map, number);
    uint32_t result = LEAF(0);
    for (size_t i = 0; leads && i < choice->option_count; i++) {
        const struct cell_key *key =
            cells_key(choice->cells, choice->cell_of_option[i]);
        leads[i] = kind == CHOICE_RECIPIENT ? build_recipient(b, key)
                                            : LEAF(sender_flags(b, key));
    }
    if (leads && !map_stopped(b->map))
        result = map_add(b->map, number, leads);
    memory_free(leads);
    return result;
}

/* -- steps ---------------------------------------------------------------- */

/* Step 1: `a` is the right to connect. */
static uint32_t
after_connect(void *context, uint32_t a, uint32_t mail)
{
    struct building *b = context;
    if (!b->connector)
        return over(b, mail, MAYRELAY_REASON_NO_CONNECTOR, NULL);
    if (a >= RIGHT_FORBIDDEN)
        return forbidden(b, mail, a);
    if (a == RIGHT_LACKING)
        return over(b, mail, MAYRELAY_REASON_CONNECT_REFUSED, NULL);
    return mail | (a == RIGHT_UNDECIDED ? OPEN_UNDECIDED : 0u);
}

/* Steps 2 and 3; `nothing` is 0. */
static uint32_t
after_syntax(void *context, uint32_t a, uint32_t nothing)
{
    struct building *b = context;
    (void)nothing;
    if (a & OPEN_BAD_SENDER)
        return over(b, a, MAYRELAY_REASON_BAD_SENDER, NULL);
    if (a & OPEN_BAD_RECIPIENT)
        return over(b, a, MAYRELAY_REASON_BAD_RECIPIENT, NULL);
    if (a & OPEN_CANNOT_REWRITE)
        return over(b, a, MAYRELAY_REASON_CANNOT_REWRITE, NULL);
    return a;
}

/* Step 4: `right` is that to submit, shifted left; 1 for an anonymous client.
 */
static uint32_t
after_submit(void *context, uint32_t a, uint32_t right)
{
    struct building *b = context;
    bool auth_helps =
        right & 1 && b->connector->rights[RIGHT_SUBMIT].auth_helps;
    right >>= 1;
    if (right >= RIGHT_FORBIDDEN)
        return forbidden(b, a, right);
    if (right == RIGHT_LACKING)
        return over(b, a,
                    auth_helps ? MAYRELAY_REASON_AUTH_REQUIRED
                               : MAYRELAY_REASON_SUBMIT_DENIED,
                    NULL);
    return a | (right == RIGHT_UNDECIDED ? OPEN_UNDECIDED : 0u);
}

static uint32_t
finish_inbound(struct building *b, uint32_t a)
{
    if ((a & (OPEN_ABSENT | OPEN_UNSURE)) == OPEN_ABSENT)
        return over(b, a, MAYRELAY_REASON_UNKNOWN_RECIPIENT, NULL);
    if (a & (OPEN_UNDECIDED | OPEN_UNSURE))
        return over(b, a, MAYRELAY_REASON_LOOKUP_FAILED, NULL);
    return over(b, a,
                a & OPEN_REROUTED ? MAYRELAY_REASON_REROUTED
                                  : MAYRELAY_REASON_INBOUND,
                NULL);
}

/* Step 5. */
static uint32_t
after_relay(void *context, uint32_t a, uint32_t right)
{
    struct building *b = context;
    if (a & OPEN_LATER)
        return over(b, a, MAYRELAY_REASON_PROCEED, NULL);
    if (!(a & OPEN_RELAY))
        return finish_inbound(b, a);
    if (right >= RIGHT_FORBIDDEN)
        return forbidden(b, a, right);
    if (right == RIGHT_LACKING)
        return over(b, a,
                    a & OPEN_ROUTING ? MAYRELAY_REASON_ROUTING_REFUSED
                                     : MAYRELAY_REASON_RELAY_DENIED,
                    NULL);
    if (right == RIGHT_UNDECIDED || a & OPEN_UNDECIDED)
        return over(b, a, MAYRELAY_REASON_LOOKUP_FAILED, NULL);
    return over(b, a,
                right == RIGHT_GRANTED ? MAYRELAY_REASON_RELAY_ALLOWED
                                       : MAYRELAY_REASON_ALWAYS_RELAY,
                NULL);
}

static uint32_t
number_of_outcome(void *context, uint32_t a, uint32_t nothing)
{
    (void)context;
    (void)nothing;
    return a / PROGRESS_OVER - 1;
}

/* -- the whole ------------------------------------------------------------ */

static uint32_t
twice(void *context, uint32_t right, uint32_t anonymous)
{
    (void)context;
    return 2 * right + anonymous;
}

/* 1 for anonymous clients. */
static uint32_t
build_anonymous(struct building *b)
{
    size_t number = choices_find(b->map->choices, CHOICE_IDENTITY);
    const struct choice *choice = &b->map->choices->items[number];
    uint32_t *leads = map_leads(b->map, number);
    uint32_t result = LEAF(0);
    for (size_t i = 0; leads && i < choice->option_count; i++) {
        const struct cell_key *key =
            cells_key(choice->cells, choice->cell_of_option[i]);
        leads[i] = LEAF((key->views[b->side].traits & TRAIT_ANONYMOUS) != 0);
    }
    if (leads)
        result = map_add(b->map, number, leads);
    memory_free(leads);
    return result;
}

static uint32_t
build_right(struct building *b, enum right right, const uint64_t *listeners)
{
    return b->connector ? right_build(b->map, b->side, right, listeners,
                                      number_of_reply, b)
                        : LEAF(RIGHT_LACKING);
}

/* Numbers of operations are the side's own, as their meaning is. */
enum operation {
    OPERATION_CONNECT = 2,
    OPERATION_SENDER,
    OPERATION_SYNTAX,
    OPERATION_ANONYMOUS,
    OPERATION_SUBMIT,
    OPERATION_RELAY,
    OPERATION_OUTCOME,
    OPERATIONS
};

static uint32_t
join(struct building *b, enum operation number,
     uint32_t (*join_values)(void *, uint32_t, uint32_t), uint32_t a,
     uint32_t c)
{
    bool progresses = number == OPERATION_SYNTAX ||
                      number == OPERATION_SUBMIT || number == OPERATION_RELAY;
    struct map_operation operation = {
        .number = (uint32_t)number + (uint32_t)OPERATIONS * (uint32_t)b->side,
        .context = b,
        .join = join_values,
        .settles = progresses ? is_over : NULL};
    return map_join(b->map, &operation, a, c);
}

static uint32_t
build_decision(struct building *b, const uint64_t *listeners)
{
    uint32_t mail =
        join(b, OPERATION_SENDER, plus, build_mail(b, CHOICE_SENDER),
             build_mail(b, CHOICE_RECIPIENT));
    uint32_t submit =
        join(b, OPERATION_ANONYMOUS, twice,
             build_right(b, RIGHT_SUBMIT, listeners), build_anonymous(b));
    uint32_t a = join(b, OPERATION_CONNECT, after_connect,
                      build_right(b, RIGHT_CONNECT, listeners), mail);
    a = join(b, OPERATION_SYNTAX, after_syntax, a, LEAF(0));
    a = join(b, OPERATION_SUBMIT, after_submit, a, submit);
    a = join(b, OPERATION_RELAY, after_relay, a,
             build_right(b, RIGHT_RELAY, listeners));
    return join(b, OPERATION_OUTCOME, number_of_outcome, a, LEAF(0));
}

uint32_t
outcome_build(struct outcomes *outcomes, struct map *map, int side,
              const uint64_t *listeners)
{
    const struct ruleset *rules = &map->choices->rules[side];
    struct building b = {.outcomes = outcomes,
                         .map = map,
                         .image = rules->image,
                         .connector = rules->connector,
                         .side = side};
    uint32_t result = build_decision(&b, listeners);
    map->failed |= outcomes->failed;
    return result;
}
