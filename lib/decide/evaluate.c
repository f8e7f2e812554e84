#include "decide/evaluate.h"

/* Which rules of a block surely hold, and which may. */
struct block_truth {
    uint64_t must, may;
};

/* One right being judged. */
struct judge {
    const struct transaction *transaction;
    const struct image_right *right;
    uint32_t block; /* that `truth` is of, or NO_BLOCK */
    struct block_truth truth;
    bool damaged;
};

/* A run of slots, [first, end), all deny or all allow rules. */
struct run {
    uint32_t first, soft, end; /* from `soft` on deny rules answer 4xx */
};

/* What a run comes to. */
struct scan {
    uint64_t rank; /* of the rule to name, see rank_of; or NO_RANK */
    uint32_t slot;
    bool closable;  /* patterns may yet decide some rule */
    bool undecided; /* some rule stays open; of no account beside a rank */
    unsigned needs;
};

#define NO_BLOCK UINT32_MAX
#define NO_RANK  UINT64_MAX

/* -- one block ---------------------------------------------------------- */

static struct block_truth
block_membership(const struct image_condition *masks, const struct sight *sight,
                 uint32_t number)
{
    struct said known = sight_said(sight, number);
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

/* `deny`: the slots that hold deny rules. */
static struct block_truth
block_condition(const struct image_condition *masks, const struct sight *sight,
                uint32_t number, uint64_t deny)
{
    struct block_truth truth = {0, 0};
    switch (sight->mode) {
    case SIGHT_LISTS: truth = block_membership(masks, sight, number); break;
    case SIGHT_NOBODY: break;
    case SIGHT_ROUTING: truth.must = truth.may = deny; break;
    case SIGHT_LATER:
        truth = block_membership(masks, sight, number);
        truth.must &= deny; /* one with routing may follow */
        truth.may |= deny;
        break;
    }
    truth.must |= ~masks->given;
    truth.may |= ~masks->given;
    return truth;
}

/* The slots of a block that are before `end`, as a mask. */
static uint64_t
slots_before(uint32_t end, uint32_t number)
{
    uint64_t from = (uint64_t)number * SLOTS_PER_BLOCK;
    if (end >= from + SLOTS_PER_BLOCK)
        return UINT64_MAX;
    return end > from ? ~(UINT64_MAX << (end - from)) : 0;
}

/* The slots [first, end) that lie in a block, as a mask. */
static uint64_t
slots_in_block(uint32_t first, uint32_t end, uint32_t number)
{
    return slots_before(end, number) & ~slots_before(first, number);
}

/* NULL if the image is damaged. */
static const struct image_block *
block_of(struct judge *judge, uint32_t number)
{
    const struct image_block *block =
        image_block(judge->transaction->image, number);
    judge->damaged |= !block;
    return block;
}

static struct block_truth
judge_block(struct judge *judge, const struct image_block *block,
            uint32_t number)
{
    const struct transaction *t = judge->transaction;
    if (judge->block == number)
        return judge->truth;
    uint64_t deny =
        slots_in_block(judge->right->first, judge->right->allow, number);
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
    judge->block = number;
    judge->truth = truth;
    return truth;
}

/* -- which blocks ------------------------------------------------------- */

enum {
    BLOCK_BITS = 6,
    WINDOW_BITS = 12,
    FEW_BLOCKS = 4 /* not worth a look at their window */
};
static_assert(1 << BLOCK_BITS == SLOTS_PER_BLOCK &&
                  1 << WINDOW_BITS == SLOTS_PER_BLOCK * BLOCKS_PER_WINDOW,
              "as the image has them");

/* Goes through the blocks of a run in which some rule may hold. */
struct walk {
    struct judge *judge;
    struct run run;
    uint32_t window, last_window;
    uint64_t blocks; /* of the window, still to come */
};

static void
mark_blocks(const struct masks *masks, uint32_t window, uint64_t *blocks)
{
    uint32_t first = window << BLOCK_BITS;
    uint32_t low = 0;
    uint32_t high = masks->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (masks->first[middle].block < first)
            low = middle + 1;
        else
            high = middle;
    }
    for (;
         low < masks->count && masks->first[low].block >> BLOCK_BITS == window;
         low++)
        *blocks |= UINT64_C(1) << (masks->first[low].block & 63);
}

/* The blocks of a window in which a condition may hold for some rule. */
static uint64_t
blocks_of_condition(const struct image_window *window,
                    const struct sight *sight, enum condition condition,
                    uint32_t number)
{
    uint64_t blocks = window->list[condition].loose;
    if (sight->mode == SIGHT_ROUTING || sight->mode == SIGHT_LATER)
        return UINT64_MAX;
    if (sight->open)
        blocks |= window->list[condition].open;
    if (sight->subjects.count)
        blocks |= window->list[condition].pattern;
    for (size_t i = 0; i < sight->fixed_count; i++)
        mark_blocks(&sight->fixed[i], number, &blocks);
    for (size_t i = 0; i < sight->more_count; i++)
        mark_blocks(&sight->more[i], number, &blocks);
    return blocks;
}

