#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/witness.h"
#include "image/policy.h"
#include "session/session.h"

enum {
    WORDS_MOST = 64
};

struct probe {
    const struct surface *surface;
};

void
probe_free(struct probe *probe)
{
    free(probe);
}

struct probe *
probe_new(const mayrelay_audit *audit)
{
    struct probe *probe = audit ? calloc(1, sizeof *probe) : NULL;
    if (!probe || audit->surface.over_budget) {
        free(probe);
        return NULL;
    }
    probe->surface = &audit->surface;
    return probe;
}

/* -- which point -------------------------------------------------------- */

/* What a value of the transaction means to the rules. */
struct meaning {
    const struct ruleset *rules;
    uint64_t *words; /* included, excluded, final */
};

static void
take_masks(struct meaning *meaning, const struct masks *masks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ruleset_add(meaning->rules, masks[i], meaning->words,
                    meaning->words + meaning->rules->words);
}

static uint32_t
find_point(const struct axis *axis, const struct meaning *meaning)
{
    size_t size = (2 * axis->words + 1) * sizeof(uint64_t);
    for (uint32_t i = 0; i < axis->point_count; i++)
        if (memcmp(axis_included(axis, i), meaning->words, size) == 0)
            return i;
    return UINT32_MAX;
}

/* Does one of several values, names or groups, mean what the axis is about? */
static uint32_t
any_means(const struct axis *axis, struct meaning *meaning,
          const struct masks *masks, size_t count)
{
    size_t size = (2 * axis->words + 1) * sizeof(uint64_t);
    for (size_t i = 0; i < count; i++) {
        memset(meaning->words, 0, size);
        take_masks(meaning, &masks[i], 1);
        if (memcmp(axis_included(axis, CELL_YES), meaning->words, size) == 0)
            return CELL_YES;
    }
    return CELL_NO;
}

static bool
any_pattern(const struct axis *axis, const struct transaction *t,
            const struct subjects *subjects, uint32_t *point)
{
    enum truth truth = TRUTH_NO;
    for (size_t i = 0; i < axis->member_count; i++)
        truth = truth_or(truth, pattern_match(t, axis->members[i], subjects));
    *point = truth == TRUTH_YES ? CELL_YES : CELL_NO;
    return truth != TRUTH_UNKNOWN;
}

static uint32_t
identity_point(const struct axis *axis, const struct identity_facts *identity,
               struct meaning *meaning)
{
    const struct ruleset *rules = meaning->rules;
    if (!identity->authenticated)
        return axis->point_of_cell[CELL_ANONYMOUS];
    take_masks(meaning, &identity->masks, 1);
    words_or(meaning->words + rules->words,
             ruleset_mask(rules, RULES_ANONYMOUS), rules->words);
    return find_point(axis, meaning);
}

static uint32_t
tls_point(const struct axis *axis, const struct identity_facts *identity,
          struct meaning *meaning)
{
    const struct ruleset *rules = meaning->rules;
    size_t words = rules->words;
    if (!identity->tls)
        return axis->point_of_cell[CELL_PLAIN_TEXT];
    take_masks(meaning, &identity->certificate, 1);
    for (size_t i = 0; i < words; i++) {
        meaning->words[words + i] =
            ruleset_mask(rules, RULES_NO_TLS)[i] |
            (ruleset_mask(rules, RULES_CERTIFICATES)[i] & ~meaning->words[i]);
        meaning->words[i] = 0;
    }
    return find_point(axis, meaning);
}

static uint32_t
sender_point(const struct axis *axis, const struct sender_facts *sender,
             struct meaning *meaning)
{
    const struct ruleset *rules = meaning->rules;
    take_masks(meaning, sender->masks, sender->mask_count);
    if (sender->mailbox.kind == MAILBOX_NULL) {
        words_or(meaning->words + rules->words,
                 ruleset_mask(rules, RULES_NOT_OWNED), rules->words);
        meaning->words[2 * rules->words] = 1;
    }
    return find_point(axis, meaning);
}

