/* How the list conditions see a transaction: what is known of the value that a
 * condition compares, in one shape for all four of them. */
#ifndef MAYRELAY_DECIDE_SIGHT_H
#define MAYRELAY_DECIDE_SIGHT_H

#include "decide/facts.h"
#include "decide/truth.h"
#include "set/pattern_set.h"

enum stage {
    STAGE_NONE,
    STAGE_CONNECT,
    STAGE_MAIL,
    STAGE_RCPT
};

/* How a value is judged: by its lists, or by what it is whatever they hold. */
enum sight_mode {
    SIGHT_LISTS,   /* by its lists */
    SIGHT_NOBODY,  /* users, of an anonymous client: never holds */
    SIGHT_ROUTING, /* a recipient with routing: never in allow, always in deny
                    */
    SIGHT_LATER    /* a recipient not named yet: it may be anything */
};

/* Text that patterns are tried on. */
struct subjects {
    const struct client_name *names; /* or, if NULL, `one` */
    struct text one;
    size_t count;
};

struct sight {
    enum sight_mode mode;
    const struct masks *fixed; /* what lists say of the value */
    size_t fixed_count;
    const struct masks *more; /* ... of its further values: names, groups */
    size_t more_count;
    bool open;     /* a part of the value is unknown */
    unsigned fact; /* that can be asked for it: enum mayrelay_fact, or 0 */
    struct subjects subjects;
};

/* All a decision is made from. */
struct transaction {
    const struct image *image;
    struct pattern_set *patterns;
    struct pattern_matcher *matcher;
    const struct facts *facts;
    enum stage stage;
    struct sight sights[CONDITION_COUNT];
};

/* Fills `sights` in from the facts. */
void transaction_look(struct transaction *transaction);
struct text subject_at(const struct subjects *subjects, size_t index);

/* -- in place, as every block of rules asks it ------------------------------
 */

/* What lists say of rules: which include a value, and which exclude it. */
struct said {
    uint64_t inc, exc;
};

/* Few lists of masks are long; those that are, are sorted. */
static inline void
add_masks(struct said *said, const struct masks *masks, uint32_t block)
{
    enum {
        LINEAR_MOST = 8
    };
    uint32_t low = 0;
    uint32_t high = masks->count;
    while (high - low > LINEAR_MOST) {
        uint32_t middle = low + (high - low) / 2;
        if (masks->first[middle].block <= block)
            low = middle;
        else
            high = middle;
    }
    for (; low < high; low++)
        if (masks->first[low].block == block) {
            said->inc |= masks->first[low].inc;
            said->exc |= masks->first[low].exc;
            return;
        }
}

/* What lists say of the value, of the rules of a block. */
static inline struct said
sight_said(const struct sight *sight, uint32_t block)
{
    struct said said = {0, 0};
    for (size_t i = 0; i < sight->fixed_count; i++)
        add_masks(&said, &sight->fixed[i], block);
    for (size_t i = 0; i < sight->more_count; i++)
        add_masks(&said, &sight->more[i], block);
    return said;
}

#endif
