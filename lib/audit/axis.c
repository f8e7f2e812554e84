#include "audit/axis.h"

#include "base/memory.h"
#include "image/intern.h"

/* An axis on its way. */
struct making {
    struct axis *axis;
    const struct ruleset *rules;
    struct budget *budget;
    struct intern points; /* their masks */
    uint64_t *scratch;    /* the masks of one point */
    size_t cell_room;
    bool failed;
};

static size_t
point_size(const struct ruleset *rules)
{
    return (2 * rules->words + 1) * sizeof(uint64_t);
}

static struct making
make(struct axis *axis, const struct ruleset *rules, struct budget *budget,
     enum dimension dimension, int condition)
{
    *axis = (struct axis){
        .dimension = dimension, .condition = condition, .words = rules->words};
    struct making making = {.axis = axis, .rules = rules, .budget = budget};
    making.scratch = memory_new(2 * rules->words + 1, sizeof(uint64_t));
    making.failed = !making.scratch;
    return making;
}

static void
begin_cell(struct making *m)
{
    if (!m->failed)
        memset(m->scratch, 0, point_size(m->rules));
}

static void
include(struct making *m, const uint64_t *mask)
{
    if (!m->failed)
        words_or(m->scratch, mask, m->rules->words);
}

static void
exclude(struct making *m, const uint64_t *mask)
{
    if (!m->failed)
        words_or(m->scratch + m->rules->words, mask, m->rules->words);
}

static void
include_masks(struct making *m, struct masks masks)
{
    if (!m->failed)
        ruleset_add(m->rules, masks, m->scratch, m->scratch + m->rules->words);
}

static void
include_class(struct making *m, enum attribute attribute, uint32_t class)
{
    struct masks masks;
    uint32_t extra;
    if (image_class(m->rules->image, attribute, class, &masks, &extra))
        include_masks(m, masks);
}

static void
include_special(struct making *m, enum special_class which)
{
    struct masks masks;
    uint32_t extra;
    if (image_special(m->rules->image, which, &masks, &extra))
        include_masks(m, masks);
}

static void
make_final(struct making *m)
{
    if (!m->failed)
        m->scratch[2 * m->rules->words] = 1;
}

static void
end_cell(struct making *m)
{
    struct axis *axis = m->axis;
    if (m->failed ||
        !memory_grow(&axis->point_of_cell, &m->cell_room, axis->cell_count + 1,
                     sizeof *axis->point_of_cell)) {
        m->failed = true;
        return;
    }
    size_t known = m->points.count;
    axis->point_of_cell[axis->cell_count++] =
        intern_add(&m->points, (struct text){(const char *)m->scratch,
                                             point_size(m->rules)});
    budget_work(m->budget, 2 * m->rules->words);
    budget_memory(m->budget, sizeof *axis->point_of_cell);
    if (m->points.count > known)
        budget_memory(m->budget, 2 * point_size(m->rules) + INTERN_BESIDE);
    m->failed |= m->points.failed || m->budget->exceeded;
}

static bool
finish(struct making *m)
{
    struct axis *axis = m->axis;
    size_t words = m->rules->words;
    size_t size = point_size(m->rules);
    axis->point_count = m->points.count;
    axis->masks = memory_new(axis->point_count, size);
    axis->touched = memory_new(words, sizeof *axis->touched);
    m->failed |= !axis->masks || !axis->touched;
    for (uint32_t i = 0; !m->failed && i < axis->point_count; i++) {
        struct text point = intern_get(&m->points, i);
        memcpy((char *)axis->masks + i * size, point.data, size);
        words_or(axis->touched, axis_included(axis, i), words);
        words_or(axis->touched, axis_excluded(axis, i), words);
    }
    intern_clear(&m->points);
    memory_free(m->scratch);
    return !m->failed;
}

/* -- the steps that everything has -------------------------------------- */

static bool
make_addresses(struct axis *axis, const struct catalogue *catalogue,
               const struct ruleset *rules)
{
    struct making m = make(axis, rules, catalogue->budget, DIMENSION_ADDRESS,
                           CONDITION_CLIENTS);
    size_t count = catalogue_classes(catalogue, ATTRIBUTE_CLIENT_ADDRESS);
    for (uint32_t i = 0; i < count; i++) {
        begin_cell(&m);
        include_class(&m, ATTRIBUTE_CLIENT_ADDRESS, i);
        end_cell(&m);
    }
    return finish(&m);
}

