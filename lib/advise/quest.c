#include "advise/quest.h"

#include <stdlib.h>
#include <string.h>

#include "advise/proposer.h"
#include "base/memory.h"

/* How far a refusal is from an accept: by the step that refuses, then by what
 * stands against it there. */
struct distance {
    unsigned step;
    unsigned left;
};

/* A way that has come nearer, and is gone on with. */
struct way {
    struct step steps[STEPS_MOST];
    size_t count;
    struct distance distance;
};

struct front {
    struct way ways[FRONT_MOST];
    size_t count;
};

/* -- distance ----------------------------------------------------------- */

static unsigned
holding_denies(const struct transaction *t, enum right which)
{
    const struct image_right *right =
        &t->facts->client.connector->rights[which];
    uint32_t count = right->end - right->first;
    const uint32_t *slots = image_numbers(t->image, right->order, count);
    unsigned holding = 0;
    for (uint32_t i = 0; slots && i < count; i++) {
        struct rule_story story = story_of_rule(t, slots[i]);
        holding +=
            story.rule && story.rule->deny && story.truth.whole == TRUTH_YES;
    }
    return holding;
}

/* Steps from the end: 0 is an accept; a deny stands before a lack. */
static struct distance
distance_of(const struct mayrelay_decision *d)
{
    enum {
        STEPS = 3 * RIGHT_COUNT
    };
    const struct transaction *t = &d->transaction;
    struct rule_story nearest[NEAREST_MOST];
    enum right right = RIGHT_CONNECT;
    if (d->verdict == MAYRELAY_ACCEPT)
        return (struct distance){0, 0};
    if (!d->rights_tried || d->kind == MAYRELAY_KIND_UNDETERMINED)
        return (struct distance){STEPS, 0};
    for (int r = RIGHT_CONNECT; r < RIGHT_COUNT; r++)
        if (d->rights_tried & 1u << r)
            right = (enum right)r;
    unsigned step = STEPS - 3 * (unsigned)right;
    if (d->kind == MAYRELAY_KIND_FORBIDDEN)
        return (struct distance){step, holding_denies(t, right)};
    if (!story_lacking_right(d, &right))
        return (struct distance){1, 0};
    unsigned count = story_nearest(t, right, nearest);
    return (struct distance){step - 1, count ? nearest[0].failed_count : 9};
}

static bool
is_nearer(struct distance a, struct distance b)
{
    return a.step < b.step || (a.step == b.step && a.left < b.left);
}

/* The nearest stay, the first of equals. */
static void
front_add(struct front *front, const struct way *way)
{
    size_t at = front->count;
    while (at > 0 && is_nearer(way->distance, front->ways[at - 1].distance))
        at--;
    if (at == FRONT_MOST)
        return;
    size_t last = front->count < FRONT_MOST ? front->count++ : FRONT_MOST - 1;
    for (; last > at; last--)
        front->ways[last] = front->ways[last - 1];
    front->ways[at] = *way;
}

/* -- trying ------------------------------------------------------------- */

static struct draft
draft_of(const struct quest *quest, const struct way *way)
{
    return (struct draft){.path = quest->path,
                          .text = quest->text,
                          .steps = way->steps,
                          .count = way->count};
}

/* The policy with these edits; NULL if the loader refuses them. */
static mayrelay_policy *
load(struct quest *quest, const struct way *way)
{
    struct draft draft = draft_of(quest, way);
    if (!quest->tries) {
        quest->cut = true;
        return NULL;
    }
    quest->tries--;
    struct mayrelay_report *report = report_new();
    mayrelay_policy *policy = report ? draft_load(&draft, report) : NULL;
    quest->failed |= !report || draft.failed;
    mayrelay_report_free(report);
    return policy;
}

/* The same facts, judged by another policy. */
static struct mayrelay_session *
judge(struct quest *quest, mayrelay_policy *policy)
{
    struct mayrelay_session *session = mayrelay_session_new(policy);
    if (session && session_tell(session, quest->session))
        return session;
    mayrelay_session_free(session);
    quest->failed = true;
    return NULL;
}

/* Other edits of the same effect were found before. */
static bool
is_known(const struct quest *quest, const struct way *way)
{
    for (size_t i = 0; i < quest->count; i++) {
        size_t same = 0;
        for (size_t s = 0; s < way->count; s++)
            for (size_t o = 0; o < quest->found[i].count; o++)
                same += text_equal(way->steps[s].says,
                                   quest->found[i].steps[o].says);
        if (same == way->count)
            return true;
    }
    return false;
}

