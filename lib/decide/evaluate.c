#include "decide/evaluate.h"

/* Which rules of a block surely hold, and which may. */
struct block_truth {
    uint64_t must, may;
};

/* A run of rules in slot order: where the first that surely holds is, and what
 * the undecided ones before it look at. */
struct scan {
    uint32_t first_yes; /* slot, or NO_SLOT */
    bool undecided;     /* some rule before it may hold */
    unsigned needs;
    bool damaged;
};

static struct block_truth
block_membership(const struct image_condition *masks, const struct sight *sight,
                 uint32_t number)
{
    struct image_mask known = sight_masks(sight, number);
    uint64_t inc = masks->all | known.inc;
    uint64_t exc = known.exc;
    uint64_t inc_may = inc;
    uint64_t exc_may = exc;
    if (sight->open) {
        inc_may |= masks->open_inc;
        exc_may |= masks->open_exc;
    }
    if (sight->subjects.count) { /* patterns: not tried yet */
        inc_may |= masks->pattern_inc;
        exc_may |= masks->pattern_exc;
    }
    return (struct block_truth){inc & ~exc_may, inc_may & ~exc};
}

static struct block_truth
block_condition(const struct image_condition *masks, const struct sight *sight,
                uint32_t number, bool deny)
{
    struct block_truth truth = {0, 0};
    switch (sight->mode) {
    case SIGHT_LISTS: truth = block_membership(masks, sight, number); break;
    case SIGHT_NOBODY: break;
    case SIGHT_ROUTING:
        if (deny)
            truth.must = truth.may = UINT64_MAX;
        break;
    case SIGHT_LATER:
        truth = block_membership(masks, sight, number);
        if (deny) /* one with routing may follow */
            truth.may = UINT64_MAX;
        else
            truth.must = 0;
        break;
    }
    truth.must |= ~masks->given;
    truth.may |= ~masks->given;
    return truth;
}

static struct block_truth
judge_block(const struct transaction *t, const struct image_block *block,
            uint32_t number, bool deny)
{
    uint64_t holding = ~plain_failures(t, block, number);
    struct block_truth truth = {holding, holding};
    for (int c = 0; c < CONDITION_COUNT; c++) {
        if (!block->list[c].given)
            continue;
        struct block_truth one =
            block_condition(&block->list[c], &t->sights[c], number, deny);
        truth.must &= one.must;
        truth.may &= one.may;
    }
    return truth;
}

/* The slots [first, end) that lie in a block, as a mask. */
static uint64_t
slots_in_block(uint32_t first, uint32_t end, uint32_t number)
{
    uint64_t from = (uint64_t)number * 64;
    uint64_t mask = UINT64_MAX;
    if (first > from)
        mask &= UINT64_MAX << (first - from);
    if (end < from + 64)
        mask &= ~(UINT64_MAX << (end - from));
    return mask;
}

static uint32_t
lowest_bit(uint64_t mask)
{
    return (uint32_t)__builtin_ctzll(mask);
}

/* Looks closer at rules that the masks leave open and that would be named
 * before the first sure one: their patterns are tried here, and only here. */
static void
scan_open_rules(const struct transaction *t, uint64_t open, uint32_t number,
                struct scan *scan)
{
    for (; open; open &= open - 1) {
        uint32_t slot = number * 64 + lowest_bit(open);
        if (slot >= scan->first_yes)
            return;
        struct rule_truth truth = rule_judge(t, slot);
        if (truth.whole == TRUTH_YES) {
            scan->first_yes = slot;
        } else if (truth.whole == TRUTH_UNKNOWN) {
            scan->undecided = true;
            scan->needs |= truth.needs;
        }
    }
}

/* Judges the rules in slots [first, end), up to the first that surely holds. */
static struct scan
scan_rules(const struct transaction *t, uint32_t first, uint32_t end, bool deny)
{
    struct scan scan = {.first_yes = NO_SLOT};
    for (uint32_t number = first / 64;
         first < end && number <= (end - 1) / 64 && scan.first_yes == NO_SLOT;
         number++) {
        const struct image_block *block = image_block(t->image, number);
        if (!block) {
            scan.damaged = true;
            return scan;
        }
        uint64_t slots = slots_in_block(first, end, number);
        struct block_truth truth = judge_block(t, block, number, deny);
        truth.must &= slots;
        truth.may &= slots;
        if (truth.must)
            scan.first_yes = number * 64 + lowest_bit(truth.must);
        if (truth.may & ~truth.must)
            scan_open_rules(t, truth.may & ~truth.must, number, &scan);
    }
    return scan;
}

struct judgement
evaluate_right(const struct transaction *t, enum right which)
{
    const struct image_right *right =
        &t->facts->client.connector->rights[which];
    struct judgement result = {OUTCOME_DAMAGED, NO_SLOT, 0};
    struct scan deny = scan_rules(t, right->first, right->allow, true);
    if (deny.damaged)
        return result;
    if (deny.first_yes != NO_SLOT)
        return (struct judgement){OUTCOME_FORBIDDEN, deny.first_yes, 0};
    struct scan allow = scan_rules(t, right->allow, right->end, false);
    if (allow.damaged)
        return result;
    /* Without allow rules connect and submit count as having one that holds. */
    bool granted = allow.first_yes != NO_SLOT ||
                   (which != RIGHT_RELAY && right->allow == right->end);
    if (!granted && !allow.undecided)
        return (struct judgement){OUTCOME_NO_ALLOW, NO_SLOT, 0};
    if (!granted || deny.undecided) {
        result.outcome = OUTCOME_UNDECIDED;
        result.needs = deny.needs | (granted ? 0 : allow.needs);
        return result;
    }
    return (struct judgement){OUTCOME_GRANTED, allow.first_yes, 0};
}
