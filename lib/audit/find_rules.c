/* Findings about rules, connectors, accounts and host names. */
#include "audit/closure.h"
#include "audit/findings.h"
#include "base/memory.h"
#include "decide/facts.h"
#include "image/provenance.h"

/* -- accounts ----------------------------------------------------------- */

/* Accounts, and not just anybody, relay from the Internet without TLS. */
static const struct grant *
first_plain(const struct finder *f)
{
    for (size_t i = 0; i < f->surface->count; i++) {
        const struct grant *grant = &f->surface->grants[i];
        struct tally all = grant->tally;
        if (f->plain_account[i] && !f->anonymous[i] &&
            (all.ipv4_public || all.ipv6_public) &&
            entrance_is_public(entrance_of_grant(f, grant)))
            return grant;
    }
    return NULL;
}

static void
find_accounts(struct finder *f)
{
    const struct verdict *verdict =
        &f->audit->verdicts.of[MAYRELAY_SOURCE_ACCOUNT];
    if (verdict->value != MAYRELAY_AUDIT_OPEN || !verdict->rule ||
        f->audit->verdicts.of[MAYRELAY_SOURCE_STRANGER].value ==
            MAYRELAY_AUDIT_OPEN)
        return;
    report_add(f->report, FINDING_RELAY_ACCOUNTS,
               finder_place(f, verdict->rule->source),
               "name who may relay with 'users', or bind senders to accounts "
               "with 'owners' and 'sender-owned: true'",
               "'%s' lets every account relay from anywhere: one guessed "
               "password is enough, be it of a forgotten or built-in account",
               image_string(f->image, verdict->rule->name));
    finder_settle(f, FINDING_RELAY_ACCOUNTS, verdict->witness);
}

static void
find_plain_accounts(struct finder *f)
{
    const struct grant *grant = first_plain(f);
    if (!grant)
        return;
    const struct image_connector *connector =
        f->surface->diagrams[grant->connector].rules.connector;
    report_add(f->report, FINDING_RELAY_PLAIN,
               finder_place(f, connector->source),
               "deny with 'tls: false' under submit, or say 'tls: true' where "
               "accounts may relay",
               "connector '%s' lets accounts relay without TLS: passwords may "
               "travel in the clear",
               image_string(f->image, connector->name));
    finder_settle(f, FINDING_RELAY_PLAIN, NULL);
}

/* -- host names --------------------------------------------------------- */

static void
find_names(struct finder *f)
{
    const struct verdict *verdict = &f->audit->verdicts.of[MAYRELAY_SOURCE_DNS];
    if (verdict->value != MAYRELAY_AUDIT_CONDITIONAL || !verdict->rule ||
        f->audit->verdicts.of[MAYRELAY_SOURCE_STRANGER].value !=
            MAYRELAY_AUDIT_CLOSED)
        return;
    report_add(f->report, FINDING_RELAY_BY_NAME,
               finder_place(f, verdict->rule->source),
               "use addresses where you can",
               "'%s' trusts host names: who runs their DNS zones, or can "
               "forge its answers, decides who may relay",
               image_string(f->image, verdict->rule->name));
    finder_settle(f, FINDING_RELAY_BY_NAME, verdict->witness);
}

/* The rule of a slot looks at host names. */
static bool
hangs_on_names(const struct image *image, uint32_t slot)
{
    const struct image_block *block =
        image_block(image, slot / SLOTS_PER_BLOCK);
    uint64_t bit = UINT64_C(1) << slot % SLOTS_PER_BLOCK;
    const struct image_condition *clients =
        block ? &block->list[CONDITION_CLIENTS] : NULL;
    return clients && (clients->open_inc & bit) != 0;
}

/* -- rules -------------------------------------------------------------- */

struct named_rules {
    const struct image *image;
    bool *named; /* by rule */
};

static bool
mark_named(void *context, const struct box *box)
{
    struct named_rules *rules = context;
    size_t size = sizeof *box->rule;
    const char *first = image_section(rules->image, SECTION_RULES).data;
    rules->named[(size_t)((const char *)box->rule - first) / size] = true;
    return true;
}

