#include "image/compile.h"

#include <string.h>
#include <xxhash.h>

#include "base/memory.h"
#include "image/compiler.h"
#include "set/pattern_set.h"

/* -- classes and masks -------------------------------------------------- */

/* The condition that looks at an attribute. */
static const enum selection_kind ATTRIBUTE_SELECTIONS[ATTRIBUTE_COUNT] = {
    [ATTRIBUTE_CLIENT_ADDRESS] = SELECT_CLIENTS,
    [ATTRIBUTE_CLIENT_NAME] = SELECT_CLIENTS,
    [ATTRIBUTE_LISTENER] = SELECT_LISTENERS,
    [ATTRIBUTE_CERTIFICATE] = SELECT_CERTIFICATES,
    [ATTRIBUTE_IDENTITY] = SELECT_USERS,
    [ATTRIBUTE_GROUP] = SELECT_USERS,
    [ATTRIBUTE_SENDER] = SELECT_SENDERS,
    [ATTRIBUTE_SENDER_LOCAL] = SELECT_SENDERS,
    [ATTRIBUTE_SENDER_DOMAIN] = SELECT_SENDERS,
    [ATTRIBUTE_RECIPIENT] = SELECT_RECIPIENTS,
    [ATTRIBUTE_RECIPIENT_LOCAL] = SELECT_RECIPIENTS,
    [ATTRIBUTE_RECIPIENT_DOMAIN] = SELECT_RECIPIENTS,
};

/* The built-in list that a class of domains is in, or none (UINT32_MAX).  A
 * sender at a rerouted domain is one of ours (policy.md §4); a recipient is
 * judged after the reroute. */
static uint32_t
built_in_list(const struct compiler *c, enum attribute attribute,
              uint32_t extra)
{
    uint32_t class = extra;
    if (attribute == ATTRIBUTE_RECIPIENT_DOMAIN && extra) {
        struct image_domain record;
        struct text bytes = intern_get(&c->domains, extra - 1);
        memcpy(&record, bytes.data, sizeof record);
        class = record.class;
    } else if (attribute == ATTRIBUTE_SENDER_DOMAIN &&
               extra == DOMAIN_REROUTE) {
        class = DOMAIN_INBOUND;
    } else if (attribute != ATTRIBUTE_SENDER_DOMAIN) {
        return UINT32_MAX;
    }
    uint32_t first = (uint32_t)c->model->list_count;
    if (class == DOMAIN_INBOUND)
        return first + EXTRA_INBOUND;
    return class == DOMAIN_ALWAYS_RELAY ? first + EXTRA_ALWAYS_RELAY
                                        : UINT32_MAX;
}

/* The owner lists among a set, as a place in NUMBERS + 1; 0 if there are none.
 */
static uint32_t
owner_lists(struct compiler *c, const uint32_t *lists, size_t count)
{
    uint32_t owning = 0;
    for (size_t i = 0; i < count; i++)
        owning += c->owns[lists[i]];
    if (!owning)
        return 0;
    uint32_t place = compiler_numbers(c, &owning, 1);
    for (size_t i = 0; i < count; i++)
        if (c->owns[lists[i]])
            compiler_numbers(c, &lists[i], 1);
    return place + 1;
}

static void
compile_class(struct compiler *c, enum attribute attribute, uint32_t number,
              uint32_t *lists)
{
    size_t count;
    const uint32_t *set = classes_get(&c->classes[attribute], number, &count);
    memcpy(lists, set + 1, count * sizeof *lists);
    uint32_t extra = set[0];
    uint32_t built_in = built_in_list(c, attribute, extra);
    if (attribute == ATTRIBUTE_IDENTITY)
        extra = owner_lists(c, lists, count);
    if (built_in != UINT32_MAX)
        lists[count++] = built_in;
    uint32_t masks = mask_pool_add(
        &c->masks, &c->uses[ATTRIBUTE_SELECTIONS[attribute]], lists, count);
    if (c->masks.lists.failed)
        return;
    const struct interned *item = &c->masks.lists.items[masks];
    struct image_class record = {
        .first_mask = (uint32_t)(item->offset / sizeof(struct image_mask)),
        .mask_count = item->size / (uint32_t)sizeof(struct image_mask),
        .extra = extra,
    };
    buffer_add(&c->sections[SECTION_CLASSES], &record, sizeof record);
}

