#include "decide/matching.h"

#include "decide/mailboxes.h"
#include "image/provenance.h"

static void
add_hash(struct candidates *all, enum entry_kind kind, uint64_t hash,
         struct text text)
{
    if (all->count < CANDIDATES_MOST)
        all->items[all->count++] = (struct candidate){kind, hash, text};
}

void
matching_add(struct candidates *all, enum entry_kind kind, struct text text)
{
    add_hash(all, kind, provenance_hash(text), text);
}

void
matching_add_name(struct candidates *all, struct text name)
{
    matching_add(all, ENTRY_NAME, name);
    for (size_t dot; (dot = text_find(name, '.')) != TEXT_NONE;) {
        name = text_from(name, dot + 1);
        matching_add(all, ENTRY_BELOW, name);
    }
}

void
matching_add_mailbox(struct candidates *all, const struct mailbox *mailbox,
                     enum domain_class class)
{
    if (mailbox->kind == MAILBOX_NULL) {
        matching_add(all, ENTRY_NULL_SENDER, TEXT("<>"));
        return;
    }
    matching_add(all, ENTRY_MAILBOX, mailbox->key);
    matching_add(all, ENTRY_LOCAL_PART, mailbox->local_key);
    if (mailbox->kind == MAILBOX_AT_DOMAIN)
        matching_add_name(all, mailbox->domain);
    else
        all->ours = class == DOMAIN_INBOUND;
}

/* `folded` has room for IDENTITY_MOST and outlives the candidates. */
static void
add_identity(struct candidates *all, const struct identity_facts *identity,
             char *folded)
{
    struct text name = {identity->name, identity->name_size};
    text_fold(folded, name);
    matching_add(all, ENTRY_IDENTITY, (struct text){folded, name.size});
    if (identity->groups_state != LOOK_UP_KNOWN)
        return;
    for (size_t i = 0; i < identity->group_count; i++)
        add_hash(all, ENTRY_GROUP, identity->groups[i].hash,
                 text_of(identity->groups[i].name));
}

static void
add_listener(struct candidates *all, struct endpoint listener,
             struct candidate_texts *scratch)
{
    struct endpoint forms[LISTENER_FORMS_MOST];
    unsigned count = listener_forms(listener, forms);
    for (unsigned i = 0; i < count; i++) {
        char key[ENDPOINT_KEY_SIZE];
        char *text = scratch->endpoints[i];
        struct output out = output_to(text, ENDPOINT_TEXT_SIZE);
        endpoint_write(&out, forms[i]);
        add_hash(all, ENTRY_ENDPOINT,
                 provenance_hash(endpoint_key(forms[i], key)),
                 output_written(&out));
    }
}

void
matching_candidates(struct candidates *all, const struct transaction *t,
                    enum rule_condition condition, size_t which,
                    struct candidate_texts *scratch)
{
    const struct facts *facts = t->facts;
    *all = (struct candidates){.count = 0};
    switch (condition) {
    case RULE_CLIENTS:
        all->address = facts->client.address;
        if (which < t->sights[CONDITION_CLIENTS].subjects.count) {
            all->subjects.one =
                subject_at(&t->sights[CONDITION_CLIENTS].subjects, which);
            all->subjects.count = 1;
            matching_add_name(all, all->subjects.one);
        }
        return;
    case RULE_LISTENERS:
        add_listener(all, facts->client.listener, scratch);
        return;
    case RULE_CERTIFICATES:
        add_hash(all, ENTRY_FINGERPRINT, facts->identity.certificate_hash,
                 TEXT("the client's certificate"));
        return;
    case RULE_USERS:
        all->subjects = t->sights[CONDITION_USERS].subjects;
        add_identity(all, &facts->identity, scratch->folded);
        return;
    case RULE_SENDERS:
        all->subjects = t->sights[CONDITION_SENDERS].subjects;
        matching_add_mailbox(all, &facts->sender.mailbox, facts->sender.class);
        return;
    case RULE_RECIPIENTS:
        all->subjects = t->sights[CONDITION_RECIPIENTS].subjects;
        matching_add_mailbox(all, &facts->recipient.mailbox,
                             facts->recipient.class);
        return;
    case RULE_TLS:
    case RULE_AUTHENTICATED:
    case RULE_SENDER_OWNED:
    case RULE_CONDITIONS: return;
    }
}

