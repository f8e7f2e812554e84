/* The sets of values, attribute by attribute, and the classes they lead to. */
#include <string.h>

#include "base/memory.h"
#include "image/compiler.h"
#include "image/provenance.h"
#include "image/sweep.h"
#include "mail/domain.h"
#include "set/name_set.h"
#include "set/text_set.h"

static struct buffer *
set_of(struct compiler *c, enum attribute attribute)
{
    return &c->sections[SECTION_FIRST_SET + (int)attribute];
}

/* Some rule of the condition names the list. */
static bool
is_used(const struct compiler *c, enum selection_kind kind, uint32_t list)
{
    return uses_any(&c->uses[kind], list);
}

/* -- clients ------------------------------------------------------------ */

/* Most addresses are in few lists: no memory is asked for then. */
enum {
    FEW_LISTS = 15
};

static uint32_t
class_of_lists(void *context, const uint32_t *lists, size_t count)
{
    struct classes *classes = context;
    uint32_t few[1 + FEW_LISTS];
    uint32_t *many =
        count > FEW_LISTS ? memory_new(count + 1, sizeof *many) : NULL;
    uint32_t *set = count > FEW_LISTS ? many : few;
    if (!set) {
        classes->sets.failed = true;
        return 0;
    }
    set[0] = 0;
    if (count)
        memcpy(set + 1, lists, count * sizeof *set);
    uint32_t number = classes_number(classes, set, count);
    memory_free(many);
    return number;
}

static void
compile_addresses(struct compiler *c)
{
    struct sweep sweep = {0};
    for (uint32_t i = 0; i < c->model->list_count; i++) {
        const struct list *list = &c->model->lists[i];
        if (!is_used(c, SELECT_CLIENTS, i))
            continue;
        for (size_t j = 0; j < list->count; j++)
            if (list->entries[j].kind == ENTRY_RANGE)
                sweep_add(&sweep, list->entries[j].range, i);
    }
    sweep_build(&sweep, c->model->list_count, class_of_lists,
                &c->classes[ATTRIBUTE_CLIENT_ADDRESS],
                set_of(c, ATTRIBUTE_CLIENT_ADDRESS));
    sweep_clear(&sweep);
}

static void
add_names(struct name_lists *names, const struct list *list, uint32_t number)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct entry *entry = &list->entries[i];
        if (entry->kind == ENTRY_NAME || entry->kind == ENTRY_BELOW)
            name_lists_add(names, entry->text, entry->kind == ENTRY_BELOW,
                           number);
    }
}

static void
compile_names(struct compiler *c, enum selection_kind kind,
              enum attribute attribute, struct name_lists *names)
{
    for (uint32_t i = 0; i < c->model->list_count; i++)
        if (is_used(c, kind, i))
            add_names(names, &c->model->lists[i], i);
    name_lists_build(names, &c->classes[attribute], set_of(c, attribute));
    name_lists_clear(names);
}

/* -- texts -------------------------------------------------------------- */

static void
compile_keys(struct compiler *c, enum attribute attribute, enum entry_kind kind,
             const bool *wanted)
{
    struct key_lists keys = {0};
    for (uint32_t i = 0; i < c->model->list_count; i++) {
        const struct list *list = &c->model->lists[i];
        for (size_t j = 0; wanted[i] && j < list->count; j++) {
            const struct entry *entry = &list->entries[j];
            char endpoint[ENDPOINT_KEY_SIZE];
            if (entry->kind == kind)
                key_lists_add(&keys,
                              kind == ENTRY_ENDPOINT
                                  ? endpoint_key(entry->endpoint, endpoint)
                                  : entry->text,
                              i);
        }
    }
    key_lists_build(&keys, &c->classes[attribute], set_of(c, attribute));
    key_lists_clear(&keys);
}

static void
compile_keys_of(struct compiler *c, enum selection_kind kind,
                enum attribute attribute, enum entry_kind entry)
{
    size_t lists = c->model->list_count;
    bool *wanted = memory_new(lists, sizeof *wanted);
    c->failed |= !wanted;
    for (uint32_t i = 0; wanted && i < lists; i++)
        wanted[i] = is_used(c, kind, i) ||
                    (attribute == ATTRIBUTE_IDENTITY && c->owns[i]);
    if (wanted)
        compile_keys(c, attribute, entry, wanted);
    memory_free(wanted);
}

/* -- mail --------------------------------------------------------------- */

/* What a class of domains carries besides its lists: of recipients the record,
 * of senders only the class of `domains:`. */
static uint32_t
domain_extra(const struct compiler *c, size_t domain, bool of_sender)
{
    return of_sender ? (uint32_t)c->model->domains[domain].class
                     : c->domain_records[domain] + 1;
}

static void
compile_domain_names(struct compiler *c, enum selection_kind kind,
                     enum attribute attribute)
{
    struct name_lists names = {0};
    bool of_sender = kind == SELECT_SENDERS;
    for (size_t i = 0; i < c->model->domain_count; i++)
        name_lists_set_extra(&names, c->model->domains[i].name,
                             c->model->domains[i].below,
                             domain_extra(c, i, of_sender));
    compile_names(c, kind, attribute, &names);
}

