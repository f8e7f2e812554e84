/* The records of an image: what is one per rule, connector, list, domain. */
#include <string.h>

#include "base/memory.h"
#include "image/compiler.h"
#include "image/provenance.h"

uint32_t
compiler_string(struct compiler *c, struct text text)
{
    struct buffer whole = {0};
    buffer_add(&whole, text.data, text.size);
    buffer_add(&whole, "", 1);
    uint32_t number = intern_add(
        &c->strings, (struct text){(const char *)whole.data, whole.size});
    bool ok = !whole.failed && !c->strings.failed &&
              c->strings.items[number].offset <= UINT32_MAX;
    uint32_t offset = ok ? (uint32_t)c->strings.items[number].offset : 0;
    c->failed |= !ok;
    buffer_clear(&whole);
    return offset;
}

uint32_t
compiler_numbers(struct compiler *c, const uint32_t *numbers, size_t count)
{
    struct buffer *out = &c->sections[SECTION_NUMBERS];
    size_t place = out->size / sizeof *numbers;
    buffer_add(out, numbers, count * sizeof *numbers);
    c->failed |= place > UINT32_MAX - 2;
    return (uint32_t)place;
}

static struct image_source
source_record(struct source source)
{
    return (struct image_source){source.file, source.line, source.column};
}

/* -- rules -------------------------------------------------------------- */

static struct image_selection
selection_record(struct compiler *c, const struct selection *select)
{
    struct image_selection record = {
        .flags = (select->given ? SELECTION_GIVEN : 0u) |
                 (select->all ? SELECTION_ALL : 0u) |
                 (select->inbound ? SELECTION_INBOUND : 0u) |
                 (select->always_relay ? SELECTION_ALWAYS_RELAY : 0u) |
                 (select->not_inbound ? SELECTION_NOT_INBOUND : 0u) |
                 (select->not_always_relay ? SELECTION_NOT_ALWAYS_RELAY : 0u),
        .include_count = (uint32_t)select->include_count,
        .exclude_count = (uint32_t)select->exclude_count,
        .source = source_record(select->source),
    };
    record.first = compiler_numbers(c, select->includes, select->include_count);
    compiler_numbers(c, select->excludes, select->exclude_count);
    return record;
}

static void
compile_rule(struct compiler *c, const struct rule *rule)
{
    struct image_rule record = {
        .name = compiler_string(c, rule->name),
        .source = source_record(rule->source),
        .text = compiler_string(c, rule->reply.text),
        .code = rule->reply.code,
        .subject = rule->reply.subject,
        .detail = rule->reply.detail,
        .reason = (uint16_t)rule->reason,
        .right = (uint8_t)rule->right,
        .deny = rule->deny,
        .always_relay = rule->always_relay,
        .tls = (uint8_t)rule->tls,
        .authenticated = (uint8_t)rule->authenticated,
        .sender_owned = (uint8_t)rule->sender_owned,
    };
    for (int i = 0; i < SELECT_COUNT; i++)
        record.select[i] = selection_record(c, &rule->select[i]);
    buffer_add(&c->sections[SECTION_RULES], &record, sizeof record);
}

/* What the lists of `clients` and `users` leave open: names and groups. */
static struct list_traits
traits_of_list(const struct list *list)
{
    struct list_traits traits = {.any = list->count > 0};
    for (size_t i = 0; i < list->count; i++) {
        enum entry_kind kind = list->entries[i].kind;
        bool pattern = kind == ENTRY_PATTERN;
        traits.pattern |= pattern;
        traits.open |= kind == ENTRY_GROUP;
        if (list->use == LIST_CLIENTS)
            traits.open |= pattern || kind == ENTRY_NAME || kind == ENTRY_BELOW;
    }
    return traits;
}

