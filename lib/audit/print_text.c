/* The audit for people. */
#include <string.h>

#include "audit/audit.h"
#include "audit/closure.h"
#include "audit/describe.h"
#include "audit/entries.h"
#include "base/output.h"

enum {
    NETWORKS_SHOWN = 8,
    WORDS_SHOWN = 8,
    BOXES_SHOWN = 40 /* of one grant */
};

struct printing {
    struct output *out;
    const struct mayrelay_audit *audit;
    struct entries_by_rule entries;
    struct lines lines;
    const struct grant *grant;
    size_t boxes;
    size_t words; /* of one kind of the box */
};

static void
print_source(struct printing *p, struct image_source source)
{
    output_format(p->out, "%s:%u", image_file(p->audit->image, source.file),
                  source.line);
}

static void
print_lines_indented(struct output *out, const char *text)
{
    struct text rest = text_of(text);
    struct text line;
    while (text_split(&rest, '\n', &line))
        if (line.size)
            output_format(out, "    %.*s\n", TEXT_ARGS(line));
}

static void
print_verdicts(struct printing *p)
{
    for (size_t i = 0; i < SOURCES; i++) {
        const struct verdict *verdict = &p->audit->verdicts.of[i];
        output_format(p->out, "%-9s %-12s %s\n",
                      mayrelay_audit_source_name((enum mayrelay_audit_source)i),
                      mayrelay_audit_verdict_name(verdict->value),
                      verdict->reason);
        if (verdict->witness)
            print_lines_indented(p->out, verdict->witness);
    }
    const struct unknown_proof *unknown = &p->audit->unknown;
    output_format(p->out, "%-9s %-12s ", "look-ups",
                  mayrelay_audit_verdict_name(unknown->holds
                                                  ? MAYRELAY_AUDIT_CLOSED
                                                  : MAYRELAY_AUDIT_INCOMPLETE));
    output_format(p->out,
                  "%s: no look-up that fails accepts what an answer could "
                  "refuse (%zu classes of names, %zu of groups)\n",
                  unknown->holds ? "proven" : "not proven", unknown->names,
                  unknown->groups);
    output_string(p->out, "assumed:\n");
    for (size_t i = 0; AUDIT_ASSUMPTIONS[i]; i++)
        output_format(p->out, "    %s\n", AUDIT_ASSUMPTIONS[i]);
}

/* -- networks ----------------------------------------------------------- */

static void
print_count(struct output *out, uint64_t count, const char *what)
{
    if (count)
        output_format(out, ", %llu %s", (unsigned long long)count, what);
}

static void
print_tally(struct output *out, const struct tally *tally)
{
    output_string(out, "in all");
    print_count(out, tally->ipv4_public, "public IPv4 addresses");
    print_count(out, tally->ipv4_internal, "internal IPv4 addresses");
    print_count(out, tally->ipv6_public, "public IPv6 /64");
    print_count(out, tally->ipv6_internal, "internal IPv6 /64");
}

static void
print_network(struct printing *p, struct range network,
              const struct entries *entries)
{
    const struct range_entry *entry = entries_find(entries, network.first);
    output_string(p->out, "    ");
    range_write(p->out, network);
    if (entry) {
        output_string(p->out, "  ");
        print_source(p, entries_source(entries, entry));
    }
    output_byte(p->out, '\n');
}

static void
print_networks(struct printing *p)
{
    const struct grant *grant = p->grant;
    const struct entries *entries = entries_of_grant(
        &p->entries, &p->audit->surface.diagrams[grant->connector], grant);
    struct network_walk walk = networks_of(grant);
    struct range network;
    size_t count = 0;
    for (; network_next(&walk, &network); count++)
        if (count < NETWORKS_SHOWN)
            print_network(p, network, entries);
    if (count > NETWORKS_SHOWN)
        output_format(p->out, "    and %zu more networks\n",
                      count - NETWORKS_SHOWN);
    output_string(p->out, "    ");
    print_tally(p->out, &grant->tally);
    output_byte(p->out, '\n');
}

/* -- boxes -------------------------------------------------------------- */

static bool
print_words(void *context, struct text text, struct image_source source)
{
    struct printing *p = context;
    if (p->words++ == WORDS_SHOWN) {
        output_string(p->out, ", ...");
        return false;
    }
    output_string(p->out, p->words > 1 ? ", " : "");
    output_text(p->out, text);
    if (source.line) {
        output_string(p->out, " (");
        print_source(p, source);
        output_byte(p->out, ')');
    }
    return true;
}

static bool
print_box(void *context, const struct box *box)
{
    struct printing *p = context;
    struct description description = {&p->audit->surface, &p->lines,
                                      print_words, p};
    if (p->boxes == BOXES_SHOWN)
        return false;
    p->boxes++;
    output_format(p->out, "  by %s (",
                  image_string(p->audit->image, box->rule->name));
    print_source(p, box->rule->source);
    output_string(p->out, ")\n");
    const char *title = "";
    for (size_t i = 0; i < box->count; i++) {
        const char *next =
            describe_dimension(box->sides[i].node.axis->dimension);
        if (strcmp(next, title) != 0) {
            output_format(p->out, "%s    %-13s", i ? "\n" : "", next);
            p->words = 0;
        }
        title = next;
        if (p->words <= WORDS_SHOWN)
            describe_side(&description, box, i);
    }
    output_string(p->out, box->count
                              ? "\n"
                              : "    anybody, from any sender to anybody\n");
    return true;
}

static void
print_grant(struct printing *p, const struct grant *grant)
{
    const struct surface *s = &p->audit->surface;
    const struct diagram *d = &s->diagrams[grant->connector];
    const struct entrance *entrance = &s->entrances.items[grant->entrance];
    p->grant = grant;
    p->boxes = 0;
    output_format(p->out, "\nconnector %s (",
                  image_string(s->image, d->rules.connector->name));
    print_source(p, d->rules.connector->source);
    output_string(p->out, "), listener ");
    if (entrance->listener.port ||
        entrance->listener.address.family != ADDRESS_NONE)
        endpoint_write(p->out, entrance->listener);
    else
        output_string(p->out, s->entrances.count > 1 ? "any other" : "any");
    if (entrance->more)
        output_format(p->out, " and %zu like it", entrance->more);
    output_string(p->out, ", clients\n");
    print_networks(p);
    uint64_t boxes = closure_count(d, grant->leads);
    closure_each(d, grant->leads, print_box, p);
    if (boxes > p->boxes)
        output_format(p->out, "  and %llu more ways\n",
                      (unsigned long long)(boxes - p->boxes));
}

size_t
mayrelay_audit_to_text(const mayrelay_audit *audit, char *buffer, size_t size)
{
    struct output out = output_to(buffer, size);
    struct printing p = {.out = &out, .audit = audit};
    if (!audit)
        return 0;
    p.entries.image = p.lines.image = audit->image;
    print_verdicts(&p);
    for (size_t i = 0; i < audit->surface.count; i++)
        print_grant(&p, &audit->surface.grants[i]);
    if (!audit->surface.count && !audit->surface.over_budget)
        output_string(&out, "\nnobody may relay anywhere\n");
    entries_by_rule_clear(&p.entries);
    lines_clear(&p.lines);
    return out.size;
}
