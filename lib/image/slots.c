#include "image/slots.h"

#include <stdlib.h>

#include "base/memory.h"

void
slots_clear(struct slots *slots)
{
    memory_free(slots->rules);
    memory_free(slots->rights);
    buffer_clear(&slots->order);
    *slots = (struct slots){0};
}

/* -- placing ------------------------------------------------------------ */

enum tier {
    TIER_DENY_HARD,
    TIER_DENY_SOFT,
    TIER_ALLOW,
    TIER_ALWAYS
};

static enum tier
tier_of(const struct rule *rule)
{
    if (rule->deny)
        return rule->reply.code >= 500 ? TIER_DENY_HARD : TIER_DENY_SOFT;
    return rule->always_relay ? TIER_ALWAYS : TIER_ALLOW;
}

/* The numbers of the rules of each right: their own connector's, in file
 * order, and those that hold everywhere. */
struct rule_index {
    uint32_t *own[RIGHT_COUNT]; /* sorted by connector, then file order */
    size_t own_count[RIGHT_COUNT];
    uint32_t *everywhere[RIGHT_COUNT];
    size_t everywhere_count[RIGHT_COUNT];
};

static void
index_clear(struct rule_index *index)
{
    for (int right = 0; right < RIGHT_COUNT; right++) {
        memory_free(index->own[right]);
        memory_free(index->everywhere[right]);
    }
}

/* Rules come in file order, so those of a connector come in a row: its mapping
 * in the file holds them all. */
static bool
index_rules(struct rule_index *index, const struct model *model)
{
    for (int right = 0; right < RIGHT_COUNT; right++) {
        index->own[right] =
            memory_new(model->rule_count, sizeof *index->own[right]);
        index->everywhere[right] =
            memory_new(model->rule_count, sizeof *index->everywhere[right]);
        if (!index->own[right] || !index->everywhere[right])
            return false;
    }
    for (uint32_t i = 0; i < model->rule_count; i++) {
        const struct rule *rule = &model->rules[i];
        int right = (int)rule->right;
        if (rule->connector == RULE_EVERYWHERE)
            index->everywhere[right][index->everywhere_count[right]++] = i;
        else
            index->own[right][index->own_count[right]++] = i;
    }
    return true;
}

struct rule_run {
    const uint32_t *rules;
    size_t count;
};

static struct rule_run
own_rules(const struct rule_index *index, const struct model *model, int right,
          uint32_t connector)
{
    const uint32_t *rules = index->own[right];
    size_t low = 0;
    size_t high = index->own_count[right];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (model->rules[rules[middle]].connector < connector)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < index->own_count[right] &&
           model->rules[rules[end]].connector == connector)
        end++;
    return (struct rule_run){rules + low, end - low};
}

enum {
    SHAPES = 1 << CONDITION_COUNT
};

/* Which list conditions a rule has, as a bit each. */
static unsigned
shape_of(const struct rule *rule)
{
    unsigned shape = 0;
    for (int c = 0; c < CONDITION_COUNT; c++)
        if (rule->select[CONDITION_SELECTIONS[c]].given)
            shape |= 1u << c;
    return shape;
}

/* Appends the rules of one tier and shape, both runs merged in file order. */
static void
place_shape(struct slots *slots, const struct model *model, enum tier tier,
            unsigned shape, struct rule_run own, struct rule_run everywhere)
{
    size_t i = 0;
    size_t j = 0;
    while (i < own.count || j < everywhere.count) {
        bool take_own = j == everywhere.count ||
                        (i < own.count && own.rules[i] < everywhere.rules[j]);
        uint32_t rule = take_own ? own.rules[i++] : everywhere.rules[j++];
        if (tier_of(&model->rules[rule]) == tier &&
            shape_of(&model->rules[rule]) == shape)
            slots->rules[slots->count++] = rule;
    }
}

static void
place_tier(struct slots *slots, const struct model *model, enum tier tier,
           struct rule_run own, struct rule_run everywhere)
{
    for (unsigned shape = 0; shape < SHAPES; shape++)
        place_shape(slots, model, tier, shape, own, everywhere);
}

