#include "mayrelay/coverage.h"

#include <stdlib.h>

#include "base/memory.h"
#include "decide/mailboxes.h"
#include "decide/matching.h"
#include "image/intern.h"
#include "image/policy.h"
#include "image/provenance.h"
#include "session/session.h"

/* What a list is for.  The first are conditions of rules. */
enum side {
    SIDE_MAILBOXES = RULE_CONDITIONS, /* of ours, by their list */
    SIDE_ASKED,                       /* recipients before reroute */
    SIDES
};

/* The values of one side. */
struct told {
    struct intern forms;    /* struct form: what entries may be */
    struct intern subjects; /* texts that patterns are tried on */
};

struct form {
    uint64_t hash;
    uint32_t kind, list;
};

struct spot {
    uint32_t file, line;
};

struct counted {
    const struct image_list *list;
    uint32_t number;
    unsigned sides; /* a bit each */
    struct spot first;
    size_t entries, matched;
    struct spot *missed;
    size_t missed_count, missed_room;
};

struct mayrelay_coverage {
    struct mayrelay_policy *policy;
    const struct image *image;
    struct pattern_matcher *matcher;
    struct told values[SIDES];
    struct address *clients; /* sorted when they are counted */
    size_t client_count, client_room;
    struct intern client_keys;
    struct counted *lists;
    size_t count;
    bool failed;
};

/* -- what lists are for --------------------------------------------------- */

static void
note_use(struct mayrelay_coverage *c, const struct image_selection *select,
         enum rule_condition condition)
{
    uint32_t count = select->include_count + select->exclude_count;
    const uint32_t *lists = image_numbers(c->image, select->first, count);
    for (uint32_t i = 0; lists && i < count; i++)
        if (lists[i] < c->count)
            c->lists[lists[i]].sides |= 1u << condition;
}

/* Lists of mail alone are for two things. */
static void
note_rules(struct mayrelay_coverage *c)
{
    size_t rules = image_count(c->image, SECTION_RULES);
    for (uint32_t i = 0; i < rules; i++) {
        const struct image_rule *rule = image_rule(c->image, i);
        note_use(c, &rule->select[SELECT_SENDERS], RULE_SENDERS);
        note_use(c, &rule->select[SELECT_RECIPIENTS], RULE_RECIPIENTS);
    }
}

static unsigned
sides_of_use(enum list_use use)
{
    switch (use) {
    case LIST_CLIENTS: return 1u << RULE_CLIENTS;
    case LIST_USERS: return 1u << RULE_USERS;
    case LIST_LISTENERS: return 1u << RULE_LISTENERS;
    case LIST_CERTIFICATES: return 1u << RULE_CERTIFICATES;
    case LIST_MAILBOXES: return 1u << SIDE_MAILBOXES;
    case LIST_MAIL: break;
    }
    return 0;
}

static void
note_lists(struct mayrelay_coverage *c)
{
    static const unsigned EXTRA[EXTRA_LISTS] = {
        [EXTRA_INBOUND] = 1u << RULE_RECIPIENTS,
        [EXTRA_ALWAYS_RELAY] = 1u << RULE_RECIPIENTS,
        [EXTRA_REROUTE] = 1u << SIDE_ASKED,
        [EXTRA_OWNERS] = 1u << RULE_SENDERS,
    };
    for (size_t i = 0; i < c->count; i++) {
        struct counted *counted = &c->lists[i];
        counted->list = image_list(c->image, (uint32_t)i);
        counted->number = (uint32_t)i;
        if (i + EXTRA_LISTS >= c->count)
            counted->sides = EXTRA[i + EXTRA_LISTS - c->count];
        else
            counted->sides |= sides_of_use((enum list_use)counted->list->use);
    }
}

/* -- values --------------------------------------------------------------- */

static void
add_form(struct mayrelay_coverage *c, unsigned side,
         const struct candidate *candidate, uint32_t list)
{
    struct form form = {candidate->hash, (uint32_t)candidate->kind, list};
    intern_add(&c->values[side].forms,
               (struct text){(const char *)&form, sizeof form});
}

static void
add_candidates(struct mayrelay_coverage *c, unsigned side,
               const struct candidates *all)
{
    for (size_t i = 0; i < all->count; i++)
        add_form(c, side, &all->items[i], 0);
    for (size_t i = 0; i < all->subjects.count; i++)
        intern_add(&c->values[side].subjects, subject_at(&all->subjects, i));
}

static void
add_address(struct mayrelay_coverage *c, struct address address)
{
    uint64_t key[3] = {address.family, address.high, address.low};
    size_t known = c->client_keys.count;
    uint32_t number = intern_add(&c->client_keys,
                                 (struct text){(const char *)key, sizeof key});
    if (number < known || c->client_keys.failed)
        return;
    if (!memory_grow(&c->clients, &c->client_room, c->client_count + 1,
                     sizeof *c->clients))
        c->failed = true;
    else
        c->clients[c->client_count++] = address;
}