/* -- one entry ---------------------------------------------------------- */

static void
write_entry(struct output *out, const struct candidate *candidate)
{
    switch (candidate->kind) {
    case ENTRY_BELOW: output_byte(out, '.'); break;
    case ENTRY_NULL_SENDER: output_string(out, "<>"); return;
    case ENTRY_ENDPOINT:
    case ENTRY_NAME:
    case ENTRY_RANGE:
    case ENTRY_MAILBOX:
    case ENTRY_LOCAL_PART:
    case ENTRY_PATTERN:
    case ENTRY_IDENTITY:
    case ENTRY_GROUP:
    case ENTRY_FINGERPRINT: break;
    }
    output_printable(out, candidate->text);
    if (candidate->kind == ENTRY_LOCAL_PART)
        output_byte(out, '@');
}

/* The pattern of a list whose source has this hash, if it matches. */
static bool
pattern_matches(const struct transaction *t, const struct image_list *list,
                uint64_t hash, const struct subjects *subjects,
                struct output *out)
{
    const uint32_t *patterns = image_list_patterns(t->image, list);
    for (uint32_t i = 0; patterns && i < list->pattern_count; i++) {
        struct text source = image_pattern(t->image, patterns[i]);
        if (provenance_hash(source) != hash)
            continue;
        if (pattern_match(t, patterns[i], subjects) != TRUTH_YES)
            return false;
        output_byte(out, '/');
        output_printable(out, source);
        output_byte(out, '/');
        return true;
    }
    return false;
}

static bool
entry_matches(const struct transaction *t, const struct image_list *list,
              const struct candidates *all, const struct provenance_item *item,
              struct output *out)
{
    if (item->kind == ENTRY_RANGE) {
        if (all->address.family == ADDRESS_NONE ||
            !range_contains(item->range, all->address))
            return false;
        range_write(out, item->range);
        return true;
    }
    if (item->kind == ENTRY_PATTERN)
        return all->subjects.count &&
               pattern_matches(t, list, item->hash, &all->subjects, out);
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].kind == item->kind &&
            all->items[i].hash == item->hash) {
            write_entry(out, &all->items[i]);
            return true;
        }
    return false;
}

/* -- lists -------------------------------------------------------------- */

static bool
list_matches(const struct transaction *t, uint32_t number,
             const struct candidates *all, struct matched *matched)
{
    const struct image_list *list = image_list(t->image, number);
    struct provenance stream = provenance_of_list(t->image, number);
    struct provenance_item item;
    while (provenance_next(&stream, &item)) {
        struct output out = output_to(matched->entry, sizeof matched->entry);
        if (!entry_matches(t, list, all, &item, &out))
            continue;
        matched->list = image_string(t->image, list->name);
        matched->file = image_file(t->image, item.file);
        matched->line = item.line;
        return true;
    }
    return false;
}

static bool
lists_match(const struct transaction *t, const uint32_t *lists, uint32_t count,
            const struct candidates *all, struct matched *matched)
{
    for (uint32_t i = 0; lists && i < count; i++)
        if (list_matches(t, lists[i], all, matched))
            return true;
    return false;
}

static void
name_place(const struct transaction *t, struct image_source source,
           struct matched *matched)
{
    matched->file = image_file(t->image, source.file);
    matched->line = source.line;
}

/* An entry that is the rule's own and built in. */
static bool
built_in_entry(const struct transaction *t,
               const struct image_selection *select, const char *name,
               struct matched *matched)
{
    struct output out = output_to(matched->entry, sizeof matched->entry);
    output_string(&out, name);
    matched->list = "";
    name_place(t, select->source, matched);
    return true;
}

/* $inbound and $always-relay: the entry of `domains:` behind them, or, where
 * there is none (our own address literal, bare postmaster), themselves. */
