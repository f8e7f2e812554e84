#include "probe.h"

#include <stdlib.h>
#include <string.h>

#include "audit/diagram.h"
#include "image/policy.h"
#include "session/session.h"

enum {
    WORDS_MOST = 64
};

struct probe {
    struct catalogue catalogue;
    struct diagram *diagrams; /* by connector */
    size_t count;
};

void
probe_free(struct probe *probe)
{
    if (!probe)
        return;
    for (size_t i = 0; i < probe->count; i++)
        diagram_clear(&probe->diagrams[i]);
    free(probe->diagrams);
    catalogue_clear(&probe->catalogue);
    free(probe);
}

struct probe *
probe_new(mayrelay_policy *policy)
{
    const struct image *image = policy_image(policy);
    struct probe *probe = calloc(1, sizeof *probe);
    catalogue_build(&probe->catalogue, image);
    probe->count = image_count(image, SECTION_CONNECTORS);
    probe->diagrams = calloc(probe->count, sizeof *probe->diagrams);
    bool failed = probe->catalogue.failed || probe->catalogue.over_budget;
    for (uint32_t i = 0; i < probe->count; i++) {
        diagram_init(&probe->diagrams[i], &probe->catalogue, i);
        failed |= probe->diagrams[i].failed;
    }
    if (!failed)
        return probe;
    probe_free(probe);
    return NULL;
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

static struct diagram *
diagram_of(struct probe *probe, const struct image_connector *connector)
{
    for (size_t i = 0; i < probe->count; i++)
        if (probe->diagrams[i].rules.connector == connector)
            return &probe->diagrams[i];
    return NULL;
}

static uint32_t
root_of(struct diagram *diagram, const struct facts *facts, uint64_t *words)
{
    for (unsigned i = 0; i < facts->client.listener_count; i++)
        ruleset_add(&diagram->rules, facts->client.listeners[i], words,
                    words + diagram->rules.words);
    return diagram_root(diagram, words);
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
    struct diagram *diagram = diagram_of(probe, t->facts->client.connector);
    uint64_t words[2 * WORDS_MOST + 1] = {0};
    uint32_t found = LEADS_NOWHERE;
    *rule = NULL;
    if (!diagram)
        return PROBE_REFUSED;
    if (diagram->rules.words > WORDS_MOST)
        return PROBE_BROKEN;
    uint32_t root = root_of(diagram, t->facts, words);
    if (diagram->failed || diagram->over_budget)
        return PROBE_BROKEN;
    struct meaning meaning = {&diagram->rules, words};
    enum probe_answer answer = follow(diagram, root, t, &meaning, &found);
    if (answer == PROBE_ACCEPTED)
        *rule = image_string(diagram->rules.image,
                             diagram_rule(diagram, found)->name);
    return answer;
}
