/* Senders and recipients. */
#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "cases/example.h"
#include "cases/gather.h"

enum {
    PAIRS_MOST = 4096, /* of a local part and a domain */
    LITERALS_MOST = 8,
    ADDRESS_SIZE = MAILBOX_TEXT_SIZE
};

struct parts {
    struct text *items;
    size_t count, room;
};

/* One side of mail on its way into classes. */
struct side {
    struct values *values;
    enum step step;
    const struct text_set *mailboxes, *locals;
    const struct name_set *domains;
    enum attribute mailbox, local, domain;
    struct parts local_parts; /* one of each class, the first in none */
    struct parts names;       /* likewise */
    struct text *of_record;   /* by record of DOMAINS: some name of it */
};

/* -- adding --------------------------------------------------------------- */

static bool
is_asked_for(const struct values *v)
{
    const struct recipient_facts *recipient = &v->session->facts.recipient;
    return !recipient->is_relay && !recipient->is_postmaster &&
           recipient->check && recipient->check->mailboxes == MAILBOXES_ASK;
}

static void
add_address(const struct side *side, struct text address)
{
    static const enum value_exists ANSWERS[] = {EXISTS_YES, EXISTS_NO,
                                                EXISTS_FAILED};
    struct values *v = side->values;
    struct value value = {.kind = VALUE_TEXT, .text = address};
    if (side->step == STEP_RECIPIENT) {
        value_tell(v->session, STEP_RECIPIENT, &value);
        if (is_asked_for(v)) {
            for (size_t i = 0; i < 3; i++) {
                value.exists = ANSWERS[i];
                values_add(v, side->step, value);
            }
            return;
        }
    }
    values_add(v, side->step, value);
}