/* Leaves, node by node: there may be very many boxes. */
static void
mark_leaves(struct finder *f, struct named_rules *rules)
{
    for (size_t i = 0; i < f->surface->count; i++) {
        const struct grant *grant = &f->surface->grants[i];
        const struct diagram *d = &f->surface->diagrams[grant->connector];
        f->failed |= !closure_each_leaf(d, grant->leads, mark_named, rules);
    }
}

static void
find_idle_rules(struct finder *f)
{
    size_t count = image_count(f->image, SECTION_RULES);
    struct named_rules rules = {f->image,
                                memory_new(count, sizeof *rules.named)};
    f->failed |= !rules.named;
    if (rules.named)
        mark_leaves(f, &rules);
    for (uint32_t i = 0; !f->failed && i < count; i++) {
        const struct image_rule *rule = image_rule(f->image, i);
        if (!rule || rule->right != RIGHT_RELAY || rule->deny ||
            rule->always_relay || rules.named[i])
            continue;
        report_add(f->report, FINDING_RULE_IDLE, finder_place(f, rule->source),
                   "take it out",
                   "'%s' lets no mail through: what it allows is denied, "
                   "cannot be, or is allowed by rules before it",
                   image_string(f->image, rule->name));
        finder_settle(f, FINDING_RULE_IDLE, NULL);
    }
    memory_free(rules.named);
}

static void
judge_deny(struct finder *f, const struct image_rule *rule, uint32_t slot)
{
    if (hangs_on_names(f->image, slot)) {
        report_add(f->report, FINDING_DENY_HANGS_ON_NAME,
                   finder_place(f, rule->source), "deny addresses instead",
                   "'%s' denies by host name: who owns the name can change "
                   "it, and mail waits while DNS does not answer",
                   image_string(f->image, rule->name));
        finder_settle(f, FINDING_DENY_HANGS_ON_NAME, NULL);
    }
    if (rule->code < 500) {
        report_add(f->report, FINDING_DENY_SOFT, finder_place(f, rule->source),
                   "where the domain has a second MX, that one needs the same "
                   "rule",
                   "'%s' answers %u: who is refused so tries the next MX of "
                   "the domain (RFC 2505 1.6)",
                   image_string(f->image, rule->name), rule->code);
        finder_settle(f, FINDING_DENY_SOFT, NULL);
    }
}

/* A rule at the top stands in a slot of every connector. */
static void
find_denies(struct finder *f)
{
    size_t slots = image_count(f->image, SECTION_SLOTS);
    size_t count = image_count(f->image, SECTION_RULES);
    bool *seen = memory_new(count, sizeof *seen);
    f->failed |= !seen;
    for (uint32_t slot = 0; seen && slot < slots; slot++) {
        uint32_t number = image_slot(f->image, slot);
        const struct image_rule *rule = image_rule(f->image, number);
        if (!rule || !rule->deny || seen[number])
            continue;
        seen[number] = true;
        judge_deny(f, rule, slot);
    }
    memory_free(seen);
}

static void
find_idle_connectors(struct finder *f)
{
    for (uint32_t c = 0; c < f->surface->connectors; c++) {
        const struct image_connector *connector = image_connector(f->image, c);
        if (f->surface->met[c] || !connector)
            continue;
        report_add(f->report, FINDING_CONNECTOR_IDLE,
                   finder_place(f, connector->source),
                   "take it out, or narrow the connectors that are chosen in "
                   "its place",
                   "no client ever meets connector '%s'",
                   image_string(f->image, connector->name));
        finder_settle(f, FINDING_CONNECTOR_IDLE, NULL);
    }
}

/* -- accounts that are listed for nothing -------------------------------- */

/* An account that some relay allow rule includes. */
static bool
is_listed(const struct diagram *d, const struct axis *axis, size_t cell)
{
    return words_meet(axis_included(axis, axis->point_of_cell[cell]),
                      ruleset_mask(&d->rules, RULES_ALLOW + RIGHT_RELAY),
                      d->rules.words);
}

static const struct axis *
identity_axis(const struct diagram *d)
{
    for (size_t i = 0; i < d->axes.count; i++)
        if (d->axes.items[i].dimension == DIMENSION_IDENTITY)
            return &d->axes.items[i];
    return NULL;
}

