#include "policy/reader_domains.h"

#include "policy/entry_kinds.h"
#include "policy/quoted.h"
#include "policy/reader_entry.h"
#include "policy/reader_leaves.h"
#include "policy/reader_lists.h"

#include "mail/domain.h"

#define DELIMITER_DEFAULT '+'

/* One reading of `domains:`. */
struct domains {
    struct text_map index; /* by key() to the entry's number */
    /* of the entries that are being added: */
    enum domain_class class;
    uint32_t mailboxes;
    char delimiter;
    struct text target;
};

/* ".name" below, "name" alone: as they are written. */
static struct text
key_of(struct reader *reader, const struct entry *entry)
{
    struct text parts[] = {TEXT("."), entry->text};
    if (entry->kind == ENTRY_NAME)
        return entry->text;
    return reader_join(reader, parts, 2);
}

static const char *class_name(enum domain_class class)
{
    switch (class) {
    case DOMAIN_FOREIGN: break;
    case DOMAIN_INBOUND: return "inbound";
    case DOMAIN_ALWAYS_RELAY: return "always-relay";
    case DOMAIN_REROUTE: return "reroute";
    }
    return "domains";
}

static void
check_labels(struct reader *reader, const struct entry *entry,
             enum domain_class class)
{
    if (domain_labels(entry->text) > 1)
        return;
    struct place place = model_place(reader->model, entry->source);
    if (entry->kind == ENTRY_BELOW || class == DOMAIN_ALWAYS_RELAY)
        report_add(reader->report, FINDING_DOMAIN_TOO_WIDE, place,
                   "name a domain of at least two labels",
                   "'%s%.*s%s' is a whole top-level domain",
                   entry->kind == ENTRY_BELOW ? "." : "", QUOTED(entry->text));
    else if (class == DOMAIN_INBOUND)
        report_add(reader->report, FINDING_DOMAIN_SINGLE_LABEL, place, NULL,
                   "'%.*s%s' is a single label: mail from outside will hardly "
                   "be addressed to it",
                   QUOTED(entry->text));
}

static void
report_twice(struct reader *reader, const struct entry *entry,
             enum domain_class class, uint32_t old)
{
    const struct domain_entry *first =
        (const struct domain_entry *)reader->domains.items + old;
    report_add(
        reader->report, FINDING_DOMAIN_TWICE,
        model_place(reader->model, entry->source), "a domain has one class",
        "'%s%.*s%s' stands under %s here, and under %s in %s line %u",
        entry->kind == ENTRY_BELOW ? "." : "", QUOTED(entry->text),
        class_name(class), class_name(first->class),
        model_place(reader->model, first->source).file, first->source.line);
}

static void
add_domain(struct reader *reader, const struct entry *entry, void *context)
{
    struct domains *domains = context;
    uint32_t old, number = (uint32_t)reader->domains.count;
    check_labels(reader, entry, domains->class);
    if (!reader_index(reader, &domains->index, key_of(reader, entry), number,
                      &old)) {
        report_twice(reader, entry, domains->class, old);
        return;
    }
    struct domain_entry *domain =
        reader_push(reader, &reader->domains, sizeof *domain);
    if (!domain)
        return;
    domain->class = domains->class;
    domain->below = entry->kind == ENTRY_BELOW;
    domain->name = entry->text;
    domain->source = entry->source;
    domain->mailboxes = domains->mailboxes;
    domain->delimiter = domains->delimiter;
    domain->target = domains->target;
}

/* -- inbound ------------------------------------------------------------ */

static bool
one_domain(struct reader *reader, const struct node *node, const char *what,
           struct entry *entry)
{
    struct text text;
    struct element element;
    if (!reader_text(reader, node, what, &text) ||
        !entry_read(reader, text, PLACE_DOMAINS, false, reader_source(node),
                    &element))
        return false;
    *entry = element.entry;
    if (element.kind == ELEMENT_ENTRY)
        return true;
    report_add(reader->report, FINDING_DOMAIN_NOT_ONE,
               reader_place(reader, node), "name one domain, not a list",
               "%s must be one domain, not '%.*s%s'", what, QUOTED(text));
    return false;
}