static void
compile_blocks(struct compiler *c)
{
    size_t lists = c->model->list_count;
    struct list_traits *traits = memory_new(lists, sizeof *traits);
    struct image_block *blocks =
        buffer_extend(&c->sections[SECTION_BLOCKS],
                      slots_block_count(&c->slots) * sizeof *blocks);
    struct image_window *windows =
        buffer_extend(&c->sections[SECTION_WINDOWS],
                      slots_window_count(&c->slots) * sizeof *windows);
    if (!traits || !blocks || !windows) {
        c->failed = true;
    } else {
        for (size_t i = 0; i < lists; i++)
            traits[i] = traits_of_list(&c->model->lists[i]);
        slots_blocks(&c->slots, c->model, traits, blocks);
        slots_windows(&c->slots, blocks, windows);
    }
    memory_free(traits);
}

static void
compile_rules(struct compiler *c)
{
    for (size_t i = 0; i < c->model->rule_count; i++)
        compile_rule(c, &c->model->rules[i]);
    buffer_add(&c->sections[SECTION_SLOTS], c->slots.rules,
               c->slots.count * sizeof *c->slots.rules);
    compile_blocks(c);
}

static void
compile_connectors(struct compiler *c)
{
    uint32_t order = compiler_numbers(c, (const void *)c->slots.order.data,
                                      c->slots.order.size / sizeof(uint32_t));
    for (size_t i = 0; i < c->model->connector_count; i++) {
        const struct connector *connector = &c->model->connectors[i];
        struct image_connector record = {
            .name = compiler_string(c, connector->name),
            .source = source_record(connector->source),
        };
        memcpy(record.rights, &c->slots.rights[i * RIGHT_COUNT],
               sizeof record.rights);
        for (int right = 0; right < RIGHT_COUNT; right++)
            record.rights[right].order += order;
        buffer_add(&c->sections[SECTION_CONNECTORS], &record, sizeof record);
    }
}

/* -- lists -------------------------------------------------------------- */

static void
compile_patterns(struct compiler *c, const struct list *list,
                 struct image_list *record)
{
    record->first_pattern = compiler_numbers(c, NULL, 0);
    for (size_t i = 0; i < list->count; i++) {
        if (list->entries[i].kind != ENTRY_PATTERN)
            continue;
        uint32_t pattern = intern_add(&c->patterns, list->entries[i].text);
        compiler_numbers(c, &pattern, 1);
        record->pattern_count++;
    }
}

static void
compile_list(struct compiler *c, const struct list *list)
{
    struct buffer *entries = &c->sections[SECTION_ENTRIES];
    struct image_list record = {
        .name = compiler_string(c, list->name),
        .use = (uint32_t)list->use,
        .entries = entries->size,
    };
    provenance_write(entries, list->entries, list->count);
    record.entries_size = entries->size - record.entries;
    compile_patterns(c, list, &record);
    buffer_add(&c->sections[SECTION_LISTS], &record, sizeof record);
}

/* The entries of one class of `domains:`, as a list like any other. */
static void
compile_domain_list(struct compiler *c, enum domain_class class,
                    const char *name)
{
    const struct model *model = c->model;
    struct list list = {.name = text_of(name), .use = LIST_MAIL};
    list.entries = memory_new(model->domain_count, sizeof *list.entries);
    if (!list.entries) {
        c->failed = true;
        return;
    }
    for (size_t i = 0; i < model->domain_count; i++) {
        const struct domain_entry *domain = &model->domains[i];
        if (domain->class == class)
            list.entries[list.count++] =
                (struct entry){.kind = domain->below ? ENTRY_BELOW : ENTRY_NAME,
                               .source = domain->source,
                               .text = domain->name};
    }
    compile_list(c, &list);
    memory_free(list.entries);
}

static void
compile_owner_list(struct compiler *c)
{
    const struct model *model = c->model;
    struct list list = {.name = TEXT("owners"), .use = LIST_MAIL};
    list.entries = memory_new(model->owner_count, sizeof *list.entries);
    if (!list.entries) {
        c->failed = true;
        return;
    }
    for (size_t i = 0; i < model->owner_count; i++)
        list.entries[list.count++] =
            (struct entry){.kind = model->owners[i].kind,
                           .source = model->owners[i].source,
                           .text = model->owners[i].key};
    compile_list(c, &list);
    memory_free(list.entries);
}

