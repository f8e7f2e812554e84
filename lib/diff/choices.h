/* A transaction as a sequence of choices: the client's address, its names, its
 * identity, ... up to what the host knows.  The options of a choice are its
 * values, told apart by what they mean to the rules of one connector of each
 * policy; look-ups that fail and patterns that give up are options, too.
 *
 * Patterns are symbols: that one matches has nothing to do with what else is
 * known of the text.  But one that both policies have matches for both. */
#ifndef MAYRELAY_DIFF_CHOICES_H
#define MAYRELAY_DIFF_CHOICES_H

#include "audit/ruleset.h"
#include "decide/truth.h"
#include "diff/values.h"

enum choice_kind {
    CHOICE_ADDRESS,
    CHOICE_NAMES, /* known, or the look-up has failed */
    CHOICE_NAME,  /* one of a class is there */
    CHOICE_NAME_PATTERN,
    CHOICE_IDENTITY,
    CHOICE_IDENTITY_PATTERN,
    CHOICE_GROUPS, /* known, or the look-up has failed */
    CHOICE_GROUP,
    CHOICE_TLS,
    CHOICE_SENDER,
    CHOICE_SENDER_PATTERN,
    CHOICE_OWNED,
    CHOICE_RECIPIENT,
    CHOICE_RECIPIENT_PATTERN,
    CHOICE_EXISTS, /* what the host says of the mailbox */
    CHOICE_MAILBOX_PATTERN,
    CHOICE_REWRITES /* what the host does about rerouted recipients */
};

/* Options of the choices that have no cells. */
enum {
    OPTION_KNOWN = 0,
    OPTION_UNKNOWN = 1,
    OPTION_ABSENT = 0,
    OPTION_PRESENT = 1,
    OPTION_EXISTS_YES = 0,
    OPTION_EXISTS_NO = 1,
    OPTION_EXISTS_UNKNOWN = 2,
    OPTION_REWRITES_YES = 0,
    OPTION_REWRITES_NO = 1
};

/* How a sender stands to the identity. */
enum ownership {
    OWNERSHIP_NONE, /* it is not asked */
    OWNERSHIP_OWNED,
    OWNERSHIP_NOT_OWNED,
    OWNERSHIPS
};

/* What a policy makes of an option: masks of its rules. */
enum sight_mask {
    SIGHT_INCLUDED,
    SIGHT_DEAD, /* that cannot hold any more */
    SIGHT_MAYBE_INCLUDED,
    SIGHT_MAYBE_EXCLUDED,
    SIGHT_MASKS
};

struct choice_side {
    uint32_t *sight_of_option;
    size_t sight_count;
    size_t words;
    uint64_t *masks; /* by sight: SIGHT_MASKS masks, and whether it is final:
                        the rest of the condition has no say */
    uint64_t *touched;
};

struct choice {
    enum choice_kind kind;
    int condition; /* enum condition; -1: none */
    size_t option_count;
    struct choice_side sides[SIDES];
    const struct cells *cells; /* whose cells are behind the options, or NULL */
    uint32_t *option_of_cell;
    uint32_t *cell_of_option; /* the first one */
    uint32_t *members;        /* of a name or group: its cells */
    size_t member_count;
    struct text pattern;
    bool apart; /* a pattern's options are pairs, one for each policy */
};

enum {
    CHOICES_MOST = 2048 /* as maps call themselves for each */
};

struct choices {
    const struct values *values;
    struct ruleset rules[SIDES]; /* without words if there is no connector */
    struct choice *items;
    size_t count, room;
    bool over_budget, failed;
};

#define NO_CONNECTOR UINT32_MAX

/* For a connector of each policy, or NO_CONNECTOR. */
void choices_build(struct choices *choices, const struct values *values,
                   const uint32_t connectors[SIDES]);
void choices_clear(struct choices *choices);
/* The number of the only choice of the kind. */
static inline size_t
choices_find(const struct choices *choices, enum choice_kind kind)
{
    size_t i = 0;
    while (i + 1 < choices->count && choices->items[i].kind != kind)
        i++;
    return i;
}

static inline const uint64_t *
choice_mask(const struct choice_side *side, size_t sight, enum sight_mask mask)
{
    return side->masks + sight * (SIGHT_MASKS * side->words + 1) +
           (size_t)mask * side->words;
}

static inline bool
choice_is_final(const struct choice_side *side, size_t sight)
{
    return *choice_mask(side, sight, SIGHT_MASKS) != 0;
}

static inline bool
choice_is_pattern(const struct choice *choice)
{
    return choice->pattern.data != NULL;
}

/* What an option of a pattern says to a side: yes, no or unknown. */
enum truth choice_truth(const struct choice *choice, size_t option, int side);

#endif