static uint64_t
blocks_of_window(const struct walk *walk)
{
    const struct transaction *t = walk->judge->transaction;
    uint64_t blocks =
        slots_in_block(walk->run.first >> BLOCK_BITS,
                       ((walk->run.end - 1) >> BLOCK_BITS) + 1, walk->window);
    if (walk->run.end - walk->run.first <= FEW_BLOCKS << BLOCK_BITS)
        return blocks;
    const struct image_window *window = image_window(t->image, walk->window);
    if (!window) {
        walk->judge->damaged = true;
        return 0;
    }
    for (int c = 0; c < CONDITION_COUNT; c++)
        blocks &= blocks_of_condition(window, &t->sights[c], (enum condition)c,
                                      walk->window);
    return blocks;
}

static struct walk
walk_of(struct judge *judge, struct run run)
{
    struct walk walk = {
        .judge = judge,
        .run = run,
        .window = run.first >> WINDOW_BITS,
        .last_window = (run.end - 1) >> WINDOW_BITS,
    };
    walk.blocks = blocks_of_window(&walk);
    return walk;
}

static uint32_t
lowest_bit(uint64_t mask)
{
    return (uint32_t)__builtin_ctzll(mask);
}

/* The next block; false at the end. */
static bool
walk_next(struct walk *walk, uint32_t *number)
{
    while (!walk->blocks) {
        if (walk->window == walk->last_window)
            return false;
        walk->window++;
        walk->blocks = blocks_of_window(walk);
    }
    *number = (walk->window << BLOCK_BITS) + lowest_bit(walk->blocks);
    walk->blocks &= walk->blocks - 1;
    return true;
}

/* -- runs --------------------------------------------------------------- */

/* The order in which rules are named: 5xx before 4xx (policy.md §9), and then
 * as they stand in the file, which is how rules are numbered. */
static uint64_t
rank_of(const struct judge *judge, const struct run *run, uint32_t slot)
{
    uint64_t soft = slot >= run->soft;
    return soft << 32 | image_slot(judge->transaction->image, slot);
}

static void
take_holding(const struct judge *judge, const struct run *run, uint32_t slot,
             struct scan *scan)
{
    uint64_t rank = rank_of(judge, run, slot);
    if (rank < scan->rank) {
        scan->rank = rank;
        scan->slot = slot;
    }
}

/* The rules of a block for which some pattern is still to be tried. */
static uint64_t
rules_with_patterns(const struct transaction *t,
                    const struct image_block *block)
{
    uint64_t rules = 0;
    for (int c = 0; c < CONDITION_COUNT; c++)
        if (t->sights[c].subjects.count)
            rules |= block->list[c].pattern_inc | block->list[c].pattern_exc;
    return rules;
}

static unsigned
askable(const struct transaction *t)
{
    unsigned facts = 0;
    for (int c = 0; c < CONDITION_COUNT; c++)
        facts |= t->sights[c].fact;
    return facts;
}

/* Rules that stay open, as no pattern can close them: what they look at. */
static void
take_open(const struct transaction *t, const struct image_block *block,
          uint32_t number, uint64_t open, struct scan *scan)
{
    if (scan->undecided && (askable(t) & ~scan->needs) == 0)
        return; /* nothing to learn any more */
    scan->undecided = true;
    for (int c = 0; c < CONDITION_COUNT; c++) {
        const struct image_condition *masks = &block->list[c];
        uint64_t looking = open & (masks->open_inc | masks->open_exc);
        if (!t->sights[c].fact || !looking)
            continue;
        struct block_truth truth =
            block_condition(masks, &t->sights[c], number, 0);
        if (looking & truth.may & ~truth.must)
            scan->needs |= t->sights[c].fact;
    }
}

/* A block of a run: what the masks alone say. */
static void
scan_block(struct judge *judge, const struct run *run, uint32_t number,
           struct scan *scan)
{
    const struct transaction *t = judge->transaction;
    const struct image_block *block = block_of(judge, number);
    if (!block)
        return;
    struct block_truth truth = judge_block(judge, block, number);
    uint64_t slots = slots_in_block(run->first, run->end, number);
    for (uint64_t must = truth.must & slots; must; must &= must - 1)
        take_holding(judge, run, number * SLOTS_PER_BLOCK + lowest_bit(must),
                     scan);
    uint64_t open = truth.may & ~truth.must & slots;
    if (!open)
        return;
    uint64_t closable = open & rules_with_patterns(t, block);
    scan->closable |= closable != 0;
    if (open & ~closable && scan->rank == NO_RANK)
        take_open(t, block, number, open & ~closable, scan);
}

