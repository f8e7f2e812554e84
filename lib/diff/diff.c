#include "diff/diff.h"

#include "base/memory.h"
#include "diff/describe.h"
#include "diff/extent.h"
#include "diff/replay.h"

enum {
    SHOWN_MOST = 1000,
    VISITS_MOST = 200000, /* of boxes, in search of some effect */
    WORDS_SIZE = 4096,
    DIALOGUE_SIZE = 16384
};

/* -- the verdict ----------------------------------------------------------- */

struct counting {
    const struct difference *difference;
    bool met[EFFECTS];
};

static void
meet_value(void *context, uint32_t value)
{
    struct counting *c = context;
    c->met[difference_effect(c->difference, value)] = true;
}

static enum mayrelay_diff_verdict
verdict_of(const struct counting *c)
{
    bool looser = c->met[MAYRELAY_DIFF_GAINED] || c->met[MAYRELAY_DIFF_MOVED];
    bool stricter = c->met[MAYRELAY_DIFF_LOST] || c->met[MAYRELAY_DIFF_MOVED];
    if (looser && stricter)
        return MAYRELAY_DIFF_INCOMPARABLE;
    if (looser || stricter)
        return looser ? MAYRELAY_DIFF_LOOSER : MAYRELAY_DIFF_STRICTER;
    return c->met[MAYRELAY_DIFF_ANSWER] ? MAYRELAY_DIFF_REPLIES
                                        : MAYRELAY_DIFF_EQUIVALENT;
}

static void
count_all(struct mayrelay_diff *diff)
{
    const struct difference *d = &diff->difference;
    struct counting counting = {.difference = d};
    for (size_t i = 0; i < d->field_count; i++) {
        uint64_t more = boxes_count(d, &d->fields[i], &diff->failed);
        diff->count =
            diff->count + more < more ? UINT64_MAX : diff->count + more;
        diff->failed |= !values_each(d, &d->fields[i], meet_value, &counting);
    }
    diff->verdict = verdict_of(&counting);
}

/* -- showing -------------------------------------------------------------- */

struct showing {
    struct mayrelay_diff *diff;
    mayrelay_session *sessions[SIDES];
    enum mayrelay_diff_effect effect;
    size_t visits;
    char *dialogue, *words;
};

static struct text
keep(struct mayrelay_diff *diff, struct text text)
{
    struct text copy = arena_copy(&diff->texts, text);
    diff->failed |= !copy.data;
    return copy;
}

static void
keep_sides(struct showing *s, const struct box *box, struct shown *shown)
{
    struct mayrelay_diff *diff = s->diff;
    shown->sides =
        arena_new(&diff->texts, box->count + 1, sizeof *shown->sides);
    diff->failed |= !shown->sides;
    for (size_t i = 0; shown->sides && i < box->count; i++) {
        struct map_node node = map_node(&box->plane->map, box->sides[i].node);
        struct output out = output_to(s->words, WORDS_SIZE);
        describe_box_side(&out, box, &box->sides[i]);
        shown->sides[shown->side_count++] = (struct shown_side){
            describe_kind(box->plane->choices.items[node.choice].kind),
            keep(diff, output_written(&out))};
    }
}

static void
keep_bug(struct showing *s, const struct box *box, struct text dialogue)
{
    struct mayrelay_diff *diff = s->diff;
    char room[DIALOGUE_SIZE];
    struct output out = output_to(room, sizeof room);
    output_text(&out, dialogue);
    for (int side = 0; side < SIDES; side++) {
        const struct ending *ending =
            difference_outcome(&diff->difference, box->value, (enum side)side);
        output_format(&out, "said of %s: %d %s (%s)\n",
                      side == OLD ? "old" : "new", ending->code,
                      ending->enhanced, mayrelay_reason_name(ending->reason));
    }
    if (!diff->bug.size)
        diff->bug = keep(diff, output_written(&out));
}

static void
show_box(struct showing *s, const struct box *box)
{
    struct mayrelay_diff *diff = s->diff;
    struct witness witness;
    struct output out = output_to(s->dialogue, DIALOGUE_SIZE);
    struct shown shown = {
        .effect = s->effect, .field = box->field, .value = box->value};
    switch (box_replay(&diff->difference, box, s->sessions, &witness, &out)) {
    case BOX_HIDDEN: break;
    case BOX_SHOWN: shown.witness = keep(diff, output_written(&out)); break;
    case BOX_BROKEN: keep_bug(s, box, output_written(&out)); break;
    case BOX_FAILED: diff->failed = true; break;
    }
    keep_sides(s, box, &shown);
    if (!memory_grow(&diff->shown, &diff->shown_room, diff->shown_count + 1,
                     sizeof *diff->shown))
        diff->failed = true;
    else
        diff->shown[diff->shown_count++] = shown;
}

static bool
visit(void *context, const struct box *box)
{
    struct showing *s = context;
    if (difference_effect(&s->diff->difference, box->value) == s->effect)
        show_box(s, box);
    return !s->diff->failed && s->diff->shown_count < SHOWN_MOST &&
           ++s->visits < VISITS_MOST;
}

