/* Findings about domains, and what strangers may send to ours. */
#include "audit/findings.h"
#include "base/memory.h"
#include "image/provenance.h"
#include "mail/domain.h"
#include "mayrelay/session.h"

/* Where an entry of `domains:` stands; its class's list knows its hash. */
static struct place
place_of_domain(const struct finder *f, enum extra_list class, bool below,
                struct text name)
{
    uint32_t number = (uint32_t)image_count(f->image, SECTION_LISTS) -
                      EXTRA_LISTS + (uint32_t) class;
    struct place place = {image_file(f->image, 0), 0, 0};
    uint64_t hash = provenance_hash(name);
    struct provenance stream = provenance_of_list(f->image, number);
    struct provenance_item item;
    while (provenance_next(&stream, &item))
        if (item.hash == hash &&
            item.kind == (below ? ENTRY_BELOW : ENTRY_NAME))
            return (struct place){image_file(f->image, item.file), item.line,
                                  0};
    return place;
}

/* The record that the class of a recipient's domain leads to. */
static const struct image_domain *
domain_of_class(const struct image *image, uint32_t class)
{
    struct masks masks;
    uint32_t record = 0;
    if (!image_class(image, ATTRIBUTE_RECIPIENT_DOMAIN, class, &masks,
                     &record) ||
        !record)
        return NULL;
    return image_domain(image, record - 1);
}

/* An entry of `domains:` as the set of recipients' domains has it. */
struct named_domain {
    struct text name;
    bool below;
    const struct image_domain *domain;
};

/* -- each entry --------------------------------------------------------- */

struct counts {
    size_t unchecked, rerouted, wide, spoofable, inbound;
};

static bool
too_many(size_t *count)
{
    return ++*count > FINDINGS_OF_A_KIND;
}

static void
judge_mailboxes(struct finder *f, const struct named_domain *entry,
                struct counts *counts)
{
    if (entry->domain->mailboxes != MAILBOXES_NONE ||
        too_many(&counts->unchecked))
        return;
    report_add(f->report, FINDING_NO_MAILBOXES,
               place_of_domain(f, EXTRA_INBOUND, entry->below, entry->name),
               "add 'mailboxes', or 'mailboxes: ask'",
               "nobody checks who exists at '%s%.*s': mail for others is "
               "accepted first and bounced later, to forged senders",
               entry->below ? "." : "", TEXT_ARGS(entry->name));
    finder_settle(f, FINDING_NO_MAILBOXES, NULL);
}

static void
judge_target(struct finder *f, const struct named_domain *entry,
             struct counts *counts)
{
    struct text target = text_of(image_string(f->image, entry->domain->target));
    uint32_t class = 0;
    name_set_lookup(&f->image->recipient_domains, target, &class);
    const struct image_domain *domain = domain_of_class(f->image, class);
    if ((domain && domain->class == DOMAIN_INBOUND) ||
        too_many(&counts->rerouted))
        return;
    report_add(f->report, FINDING_REROUTE_FOREIGN,
               place_of_domain(f, EXTRA_REROUTE, entry->below, entry->name),
               "list the target as inbound, or as always-relay",
               "'%s%.*s' is rerouted to '%.*s', which is not ours: that needs "
               "the right to relay",
               entry->below ? "." : "", TEXT_ARGS(entry->name),
               TEXT_ARGS(target));
    finder_settle(f, FINDING_REROUTE_FOREIGN, NULL);
}

static void
judge_always_relay(struct finder *f, const struct named_domain *entry,
                   struct counts *counts)
{
    if (!entry->below || too_many(&counts->wide))
        return;
    report_add(f->report, FINDING_ALWAYS_RELAY_BELOW,
               place_of_domain(f, EXTRA_ALWAYS_RELAY, true, entry->name),
               "name the domains that get mail",
               "anybody may relay to every name below '%.*s', hosts inside "
               "included",
               TEXT_ARGS(entry->name));
    finder_settle(f, FINDING_ALWAYS_RELAY_BELOW, NULL);
}

/* What Exchange 5.5 took for granted of every domain. */
static void
judge_inbound(struct finder *f, const struct named_domain *entry,
              struct counts *counts)
{
    if (!entry->below || too_many(&counts->inbound))
        return;
    report_add(f->report, FINDING_INBOUND_BELOW,
               place_of_domain(f, EXTRA_INBOUND, true, entry->name),
               "name the sub-domains that get mail",
               "mail for every name below '%.*s' is taken for ours, also for "
               "names that nobody has set up",
               TEXT_ARGS(entry->name));
    finder_settle(f, FINDING_INBOUND_BELOW, NULL);
}