static bool
may_ever_relay(struct finder *f, uint32_t connector, size_t cell)
{
    const struct surface *s = f->surface;
    struct means means = {
        .names = true, .groups = true, .certificate = true, .one_cell = cell};
    struct search search;
    bool found = false;
    bool ready = search_init(&search, &s->diagrams[connector], means);
    f->failed |= !ready;
    for (size_t i = 0; ready && i < s->count && !found; i++)
        found = s->grants[i].connector == connector &&
                search_any(&search, s->grants[i].leads);
    search_clear(&search);
    return found;
}

static void
find_denied_users(struct finder *f, uint32_t connector)
{
    enum {
        ACCOUNTS_MOST = 200 /* classes of a connector */
    };
    const struct diagram *d = &f->surface->diagrams[connector];
    const struct axis *axis = identity_axis(d);
    size_t tried = 0;
    for (size_t cell = CELL_ANY_IDENTITY + 1;
         axis && cell < axis->cell_count && !f->failed; cell++) {
        const struct text_class *class =
            &f->surface->catalogue.identities[cell - 1];
        if (!class->count || !is_listed(d, axis, cell) ||
            ++tried > ACCOUNTS_MOST || may_ever_relay(f, connector, cell))
            continue;
        report_add(f->report, FINDING_USER_DENIED,
                   finder_place(f, d->rules.connector->source),
                   "take it out of one of the lists",
                   "account '%.*s'%s is listed to relay on connector '%s', "
                   "and never may",
                   TEXT_ARGS(class->samples[0]),
                   class->count > 1 ? " (and others like it)" : "",
                   image_string(f->image, d->rules.connector->name));
        finder_settle(f, FINDING_USER_DENIED, NULL);
    }
}

/* An account of a rule's `users` that counts as anonymous, whatever lists say.
 */
struct nobody {
    struct finder *finder;
    struct text name;
    uint64_t hash;
};

static void
find_nobody_in(const struct nobody *nobody, const struct image_rule *rule,
               uint32_t list)
{
    struct finder *f = nobody->finder;
    struct provenance stream = provenance_of_list(f->image, list);
    struct provenance_item item;
    while (provenance_next(&stream, &item)) {
        if (item.kind != ENTRY_IDENTITY || item.hash != nobody->hash)
            continue;
        report_add(
            f->report, FINDING_USER_ANONYMOUS,
            (struct place){image_file(f->image, item.file), item.line, 0},
            "take it out, or give whoever needs it an account",
            "'%.*s' is listed by '%s' to relay, and never may: it "
            "counts as anonymous",
            TEXT_ARGS(nobody->name), image_string(f->image, rule->name));
        finder_settle(f, FINDING_USER_ANONYMOUS, NULL);
    }
}

static void
find_nobody(const struct nobody *nobody)
{
    const struct image *image = nobody->finder->image;
    size_t count = image_count(image, SECTION_RULES);
    for (uint32_t i = 0; i < count; i++) {
        const struct image_rule *rule = image_rule(image, i);
        if (!rule || rule->right != RIGHT_RELAY || rule->deny)
            continue;
        const struct image_selection *users = &rule->select[SELECT_USERS];
        const uint32_t *lists =
            image_numbers(image, users->first, users->include_count);
        for (uint32_t j = 0; lists && j < users->include_count; j++)
            find_nobody_in(nobody, rule, lists[j]);
    }
}

static void
find_nobodies(struct finder *f)
{
    struct facts facts = {.image = f->image};
    struct keyed_value entry;
    size_t at = 0;
    while (text_set_next(&f->image->identities, &at, &entry)) {
        struct nobody nobody = {f, entry.key, provenance_hash(entry.key)};
        if (facts_is_anonymous(&facts, entry.key))
            find_nobody(&nobody);
    }
}

void
find_rules(struct finder *f)
{
    find_accounts(f);
    find_plain_accounts(f);
    find_names(f);
    find_denies(f);
    find_idle_rules(f);
    find_idle_connectors(f);
    find_nobodies(f);
    for (uint32_t c = 0; c < f->surface->connectors && !f->failed; c++)
        if (f->surface->met[c])
            find_denied_users(f, c);
}