static void
compile_mail(struct compiler *c, enum selection_kind kind,
             enum attribute mailbox, enum attribute local,
             enum attribute domain)
{
    compile_keys_of(c, kind, mailbox, ENTRY_MAILBOX);
    compile_keys_of(c, kind, local, ENTRY_LOCAL_PART);
    compile_domain_names(c, kind, domain);
}

/* -- owners ------------------------------------------------------------- */

static void
compile_owner_names(struct compiler *c, const uint32_t *places)
{
    struct name_lists names = {0};
    struct classes classes;
    classes_start(&classes);
    for (size_t i = 0; i < c->model->owner_count; i++) {
        const struct owner *owner = &c->model->owners[i];
        if (owner->kind != ENTRY_MAILBOX)
            name_lists_set_extra(&names, owner->key, owner->kind == ENTRY_BELOW,
                                 places[i] + 1);
    }
    name_lists_build(&names, &classes, &c->sections[SECTION_OWNER_DOMAINS]);
    /* Classes here are extras alone: numbered lists of owners. */
    for (uint32_t i = 0; !classes_failed(&classes) && i < classes.sets.count;
         i++) {
        size_t count;
        buffer_add_u32(&c->sections[SECTION_OWNERS],
                       classes_get(&classes, i, &count)[0]);
    }
    classes_clear(&classes);
    name_lists_clear(&names);
}

static void
compile_owner_mailboxes(struct compiler *c, const uint32_t *places)
{
    size_t count = 0;
    struct keyed_value *values =
        memory_new(c->model->owner_count, sizeof *values);
    c->failed |= !values;
    for (size_t i = 0; values && i < c->model->owner_count; i++) {
        const struct owner *owner = &c->model->owners[i];
        if (owner->kind == ENTRY_MAILBOX)
            values[count++] = (struct keyed_value){owner->key, places[i] + 1};
    }
    if (values)
        text_set_build(&c->sections[SECTION_OWNER_MAILBOXES], values, count);
    memory_free(values);
}

/* The owners of each key as a place in NUMBERS: count, then sorted lists. */
static void
compile_owners(struct compiler *c)
{
    const struct model *model = c->model;
    struct classes sets;
    uint32_t *places = memory_new(model->owner_count, sizeof *places);
    uint32_t *set_places = memory_new(model->owner_count + 1, sizeof *places);
    classes_start(&sets);
    for (size_t i = 0; places && set_places && i < model->owner_count; i++) {
        const struct owner *owner = &model->owners[i];
        uint32_t number =
            class_of_lists(&sets, owner->lists, owner->list_count);
        if (classes_failed(&sets))
            break;
        if (set_places[number] == 0) {
            size_t count;
            const uint32_t *lists = classes_get(&sets, number, &count);
            uint32_t size = (uint32_t)count;
            set_places[number] = compiler_numbers(c, &size, 1) + 1;
            compiler_numbers(c, lists + 1, count);
        }
        places[i] = set_places[number] - 1;
    }
    c->over_budget |= sets.over_budget;
    if (!places || !set_places || classes_failed(&sets)) {
        c->failed = true;
    } else {
        compile_owner_mailboxes(c, places);
        compile_owner_names(c, places);
    }
    classes_clear(&sets);
    memory_free(places);
    memory_free(set_places);
}

static void
mark_owner_lists(struct compiler *c)
{
    c->owns = memory_new(c->model->list_count, sizeof *c->owns);
    c->failed |= !c->owns;
    for (size_t i = 0; c->owns && i < c->model->owner_count; i++)
        for (size_t j = 0; j < c->model->owners[i].list_count; j++)
            c->owns[c->model->owners[i].lists[j]] = true;
}

/* -- mailboxes, literals, nobody ---------------------------------------- */

/* A text set of keys that are merely there: value 1. */
static void
build_presence(struct compiler *c, const struct intern *keys,
               enum section section)
{
    struct keyed_value *values = memory_new(keys->count, sizeof *values);
    c->failed |= !values || keys->failed;
    for (uint32_t i = 0; !c->failed && i < keys->count; i++)
        values[i] = (struct keyed_value){intern_get(keys, i), 1};
    if (!c->failed)
        text_set_build(&c->sections[section], values, keys->count);
    memory_free(values);
}

/* Keys: the list's number, then a local part or a mailbox. */
static void
compile_mailboxes(struct compiler *c)
{
    struct intern keys = {0};
    struct buffer key = {0};
    for (uint32_t i = 0; i < c->model->list_count; i++) {
        const struct list *list = &c->model->lists[i];
        for (size_t j = 0; list->use == LIST_MAILBOXES && j < list->count;
             j++) {
            const struct entry *entry = &list->entries[j];
            if (entry->kind == ENTRY_PATTERN)
                continue;
            key.size = 0;
            buffer_add_u32(&key, i);
            buffer_add(&key, entry->text.data, entry->text.size);
            intern_add(&keys, (struct text){(const char *)key.data, key.size});
        }
    }
    c->failed |= key.failed;
    build_presence(c, &keys, SECTION_MAILBOXES);
    buffer_clear(&key);
    intern_clear(&keys);
}