/* -- spoofing ----------------------------------------------------------- */

/* A stranger writes as somebody of ours, and MAIL is accepted. */
static bool
can_be_spoofed(const struct finder *f, const struct entrance *entrance,
               const char *sender, struct output *witness)
{
    mayrelay_session *session = mayrelay_session_new(f->audit->policy);
    struct endpoint listener = entrance_endpoint(f->image, entrance);
    char text[ENDPOINT_TEXT_SIZE] = "";
    struct output out = output_to(text, sizeof text);
    if (!session)
        return false;
    if (listener.port)
        endpoint_write(&out, listener);
    mayrelay_session_connect(session, "203.0.113.9", text[0] ? text : NULL);
    mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_KNOWN);
    mayrelay_session_resume(session);
    int code = mayrelay_session_mail(session, sender, MAYRELAY_ZSTR);
    output_format(
        witness,
        "*: connection from 203.0.113.9%s%s\nC: MAIL FROM:<%s>\n"
        "S: %s\n",
        text[0] ? " to our " : "", text, sender,
        mayrelay_decision_get_reply(mayrelay_session_get_decision(session)));
    mayrelay_session_free(session);
    return code == 250;
}

static void
judge_spoofing(struct finder *f, const struct named_domain *entry,
               struct counts *counts)
{
    char sender[DOMAIN_TEXT_SIZE + 16];
    struct output out = output_to(sender, sizeof sender);
    output_format(&out, "someone@%s%.*s", entry->below ? "far." : "",
                  TEXT_ARGS(entry->name));
    for (size_t i = 0; i < f->surface->entrances.count; i++) {
        const struct entrance *entrance = &f->surface->entrances.items[i];
        char witness[1024];
        struct output dialogue = output_to(witness, sizeof witness);
        if (!entrance_is_public(entrance) ||
            !can_be_spoofed(f, entrance, sender, &dialogue))
            continue;
        if (too_many(&counts->spoofable))
            return;
        report_add(f->report, FINDING_SPOOFABLE,
                   place_of_domain(f, EXTRA_INBOUND, entry->below, entry->name),
                   "deny senders: [$inbound] with 'authenticated: false' "
                   "under submit, but for your own servers",
                   "strangers may write as '%s'", sender);
        finder_settle(f, FINDING_SPOOFABLE, witness);
        return;
    }
}

/* -- the whole ---------------------------------------------------------- */

static void
judge_entry(struct finder *f, const struct named_domain *entry,
            struct counts *counts)
{
    switch ((enum domain_class)entry->domain->class) {
    case DOMAIN_FOREIGN: break;
    case DOMAIN_INBOUND:
        judge_mailboxes(f, entry, counts);
        judge_inbound(f, entry, counts);
        judge_spoofing(f, entry, counts);
        break;
    case DOMAIN_ALWAYS_RELAY: judge_always_relay(f, entry, counts); break;
    case DOMAIN_REROUTE: judge_target(f, entry, counts); break;
    }
}

/* The set has every name that any list names; only entries of `domains:`
 * themselves are of interest, and they have a line. */
static void
judge_side(struct finder *f, struct text name, bool below, uint32_t class,
           struct counts *counts)
{
    static const enum extra_list LISTS[] = {
        [DOMAIN_FOREIGN] = EXTRA_OWNERS,
        [DOMAIN_INBOUND] = EXTRA_INBOUND,
        [DOMAIN_ALWAYS_RELAY] = EXTRA_ALWAYS_RELAY,
        [DOMAIN_REROUTE] = EXTRA_REROUTE,
    };
    struct named_domain entry = {name, below, domain_of_class(f->image, class)};
    size_t seen = counts->unchecked + counts->rerouted + counts->wide;
    if (!entry.domain || entry.domain->class > DOMAIN_REROUTE ||
        seen > (size_t)3 * FINDINGS_OF_A_KIND)
        return;
    if (place_of_domain(f, LISTS[entry.domain->class], below, name).line)
        judge_entry(f, &entry, counts);
}

void
find_domains(struct finder *f)
{
    struct counts counts = {0};
    struct named_value name;
    size_t at = 0;
    while (name_set_next(&f->image->recipient_domains, &at, &name)) {
        judge_side(f, name.name, false, name.exact, &counts);
        judge_side(f, name.name, true, name.below, &counts);
    }
}
