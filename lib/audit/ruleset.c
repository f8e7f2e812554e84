#include "audit/ruleset.h"

#include "base/memory.h"

static void
take_block(struct ruleset *rules, size_t word, const struct image_block *block)
{
    const uint64_t values[RULE_MASKS] = {
        [RULES_LISTENERS] = block->listeners,
        [RULES_CERTIFICATES] = block->certificates,
        [RULES_TLS] = block->tls,
        [RULES_NO_TLS] = block->no_tls,
        [RULES_AUTHENTICATED] = block->authenticated,
        [RULES_ANONYMOUS] = block->anonymous,
        [RULES_OWNED] = block->owned,
        [RULES_NOT_OWNED] = block->not_owned,
    };
    for (size_t m = 0; m < RULE_MASKS; m++)
        rules->masks[m * rules->words + word] = values[m];
    for (size_t c = 0; c < CONDITION_COUNT; c++) {
        rules->masks[(RULES_GIVEN + c) * rules->words + word] =
            block->list[c].given;
        rules->masks[(RULES_WITH_ALL + c) * rules->words + word] =
            block->list[c].all;
    }
}

static void
set_bit(struct ruleset *rules, int mask, size_t bit)
{
    rules->masks[(size_t)mask * rules->words + bit / 64] |= UINT64_C(1)
                                                            << bit % 64;
}

static void
take_right(struct ruleset *rules, enum right which)
{
    const struct image_right *right = &rules->connector->rights[which];
    for (uint32_t slot = right->first; slot < right->end; slot++) {
        size_t bit = slot - rules->first_block * SLOTS_PER_BLOCK;
        const struct image_rule *rule = image_rule_in(rules->image, slot);
        bool deny = slot < right->allow;
        if (!rule)
            continue;
        set_bit(rules, RULES_ALL, bit);
        set_bit(rules, deny ? RULES_DENY : RULES_ALLOW + (int)which, bit);
        if (!deny && rule->always_relay)
            set_bit(rules, RULES_ALWAYS_RELAY, bit);
    }
}

bool
ruleset_init(struct ruleset *rules, const struct image *image,
             uint32_t connector)
{
    const struct image_connector *record = image_connector(image, connector);
    *rules = (struct ruleset){
        .image = image, .connector = record, .number = connector};
    if (!record)
        return false;
    uint32_t first = record->rights[RIGHT_CONNECT].first;
    uint32_t end = record->rights[RIGHT_RELAY].end;
    if (first > end || image_count(image, SECTION_SLOTS) < end)
        return false;
    rules->first_block = first / SLOTS_PER_BLOCK;
    rules->words =
        (end + SLOTS_PER_BLOCK - 1) / SLOTS_PER_BLOCK - rules->first_block;
    rules->masks = memory_new(RULE_MASKS * rules->words, sizeof *rules->masks);
    if (!rules->masks)
        return false;
    for (size_t word = 0; word < rules->words; word++) {
        const struct image_block *block =
            image_block(image, rules->first_block + (uint32_t)word);
        if (!block)
            return false;
        take_block(rules, word, block);
    }
    for (int right = 0; right < RIGHT_COUNT; right++)
        take_right(rules, (enum right)right);
    return true;
}

void
ruleset_clear(struct ruleset *rules)
{
    memory_free(rules->masks);
}

void
ruleset_add(const struct ruleset *rules, struct masks masks, uint64_t *inc,
            uint64_t *exc)
{
    for (uint32_t i = 0; i < masks.count; i++) {
        uint32_t word = masks.first[i].block - rules->first_block;
        if (masks.first[i].block < rules->first_block || word >= rules->words)
            continue;
        inc[word] |= masks.first[i].inc;
        exc[word] |= masks.first[i].exc;
    }
}

/* -- patterns ----------------------------------------------------------- */

static bool
names_pattern(const struct image *image, const uint32_t *lists, uint32_t count,
              uint32_t pattern)
{
    for (uint32_t i = 0; lists && i < count; i++) {
        const struct image_list *list = image_list(image, lists[i]);
        const uint32_t *patterns = image_list_patterns(image, list);
        for (uint32_t j = 0; patterns && j < list->pattern_count; j++)
            if (patterns[j] == pattern)
                return true;
    }
    return false;
}

void
ruleset_add_pattern(const struct ruleset *rules, enum condition condition,
                    uint32_t pattern, uint64_t *inc, uint64_t *exc)
{
    const struct image *image = rules->image;
    for (size_t bit = 0; bit < rules->words * 64; bit++) {
        const struct image_rule *rule = ruleset_rule(rules, bit);
        if (!rule)
            continue;
        const struct image_selection *select =
            &rule->select[CONDITION_SELECTIONS[condition]];
        uint64_t mask = UINT64_C(1) << bit % 64;
        const uint32_t *lists =
            image_numbers(image, select->first,
                          select->include_count + select->exclude_count);
        if (names_pattern(image, lists, select->include_count, pattern))
            inc[bit / 64] |= mask;
        if (lists && names_pattern(image, lists + select->include_count,
                                   select->exclude_count, pattern))
            exc[bit / 64] |= mask;
    }
}
