#include "decide/rule.h"

/* -- patterns ----------------------------------------------------------- */

enum truth
pattern_match(const struct transaction *t, uint32_t pattern,
              const struct subjects *subjects)
{
    enum truth sum = TRUTH_NO;
    struct text source = image_pattern(t->image, pattern);
    for (size_t i = 0; i < subjects->count && sum != TRUTH_YES; i++)
        switch (pattern_set_match(t->patterns, pattern, source,
                                  subject_at(subjects, i), t->matcher)) {
        case PATTERN_NO: break;
        case PATTERN_YES: sum = TRUTH_YES; break;
        case PATTERN_UNDECIDED: sum = truth_or(sum, TRUTH_UNKNOWN); break;
        }
    return sum;
}

static enum truth
list_patterns_match(const struct transaction *t, uint32_t number,
                    const struct subjects *subjects)
{
    const struct image_list *list = image_list(t->image, number);
    const uint32_t *patterns = image_list_patterns(t->image, list);
    if (!patterns)
        return TRUTH_UNKNOWN;
    enum truth sum = TRUTH_NO;
    for (uint32_t i = 0; i < list->pattern_count && sum != TRUTH_YES; i++)
        sum = truth_or(sum, pattern_match(t, patterns[i], subjects));
    return sum;
}

enum truth
patterns_match(const struct transaction *t, const uint32_t *lists, size_t count,
               const struct subjects *subjects)
{
    enum truth sum = TRUTH_NO;
    for (size_t i = 0; i < count && sum != TRUTH_YES; i++)
        sum = truth_or(sum, list_patterns_match(t, lists[i], subjects));
    return sum;
}

/* -- list conditions ---------------------------------------------------- */

/* A rule's place in the masks of its block. */
struct rule_bit {
    const struct image_block *block;
    uint32_t number; /* of the block */
    uint64_t bit;
};

static enum truth
side_of_list(const struct transaction *t, const struct sight *sight,
             bool listed, bool open, bool patterns, const uint32_t *lists,
             uint32_t count)
{
    if (listed)
        return TRUTH_YES;
    enum truth side = TRUTH_NO;
    if (open && sight->open)
        side = TRUTH_UNKNOWN;
    if (patterns && sight->subjects.count)
        side = truth_or(
            side, lists ? patterns_match(t, lists, count, &sight->subjects)
                        : TRUTH_UNKNOWN);
    return side;
}

/* The included lists, then the excluded ones; NULL if they are not all there,
 * or if damage makes their number wrap around. */
static const uint32_t *
selected_lists(const struct image *image, const struct image_selection *select)
{
    uint32_t count = select->include_count + select->exclude_count;
    if (count < select->include_count)
        return NULL;
    return image_numbers(image, select->first, count);
}

/* A value is in a list if some entry includes it and none excludes it. */
static enum truth
membership(const struct transaction *t, enum condition condition,
           const struct image_selection *select, struct rule_bit place)
{
    const struct sight *sight = &t->sights[condition];
    const struct image_condition *masks = &place.block->list[condition];
    struct said known = sight_said(sight, place.number);
    const uint32_t *lists = selected_lists(t->image, select);
    enum truth included = side_of_list(
        t, sight, ((masks->all | known.inc) & place.bit) != 0,
        (masks->open_inc & place.bit) != 0,
        (masks->pattern_inc & place.bit) != 0, lists, select->include_count);
    enum truth excluded = side_of_list(
        t, sight, (known.exc & place.bit) != 0,
        (masks->open_exc & place.bit) != 0,
        (masks->pattern_exc & place.bit) != 0,
        lists ? lists + select->include_count : NULL, select->exclude_count);
    return truth_and(included, truth_not(excluded));
}

/* A condition on recipients while none is named: any may follow, and one with
 * routing holds in every deny rule and in no allow rule. */
static enum truth
later_recipient(enum truth membership, bool deny)
{
    return deny ? truth_or(membership, TRUTH_UNKNOWN)
                : truth_and(membership, TRUTH_UNKNOWN);
}

static enum truth
list_condition(const struct transaction *t, enum condition condition,
               const struct image_rule *rule, struct rule_bit place)
{
    if ((place.block->list[condition].given & place.bit) == 0)
        return TRUTH_YES;
    const struct image_selection *select =
        &rule->select[CONDITION_SELECTIONS[condition]];
    switch (t->sights[condition].mode) {
    case SIGHT_LISTS: return membership(t, condition, select, place);
    case SIGHT_NOBODY: return TRUTH_NO;
    case SIGHT_ROUTING: return truth_of(rule->deny);
    case SIGHT_LATER:
        return later_recipient(membership(t, condition, select, place),
                               rule->deny);
    }
    return TRUTH_UNKNOWN;
}

static unsigned
fact_needed(const struct transaction *t, enum condition condition,
            enum truth truth, struct rule_bit place)
{
    const struct image_condition *masks = &place.block->list[condition];
    bool looks = ((masks->open_inc | masks->open_exc) & place.bit) != 0;
    return truth == TRUTH_UNKNOWN && looks ? t->sights[condition].fact : 0;
}

/* -- plain conditions --------------------------------------------------- */

static uint64_t
listener_failures(const struct transaction *t, const struct image_block *block,
                  uint32_t number)
{
    const struct client_facts *client = &t->facts->client;
    struct sight sight = {.fixed = client->listeners,
                          .fixed_count = client->listener_count};
    return block->listeners & ~sight_said(&sight, number).inc;
}