static bool
may_delimit(char c)
{
    return c > ' ' && c < 0x7f && !ascii_is_alnum(c) && c != '@' && c != '.' &&
           c != '"';
}

static void
read_delimiter(struct reader *reader, const struct node *node, char *delimiter)
{
    struct text text;
    if (!reader_text(reader, node, "'delimiter'", &text))
        return;
    if (!text.size)
        *delimiter = '\0';
    else if (text.size == 1 && may_delimit(text.data[0]))
        *delimiter = text.data[0];
    else
        report_add(reader->report, FINDING_DELIMITER,
                   reader_place(reader, node),
                   "write one character such as \"+\", or \"\" for none",
                   "'%.*s%s' cannot be a delimiter: one printable ASCII "
                   "character, no letter or digit, none of @ . \"",
                   QUOTED(text));
}

static void
check_mailbox(struct reader *reader, const struct entry *mailbox,
              const struct entry *domain)
{
    if (mailbox->kind != ENTRY_MAILBOX)
        return;
    struct text at =
        text_from(mailbox->text, text_find_last(mailbox->text, '@') + 1);
    if (domain->kind == ENTRY_BELOW ? domain_is_below(at, domain->text)
                                    : text_equal(at, domain->text))
        return;
    report_add(reader->report, FINDING_MAILBOX_ELSEWHERE,
               model_place(reader->model, mailbox->source), NULL,
               "the mailbox '%.*s%s' is not in '%s%.*s%s'",
               QUOTED(mailbox->text), domain->kind == ENTRY_BELOW ? "." : "",
               QUOTED(domain->text));
}

/* All mailboxes of a domain as one leaf: a domain has one list. */
static uint32_t
one_leaf(struct reader *reader, const struct selection *selection)
{
    if (selection->include_count == 1)
        return selection->includes[0];
    struct vector all = {0};
    for (size_t i = 0; i < selection->include_count; i++) {
        struct list list = *leaf_at(reader, selection->includes[i]);
        for (size_t j = 0; j < list.count; j++) {
            struct entry *entry = reader_push(reader, &all, sizeof *entry);
            if (entry)
                *entry = list.entries[j];
        }
    }
    uint32_t number = leaf_add(reader, (struct text){NULL, 0}, LIST_MAILBOXES,
                               all.items, all.count);
    vector_clear(&all);
    return number;
}

/* `domain` is NULL if it is malformed. */
static uint32_t
read_mailboxes(struct reader *reader, const struct node *node,
               const struct entry *domain)
{
    if (node->kind == NODE_SCALAR && text_equal(node->scalar, TEXT("ask")))
        return MAILBOXES_ASK;
    struct selection selection = {0};
    lists_select(reader, node, PLACE_MAILBOXES, &selection);
    if (reader->out_of_memory)
        return MAILBOXES_NONE;
    uint32_t number = one_leaf(reader, &selection);
    if (reader->out_of_memory || !domain)
        return number;
    const struct list *list = leaf_at(reader, number);
    for (size_t i = 0; i < list->count; i++)
        check_mailbox(reader, &list->entries[i], domain);
    return number;
}