static void
add_condition(struct mayrelay_coverage *c, const struct transaction *t,
              enum rule_condition condition)
{
    struct candidate_texts texts;
    struct candidates all;
    size_t names = condition == RULE_CLIENTS
                       ? t->sights[CONDITION_CLIENTS].subjects.count
                       : 0;
    for (size_t which = 0; which == 0 || which < names; which++) {
        matching_candidates(&all, t, condition, which, &texts);
        add_candidates(c, condition, &all);
    }
}

static void
add_our_mailbox(struct mayrelay_coverage *c, const struct transaction *t,
                const struct image_domain *domain)
{
    struct mailbox_forms forms;
    mailbox_forms(t, domain, &forms);
    for (size_t i = 0; i < forms.count; i++) {
        struct candidate local = {ENTRY_LOCAL_PART,
                                  provenance_hash(forms.locals[i]),
                                  forms.locals[i]};
        struct candidate key = {ENTRY_MAILBOX, provenance_hash(forms.keys[i]),
                                forms.keys[i]};
        add_form(c, SIDE_MAILBOXES, &local, domain->mailboxes);
        add_form(c, SIDE_MAILBOXES, &key, domain->mailboxes);
        intern_add(&c->values[SIDE_MAILBOXES].subjects, forms.wholes[i]);
    }
}

/* As it was given: of a rerouted one the facts have the target. */
static void
add_asked(struct mayrelay_coverage *c, const struct mayrelay_session *session)
{
    struct mailbox mailbox;
    struct candidates all = {.count = 0};
    uint32_t at = c->image->settings->default_domain;
    if (!session->facts.recipient.rerouted ||
        mailbox_parse(session->given.recipient,
                      text_of(image_string(c->image, at)),
                      &mailbox) != MAILBOX_AT_DOMAIN)
        return;
    matching_add_mailbox(&all, &mailbox, DOMAIN_FOREIGN);
    add_candidates(c, SIDE_ASKED, &all);
}

static void
add_recipient(struct mayrelay_coverage *c,
              const struct mayrelay_session *session)
{
    const struct transaction *t = &session->decision.transaction;
    const struct recipient_facts *recipient = &session->facts.recipient;
    const struct image_domain *check = recipient->check;
    if (!recipient->given || recipient->mailbox.kind == MAILBOX_MALFORMED)
        return;
    add_condition(c, t, RULE_RECIPIENTS);
    if (check && check->mailboxes < c->count)
        add_our_mailbox(c, t, check);
    add_asked(c, session);
}

static bool
has_failed(const struct mayrelay_coverage *c)
{
    bool failed = c->failed || c->client_keys.failed;
    for (size_t side = 0; side < SIDES; side++)
        failed |=
            c->values[side].forms.failed || c->values[side].subjects.failed;
    return failed;
}

enum mayrelay_status
mayrelay_coverage_add(mayrelay_coverage *c, const mayrelay_session *session)
{
    if (!c || !session || session->policy != c->policy)
        return MAYRELAY_ERR_ARGUMENT;
    const struct transaction *t = &session->decision.transaction;
    const struct facts *facts = &session->facts;
    if (facts->client.address.family == ADDRESS_NONE)
        return MAYRELAY_ERR_STAGE;
    add_address(c, facts->client.address);
    add_condition(c, t, RULE_CLIENTS);
    add_condition(c, t, RULE_LISTENERS);
    add_condition(c, t, RULE_CERTIFICATES);
    if (facts->identity.authenticated)
        add_condition(c, t, RULE_USERS);
    if (facts->sender.given && facts->sender.mailbox.kind != MAILBOX_MALFORMED)
        add_condition(c, t, RULE_SENDERS);
    add_recipient(c, session);
    return has_failed(c) ? MAYRELAY_ERR_MEMORY : MAYRELAY_OK;
}

/* -- entries -------------------------------------------------------------- */