/* A slot on its way into file order. */
struct ordered {
    uint32_t rule, slot;
};

static int
by_rule(const void *left, const void *right)
{
    const struct ordered *a = left;
    const struct ordered *b = right;
    return (a->rule > b->rule) - (a->rule < b->rule);
}

static bool
order_right(struct slots *slots, struct image_right *right)
{
    size_t count = right->end - right->first;
    struct ordered *ordered = memory_new(count, sizeof *ordered);
    if (!ordered)
        return false;
    for (uint32_t i = 0; i < count; i++)
        ordered[i] =
            (struct ordered){slots->rules[right->first + i], right->first + i};
    if (count)
        qsort(ordered, count, sizeof *ordered, by_rule);
    right->order = (uint32_t)(slots->order.size / sizeof(uint32_t));
    for (size_t i = 0; i < count; i++)
        buffer_add_u32(&slots->order, ordered[i].slot);
    memory_free(ordered);
    return !slots->order.failed;
}

static bool
auth_helps(const struct model *model, struct rule_run run)
{
    for (size_t i = 0; i < run.count; i++) {
        const struct rule *rule = &model->rules[run.rules[i]];
        if (!rule->deny && (rule->authenticated == WISH_TRUE ||
                            rule->select[SELECT_USERS].given ||
                            rule->sender_owned != WISH_NONE))
            return true;
    }
    return false;
}

static bool
place_right(struct slots *slots, const struct model *model,
            struct image_right *right, struct rule_run own,
            struct rule_run everywhere)
{
    right->first = (uint32_t)slots->count;
    place_tier(slots, model, TIER_DENY_HARD, own, everywhere);
    right->soft = (uint32_t)slots->count;
    place_tier(slots, model, TIER_DENY_SOFT, own, everywhere);
    right->allow = (uint32_t)slots->count;
    place_tier(slots, model, TIER_ALLOW, own, everywhere);
    place_tier(slots, model, TIER_ALWAYS, own, everywhere);
    right->end = (uint32_t)slots->count;
    /* Everywhere nothing is allowed but always-relay, to anybody. */
    right->auth_helps = auth_helps(model, own);
    while (slots->count % SLOTS_PER_BLOCK)
        slots->rules[slots->count++] = SLOT_EMPTY;
    return order_right(slots, right);
}

static bool
plan_connector(struct slots *slots, const struct model *model,
               const struct rule_index *index, uint32_t connector,
               bool *too_many)
{
    for (int right = 0; right < RIGHT_COUNT; right++) {
        struct rule_run own = own_rules(index, model, right, connector);
        struct rule_run everywhere = {index->everywhere[right],
                                      index->everywhere_count[right]};
        size_t need =
            slots->count + own.count + everywhere.count + SLOTS_PER_BLOCK;
        *too_many = need > SLOTS_MOST;
        if (*too_many || !memory_grow(&slots->rules, &slots->room, need,
                                      sizeof *slots->rules))
            return false;
        if (!place_right(
                slots, model,
                &slots->rights[(size_t)connector * RIGHT_COUNT + (size_t)right],
                own, everywhere))
            return false;
    }
    return true;
}

bool
slots_plan(struct slots *slots, const struct model *model, bool *too_many)
{
    struct rule_index index = {0};
    *slots = (struct slots){0};
    *too_many = false;
    slots->rights =
        memory_new(model->connector_count * RIGHT_COUNT, sizeof *slots->rights);
    bool ok = slots->rights && index_rules(&index, model);
    for (uint32_t i = 0; ok && i < model->connector_count; i++)
        ok = plan_connector(slots, model, &index, i, too_many);
    index_clear(&index);
    return ok;
}

/* -- blocks ------------------------------------------------------------- */

static struct list_traits
traits_of(const uint32_t *lists, size_t count, const struct list_traits *traits)
{
    struct list_traits sum = {0};
    for (size_t i = 0; i < count; i++) {
        sum.open |= traits[lists[i]].open;
        sum.pattern |= traits[lists[i]].pattern;
        sum.any |= traits[lists[i]].any;
    }
    return sum;
}

