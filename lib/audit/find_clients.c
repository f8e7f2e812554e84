/* Findings about client networks, and the entries of relay rules. */
#include "audit/entries.h"
#include "audit/findings.h"

/* The entries of one relay allow rule, and what was found of each kind. */
struct rule_clients {
    struct finder *finder;
    const struct image_rule *rule;
    struct entries entries;
    size_t broad, internal, ours, covered, denied;
};

static const char *
rule_name(const struct rule_clients *r)
{
    return image_string(r->finder->image, r->rule->name);
}

static void
write_range(char *room, size_t size, struct range range)
{
    struct output out = output_to(room, size);
    range_write(&out, range);
}

/* Clients may relay because of where they are, and of nothing else. */
static bool
is_by_address(const struct image_rule *rule)
{
    return rule->authenticated != WISH_TRUE &&
           rule->sender_owned != WISH_TRUE &&
           !rule->select[SELECT_USERS].flags &&
           !rule->select[SELECT_CERTIFICATES].flags;
}

static void
report_entry(struct rule_clients *r, const struct range_entry *entry,
             size_t *count, enum finding id, const char *hint, const char *what)
{
    struct finder *f = r->finder;
    char network[2 * ADDRESS_TEXT_SIZE];
    if (++*count > FINDINGS_OF_A_KIND)
        return;
    write_range(network, sizeof network, entry->range);
    report_add(f->report, id,
               finder_place(f, entries_source(&r->entries, entry)), hint,
               "%s of '%s' %s", network, rule_name(r), what);
    finder_settle(f, id, NULL);
}

/* -- each entry --------------------------------------------------------- */

/* Public, and wider than a /24 of IPv4 or a /64 of IPv6. */
static void
judge_breadth(struct rule_clients *r, const struct range_entry *entry)
{
    struct tally tally = {0};
    tally_add(&tally, entry->range);
    if (tally.ipv4_public > 256 || tally.ipv6_public > 1)
        report_entry(r, entry, &r->broad, FINDING_RELAY_BROAD,
                     "name the machines that send mail, not their network",
                     "is broad: whoever gets an address in it may relay");
}

static bool
is_loopback(struct range range)
{
    return range_holds(RANGES_LOOPBACK[0], range) ||
           range_holds(RANGES_LOOPBACK[1], range);
}

static void
judge_internal(struct rule_clients *r, const struct range_entry *entry)
{
    struct tally tally = {0};
    tally_add(&tally, entry->range);
    if (is_loopback(entry->range) ||
        (!tally.ipv4_internal && !tally.ipv6_internal) ||
        !cover_meets(&r->finder->anonymous_inside, entry->range))
        return;
    bool whole = !tally.ipv4_public && !tally.ipv6_public;
    report_entry(r, entry, &r->internal, FINDING_RELAY_INTERNAL,
                 "give inside clients a connector that listens on a private "
                 "address; make sure that no address translation and no "
                 "container proxy stands before this one",
                 whole ? "is private, but may relay on a public listener: "
                         "behind address translation everybody seems to come "
                         "from there"
                       : "holds private addresses, which may relay on a public "
                         "listener: behind address translation everybody "
                         "seems to come from there");
}

/* A scanner or proxy on this machine makes every client look like it. */
static void
judge_ourselves(struct rule_clients *r, const struct range_entry *entry)
{
    const struct entrances *entrances = &r->finder->surface->entrances;
    bool ours = range_overlaps(entry->range, RANGES_LOOPBACK[0]) ||
                range_overlaps(entry->range, RANGES_LOOPBACK[1]);
    for (size_t i = 0; i < entrances->address_count && !ours; i++)
        ours = range_contains(entry->range, entrances->addresses[i]);
    if (ours)
        report_entry(r, entry, &r->ours, FINDING_RELAY_OURSELVES,
                     "exclude the addresses of this machine",
                     "holds an address of this machine: what comes through a "
                     "proxy or scanner on it may relay");
}

static void
judge_denied(struct rule_clients *r, const struct range_entry *entry)
{
    if (cover_meets(&r->finder->relaying, entry->range))
        return;
    report_entry(r, entry, &r->denied, FINDING_ENTRY_DENIED,
                 "take it out, or the deny rule that holds for it",
                 "lets nobody relay: it is denied as a whole, or meets another "
                 "connector");
}

/* Entries are sorted, the wider of two that begin alike first. */
static void
judge_covered(struct rule_clients *r, size_t number)
{
    const struct range_entry *entry = &r->entries.items[number];
    const struct range_entry *outer = number ? entry - 1 : NULL;
    if (!outer || address_compare(outer->highest, entry->range.last) < 0)
        return;
    report_entry(r, entry, &r->covered, FINDING_ENTRY_COVERED,
                 "take it out; nothing changes",
                 "is inside of other entries of the rule");
}

/* -- the rule ----------------------------------------------------------- */

static void
say_how_many_more(struct rule_clients *r, size_t count, enum finding id)
{
    if (count <= FINDINGS_OF_A_KIND)
        return;
    report_add(r->finder->report, id, finder_place(r->finder, r->rule->source),
               NULL, "... and %zu more entries of '%s'",
               count - FINDINGS_OF_A_KIND, rule_name(r));
    finder_settle(r->finder, id, NULL);
}

static void
judge_rule(struct finder *f, const struct image_rule *rule)
{
    struct rule_clients r = {.finder = f, .rule = rule};
    entries_build(&r.entries, f->image, rule);
    f->failed |= r.entries.failed;
    bool by_address = is_by_address(rule);
    for (size_t i = 0; i < r.entries.count; i++) {
        const struct range_entry *entry = &r.entries.items[i];
        if (by_address) {
            judge_breadth(&r, entry);
            judge_internal(&r, entry);
            judge_ourselves(&r, entry);
        }
        judge_denied(&r, entry);
        judge_covered(&r, i);
    }
    say_how_many_more(&r, r.broad, FINDING_RELAY_BROAD);
    say_how_many_more(&r, r.internal, FINDING_RELAY_INTERNAL);
    say_how_many_more(&r, r.ours, FINDING_RELAY_OURSELVES);
    say_how_many_more(&r, r.denied, FINDING_ENTRY_DENIED);
    say_how_many_more(&r, r.covered, FINDING_ENTRY_COVERED);
    entries_clear(&r.entries);
}

void
find_clients(struct finder *f)
{
    size_t count = image_count(f->image, SECTION_RULES);
    for (uint32_t i = 0; i < count && !f->failed; i++) {
        const struct image_rule *rule = image_rule(f->image, i);
        if (rule && rule->right == RIGHT_RELAY && !rule->deny &&
            !rule->always_relay)
            judge_rule(f, rule);
    }
}