static bool
range_is_matched(const struct mayrelay_coverage *c, struct range range)
{
    size_t low = 0;
    size_t high = c->client_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (address_compare(c->clients[middle], range.first) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->client_count && range_contains(range, c->clients[low]);
}

static bool
matches_some(const struct mayrelay_coverage *c, uint32_t pattern,
             const struct intern *subjects)
{
    struct text source = image_pattern(c->image, pattern);
    for (uint32_t i = 0; i < subjects->count; i++)
        if (pattern_set_match(policy_patterns(c->policy), pattern, source,
                              intern_get(subjects, i),
                              c->matcher) == PATTERN_YES)
            return true;
    return false;
}

static bool
pattern_is_matched(const struct mayrelay_coverage *c,
                   const struct counted *counted, uint64_t hash)
{
    const uint32_t *patterns = image_list_patterns(c->image, counted->list);
    for (uint32_t i = 0; patterns && i < counted->list->pattern_count; i++) {
        if (provenance_hash(image_pattern(c->image, patterns[i])) != hash)
            continue;
        for (unsigned side = 0; side < SIDES; side++)
            if (counted->sides & 1u << side &&
                matches_some(c, patterns[i], &c->values[side].subjects))
                return true;
    }
    return false;
}

static bool
is_matched(const struct mayrelay_coverage *c, const struct counted *counted,
           const struct provenance_item *item)
{
    if (item->kind == ENTRY_RANGE)
        return range_is_matched(c, item->range);
    if (item->kind == ENTRY_PATTERN)
        return pattern_is_matched(c, counted, item->hash);
    for (unsigned side = 0; side < SIDES; side++) {
        struct form form = {item->hash, (uint32_t)item->kind,
                            side == SIDE_MAILBOXES ? counted->number : 0};
        if (counted->sides & 1u << side &&
            intern_find(&c->values[side].forms,
                        (struct text){(const char *)&form, sizeof form}))
            return true;
    }
    return false;
}

static void
miss(struct mayrelay_coverage *c, struct counted *counted, struct spot spot)
{
    if (!memory_grow(&counted->missed, &counted->missed_room,
                     counted->missed_count + 1, sizeof *counted->missed))
        c->failed = true;
    else
        counted->missed[counted->missed_count++] = spot;
}

/* Line 0: an entry of a built-in list. */
static void
count_list(struct mayrelay_coverage *c, struct counted *counted)
{
    struct provenance stream = provenance_of_list(c->image, counted->number);
    struct provenance_item item;
    counted->entries = counted->matched = counted->missed_count = 0;
    while (!c->failed && provenance_next(&stream, &item)) {
        struct spot spot = {item.file, item.line};
        if (!item.line)
            continue;
        if (!counted->entries++)
            counted->first = spot;
        if (is_matched(c, counted, &item))
            counted->matched++;
        else
            miss(c, counted, spot);
    }
}

static int
by_address(const void *left, const void *right)
{
    return address_compare(*(const struct address *)left,
                           *(const struct address *)right);
}

enum mayrelay_status
mayrelay_coverage_count(mayrelay_coverage *c)
{
    if (!c)
        return MAYRELAY_ERR_ARGUMENT;
    if (c->client_count)
        qsort(c->clients, c->client_count, sizeof *c->clients, by_address);
    for (size_t i = 0; i < c->count; i++)
        count_list(c, &c->lists[i]);
    return has_failed(c) ? MAYRELAY_ERR_MEMORY : MAYRELAY_OK;
}

/* -- life ----------------------------------------------------------------- */

mayrelay_coverage *
mayrelay_coverage_new(mayrelay_policy *policy)
{
    struct mayrelay_coverage *c = policy ? memory_new(1, sizeof *c) : NULL;
    if (!c)
        return NULL;
    c->policy = mayrelay_policy_ref(policy);
    c->image = policy_image(policy);
    c->count = image_count(c->image, SECTION_LISTS);
    c->lists = memory_new(c->count + 1, sizeof *c->lists);
    c->matcher = pattern_matcher_new();
    if (c->lists && c->matcher) {
        note_rules(c);
        note_lists(c);
        return c;
    }
    mayrelay_coverage_free(c);
    return NULL;
}

void
mayrelay_coverage_free(mayrelay_coverage *c)
{
    if (!c)
        return;
    for (size_t side = 0; side < SIDES; side++) {
        intern_clear(&c->values[side].forms);
        intern_clear(&c->values[side].subjects);
    }
    for (size_t i = 0; c->lists && i < c->count; i++)
        memory_free(c->lists[i].missed);
    intern_clear(&c->client_keys);
    memory_free(c->clients);
    memory_free(c->lists);
    pattern_matcher_free(c->matcher);
    mayrelay_policy_unref(c->policy);
    memory_free(c);
}

/* -- getters -------------------------------------------------------------- */

size_t
mayrelay_coverage_count_lists(const mayrelay_coverage *c)
{
    return c ? c->count : 0;
}

static const struct counted *
list_at(const struct mayrelay_coverage *c, size_t index)
{
    static const struct counted NOTHING = {.entries = 0};
    return c && index < c->count ? &c->lists[index] : &NOTHING;
}

const char *
mayrelay_coverage_get_list(const mayrelay_coverage *c, size_t index)
{
    const struct image_list *list = list_at(c, index)->list;
    return list ? image_string(c->image, list->name) : NULL;
}

const char *
mayrelay_coverage_get_list_file(const mayrelay_coverage *c, size_t index)
{
    const struct counted *counted = list_at(c, index);
    return counted->entries ? image_file(c->image, counted->first.file) : NULL;
}

uint32_t
mayrelay_coverage_get_list_line(const mayrelay_coverage *c, size_t index)
{
    return list_at(c, index)->first.line;
}

size_t
mayrelay_coverage_get_list_entries(const mayrelay_coverage *c, size_t index)
{
    return list_at(c, index)->entries;
}

size_t
mayrelay_coverage_get_list_matched(const mayrelay_coverage *c, size_t index)
{
    return list_at(c, index)->matched;
}

const char *
mayrelay_coverage_get_missed_file(const mayrelay_coverage *c, size_t index,
                                  size_t number)
{
    const struct counted *counted = list_at(c, index);
    return number < counted->missed_count
               ? image_file(c->image, counted->missed[number].file)
               : NULL;
}

uint32_t
mayrelay_coverage_get_missed_line(const mayrelay_coverage *c, size_t index,
                                  size_t number)
{
    const struct counted *counted = list_at(c, index);
    return number < counted->missed_count ? counted->missed[number].line : 0;
}