static void
mark_list_condition(struct image_condition *masks, uint64_t bit,
                    enum condition condition, const struct selection *select,
                    const struct list_traits *traits)
{
    if (!select->given)
        return;
    struct list_traits inc =
        traits_of(select->includes, select->include_count, traits);
    struct list_traits exc =
        traits_of(select->excludes, select->exclude_count, traits);
    if (condition == CONDITION_RECIPIENTS) {
        inc.open = inc.any || select->inbound || select->always_relay;
        exc.open = exc.any || select->not_inbound || select->not_always_relay;
    }
    masks->given |= bit;
    masks->all |= select->all ? bit : 0;
    masks->open_inc |= inc.open ? bit : 0;
    masks->open_exc |= exc.open ? bit : 0;
    masks->pattern_inc |= inc.pattern ? bit : 0;
    masks->pattern_exc |= exc.pattern ? bit : 0;
}

static void
mark_wish(enum wish wish, uint64_t bit, uint64_t *if_true, uint64_t *if_false)
{
    if (wish == WISH_TRUE)
        *if_true |= bit;
    else if (wish == WISH_FALSE)
        *if_false |= bit;
}

static void
mark_rule(struct image_block *block, uint64_t bit, const struct rule *rule,
          const struct list_traits *traits)
{
    for (int c = 0; c < CONDITION_COUNT; c++)
        mark_list_condition(&block->list[c], bit, (enum condition)c,
                            &rule->select[CONDITION_SELECTIONS[c]], traits);
    block->listeners |= rule->select[SELECT_LISTENERS].given ? bit : 0;
    block->certificates |= rule->select[SELECT_CERTIFICATES].given ? bit : 0;
    mark_wish(rule->tls, bit, &block->tls, &block->no_tls);
    mark_wish(rule->authenticated, bit, &block->authenticated,
              &block->anonymous);
    mark_wish(rule->sender_owned, bit, &block->owned, &block->not_owned);
}

void
slots_blocks(const struct slots *slots, const struct model *model,
             const struct list_traits *traits, struct image_block *blocks)
{
    for (size_t slot = 0; slot < slots->count; slot++)
        if (slots->rules[slot] != SLOT_EMPTY)
            mark_rule(&blocks[slot / SLOTS_PER_BLOCK],
                      UINT64_C(1) << slot % SLOTS_PER_BLOCK,
                      &model->rules[slots->rules[slot]], traits);
}

size_t
slots_block_count(const struct slots *slots)
{
    return slots->count / SLOTS_PER_BLOCK;
}

size_t
slots_window_count(const struct slots *slots)
{
    return (slots_block_count(slots) + BLOCKS_PER_WINDOW - 1) /
           BLOCKS_PER_WINDOW;
}

static uint64_t
used_slots(const struct slots *slots, size_t block)
{
    uint64_t used = 0;
    for (size_t i = 0; i < SLOTS_PER_BLOCK; i++)
        if (slots->rules[block * SLOTS_PER_BLOCK + i] != SLOT_EMPTY)
            used |= UINT64_C(1) << i;
    return used;
}

void
slots_windows(const struct slots *slots, const struct image_block *blocks,
              struct image_window *windows)
{
    for (size_t i = 0; i < slots_block_count(slots); i++) {
        struct image_window *window = &windows[i / BLOCKS_PER_WINDOW];
        uint64_t bit = UINT64_C(1) << i % BLOCKS_PER_WINDOW;
        uint64_t used = used_slots(slots, i);
        for (int c = 0; c < CONDITION_COUNT; c++) {
            const struct image_condition *masks = &blocks[i].list[c];
            if (used & (~masks->given | masks->all))
                window->list[c].loose |= bit;
            if (masks->open_inc)
                window->list[c].open |= bit;
            if (masks->pattern_inc)
                window->list[c].pattern |= bit;
        }
    }
}