static void
keep(struct quest *quest, const struct way *way, mayrelay_policy *policy,
     const mayrelay_decision *decision)
{
    struct found found = {.count = way->count};
    const char *rule = mayrelay_decision_get_rule(decision);
    if (is_known(quest, way))
        return;
    if (quest->count + quest->refused == FOUND_MOST) {
        quest->cut = true;
        return;
    }
    memcpy(found.steps, way->steps, sizeof found.steps);
    if (rule) {
        found.rule = arena_copy(quest->arena, text_of(rule)).data;
        quest->failed |= !found.rule;
    }
    quest->failed |=
        !radius_measure(&found.radius, quest->audit, policy, quest->is_large);
    quest->is_large |= found.radius.is_unknown;
    if (found.radius.opens_relay)
        quest->refused++;
    else
        quest->found[quest->count++] = found;
}

static void
try_way(struct quest *quest, const struct way *way, struct distance from,
        struct front *front)
{
    mayrelay_policy *policy = load(quest, way);
    struct mayrelay_session *session = policy ? judge(quest, policy) : NULL;
    if (session) {
        struct way next = *way;
        next.distance = distance_of(&session->decision);
        if (session->decision.verdict == MAYRELAY_ACCEPT)
            keep(quest, way, policy, &session->decision);
        else if (is_nearer(next.distance, from))
            front_add(front, &next);
    }
    mayrelay_session_free(session);
    mayrelay_policy_unref(policy);
}

/* -- going on ----------------------------------------------------------- */

/* Proposes edits to what a way has come to, in the arena. */
static void
look(struct quest *quest, struct proposer *proposer, struct arena *tree)
{
    struct draft *draft = proposer->draft;
    struct text text = draft_policy_text(draft);
    struct text kept = text.data ? arena_copy(tree, text) : text;
    memory_free((void *)(uintptr_t)text.data);
    const struct node *root =
        kept.data ? yaml_read(kept, draft->path, tree, NULL) : NULL;
    struct text start = text_trim(kept);
    while (text_starts(start, TEXT("\n")))
        start = text_trim(text_from(start, 1));
    proposer->layout = (struct layout){
        .text = kept, .root = root, .json = text_starts(start, TEXT("{"))};
    const struct given *given = &quest->session->given;
    if (root)
        propose(proposer, given->identity,
                given->has_certificate ? given->certificate : NULL);
    quest->failed |= !root || draft->failed || proposer->failed;
}

static void
extend(struct quest *quest, const struct way *way,
       const struct mayrelay_decision *decision, struct front *front)
{
    struct arena tree = {NULL};
    struct draft draft = draft_of(quest, way);
    struct proposer *proposer = memory_new(1, sizeof *proposer);
    quest->failed |= !proposer;
    if (proposer) {
        proposer->arena = quest->arena;
        proposer->draft = &draft;
        proposer->decision = decision;
        look(quest, proposer, &tree);
    }
    for (size_t i = 0; proposer && !quest->failed && i < proposer->count; i++) {
        struct way longer = *way;
        longer.steps[longer.count++] = proposer->proposals[i];
        try_way(quest, &longer, way->distance, front);
    }
    memory_free(proposer);
    arena_clear(&tree);
}

static void
go_on(struct quest *quest, const struct way *way, struct front *front)
{
    mayrelay_policy *policy = load(quest, way);
    struct mayrelay_session *session = policy ? judge(quest, policy) : NULL;
    if (session)
        extend(quest, way, &session->decision, front);
    mayrelay_session_free(session);
    mayrelay_policy_unref(policy);
}

/* -- the order ---------------------------------------------------------- */

static size_t
edited_size(const struct found *found)
{
    size_t size = 0;
    for (size_t i = 0; i < found->count; i++)
        size +=
            found->steps[i].edit.removed + found->steps[i].edit.inserted.size;
    return size;
}

/* With a warning last; then the smaller radius, then the smaller edit. */
static int
by_harm(const void *left, const void *right)
{
    const struct found *a = left;
    const struct found *b = right;
    bool warns_a = a->radius.warning[0] != '\0';
    bool warns_b = b->radius.warning[0] != '\0';
    if (warns_a != warns_b)
        return warns_a ? 1 : -1;
    if (a->radius.size < b->radius.size || a->radius.size > b->radius.size)
        return a->radius.size < b->radius.size ? -1 : 1;
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    size_t size_a = edited_size(a);
    size_t size_b = edited_size(b);
    return size_a < size_b ? -1 : size_a > size_b;
}

void
quest_run(struct quest *quest)
{
    struct front front = {.count = 0};
    struct way start = {.distance = distance_of(&quest->session->decision)};
    extend(quest, &start, &quest->session->decision, &front);
    for (size_t step = 1; step < STEPS_MOST && !quest->count && !quest->failed;
         step++) {
        struct front next = {.count = 0};
        for (size_t i = 0; i < front.count && !quest->failed; i++)
            go_on(quest, &front.ways[i], &next);
        front = next;
    }
    qsort(quest->found, quest->count, sizeof *quest->found, by_harm);
}