static void
read_inbound_mapping(struct reader *reader, const struct node *node,
                     struct domains *domains)
{
    struct fields fields;
    struct entry entry = {0};
    if (!fields_read(reader, node, KEYS_INBOUND, "an inbound domain", &fields))
        return;
    const struct node *name = fields.values[KEY_INBOUND_DOMAIN];
    const struct node *mailboxes = fields.values[KEY_INBOUND_MAILBOXES];
    const struct node *delimiter = fields.values[KEY_INBOUND_DELIMITER];
    if (!fields.keys[KEY_INBOUND_DOMAIN])
        report_add(reader->report, FINDING_KEY_MISSING,
                   reader_place(reader, node), NULL,
                   "'domain' is missing in an inbound domain");
    bool named = name && one_domain(reader, name, "'domain'", &entry);
    struct domains one = *domains;
    if (mailboxes)
        one.mailboxes =
            read_mailboxes(reader, mailboxes, named ? &entry : NULL);
    if (delimiter)
        read_delimiter(reader, delimiter, &one.delimiter);
    if (named)
        add_domain(reader, &entry, &one);
    domains->index = one.index;
}

static void
read_inbound(struct reader *reader, const struct node *node, void *context)
{
    if (node->kind == NODE_MAPPING)
        read_inbound_mapping(reader, node, context);
    else
        lists_flatten(reader, node, PLACE_DOMAINS, add_domain, context);
}

/* -- reroute ------------------------------------------------------------ */

static bool
read_target(struct reader *reader, const struct node *node, struct text *target)
{
    struct entry entry = {0};
    if (!one_domain(reader, node, "a reroute target", &entry))
        return false;
    *target = entry.text;
    if (entry.kind == ENTRY_NAME)
        return true;
    report_add(reader->report, FINDING_REROUTE_TARGET,
               reader_place(reader, node), "write the domain alone",
               "a reroute target must be one domain, not '.%.*s%s'",
               QUOTED(entry.text));
    return false;
}

static void
read_reroute_entry(struct reader *reader, const struct node *key,
                   const struct node *value, struct domains *domains)
{
    domains->class = DOMAIN_REROUTE;
    if (node_is_null(value)) {
        report_add(reader->report, FINDING_VALUE_MISSING,
                   reader_place(reader, key), "write old.example: new.example",
                   "'%.*s%s' has no target", QUOTED(key->scalar));
        return;
    }
    if (!read_target(reader, value, &domains->target))
        return;
    lists_flatten(reader, key, PLACE_DOMAINS, add_domain, domains);
}

static void
read_reroute(struct reader *reader, const struct node *node, void *context)
{
    if (node->kind != NODE_MAPPING) {
        reader_wrong_type(reader, node, "'reroute'",
                          "a mapping (old.example: new.example)");
        return;
    }
    for (size_t i = 0; i < node->count; i++)
        read_reroute_entry(reader, node->keys[i], node->items[i], context);
}

/* The entry that decides about `name`: itself, else the longest below. */
static const struct domain_entry *
classify(struct reader *reader, const struct domains *domains, struct text name)
{
    const struct domain_entry *entries = reader->domains.items;
    uint32_t number;
    if (reader->out_of_memory)
        return NULL;
    if (text_map_find(&domains->index, name, &number))
        return &entries[number];
    for (size_t dot; (dot = text_find(name, '.')) != TEXT_NONE;
         name = text_from(name, dot + 1))
        if (text_map_find(&domains->index, text_from(name, dot), &number))
            return &entries[number];
    return NULL;
}

static void
check_targets(struct reader *reader, const struct domains *domains)
{
    const struct domain_entry *entries = reader->domains.items;
    for (size_t i = 0; i < reader->domains.count; i++) {
        if (entries[i].class != DOMAIN_REROUTE)
            continue;
        const struct domain_entry *at =
            classify(reader, domains, entries[i].target);
        if (at && at->class == DOMAIN_REROUTE)
            report_add(reader->report, FINDING_REROUTE_TWICE,
                       model_place(reader->model, entries[i].source),
                       "a recipient is rerouted once: name the last target",
                       "the target '%.*s%s' is itself rerouted, in line %u",
                       QUOTED(entries[i].target), at->source.line);
    }
}

/* -- the rest ----------------------------------------------------------- */