static void add_format(const struct side *side, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
add_format(const struct side *side, const char *format, ...)
{
    char text[ADDRESS_SIZE];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (size > 0 && (size_t)size < sizeof text)
        add_address(side, (struct text){text, (size_t)size});
}

static void
add_at(const struct side *side, struct text local, struct text domain)
{
    add_format(side, "%.*s@%.*s", TEXT_ARGS(local), TEXT_ARGS(domain));
}

static void
keep(const struct side *side, struct parts *parts, struct text text)
{
    struct values *v = side->values;
    struct text copy = arena_copy(&v->arena, text);
    if (!copy.data || !memory_grow(&parts->items, &parts->room,
                                   parts->count + 1, sizeof *parts->items))
        v->failed = true;
    else
        parts->items[parts->count++] = copy;
}

/* -- what no list names --------------------------------------------------- */

static void
keep_fresh_local(struct side *side)
{
    char text[32];
    uint32_t found = 1;
    struct output out = output_to(text, sizeof text);
    output_string(&out, "someone");
    for (unsigned i = 1; i < 10000; i++) {
        if (!text_set_lookup(side->locals, output_written(&out), &found) ||
            !found)
            break;
        out.size = sizeof "someone" - 1;
        output_number(&out, i);
    }
    keep(side, &side->local_parts, output_written(&out));
}

static void
keep_fresh_name(struct side *side)
{
    char text[32];
    for (unsigned i = 0; i < 10000; i++) {
        uint32_t found = 0;
        struct output out = output_to(text, sizeof text);
        output_string(&out, "far");
        if (i)
            output_number(&out, i);
        output_string(&out, ".example");
        if (!name_set_lookup(side->domains, output_written(&out), &found) ||
            !found)
            break;
    }
    keep(side, &side->names, text_of(text));
}

/* -- what lists name ------------------------------------------------------ */

static size_t
classes_of(const struct side *side, enum attribute attribute)
{
    return side->values->image->settings->class_count[attribute];
}

/* The record of `domains:` that a class of names has, NULL if it has none; and
 * its number. */
static const struct image_domain *
record_of(const struct side *side, uint32_t class, uint32_t *number)
{
    struct masks masks;
    uint32_t record = 0;
    if (!image_class(side->values->image, side->domain, class, &masks,
                     &record) ||
        !record)
        return NULL;
    *number = record - 1;
    return image_domain(side->values->image, *number);
}

/* Remembers a name of each record. */
static void
note_record(struct side *side, struct text name, uint32_t class)
{
    uint32_t number;
    if (record_of(side, class, &number) && !side->of_record[number].data)
        side->of_record[number] = arena_copy(&side->values->arena, name);
}

/* Where a domain's mailboxes are listed: of a rerouted one its target's. */
static uint32_t
mailboxes_of(const struct side *side, const struct image_domain *domain)
{
    const struct image *image = side->values->image;
    uint32_t class = 0;
    uint32_t number;
    if (domain->class == DOMAIN_REROUTE) {
        struct text target = text_of(image_string(image, domain->target));
        name_set_lookup(side->domains, target, &class);
        domain = record_of(side, class, &number);
    }
    return domain ? domain->mailboxes : MAILBOXES_NONE;
}

static void
add_name(struct side *side, struct quota *quota, const char *label,
         struct text name, uint32_t class)
{
    char text[DOMAIN_TEXT_SIZE];
    struct output out = output_to(text, sizeof text);
    output_string(&out, label);
    output_text(&out, name);
    if (out.size > DOMAIN_TEXT_MOST || !quota_take(quota, side->values, class))
        return;
    if (quota->taken[class] == 1)
        keep(side, &side->names, output_written(&out));
    if (side->of_record)
        note_record(side, output_written(&out), class);
    add_at(side, side->local_parts.items[0], output_written(&out));
}

static void
add_names(struct side *side)
{
    struct values *v = side->values;
    struct quota quota;
    struct named_value name;
    size_t at = 0;
    v->failed |= !quota_init(&quota, classes_of(side, side->domain));
    while (!v->failed && name_set_next(side->domains, &at, &name)) {
        add_name(side, &quota, "", name.name, name.exact);
        add_name(side, &quota, "far.", name.name, name.below);
    }
    quota_clear(&quota);
}

static void
add_locals(struct side *side)
{
    struct values *v = side->values;
    struct quota quota;
    struct keyed_value entry;
    size_t at = 0;
    v->failed |= !quota_init(&quota, classes_of(side, side->local));
    while (!v->failed && text_set_next(side->locals, &at, &entry)) {
        if (!quota_take(&quota, v, entry.value))
            continue;
        if (quota.taken[entry.value] == 1)
            keep(side, &side->local_parts, entry.key);
        add_at(side, entry.key, side->names.items[0]);
    }
    quota_clear(&quota);
}

static void
add_mailboxes(struct side *side)
{
    struct values *v = side->values;
    struct quota quota;
    struct keyed_value entry;
    size_t at = 0;
    v->failed |= !quota_init(&quota, classes_of(side, side->mailbox));
    while (!v->failed && text_set_next(side->mailboxes, &at, &entry))
        if (quota_take(&quota, v, entry.value))
            add_address(side, entry.key);
    quota_clear(&quota);
}

/* Each class of local parts in front of each class of names. */
static void
add_pairs(struct side *side)
{
    const struct parts *locals = &side->local_parts;
    const struct parts *names = &side->names;
    struct values *v = side->values;
    if (names->count && locals->count > PAIRS_MOST / names->count) {
        v->thinned = true;
        return;
    }
    for (size_t i = 1; i < locals->count && !v->failed; i++)
        for (size_t j = 1; j < names->count && !v->failed; j++)
            add_at(side, locals->items[i], names->items[j]);
}

static void
add_literal(const struct side *side, struct address address)
{
    char text[ADDRESS_TEXT_SIZE];
    struct output out = output_to(text, sizeof text);
    address_write(&out, address);
    for (size_t i = 0; i < side->local_parts.count && i < LITERALS_MOST; i++)
        add_format(side, "%.*s@[%s%s]", TEXT_ARGS(side->local_parts.items[i]),
                   address.family == ADDRESS_IPV6 ? "IPv6:" : "", text);
}

/* The ends of what the policy calls ours. */
static void
add_our_literals(const struct side *side, enum address_family family)
{
    const struct values *v = side->values;
    struct prefix_walk walk = prefix_walk_start(&v->image->literals, family);
    struct interval interval;
    struct address last;
    bool inside = false;
    for (size_t i = 0;
         i < v->members_most && prefix_walk_next(&walk, &interval); i++) {
        if (inside && address_previous(interval.first, &last))
            add_literal(side, last);
        inside = interval.value != 0;
        if (inside)
            add_literal(side, interval.first);
    }
}

/* A listener's own, of which the policy may have many. */
static void
add_listeners(const struct side *side)
{
    const struct choices *clients = &side->values->steps[STEP_CLIENT];
    for (size_t i = 0; i < clients->count && i < LITERALS_MOST; i++) {
        const struct value *client = &clients->classes[i].members[0];
        struct endpoint endpoint;
        if (client->listener &&
            endpoint_parse(text_of(client->listener), &endpoint))
            add_literal(side, endpoint.address);
    }
}

/* `side` has what no list names; the rest is added. */
static void
gather_side(struct side *side, enum list_use patterns)
{
    struct values *v = side->values;
    keep_fresh_local(side);
    keep_fresh_name(side);
    if (v->failed)
        return;
    add_at(side, side->local_parts.items[0], side->names.items[0]);
    add_names(side);
    add_locals(side);
    add_mailboxes(side);
    if (v->failed)
        return;
    add_pairs(side);
    add_our_literals(side, ADDRESS_IPV4);
    add_our_literals(side, ADDRESS_IPV6);
    add_listeners(side);
    add_format(side, "%.*s@[203.0.113.200]",
               TEXT_ARGS(side->local_parts.items[0]));
    gather_patterns(v, side->step, patterns);
}

static void
side_clear(struct side *side)
{
    memory_free(side->local_parts.items);
    memory_free(side->names.items);
    memory_free(side->of_record);
}

/* -- senders -------------------------------------------------------------- */

/* Senders with the same owners are not known to the sets: only the first of
 * very many are taken. */
static void
add_owned(struct side *side)
{
    struct values *v = side->values;
    struct keyed_value mailbox;
    struct named_value name;
    size_t at = 0;
    uint64_t before = v->left_out;
    struct quota quota;
    v->failed |= !quota_init(&quota, 1);
    while (!v->failed &&
           text_set_next(&v->image->owner_mailboxes, &at, &mailbox))
        if (quota_take(&quota, v, 0))
            add_address(side, mailbox.key);
    at = 0;
    while (!v->failed && name_set_next(&v->image->owner_domains, &at, &name)) {
        if (!quota_take(&quota, v, 0))
            continue;
        add_at(side, side->local_parts.items[0], name.name);
        add_format(side, "%.*s@far.%.*s", TEXT_ARGS(side->local_parts.items[0]),
                   TEXT_ARGS(name.name));
    }
    v->thinned |= v->asks_owners && v->left_out != before;
    quota_clear(&quota);
}

void
gather_sender(struct values *v)
{
    struct side side = {.values = v,
                        .step = STEP_SENDER,
                        .mailboxes = &v->image->senders,
                        .locals = &v->image->sender_locals,
                        .domains = &v->image->sender_domains,
                        .mailbox = ATTRIBUTE_SENDER,
                        .local = ATTRIBUTE_SENDER_LOCAL,
                        .domain = ATTRIBUTE_SENDER_DOMAIN};
    gather_side(&side, LIST_MAIL);
    if (!v->failed) {
        add_owned(&side);
        add_address(&side, TEXT("<>"));
        add_address(&side, TEXT("postmaster"));
        add_address(&side, TEXT("someone"));
        add_address(&side, TEXT("someone@-far.example"));
    }
    side_clear(&side);
    if (!v->failed)
        value_tell(v->session, STEP_SENDER, values_get(v, STEP_SENDER, 0, 0));
}

/* -- recipients ----------------------------------------------------------- */

/* At the domains whose mailboxes the list names: also at those from which mail
 * is rerouted there. */
static void
add_at_domains(struct side *side, uint32_t list, struct text local)
{
    const struct image *image = side->values->image;
    size_t records = image_count(image, SECTION_DOMAINS);
    for (uint32_t i = 0; i < records; i++) {
        const struct image_domain *domain = image_domain(image, i);
        struct text name = side->of_record[i];
        if (!name.data || mailboxes_of(side, domain) != list)
            continue;
        add_at(side, local, name);
        if (domain->delimiter)
            add_format(side, "%.*s%ctag@%.*s", TEXT_ARGS(local),
                       (char)domain->delimiter, TEXT_ARGS(name));
    }
}

static struct text
local_part_of(struct text mailbox)
{
    size_t at = text_find_last(mailbox, '@');
    return at == TEXT_NONE ? mailbox : text_slice(mailbox, 0, at);
}

/* Keys of mailbox lists begin with the number of their list. */
static void
add_listed(struct side *side, struct text key)
{
    uint32_t list;
    if (key.size < sizeof list)
        return;
    memcpy(&list, key.data, sizeof list);
    struct text mailbox = text_from(key, sizeof list);
    if (text_has(mailbox, '@'))
        add_address(side, mailbox);
    add_at_domains(side, list, local_part_of(mailbox));
}

/* A pattern may not care for the domain. */
static void
add_pattern(struct side *side, uint32_t list, uint32_t pattern)
{
    char room[ADDRESS_SIZE];
    struct output out = output_to(room, sizeof room);
    example_of_pattern(image_pattern(side->values->image, pattern), &out);
    add_at_domains(side, list, local_part_of(output_written(&out)));
}

static void
add_our_patterns(struct side *side)
{
    const struct image *image = side->values->image;
    size_t lists = image_count(image, SECTION_LISTS);
    gather_patterns(side->values, STEP_RECIPIENT, LIST_MAILBOXES);
    for (uint32_t i = 0; i < lists; i++) {
        const struct image_list *list = image_list(image, i);
        const uint32_t *patterns = image_list_patterns(image, list);
        if (!patterns || list->use != LIST_MAILBOXES)
            continue;
        for (uint32_t j = 0; j < list->pattern_count; j++)
            add_pattern(side, i, patterns[j]);
    }
}

static void
add_our_mailboxes(struct side *side)
{
    struct values *v = side->values;
    struct quota quota;
    struct keyed_value entry;
    size_t at = 0;
    v->failed |= !quota_init(&quota, image_count(v->image, SECTION_LISTS));
    while (!v->failed && text_set_next(&v->image->mailboxes, &at, &entry)) {
        uint32_t list = 0;
        if (entry.key.size >= sizeof list)
            memcpy(&list, entry.key.data, sizeof list);
        if (quota_take(&quota, v, list))
            add_listed(side, entry.key);
    }
    quota_clear(&quota);
    add_our_patterns(side);
}

/* Behind routing and in front of it. */
static void
add_routing(const struct side *side, struct text name)
{
    add_format(side, "someone%%far.example@%.*s", TEXT_ARGS(name));
    add_format(side, "far.example!someone@%.*s", TEXT_ARGS(name));
    add_format(side, "\"someone@far.example\"@%.*s", TEXT_ARGS(name));
    add_format(side, "IMCEASMTP-someone+40far+2Eexample@%.*s", TEXT_ARGS(name));
    add_format(side, "@%.*s:someone@far.example", TEXT_ARGS(name));
}

/* Of each kind of domain. */
static void
add_forms(const struct side *side)
{
    const struct image *image = side->values->image;
    size_t records = image_count(image, SECTION_DOMAINS);
    bool done[DOMAIN_REROUTE + 1] = {false};
    add_routing(side, side->names.items[0]);
    for (uint32_t i = 0; i < records; i++) {
        const struct image_domain *domain = image_domain(image, i);
        struct text name = side->of_record[i];
        if (!name.data)
            continue;
        add_format(side, "Postmaster@%.*s", TEXT_ARGS(name));
        if (domain->class > DOMAIN_REROUTE || done[domain->class])
            continue;
        done[domain->class] = true;
        add_routing(side, name);
    }
    add_address(side, TEXT("postmaster"));
    add_address(side, TEXT("someone"));
    add_address(side, TEXT("someone@-far.example"));
    add_address(side, TEXT(""));
}

void
gather_recipient(struct values *v)
{
    struct side side = {.values = v,
                        .step = STEP_RECIPIENT,
                        .mailboxes = &v->image->recipients,
                        .locals = &v->image->recipient_locals,
                        .domains = &v->image->recipient_domains,
                        .mailbox = ATTRIBUTE_RECIPIENT,
                        .local = ATTRIBUTE_RECIPIENT_LOCAL,
                        .domain = ATTRIBUTE_RECIPIENT_DOMAIN};
    side.of_record = memory_new(image_count(v->image, SECTION_DOMAINS) + 1,
                                sizeof *side.of_record);
    v->failed |= !side.of_record;
    if (!v->failed)
        gather_side(&side, LIST_MAIL);
    if (!v->failed) {
        add_our_mailboxes(&side);
        add_forms(&side);
    }
    side_clear(&side);
}