static uint64_t
certificate_failures(const struct transaction *t,
                     const struct image_block *block, uint32_t number)
{
    struct sight sight = {.fixed = &t->facts->identity.certificate,
                          .fixed_count = 1};
    return block->certificates & ~sight_said(&sight, number).inc;
}

static uint64_t
tls_failures(const struct transaction *t, const struct image_block *block)
{
    return t->facts->identity.tls ? block->no_tls : block->tls;
}

static uint64_t
authenticated_failures(const struct transaction *t,
                       const struct image_block *block)
{
    return t->facts->identity.authenticated ? block->anonymous
                                            : block->authenticated;
}

static uint64_t
ownership_failures(const struct transaction *t, const struct image_block *block)
{
    const struct sender_facts *sender = &t->facts->sender;
    return (sender->owned ? 0 : block->owned) |
           (sender->not_owned ? 0 : block->not_owned);
}

uint64_t
plain_failures(const struct transaction *t, const struct image_block *block,
               uint32_t number)
{
    uint64_t failures = tls_failures(t, block) |
                        authenticated_failures(t, block) |
                        ownership_failures(t, block);
    if (block->listeners)
        failures |= listener_failures(t, block, number);
    if (block->certificates)
        failures |= certificate_failures(t, block, number);
    return failures;
}

/* -- the rule ----------------------------------------------------------- */

bool
rule_has(const struct image_rule *rule, enum rule_condition condition)
{
    switch (condition) {
    case RULE_CLIENTS: return rule->select[SELECT_CLIENTS].flags != 0;
    case RULE_LISTENERS: return rule->select[SELECT_LISTENERS].flags != 0;
    case RULE_TLS: return rule->tls != WISH_NONE;
    case RULE_CERTIFICATES: return rule->select[SELECT_CERTIFICATES].flags != 0;
    case RULE_AUTHENTICATED: return rule->authenticated != WISH_NONE;
    case RULE_USERS: return rule->select[SELECT_USERS].flags != 0;
    case RULE_SENDERS: return rule->select[SELECT_SENDERS].flags != 0;
    case RULE_SENDER_OWNED: return rule->sender_owned != WISH_NONE;
    case RULE_RECIPIENTS: return rule->select[SELECT_RECIPIENTS].flags != 0;
    case RULE_CONDITIONS: break;
    }
    return false;
}

static enum truth
judge_condition(const struct transaction *t, const struct image_rule *rule,
                struct rule_bit place, enum rule_condition condition)
{
    uint64_t failures = 0;
    switch (condition) {
    case RULE_CLIENTS: return list_condition(t, CONDITION_CLIENTS, rule, place);
    case RULE_USERS: return list_condition(t, CONDITION_USERS, rule, place);
    case RULE_SENDERS: return list_condition(t, CONDITION_SENDERS, rule, place);
    case RULE_RECIPIENTS:
        return list_condition(t, CONDITION_RECIPIENTS, rule, place);
    case RULE_LISTENERS:
        failures = listener_failures(t, place.block, place.number);
        break;
    case RULE_CERTIFICATES:
        failures = certificate_failures(t, place.block, place.number);
        break;
    case RULE_TLS: failures = tls_failures(t, place.block); break;
    case RULE_AUTHENTICATED:
        failures = authenticated_failures(t, place.block);
        break;
    case RULE_SENDER_OWNED:
        failures = ownership_failures(t, place.block);
        break;
    case RULE_CONDITIONS: break;
    }
    return truth_of((failures & place.bit) == 0);
}

/* False if there is no rule in the slot, or its bytes are damaged. */
static bool
find_rule(const struct transaction *t, uint32_t slot,
          const struct image_rule **rule, struct rule_bit *place)
{
    uint32_t number = slot / SLOTS_PER_BLOCK;
    *rule = image_rule_in(t->image, slot);
    *place = (struct rule_bit){image_block(t->image, number), number,
                               UINT64_C(1) << slot % SLOTS_PER_BLOCK};
    return *rule && place->block;
}

enum truth
rule_judge_condition(const struct transaction *t, uint32_t slot,
                     enum rule_condition condition)
{
    const struct image_rule *rule;
    struct rule_bit place;
    return find_rule(t, slot, &rule, &place)
               ? judge_condition(t, rule, place, condition)
               : TRUTH_UNKNOWN;
}

static unsigned
facts_needed(const struct transaction *t, const struct rule_truth *truth,
             struct rule_bit place)
{
    static const enum rule_condition places[CONDITION_COUNT] = {
        RULE_CLIENTS, RULE_USERS, RULE_SENDERS, RULE_RECIPIENTS};
    unsigned needs = 0;
    for (int c = 0; c < CONDITION_COUNT; c++)
        needs |= fact_needed(t, (enum condition)c, truth->conditions[places[c]],
                             place);
    return needs;
}

struct rule_truth
rule_judge(const struct transaction *t, uint32_t slot)
{
    struct rule_truth truth = {.whole = TRUTH_UNKNOWN};
    const struct image_rule *rule;
    struct rule_bit place;
    if (!find_rule(t, slot, &rule, &place))
        return truth;
    truth.whole = TRUTH_YES;
    for (int c = 0; c < RULE_CONDITIONS; c++) {
        truth.conditions[c] =
            judge_condition(t, rule, place, (enum rule_condition)c);
        truth.whole = truth_and(truth.whole, truth.conditions[c]);
    }
    if (truth.whole == TRUTH_UNKNOWN)
        truth.needs = facts_needed(t, &truth, place);
    return truth;
}