static uint32_t
recipient_point(const struct axis *axis,
                const struct recipient_facts *recipient,
                struct meaning *meaning)
{
    if (recipient->mailbox.carries_routing)
        return axis->point_of_cell[axis->cell_count - 1];
    take_masks(meaning, recipient->masks, recipient->mask_count);
    return find_point(axis, meaning);
}

/* False if it cannot be told. */
static bool
point_of(const struct axis *axis, const struct transaction *t,
         struct meaning *meaning, uint32_t *point)
{
    const struct facts *f = t->facts;
    memset(meaning->words, 0, (2 * axis->words + 1) * sizeof(uint64_t));
    switch (axis->dimension) {
    case DIMENSION_ADDRESS:
        take_masks(meaning, &f->client.masks, 1);
        *point = find_point(axis, meaning);
        return true;
    case DIMENSION_NAME:
        *point = any_means(axis, meaning, f->client.name_masks,
                           f->client.name_count);
        return f->client.names_state == LOOK_UP_KNOWN;
    case DIMENSION_NAME_PATTERN:
        return f->client.names_state == LOOK_UP_KNOWN &&
               any_pattern(axis, t, &t->sights[CONDITION_CLIENTS].subjects,
                           point);
    case DIMENSION_IDENTITY:
        *point = identity_point(axis, &f->identity, meaning);
        return true;
    case DIMENSION_GROUP:
        *point = any_means(axis, meaning, f->identity.group_masks,
                           f->identity.group_count);
        return f->identity.groups_state == LOOK_UP_KNOWN;
    case DIMENSION_IDENTITY_PATTERN:
        return any_pattern(axis, t, &t->sights[CONDITION_USERS].subjects,
                           point);
    case DIMENSION_TLS:
        *point = tls_point(axis, &f->identity, meaning);
        return true;
    case DIMENSION_SENDER:
        *point = sender_point(axis, &f->sender, meaning);
        return true;
    case DIMENSION_SENDER_PATTERN:
        return any_pattern(axis, t, &t->sights[CONDITION_SENDERS].subjects,
                           point);
    case DIMENSION_OWNED:
        *point = f->sender.owned ? CELL_YES : CELL_NO;
        *point = axis->point_of_cell[*point];
        return true;
    case DIMENSION_RECIPIENT:
        *point = recipient_point(axis, &f->recipient, meaning);
        return true;
    case DIMENSION_RECIPIENT_PATTERN:
        return any_pattern(axis, t, &t->sights[CONDITION_RECIPIENTS].subjects,
                           point);
    case DIMENSIONS: break;
    }
    *point = UINT32_MAX;
    return true;
}

/* -- the walk ----------------------------------------------------------- */

/* The one grant that the client is in, NULL if there is none; *broken if there
 * are several. */
static const struct grant *
grant_of_client(const struct surface *s, const struct client_facts *client,
                bool *broken)
{
    const struct entrance *entrance =
        entrances_find(&s->entrances, s->image, client->listener);
    const struct grant *found = NULL;
    *broken = !entrance;
    for (size_t i = 0; entrance && i < s->count; i++) {
        const struct grant *grant = &s->grants[i];
        for (size_t j = 0; j < grant->count; j++) {
            if (grant->entrance != (uint32_t)(entrance - s->entrances.items) ||
                !range_contains(grant->ranges[j], client->address))
                continue;
            *broken |= found != NULL;
            found = grant;
        }
    }
    return found;
}

/* All that missing facts leave open. */
static enum probe_answer
combine(enum probe_answer a, enum probe_answer b)
{
    if (a == PROBE_BROKEN || b == PROBE_BROKEN)
        return PROBE_BROKEN;
    if (a == PROBE_REFUSED && b == PROBE_REFUSED)
        return PROBE_REFUSED;
    bool accepts = a != PROBE_REFUSED && a != PROBE_OPEN &&
                   b != PROBE_REFUSED && b != PROBE_OPEN;
    return accepts ? PROBE_CERTAIN : PROBE_OPEN;
}