static void
exclude_mask(struct making *m, int mask)
{
    exclude(m, ruleset_mask(m->rules, mask));
}

/* Nobody is no member of `users`, and owns nothing. */
static void
make_anonymous(struct making *m)
{
    begin_cell(m);
    exclude_mask(m, RULES_GIVEN + CONDITION_USERS);
    exclude_mask(m, RULES_AUTHENTICATED);
    exclude_mask(m, RULES_OWNED);
    exclude_mask(m, RULES_NOT_OWNED);
    make_final(m);
    end_cell(m);
}

static bool
make_identities(struct axis *axis, const struct catalogue *catalogue,
                const struct ruleset *rules)
{
    struct making m = make(axis, rules, catalogue->budget, DIMENSION_IDENTITY,
                           CONDITION_USERS);
    size_t count = catalogue_classes(catalogue, ATTRIBUTE_IDENTITY);
    make_anonymous(&m);
    for (uint32_t i = 0; i < count; i++) {
        begin_cell(&m);
        if (catalogue->identities[i].count) /* else nobody is in it */
            include_class(&m, ATTRIBUTE_IDENTITY, i);
        exclude_mask(&m, RULES_ANONYMOUS);
        end_cell(&m);
    }
    return finish(&m);
}

static bool
make_tls(struct axis *axis, const struct catalogue *catalogue,
         const struct ruleset *rules)
{
    struct making m = make(axis, rules, catalogue->budget, DIMENSION_TLS, -1);
    size_t words = rules->words;
    size_t count = catalogue_classes(catalogue, ATTRIBUTE_CERTIFICATE);
    begin_cell(&m);
    exclude_mask(&m, RULES_TLS);
    exclude_mask(&m, RULES_CERTIFICATES);
    end_cell(&m);
    for (uint32_t number = 0; number < count; number++) {
        begin_cell(&m);
        include_class(&m, ATTRIBUTE_CERTIFICATE, number);
        for (size_t i = 0; !m.failed && i < words; i++) {
            m.scratch[words + i] =
                ruleset_mask(rules, RULES_NO_TLS)[i] |
                (ruleset_mask(rules, RULES_CERTIFICATES)[i] & ~m.scratch[i]);
            m.scratch[i] = 0;
        }
        end_cell(&m);
    }
    return finish(&m);
}

static bool
make_ownership(struct axis *axis, const struct catalogue *catalogue,
               const struct ruleset *rules)
{
    struct making m = make(axis, rules, catalogue->budget, DIMENSION_OWNED, -1);
    for (int owned = CELL_NO; owned <= CELL_YES; owned++) {
        begin_cell(&m);
        exclude_mask(&m, owned == CELL_YES ? RULES_NOT_OWNED : RULES_OWNED);
        end_cell(&m);
    }
    return finish(&m);
}

/* -- mail --------------------------------------------------------------- */

static void
include_mail(struct making *m, const struct mail_cells *cells,
             const struct mail_cell *cell, bool sender)
{
    if (cell->mailbox)
        include_class(m, sender ? ATTRIBUTE_SENDER : ATTRIBUTE_RECIPIENT,
                      cell->mailbox);
    if (cell->local)
        include_class(
            m, sender ? ATTRIBUTE_SENDER_LOCAL : ATTRIBUTE_RECIPIENT_LOCAL,
            cell->local);
    if (cell->form == MAIL_OWN)
        include_special(m, sender ? SPECIAL_OWN_SENDER : SPECIAL_OWN_RECIPIENT);
    else if (cells->domains.items[cell->domain].class)
        include_class(
            m, sender ? ATTRIBUTE_SENDER_DOMAIN : ATTRIBUTE_RECIPIENT_DOMAIN,
            cells->domains.items[cell->domain].class);
}

/* No pattern is tried on <>, and `sender-owned: false` never holds for it. */
static void
include_null_sender(struct making *m)
{
    include_special(m, SPECIAL_NULL_SENDER);
    exclude_mask(m, RULES_NOT_OWNED);
    make_final(m);
}

/* A recipient with routing is in no list of an allow rule, and in all of deny
 * rules (policy.md §8). */
static void
include_routing(struct making *m)
{
    const uint64_t *given =
        ruleset_mask(m->rules, RULES_GIVEN + CONDITION_RECIPIENTS);
    const uint64_t *deny = ruleset_mask(m->rules, RULES_DENY);
    size_t words = m->rules->words;
    for (size_t i = 0; !m->failed && i < words; i++) {
        m->scratch[i] |= given[i] & deny[i];
        m->scratch[words + i] |= given[i] & ~deny[i];
    }
    make_final(m);
}