/* Once every class is numbered. */
static void
compile_classes(struct compiler *c)
{
    struct buffer *out = &c->sections[SECTION_CLASSES];
    uint32_t *lists = memory_new(c->model->list_count + 1, sizeof *lists);
    c->failed |= !lists;
    for (int a = 0; lists && a < ATTRIBUTE_COUNT; a++) {
        const struct classes *classes = &c->classes[a];
        c->settings.class_base[a] =
            (uint32_t)(out->size / sizeof(struct image_class));
        c->settings.class_count[a] = (uint32_t)classes->sets.count;
        for (uint32_t i = 0; i < classes->sets.count; i++)
            compile_class(c, (enum attribute)a, i, lists);
    }
    uint32_t *special = c->settings.special;
    special[SPECIAL_NULL_SENDER] +=
        c->settings.class_base[ATTRIBUTE_SENDER_DOMAIN];
    special[SPECIAL_OWN_SENDER] +=
        c->settings.class_base[ATTRIBUTE_SENDER_DOMAIN];
    special[SPECIAL_OWN_RECIPIENT] +=
        c->settings.class_base[ATTRIBUTE_RECIPIENT_DOMAIN];
    memory_free(lists);
}

/* Which facts a rule of the policy may ask for. */
static void
compile_facts(struct compiler *c)
{
    const struct buffer *blocks = &c->sections[SECTION_BLOCKS];
    for (size_t at = 0; !c->failed && at < blocks->size;
         at += sizeof(struct image_block)) {
        struct image_block block;
        memcpy(&block, blocks->data + at, sizeof block);
        const struct image_condition *clients = &block.list[CONDITION_CLIENTS];
        const struct image_condition *users = &block.list[CONDITION_USERS];
        if (clients->open_inc | clients->open_exc)
            c->settings.facts |= MAYRELAY_FACT_CLIENT_NAME;
        if (users->open_inc | users->open_exc)
            c->settings.facts |= MAYRELAY_FACT_GROUPS;
    }
}

/* -- the whole ---------------------------------------------------------- */

static void
compiler_clear(struct compiler *c)
{
    slots_clear(&c->slots);
    for (int i = 0; i < SELECT_COUNT; i++)
        uses_clear(&c->uses[i]);
    for (int i = 0; i < ATTRIBUTE_COUNT; i++)
        classes_clear(&c->classes[i]);
    intern_clear(&c->masks.lists);
    intern_clear(&c->strings);
    intern_clear(&c->patterns);
    intern_clear(&c->domains);
    memory_free(c->domain_records);
    memory_free(c->owns);
    for (int i = 0; i < SECTION_COUNT; i++)
        buffer_clear(&c->sections[i]);
}

static bool
over_budget(const struct compiler *c)
{
    bool over = c->over_budget | c->masks.over_budget;
    for (int i = 0; i < ATTRIBUTE_COUNT; i++)
        over |= c->classes[i].over_budget;
    return over;
}

static bool
has_failed(const struct compiler *c)
{
    bool failed = c->failed | c->masks.lists.failed | c->strings.failed |
                  c->patterns.failed | c->domains.failed;
    for (int i = 0; i < ATTRIBUTE_COUNT; i++)
        failed |= c->classes[i].sets.failed;
    for (int i = 0; i < SECTION_COUNT; i++)
        failed |= c->sections[i].failed;
    return failed;
}