/* The most dangerous first. */
static void
show_all(struct mayrelay_diff *diff)
{
    const struct difference *d = &diff->difference;
    struct showing s = {.diff = diff,
                        .dialogue = memory_new(DIALOGUE_SIZE, 1),
                        .words = memory_new(WORDS_SIZE, 1)};
    for (int side = 0; side < SIDES; side++) {
        s.sessions[side] = mayrelay_session_new(d->pair.policies[side]);
        diff->failed |= !s.sessions[side];
    }
    diff->failed |= !s.dialogue || !s.words;
    for (int effect = 0; effect < EFFECTS; effect++) {
        s.effect = (enum mayrelay_diff_effect)effect;
        s.visits = 0;
        for (size_t i = 0; i < d->field_count && !diff->failed &&
                           diff->shown_count < SHOWN_MOST;
             i++)
            boxes_each(d, &d->fields[i], visit, &s, &diff->failed);
    }
    for (int side = 0; side < SIDES; side++)
        mayrelay_session_free(s.sessions[side]);
    memory_free(s.dialogue);
    memory_free(s.words);
}

static void
say_extent(struct mayrelay_diff *diff, enum mayrelay_diff_effect effect,
           char *words)
{
    struct extent extent;
    struct output out = output_to(words, WORDS_SIZE);
    diff->failed |= !extent_find(&extent, &diff->difference, effect);
    if (!diff->failed && !extent_is_empty(&extent)) {
        extent_write(&out, &extent);
        diff->extents[effect] = keep(diff, output_written(&out));
    }
    extent_clear(&extent);
}

static void
say_extents(struct mayrelay_diff *diff)
{
    char *words = memory_new(WORDS_SIZE, 1);
    diff->failed |= !words;
    for (int effect = 0; effect < EFFECTS && !diff->failed; effect++)
        say_extent(diff, (enum mayrelay_diff_effect)effect, words);
    memory_free(words);
}

/* -- the diff ------------------------------------------------------------- */

mayrelay_diff *
mayrelay_policy_diff(mayrelay_policy *old_policy, mayrelay_policy *new_policy)
{
    struct mayrelay_diff *diff =
        old_policy && new_policy ? memory_new(1, sizeof *diff) : NULL;
    if (!diff)
        return NULL;
    struct difference *d = &diff->difference;
    difference_build(d, mayrelay_policy_ref(old_policy),
                     mayrelay_policy_ref(new_policy));
    diff->failed = d->failed;
    if (!diff->failed && !d->over_budget) {
        count_all(diff);
        say_extents(diff);
        show_all(diff);
    }
    if (diff->bug.size)
        diff->verdict = MAYRELAY_DIFF_INCOMPLETE;
    if (!diff->failed)
        return diff;
    mayrelay_diff_free(diff);
    return NULL;
}

void
mayrelay_diff_free(mayrelay_diff *diff)
{
    if (!diff)
        return;
    for (int side = 0; side < SIDES; side++)
        mayrelay_policy_unref(diff->difference.pair.policies[side]);
    difference_clear(&diff->difference);
    memory_free(diff->shown);
    arena_clear(&diff->texts);
    memory_free(diff);
}

/* -- getters -------------------------------------------------------------- */

const char *
mayrelay_diff_verdict_name(enum mayrelay_diff_verdict verdict)
{
    switch (verdict) {
    case MAYRELAY_DIFF_INCOMPLETE: break;
    case MAYRELAY_DIFF_INCOMPARABLE: return "INCOMPARABLE";
    case MAYRELAY_DIFF_LOOSER: return "LOOSER";
    case MAYRELAY_DIFF_STRICTER: return "STRICTER";
    case MAYRELAY_DIFF_REPLIES: return "REPLIES";
    case MAYRELAY_DIFF_EQUIVALENT: return "EQUIVALENT";
    }
    return "INCOMPLETE";
}

const char *
mayrelay_diff_effect_name(enum mayrelay_diff_effect effect)
{
    switch (effect) {
    case MAYRELAY_DIFF_GAINED: return "gained";
    case MAYRELAY_DIFF_MOVED: return "moved";
    case MAYRELAY_DIFF_LOST: return "lost";
    case MAYRELAY_DIFF_ANSWER: return "answer";
    }
    return "unknown";
}

enum mayrelay_diff_verdict
mayrelay_diff_get_verdict(const mayrelay_diff *diff)
{
    return diff ? diff->verdict : MAYRELAY_DIFF_INCOMPLETE;
}

const char *
mayrelay_diff_get_bug(const mayrelay_diff *diff)
{
    return diff && diff->bug.size ? diff->bug.data : NULL;
}

uint64_t
mayrelay_diff_count(const mayrelay_diff *diff)
{
    return diff ? diff->count : 0;
}

size_t
mayrelay_diff_count_shown(const mayrelay_diff *diff)
{
    return diff ? diff->shown_count : 0;
}

enum mayrelay_diff_effect
mayrelay_diff_get_effect(const mayrelay_diff *diff, size_t index)
{
    return diff && index < diff->shown_count ? diff->shown[index].effect
                                             : MAYRELAY_DIFF_ANSWER;
}

const char *
mayrelay_diff_get_witness(const mayrelay_diff *diff, size_t index)
{
    return diff && index < diff->shown_count && diff->shown[index].witness.size
               ? diff->shown[index].witness.data
               : NULL;
}