static void
look_closer(const struct judge *judge, const struct run *run, uint32_t slot,
            struct scan *scan)
{
    if (rank_of(judge, run, slot) >= scan->rank)
        return;
    struct rule_truth truth = rule_judge(judge->transaction, slot);
    if (truth.whole == TRUTH_YES) {
        take_holding(judge, run, slot, scan);
    } else if (truth.whole == TRUTH_UNKNOWN) {
        scan->undecided = true;
        scan->needs |= truth.needs;
    }
}

/* A block of a run: tries the patterns of the rules that they may decide, and
 * that would be named before the sure one. */
static void
close_block(struct judge *judge, const struct run *run, uint32_t number,
            struct scan *scan)
{
    const struct transaction *t = judge->transaction;
    const struct image_block *block = block_of(judge, number);
    if (!block)
        return;
    struct block_truth truth = judge_block(judge, block, number);
    uint64_t slots = slots_in_block(run->first, run->end, number);
    uint64_t closable =
        truth.may & ~truth.must & slots & rules_with_patterns(t, block);
    for (; closable; closable &= closable - 1)
        look_closer(judge, run, number * SLOTS_PER_BLOCK + lowest_bit(closable),
                    scan);
}

typedef void visit_block(struct judge *judge, const struct run *run,
                         uint32_t number, struct scan *scan);

/* Nearly every run lies in one block. */
static inline void
visit_blocks(struct judge *judge, const struct run *run, visit_block *visit,
             struct scan *scan)
{
    uint32_t number = run->first >> BLOCK_BITS;
    if (number == (run->end - 1) >> BLOCK_BITS) {
        visit(judge, run, number, scan);
        return;
    }
    struct walk walk = walk_of(judge, *run);
    while (walk_next(&walk, &number))
        visit(judge, run, number, scan);
}

/* From `first` up to, not including, `end`; deny rules answer 4xx from `soft`
 * on.  Into an empty scan. */
static void
scan_run(struct judge *judge, uint32_t first, uint32_t soft, uint32_t end,
         struct scan *scan)
{
    struct run run = {first, soft, end};
    if (first == end)
        return;
    visit_blocks(judge, &run, scan_block, scan);
    if (scan->closable)
        visit_blocks(judge, &run, close_block, scan);
}

/* Slots that are there, in order: an image is trusted as its file is, but no
 * damage makes a look-up run away. */
static bool
is_sound(const struct image *image, const struct image_right *right)
{
    return right->first <= right->soft && right->soft <= right->allow &&
           right->allow <= right->end &&
           right->end * sizeof(uint32_t) <=
               image_section(image, SECTION_SLOTS).size;
}

struct judgement
evaluate_right(const struct transaction *t, enum right which)
{
    const struct image_right *right =
        &t->facts->client.connector->rights[which];
    struct judge judge = {.transaction = t, .right = right, .block = NO_BLOCK};
    if (!is_sound(t->image, right))
        return (struct judgement){OUTCOME_DAMAGED, NO_SLOT, 0};
    if (right->first == right->end) /* no rule at all: as most rights are */
        return (struct judgement){which == RIGHT_RELAY ? OUTCOME_NO_ALLOW
                                                       : OUTCOME_GRANTED,
                                  NO_SLOT, 0};
    struct scan deny = {.rank = NO_RANK, .slot = NO_SLOT};
    struct scan allow = deny;
    scan_run(&judge, right->first, right->soft, right->allow, &deny);
    if (deny.rank == NO_RANK)
        scan_run(&judge, right->allow, right->end, right->end, &allow);
    if (judge.damaged)
        return (struct judgement){OUTCOME_DAMAGED, NO_SLOT, 0};
    if (deny.rank != NO_RANK)
        return (struct judgement){OUTCOME_FORBIDDEN, deny.slot, 0};
    /* Without allow rules connect and submit count as having one that holds. */
    bool granted = allow.rank != NO_RANK ||
                   (which != RIGHT_RELAY && right->allow == right->end);
    if (!granted && !allow.undecided)
        return (struct judgement){OUTCOME_NO_ALLOW, NO_SLOT, 0};
    if (!granted || deny.undecided)
        return (struct judgement){OUTCOME_UNDECIDED, NO_SLOT,
                                  deny.needs | (granted ? 0 : allow.needs)};
    return (struct judgement){OUTCOME_GRANTED, allow.slot, 0};
}