static bool
make_mail(struct axis *axis, const struct catalogue *catalogue,
          const struct ruleset *rules, bool sender)
{
    const struct mail_cells *cells =
        sender ? &catalogue->senders : &catalogue->recipients;
    struct making m = make(axis, rules, catalogue->budget,
                           sender ? DIMENSION_SENDER : DIMENSION_RECIPIENT,
                           sender ? CONDITION_SENDERS : CONDITION_RECIPIENTS);
    for (size_t i = 0; i < cells->count && !m.failed; i++) {
        const struct mail_cell *cell = &cells->items[i];
        begin_cell(&m);
        switch (cell->form) {
        case MAIL_PLAIN:
        case MAIL_OWN: include_mail(&m, cells, cell, sender); break;
        case MAIL_NULL: include_null_sender(&m); break;
        case MAIL_ROUTING: include_routing(&m); break;
        }
        end_cell(&m);
    }
    return finish(&m);
}

/* -- what is there or not ----------------------------------------------- */

/* Values that each mean something: their masks, and which they are. */
struct meanings {
    struct intern masks; /* included and excluded rules */
    uint32_t *of_value;  /* by value: number in `masks` + 1; 0: nothing */
    size_t value_count;
};

static struct axis *
axes_add(struct axes *axes)
{
    axes->budget->exceeded |= axes->count == AXES_MOST;
    if (axes->budget->exceeded ||
        !memory_grow(&axes->items, &axes->room, axes->count + 1,
                     sizeof *axes->items))
        return NULL;
    struct axis *axis = &axes->items[axes->count++];
    *axis = (struct axis){0};
    return axis;
}

static bool
take_members(struct axis *axis, const struct meanings *meanings,
             uint32_t meaning)
{
    size_t room = 0;
    for (uint32_t i = 0; i < meanings->value_count; i++) {
        if (meanings->of_value[i] != meaning + 1)
            continue;
        if (!memory_grow(&axis->members, &room, axis->member_count + 1,
                         sizeof *axis->members))
            return false;
        axis->members[axis->member_count++] = i;
    }
    return true;
}

static bool
make_presence(struct axes *axes, const struct ruleset *rules,
              enum dimension dimension, int condition, bool symbolic,
              const struct meanings *meanings, uint32_t meaning)
{
    struct axis *axis = axes_add(axes);
    if (!axis)
        return false;
    struct making m = make(axis, rules, axes->budget, dimension, condition);
    const uint64_t *masks =
        (const void *)intern_get(&meanings->masks, meaning).data;
    axis->symbolic = symbolic;
    begin_cell(&m);
    end_cell(&m);
    begin_cell(&m);
    include(&m, masks);
    exclude(&m, masks + rules->words);
    end_cell(&m);
    bool taken = take_members(axis, meanings, meaning);
    return finish(&m) && taken;
}

static bool
means_nothing(const uint64_t *masks, size_t words)
{
    for (size_t i = 0; i < words; i++)
        if (masks[i])
            return false;
    return true;
}

/* `masks` has room for two times the words, and is zeroed by this. */
static void
add_meaning(struct meanings *meanings, const struct ruleset *rules,
            uint32_t value, uint64_t *masks)
{
    size_t size = 2 * rules->words * sizeof *masks;
    if (!means_nothing(masks, 2 * rules->words))
        meanings->of_value[value] =
            1 + intern_add(&meanings->masks,
                           (struct text){(const char *)masks, size});
    memset(masks, 0, size);
}

static bool
make_presences(struct axes *axes, const struct ruleset *rules,
               enum dimension dimension, int condition, bool symbolic,
               struct meanings *meanings)
{
    bool ok = !meanings->masks.failed;
    for (uint32_t i = 0; ok && i < meanings->masks.count; i++)
        ok = make_presence(axes, rules, dimension, condition, symbolic,
                           meanings, i);
    intern_clear(&meanings->masks);
    memory_free(meanings->of_value);
    return ok;
}