static enum probe_answer
follow(const struct diagram *diagram, uint32_t leads,
       const struct transaction *t, struct meaning *meaning, uint32_t *rule)
{
    if (leads == LEADS_NOWHERE)
        return PROBE_REFUSED;
    *rule = leads;
    if (leads_to_rule(leads))
        return PROBE_ACCEPTED;
    struct node node = diagram_node(diagram, leads);
    uint32_t point;
    if (!point_of(node.axis, t, meaning, &point)) {
        enum probe_answer no =
            follow(diagram, node.leads[CELL_NO], t, meaning, rule);
        return combine(no,
                       follow(diagram, node.leads[CELL_YES], t, meaning, rule));
    }
    return point < node.axis->point_count
               ? follow(diagram, node.leads[point], t, meaning, rule)
               : PROBE_BROKEN;
}

enum probe_answer
probe_ask(struct probe *probe, const mayrelay_session *session,
          const char **rule)
{
    const struct transaction *t = &session->decision.transaction;
    const struct surface *s = probe->surface;
    uint64_t words[2 * WORDS_MOST + 1] = {0};
    uint32_t found = LEADS_NOWHERE;
    bool broken;
    const struct grant *grant = grant_of_client(s, &t->facts->client, &broken);
    *rule = NULL;
    if (broken)
        return PROBE_BROKEN;
    if (!grant)
        return PROBE_REFUSED;
    const struct diagram *diagram = &s->diagrams[grant->connector];
    if (diagram->rules.words > WORDS_MOST ||
        diagram->rules.connector != t->facts->client.connector)
        return PROBE_BROKEN;
    struct meaning meaning = {&diagram->rules, words};
    enum probe_answer answer =
        follow(diagram, grant->leads, t, &meaning, &found);
    if (answer == PROBE_ACCEPTED)
        *rule = image_string(diagram->rules.image,
                             diagram_rule(diagram, found)->name);
    return answer;
}

/* -- witnesses ---------------------------------------------------------- */

struct replaying {
    const struct surface *surface;
    const struct grant *grant;
    mayrelay_policy *policy;
    struct probe_witnesses *counts;
};

static void
tell_refused(struct replaying *r, const struct search *search, uint32_t leads)
{
    char dialogue[4096];
    struct output out = output_to(dialogue, sizeof dialogue);
    struct witness witness;
    witness_make(&witness, r->surface, search, r->grant,
                 r->grant->ranges[0].first, leads, 0);
    witness_replay(&witness, r->policy, &out);
    printf("by %s?\n%s", image_string(r->surface->image, witness.rule->name),
           dialogue);
    r->counts->refused++;
}

static bool
replay_way(void *context, const struct search *search, uint32_t leads)
{
    struct replaying *r = context;
    bool made = false, symbolic = false;
    for (unsigned i = 0; i < 24; i++) {
        struct witness witness;
        if (!witness_make(&witness, r->surface, search, r->grant,
                          r->grant->ranges[0].first, leads, i))
            continue;
        if (witness_replay(&witness, r->policy, NULL) == REPLAY_ACCEPTED) {
            r->counts->shown++;
            return false;
        }
        made = true;
        symbolic |= witness.symbolic;
    }
    if (made && !symbolic)
        tell_refused(r, search, leads);
    else
        r->counts->hidden++;
    return false;
}

void
probe_replay(struct probe *probe, mayrelay_policy *policy,
             struct probe_witnesses *counts)
{
    enum {
        WAYS_OF_A_GRANT = 12
    };
    static const struct means ALL = {.anonymous = true,
                                     .any_identity = true,
                                     .listed_identity = true,
                                     .certificate = true,
                                     .names = true,
                                     .groups = true};
    const struct surface *s = probe->surface;
    for (size_t i = 0; i < s->count; i++) {
        struct replaying r = {s, &s->grants[i], policy, counts};
        struct search search;
        if (search_init(&search, &s->diagrams[r.grant->connector], ALL))
            search_ways(&search, r.grant->leads, WAYS_OF_A_GRANT, replay_way,
                        &r);
        search_clear(&search);
    }
}