static void
compile_lists(struct compiler *c)
{
    for (size_t i = 0; i < c->model->list_count; i++)
        compile_list(c, &c->model->lists[i]);
    compile_domain_list(c, DOMAIN_INBOUND, "$inbound");
    compile_domain_list(c, DOMAIN_ALWAYS_RELAY, "$always-relay");
    compile_domain_list(c, DOMAIN_REROUTE, "reroute");
    compile_owner_list(c);
}

static void
compile_pattern_table(struct compiler *c)
{
    for (uint32_t i = 0; i < c->patterns.count; i++) {
        struct text source = intern_get(&c->patterns, i);
        struct image_pattern record = {compiler_string(c, source),
                                       (uint32_t)source.size};
        buffer_add(&c->sections[SECTION_PATTERNS], &record, sizeof record);
    }
    c->settings.pattern_count = (uint32_t)c->patterns.count;
}

/* -- domains ------------------------------------------------------------ */

static uint32_t
domain_record(struct compiler *c, const struct domain_entry *domain)
{
    struct image_domain record = {
        .class = (uint32_t)domain->class,
        .mailboxes = domain->class == DOMAIN_INBOUND ? domain->mailboxes
                                                     : MAILBOXES_NONE,
        .delimiter = (unsigned char)domain->delimiter,
        .target = compiler_string(c, domain->target),
    };
    return intern_add(&c->domains,
                      (struct text){(const char *)&record, sizeof record});
}

/* Domains that are treated alike share a record.  Record 0 is "ours, without a
 * mailbox check": what our own address literals are. */
static void
compile_domains(struct compiler *c)
{
    const struct model *model = c->model;
    struct domain_entry own = {.class = DOMAIN_INBOUND,
                               .mailboxes = MAILBOXES_NONE};
    c->domain_records =
        memory_new(model->domain_count, sizeof *c->domain_records);
    if (!c->domain_records) {
        c->failed = true;
        return;
    }
    domain_record(c, &own);
    for (size_t i = 0; i < model->domain_count; i++) {
        const struct domain_entry *domain = &model->domains[i];
        c->domain_records[i] = domain_record(c, domain);
        c->settings.has_reroute |= domain->class == DOMAIN_REROUTE;
        if (domain->mailboxes == MAILBOXES_ASK)
            c->settings.facts |= MAYRELAY_FACT_RECIPIENT;
    }
    buffer_add(&c->sections[SECTION_DOMAINS], c->domains.bytes.data,
               c->domains.bytes.size);
}

/* -- the rest ----------------------------------------------------------- */

static void
compile_settings(struct compiler *c)
{
    const struct model *model = c->model;
    struct image_settings *settings = &c->settings;
    settings->default_domain = compiler_string(c, model->default_domain);
    settings->soft_bounce = model->soft_bounce;
    settings->needs_listener = model->needs_listener;
    for (size_t i = 0; i < REASON_COUNT; i++) {
        const struct reply *reply = &model->replies[i];
        settings->replies[i] = (struct image_reply){
            .code = reply->code,
            .subject = reply->subject,
            .detail = reply->detail,
            .text = compiler_string(c, reply->text),
        };
    }
}

static void
compile_files(struct compiler *c)
{
    for (size_t i = 0; i < c->model->file_count; i++)
        buffer_add_u32(&c->sections[SECTION_FILES],
                       compiler_string(c, c->model->files[i]));
}

/* Ids are "MR" and three digits: the reader has seen to it. */
static void
compile_accepted(struct compiler *c)
{
    for (size_t i = 0; i < c->model->accepted_count; i++) {
        const struct accepted_finding *accepted = &c->model->accepted[i];
        struct image_accepted record = {
            .reason = compiler_string(c, accepted->reason),
            .source = source_record(accepted->source),
        };
        text_number(text_from(accepted->id, 2), 999, &record.id);
        buffer_add(&c->sections[SECTION_ACCEPTED], &record, sizeof record);
    }
}

void
compile_records(struct compiler *c)
{
    compiler_string(c, TEXT("")); /* offset 0 is the empty text */
    compile_files(c);
    compile_settings(c);
    compile_lists(c);
    compile_rules(c);
    compile_connectors(c);
    compile_domains(c);
    compile_pattern_table(c);
    compile_accepted(c);
}