static bool
make_class_presences(struct axes *axes, const struct catalogue *catalogue,
                     const struct ruleset *rules, enum dimension dimension,
                     int condition, enum attribute attribute)
{
    struct meanings meanings = {.value_count =
                                    catalogue_classes(catalogue, attribute)};
    uint64_t *masks = memory_new(2 * rules->words, sizeof *masks);
    meanings.of_value =
        memory_new(meanings.value_count, sizeof *meanings.of_value);
    bool ok = masks && meanings.of_value;
    for (uint32_t i = 1; ok && i < meanings.value_count; i++) {
        struct masks found;
        uint32_t extra;
        if (!image_class(rules->image, attribute, i, &found, &extra))
            continue;
        ruleset_add(rules, found, masks, masks + rules->words);
        add_meaning(&meanings, rules, i, masks);
    }
    memory_free(masks);
    return make_presences(axes, rules, dimension, condition, false,
                          &meanings) &&
           ok;
}

static bool
make_pattern_presences(struct axes *axes, const struct ruleset *rules,
                       enum dimension dimension, enum condition condition)
{
    struct meanings meanings = {.value_count =
                                    rules->image->settings->pattern_count};
    uint64_t *masks = memory_new(2 * rules->words, sizeof *masks);
    meanings.of_value =
        memory_new(meanings.value_count, sizeof *meanings.of_value);
    bool ok = masks && meanings.of_value;
    for (uint32_t pattern = 0; ok && pattern < meanings.value_count;
         pattern++) {
        ruleset_add_pattern(rules, condition, pattern, masks,
                            masks + rules->words);
        add_meaning(&meanings, rules, pattern, masks);
    }
    memory_free(masks);
    return make_presences(axes, rules, dimension, (int)condition, true,
                          &meanings) &&
           ok;
}

/* -- the whole ---------------------------------------------------------- */

static void
close_condition(struct axes *axes)
{
    axes->items[axes->count - 1].closes = true;
}

static bool
make_client(struct axes *axes, const struct catalogue *catalogue,
            const struct ruleset *rules)
{
    struct axis *axis = axes_add(axes);
    if (!axis || !make_addresses(axis, catalogue, rules) ||
        !make_class_presences(axes, catalogue, rules, DIMENSION_NAME,
                              CONDITION_CLIENTS, ATTRIBUTE_CLIENT_NAME) ||
        !make_pattern_presences(axes, rules, DIMENSION_NAME_PATTERN,
                                CONDITION_CLIENTS))
        return false;
    close_condition(axes);
    return true;
}

static bool
make_identity(struct axes *axes, const struct catalogue *catalogue,
              const struct ruleset *rules)
{
    struct axis *axis = axes_add(axes);
    if (!axis || !make_identities(axis, catalogue, rules) ||
        !make_class_presences(axes, catalogue, rules, DIMENSION_GROUP,
                              CONDITION_USERS, ATTRIBUTE_GROUP) ||
        !make_pattern_presences(axes, rules, DIMENSION_IDENTITY_PATTERN,
                                CONDITION_USERS))
        return false;
    close_condition(axes);
    axis = axes_add(axes);
    return axis && make_tls(axis, catalogue, rules);
}

static bool
make_sender(struct axes *axes, const struct catalogue *catalogue,
            const struct ruleset *rules)
{
    struct axis *axis = axes_add(axes);
    if (!axis || !make_mail(axis, catalogue, rules, true) ||
        !make_pattern_presences(axes, rules, DIMENSION_SENDER_PATTERN,
                                CONDITION_SENDERS))
        return false;
    close_condition(axes);
    axis = axes_add(axes);
    return axis && make_ownership(axis, catalogue, rules);
}

static bool
make_recipient(struct axes *axes, const struct catalogue *catalogue,
               const struct ruleset *rules)
{
    struct axis *axis = axes_add(axes);
    if (!axis || !make_mail(axis, catalogue, rules, false) ||
        !make_pattern_presences(axes, rules, DIMENSION_RECIPIENT_PATTERN,
                                CONDITION_RECIPIENTS))
        return false;
    close_condition(axes);
    return true;
}

bool
axes_build(struct axes *axes, const struct catalogue *catalogue,
           const struct ruleset *rules)
{
    *axes = (struct axes){.budget = catalogue->budget};
    return make_client(axes, catalogue, rules) &&
           make_identity(axes, catalogue, rules) &&
           make_sender(axes, catalogue, rules) &&
           make_recipient(axes, catalogue, rules);
}

void
axes_clear(struct axes *axes)
{
    for (size_t i = 0; i < axes->count; i++) {
        memory_free(axes->items[i].point_of_cell);
        memory_free(axes->items[i].masks);
        memory_free(axes->items[i].touched);
        memory_free(axes->items[i].members);
    }
    memory_free(axes->items);
}