static bool
compile_sections(struct compiler *c, bool *too_large)
{
    if (!slots_plan(&c->slots, c->model, too_large))
        return false;
    for (int i = 0; i < SELECT_COUNT; i++)
        if (!uses_plan(&c->uses[i], c->model, &c->slots,
                       (enum selection_kind)i))
            return false;
    for (int i = 0; i < ATTRIBUTE_COUNT; i++)
        classes_start(&c->classes[i]);
    compile_records(c);
    if (has_failed(c))
        return false;
    compile_listens(c);
    compile_sets(c);
    if (over_budget(c) || has_failed(c)) {
        *too_large = over_budget(c);
        return false;
    }
    compile_classes(c);
    compile_facts(c);
    buffer_add(&c->sections[SECTION_STRINGS], c->strings.bytes.data,
               c->strings.bytes.size);
    buffer_add(&c->sections[SECTION_MASKS], c->masks.lists.bytes.data,
               c->masks.lists.bytes.size);
    buffer_add(&c->sections[SECTION_SETTINGS], &c->settings,
               sizeof c->settings);
    *too_large = over_budget(c);
    return !has_failed(c);
}

static void
assemble(struct compiler *c, struct buffer *out)
{
    struct image_header header = {
        .byte_order = IMAGE_BYTE_ORDER,
        .version = IMAGE_VERSION,
        .section_count = SECTION_COUNT,
    };
    memcpy(header.magic, IMAGE_MAGIC, IMAGE_MAGIC_SIZE);
    buffer_extend(out, sizeof header);
    for (int i = 0; i < SECTION_COUNT; i++) {
        buffer_align(out, IMAGE_ALIGN);
        header.sections[i].offset = out->size;
        header.sections[i].size = c->sections[i].size;
        buffer_add(out, c->sections[i].data, c->sections[i].size);
        buffer_clear(&c->sections[i]); /* never twice in memory */
    }
    if (out->failed)
        return;
    header.size = out->size;
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest, XXH3_128bits(out->data + sizeof header,
                                                   out->size - sizeof header));
    memcpy(header.digest, &digest, sizeof header.digest);
    header.header_check = XXH3_64bits(&header, sizeof header);
    memcpy(out->data, &header, sizeof header);
}

bool
compile(const struct model *model, struct mayrelay_report *report,
        struct buffer *out)
{
    struct compiler *c = memory_new(1, sizeof *c);
    bool too_large = false;
    bool ok = c != NULL;
    if (ok) {
        c->model = model;
        ok = compile_sections(c, &too_large);
        if (ok)
            assemble(c, out);
        compiler_clear(c);
    }
    memory_free(c);
    ok = ok && !out->failed;
    struct place whole = {model->files[0].data, 0, 0};
    if (too_large)
        report_add(report, FINDING_BUDGET, whole,
                   "lists that overlap in fewer ways, or rules at the top "
                   "instead of on each connector, make it smaller",
                   "the policy's rules and lists combine in too many ways");
    else if (!ok)
        report_add(report, FINDING_OUT_OF_MEMORY, whole, NULL,
                   "out of memory while compiling the policy");
    return ok;
}

/* -- patterns ----------------------------------------------------------- */

static void
check_pattern(const struct model *model, const struct entry *entry,
              struct mayrelay_report *report)
{
    char message[PATTERN_MESSAGE_SIZE];
    size_t offset;
    if (pattern_check(entry->text, message, &offset))
        return;
    report_add(report, FINDING_PATTERN, model_place(model, entry->source),
               "patterns are regular expressions as PCRE2 reads them",
               "the pattern /%.*s/ does not compile: %s, at character %zu",
               TEXT_ARGS(entry->text), message, offset + 1);
}

void
compile_check_patterns(const struct model *model,
                       struct mayrelay_report *report)
{
    for (size_t i = 0; i < model->list_count; i++) {
        const struct list *list = &model->lists[i];
        for (size_t j = 0; j < list->count; j++)
            if (list->entries[j].kind == ENTRY_PATTERN)
                check_pattern(model, &list->entries[j], report);
    }
}