static void
add_literal(struct reader *reader, const struct entry *entry, void *context)
{
    (void)context;
    struct client_range *literal =
        reader_push(reader, &reader->literals, sizeof *literal);
    if (literal)
        *literal = (struct client_range){entry->range, entry->source};
}

static void
read_default_domain(struct reader *reader, const struct node *node,
                    const struct domains *domains)
{
    struct text text;
    char canonical[DOMAIN_TEXT_SIZE];
    if (!reader_text(reader, node, "'default-domain'", &text))
        return;
    struct text name = domain_parse(text, DOMAIN_MAIL, canonical);
    if (!name.size) {
        report_add(reader->report, FINDING_DEFAULT_DOMAIN,
                   reader_place(reader, node), "such as example.com",
                   "'%.*s%s' is not a domain name", QUOTED(text));
        return;
    }
    warn_confusable(reader->report, reader_place(reader, node), text, text);
    reader->model->default_domain = reader_copy(reader, name);
    const struct domain_entry *at = classify(reader, domains, name);
    if (!at || at->class != DOMAIN_INBOUND)
        report_add(reader->report, FINDING_DEFAULT_DOMAIN_FOREIGN,
                   reader_place(reader, node),
                   "list it under 'domains: inbound'",
                   "the default domain '%.*s%s' is not inbound", QUOTED(text));
}

static void
read_classes(struct reader *reader, const struct fields *fields,
             struct domains *domains, const struct node **always)
{
    const struct node *inbound = fields->values[KEY_DOMAINS_INBOUND];
    const struct node *relay = fields->values[KEY_DOMAINS_ALWAYS_RELAY];
    const struct node *reroute = fields->values[KEY_DOMAINS_REROUTE];
    const struct node *literals = fields->values[KEY_DOMAINS_LITERALS];
    domains->class = DOMAIN_INBOUND;
    if (inbound)
        reader_each(reader, inbound, "inbound", read_inbound, domains);
    domains->class = DOMAIN_ALWAYS_RELAY;
    size_t before = reader->domains.count;
    if (relay)
        lists_flatten(reader, relay, PLACE_DOMAINS, add_domain, domains);
    if (reader->domains.count > before)
        *always = fields->keys[KEY_DOMAINS_ALWAYS_RELAY];
    if (reroute && !reader_has_items(reroute))
        read_reroute(reader, reroute, domains);
    else if (reroute)
        reader_each(reader, reroute, "reroute", read_reroute, domains);
    if (literals)
        lists_flatten(reader, literals, PLACE_LITERALS, add_literal, NULL);
}

static void
warn_of_none(struct reader *reader, const struct node *node)
{
    const struct domain_entry *entries = reader->domains.items;
    for (size_t i = 0; i < reader->domains.count; i++)
        if (entries[i].class == DOMAIN_INBOUND ||
            entries[i].class == DOMAIN_REROUTE)
            return;
    report_add(reader->report, FINDING_NO_INBOUND, reader_place(reader, node),
               "if this host receives mail, list its domains under "
               "'domains: inbound'",
               "no domain is inbound: all mail is relayed or refused");
}

void
domains_read(struct reader *reader, const struct fields *policy,
             const struct node **always)
{
    struct domains domains = {.mailboxes = MAILBOXES_NONE,
                              .delimiter = DELIMITER_DEFAULT};
    struct fields fields;
    const struct node *node = policy->values[KEY_POLICY_DOMAINS];
    const struct node *key = policy->keys[KEY_POLICY_DOMAINS];
    const struct node *name = policy->values[KEY_POLICY_DEFAULT_DOMAIN];
    if (node && fields_read(reader, node, KEYS_DOMAINS, "'domains'", &fields))
        read_classes(reader, &fields, &domains, always);
    warn_of_none(reader, key ? key : policy->node);
    check_targets(reader, &domains);
    if (name)
        read_default_domain(reader, name, &domains);
    text_map_clear(&domains.index);
}