static uint32_t
one_if_any(void *context, const uint32_t *lists, size_t count)
{
    (void)context;
    (void)lists;
    return count > 0;
}

static void
compile_literals(struct compiler *c)
{
    struct sweep sweep = {0};
    for (size_t i = 0; i < c->model->literal_count; i++)
        sweep_add(&sweep, c->model->literals[i].range, 0);
    sweep_build(&sweep, 1, one_if_any, NULL, &c->sections[SECTION_LITERALS]);
    sweep_clear(&sweep);
}

/* policy.md §5: these never count as authenticated (MS02-011, Q251149). */
static const char *const NOBODY[] = {"guest", "anonymous", "anonymous logon"};

static void
compile_anonymous(struct compiler *c)
{
    size_t built_in = sizeof NOBODY / sizeof *NOBODY;
    struct intern names = {0};
    for (size_t i = 0; i < built_in; i++)
        intern_add(&names, text_of(NOBODY[i]));
    for (size_t i = 0; i < c->model->anonymous_count; i++)
        intern_add(&names, c->model->anonymous[i]);
    build_presence(c, &names, SECTION_ANONYMOUS);
    intern_clear(&names);
}

/* -- special classes ---------------------------------------------------- */

static void
compile_specials(struct compiler *c)
{
    uint32_t own_sender[1] = {DOMAIN_INBOUND};
    uint32_t own_recipient[1] = {1}; /* domain record 0 */
    size_t lists = c->model->list_count;
    uint32_t *set = memory_new(lists + 1, sizeof *set);
    size_t count = 0;
    c->failed |= !set;
    for (uint32_t i = 0; set && i < lists; i++) {
        const struct list *list = &c->model->lists[i];
        for (size_t j = 0; is_used(c, SELECT_SENDERS, i) && j < list->count;
             j++)
            if (list->entries[j].kind == ENTRY_NULL_SENDER) {
                set[++count] = i;
                break;
            }
    }
    struct classes *senders = &c->classes[ATTRIBUTE_SENDER_DOMAIN];
    struct classes *recipients = &c->classes[ATTRIBUTE_RECIPIENT_DOMAIN];
    uint32_t *special = c->settings.special;
    if (set)
        special[SPECIAL_NULL_SENDER] = classes_number(senders, set, count);
    special[SPECIAL_OWN_SENDER] = classes_number(senders, own_sender, 0);
    special[SPECIAL_OWN_RECIPIENT] =
        classes_number(recipients, own_recipient, 0);
    memory_free(set);
}

static void
compile_default_domain(struct compiler *c)
{
    const struct model *model = c->model;
    size_t best = model->domain_count;
    size_t best_size = 0;
    for (size_t i = 0; i < model->domain_count; i++) {
        const struct domain_entry *domain = &model->domains[i];
        bool covers = domain->below
                          ? domain_is_below(model->default_domain, domain->name)
                          : text_equal(model->default_domain, domain->name);
        size_t rank = domain->name.size * 2 + !domain->below;
        if (covers && rank > best_size) {
            best = i;
            best_size = rank;
        }
    }
    if (best < model->domain_count &&
        model->domains[best].class == DOMAIN_INBOUND)
        c->settings.default_domain_entry = c->domain_records[best] + 1;
}

void
compile_sets(struct compiler *c)
{
    struct name_lists client_names = {0};
    mark_owner_lists(c);
    if (c->failed)
        return;
    compile_addresses(c);
    compile_names(c, SELECT_CLIENTS, ATTRIBUTE_CLIENT_NAME, &client_names);
    compile_keys_of(c, SELECT_LISTENERS, ATTRIBUTE_LISTENER, ENTRY_ENDPOINT);
    compile_keys_of(c, SELECT_CERTIFICATES, ATTRIBUTE_CERTIFICATE,
                    ENTRY_FINGERPRINT);
    compile_keys_of(c, SELECT_USERS, ATTRIBUTE_IDENTITY, ENTRY_IDENTITY);
    compile_keys_of(c, SELECT_USERS, ATTRIBUTE_GROUP, ENTRY_GROUP);
    compile_mail(c, SELECT_SENDERS, ATTRIBUTE_SENDER, ATTRIBUTE_SENDER_LOCAL,
                 ATTRIBUTE_SENDER_DOMAIN);
    compile_mail(c, SELECT_RECIPIENTS, ATTRIBUTE_RECIPIENT,
                 ATTRIBUTE_RECIPIENT_LOCAL, ATTRIBUTE_RECIPIENT_DOMAIN);
    compile_owners(c);
    compile_mailboxes(c);
    compile_literals(c);
    compile_anonymous(c);
    compile_specials(c);
    compile_default_domain(c);
}
