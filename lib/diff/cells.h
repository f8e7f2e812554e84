/* Values of one kind, told apart by how two policies see them.
 *
 * Every cell is found by showing an actual value to the look-ups of both
 * policies, and keeps some of these values as samples: nothing about what a
 * value means is worked out a second time here. */
#ifndef MAYRELAY_DIFF_CELLS_H
#define MAYRELAY_DIFF_CELLS_H

#include "base/arena.h"
#include "decide/facts.h"
#include "diff/pair.h"
#include "image/intern.h"

enum {
    VIEW_MASKS = 3,
    CELL_SAMPLES = 4,
    CELLS_MOST = 1 << 20 /* of one kind, before one gives up */
};

enum trait {
    TRAIT_ANONYMOUS = 1,
    TRAIT_PLAIN_TEXT = 2, /* without TLS */
    TRAIT_MALFORMED = 4,
    TRAIT_NULL = 8,   /* <> */
    TRAIT_LATER = 16, /* no recipient yet: the decision at MAIL */
    TRAIT_ROUTING = 32,
    TRAIT_RELAY = 64,
    TRAIT_REROUTED = 128,
    TRAIT_POSTMASTER = 256
};

/* Of a recipient of ours. */
enum existence {
    EXISTS_YES,
    EXISTS_NO,
    EXISTS_ASK,       /* the host knows */
    EXISTS_BY_PATTERN /* if a pattern of `list` matches */
};

/* How one policy sees a value.  Without padding: it is compared by bytes. */
struct view {
    const struct image_mask *first[VIEW_MASKS];
    uint32_t counts[VIEW_MASKS];
    uint32_t mask_count;
    uint32_t traits;
    uint32_t owners; /* place in NUMBERS + 1 of owner lists; 0: none */
    uint32_t exists; /* enum existence */
    uint32_t list;
};
static_assert(sizeof(struct view) ==
                  VIEW_MASKS * (sizeof(void *) + sizeof(uint32_t)) +
                      5 * sizeof(uint32_t),
              "no padding");

/* What the two do not agree on, though they see the same text. */
enum apart {
    APART_WHOLE = 1, /* its canonical form, which patterns look at */
    APART_FORMS = 2  /* the forms of it that mailbox patterns look at */
};

/* Where the address literal of a sample stands to our own address. */
enum literal_place {
    LITERAL_NONE,
    LITERAL_OURS,    /* at our own address: this one, or if none, any */
    LITERAL_ANOTHER, /* at this address, which is not our own */
};

struct cell_key {
    struct view views[SIDES];
    uint64_t literal_high, literal_low;
    uint32_t literal_family, place;
    uint32_t apart, unused;
};
static_assert(sizeof(struct cell_key) == 2 * sizeof(struct view) + 32,
              "no padding");

/* Stands in a sample for our own address. */
#define OWN_ADDRESS "\x01"

struct cell {
    struct text samples[CELL_SAMPLES];
    unsigned sample_count;
    bool open;      /* there are more than those that lists name, ... */
    uint64_t count; /* ... which are so many */
};

struct cells {
    struct intern keys;
    struct cell *items;
    size_t room;
    struct arena samples;
    bool over_budget, failed;
};

void cells_clear(struct cells *cells);
/* Adds a value; `named`: some list names it. */
void cells_add(struct cells *cells, const struct cell_key *key,
               struct text sample, bool named);
/* Good until the next add. */
const struct cell_key *cells_key(const struct cells *cells, uint32_t cell);
/* The literal that the place of a cell is about. */
struct address cell_literal(const struct cell_key *key);
/* Can it occur where our own address is this one? */
bool cell_occurs(const struct cell_key *key, struct address own);

/* Some cell has it. */
bool cells_apart(const struct cells *cells, uint32_t apart);

struct view view_of(const struct masks *masks, unsigned count);

#endif