static bool
built_in_matches(const struct transaction *t,
                 const struct image_selection *select, bool exclusions,
                 const struct candidates *all, struct matched *matched)
{
    uint32_t first =
        (uint32_t)image_count(t->image, SECTION_LISTS) - EXTRA_LISTS;
    uint32_t inbound = exclusions ? SELECTION_NOT_INBOUND : SELECTION_INBOUND;
    uint32_t always =
        exclusions ? SELECTION_NOT_ALWAYS_RELAY : SELECTION_ALWAYS_RELAY;
    if (select->flags & inbound &&
        (list_matches(t, first + EXTRA_INBOUND, all, matched) ||
         list_matches(t, first + EXTRA_REROUTE, all, matched)))
        return true;
    if (select->flags & always &&
        list_matches(t, first + EXTRA_ALWAYS_RELAY, all, matched))
        return true;
    if (!exclusions && select->flags & SELECTION_ALL)
        return built_in_entry(t, select, "$all", matched);
    if (select->flags & inbound && all->ours)
        return built_in_entry(t, select, "$inbound", matched);
    return false;
}

/* The most specific key of `owners:`: mailbox, name, longest sub-domain; this
 * is the order of the candidates. */
static bool
matching_owner(const struct transaction *t, struct matched *matched)
{
    uint32_t list = (uint32_t)image_count(t->image, SECTION_LISTS) -
                    EXTRA_LISTS + EXTRA_OWNERS;
    struct candidates all = {.count = 0};
    matching_add_mailbox(&all, &t->facts->sender.mailbox, DOMAIN_FOREIGN);
    for (size_t i = 0; i < all.count; i++) {
        struct candidates one = {.count = 1, .items = {all.items[i]}};
        if (list_matches(t, list, &one, matched))
            return true;
    }
    return false;
}

static bool
selection_of(enum rule_condition condition, enum selection_kind *kind)
{
    switch (condition) {
    case RULE_CLIENTS: *kind = SELECT_CLIENTS; return true;
    case RULE_LISTENERS: *kind = SELECT_LISTENERS; return true;
    case RULE_CERTIFICATES: *kind = SELECT_CERTIFICATES; return true;
    case RULE_USERS: *kind = SELECT_USERS; return true;
    case RULE_SENDERS: *kind = SELECT_SENDERS; return true;
    case RULE_RECIPIENTS: *kind = SELECT_RECIPIENTS; return true;
    case RULE_TLS:
    case RULE_AUTHENTICATED:
    case RULE_SENDER_OWNED:
    case RULE_CONDITIONS: break;
    }
    return false;
}

bool
matching_entry(const struct transaction *t, const struct image_rule *rule,
               enum rule_condition condition, bool exclusions,
               struct matched *matched)
{
    enum selection_kind kind;
    if (condition == RULE_SENDER_OWNED)
        return !exclusions && matching_owner(t, matched);
    if (!selection_of(condition, &kind))
        return false;
    const struct image_selection *select = &rule->select[kind];
    uint32_t first = select->first + (exclusions ? select->include_count : 0);
    uint32_t count = exclusions ? select->exclude_count : select->include_count;
    const uint32_t *lists = image_numbers(t->image, first, count);
    size_t names = condition == RULE_CLIENTS
                       ? t->sights[CONDITION_CLIENTS].subjects.count
                       : 0;
    struct candidate_texts scratch;
    struct candidates all;
    for (size_t which = 0; which == 0 || which < names; which++) {
        matching_candidates(&all, t, condition, which, &scratch);
        if (lists_match(t, lists, count, &all, matched) ||
            built_in_matches(t, select, exclusions, &all, matched)) {
            if (matched->line == 0) /* $private and its like: as named here */
                name_place(t, select->source, matched);
            return true;
        }
    }
    return false;
}

bool
matching_mailbox(const struct transaction *t, struct matched *matched)
{
    const struct recipient_facts *recipient = &t->facts->recipient;
    const struct image_domain *domain = recipient->check;
    struct mailbox_forms forms;
    mailbox_forms(t, domain, &forms);
    for (size_t i = 0; i < forms.count; i++) {
        struct candidates all = {.count = 0};
        matching_add(&all, ENTRY_LOCAL_PART, forms.locals[i]);
        matching_add(&all, ENTRY_MAILBOX, forms.keys[i]);
        all.subjects = (struct subjects){.one = forms.wholes[i], .count = 1};
        if (list_matches(t, domain->mailboxes, &all, matched))
            return true;
    }
    return false;
}
