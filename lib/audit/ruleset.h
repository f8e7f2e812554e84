/* The rules of one connector as words of bits, a bit per slot, and how far they
 * are decided. */
#ifndef MAYRELAY_AUDIT_RULESET_H
#define MAYRELAY_AUDIT_RULESET_H

#include "image/image.h"

enum rule_mask {
    RULES_ALL,
    RULES_DENY,
    RULES_ALLOW, /* and RIGHT_COUNT masks, by right */
    RULES_ALWAYS_RELAY = RULES_ALLOW + RIGHT_COUNT,
    RULES_LISTENERS, /* that have the condition ... */
    RULES_CERTIFICATES,
    RULES_TLS, /* that want ... */
    RULES_NO_TLS,
    RULES_AUTHENTICATED,
    RULES_ANONYMOUS,
    RULES_OWNED,
    RULES_NOT_OWNED,
    RULES_GIVEN, /* and CONDITION_COUNT masks, by condition */
    RULES_WITH_ALL = RULES_GIVEN + CONDITION_COUNT,
    RULE_MASKS = RULES_WITH_ALL + CONDITION_COUNT
};

struct ruleset {
    const struct image *image;
    const struct image_connector *connector;
    uint32_t number; /* of the connector */
    uint32_t first_block;
    size_t words;
    uint64_t *masks; /* RULE_MASKS of `words` each */
};

/* False if memory runs out or the image is damaged. */
bool ruleset_init(struct ruleset *rules, const struct image *image,
                  uint32_t connector);
void ruleset_clear(struct ruleset *rules);

static inline const uint64_t *
ruleset_mask(const struct ruleset *rules, int mask)
{
    return rules->masks + (size_t)mask * rules->words;
}

/* Adds what a class says of these rules. */
void ruleset_add(const struct ruleset *rules, struct masks masks, uint64_t *inc,
                 uint64_t *exc);
/* Adds what a pattern that matches says of these rules. */
void ruleset_add_pattern(const struct ruleset *rules, enum condition condition,
                         uint32_t pattern, uint64_t *inc, uint64_t *exc);
/* The slot of a bit. */
static inline uint32_t
ruleset_slot(const struct ruleset *rules, size_t bit)
{
    return rules->first_block * SLOTS_PER_BLOCK + (uint32_t)bit;
}
/* The rule of a bit. */
static inline const struct image_rule *
ruleset_rule(const struct ruleset *rules, size_t bit)
{
    return image_rule_in(rules->image, ruleset_slot(rules, bit));
}

/* -- words -------------------------------------------------------------- */

static inline bool
words_meet(const uint64_t *a, const uint64_t *b, size_t words)
{
    uint64_t both = 0;
    for (size_t i = 0; i < words; i++)
        both |= a[i] & b[i];
    return both != 0;
}

static inline void
words_or(uint64_t *to, const uint64_t *from, size_t words)
{
    for (size_t i = 0; i < words; i++)
        to[i] |= from[i];
}

static inline void
words_and_not(uint64_t *to, const uint64_t *from, size_t words)
{
    for (size_t i = 0; i < words; i++)
        to[i] &= ~from[i];
}

#endif
