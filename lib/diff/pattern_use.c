#include "diff/pattern_use.h"

#include "base/memory.h"

enum truth
choice_truth(const struct choice *choice, size_t option, int side)
{
    static const enum truth OF_OPTION[TRUTHS] = {TRUTH_NO, TRUTH_YES,
                                                 TRUTH_UNKNOWN};
    if (!choice->apart)
        return OF_OPTION[option % TRUTHS];
    return OF_OPTION[side == OLD ? option % TRUTHS : option / TRUTHS];
}

/* Its number in a policy, UINT32_MAX if it is not there. */
uint32_t
pattern_find(const struct image *image, struct text pattern)
{
    for (uint32_t i = 0; i < image->settings->pattern_count; i++)
        if (text_equal(image_pattern(image, i), pattern))
            return i;
    return UINT32_MAX;
}

/* Does some rule of the side look at the pattern there? */
bool
pattern_in_rules(const struct choices *choices, int side,
                 enum condition condition, uint32_t pattern)
{
    const struct ruleset *rules = &choices->rules[side];
    uint64_t *words = memory_new(2 * rules->words + 1, sizeof *words);
    bool found = !words; /* if in doubt, it is there */
    if (words)
        ruleset_add_pattern(rules, condition, pattern, words,
                            words + rules->words);
    for (size_t i = 0; words && i < 2 * rules->words; i++)
        found |= words[i] != 0;
    memory_free(words);
    return found;
}

/* Does the mailbox check of some recipient look at it? */
bool
pattern_in_mailboxes(const struct choices *choices, int side, uint32_t pattern)
{
    const struct image *image = choices->values->pair->images[side];
    const struct cells *cells = &choices->values->recipients;
    for (uint32_t i = 0; i < cells->keys.count; i++) {
        const struct view *view = &cells_key(cells, i)->views[side];
        const struct image_list *list = view->exists == EXISTS_BY_PATTERN
                                            ? image_list(image, view->list)
                                            : NULL;
        const uint32_t *patterns = image_list_patterns(image, list);
        for (uint32_t j = 0; patterns && j < list->pattern_count; j++)
            if (patterns[j] == pattern)
                return true;
    }
    return false;
}
