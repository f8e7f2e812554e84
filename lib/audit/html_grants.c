/* The closure in HTML: who may relay where, grant by grant. */
#include "audit/closure.h"
#include "audit/describe.h"
#include "audit/entries.h"
#include "audit/print_html.h"

/* A page is to be read: what is more is counted, and stands in the JSON. */
enum {
    GRANTS_SHOWN = 200,
    NETWORKS_AT_ONCE = 12, /* before the rest is folded */
    NETWORKS_SHOWN = 200,
    BOXES_SHOWN = 40,
    WORDS_SHOWN = 16 /* of one cell of a table */
};

struct page {
    struct output *out;
    const struct mayrelay_audit *audit;
    struct entries_by_rule entries;
    struct lines lines;
    size_t boxes;     /* of the grant */
    size_t words;     /* of the cell */
    const char *kind; /* of words: "group ", or empty */
};

static void
write_source(struct page *p, struct image_source source)
{
    html_place(p->out, image_file(p->audit->image, source.file), source.line);
}

static void
write_more(struct page *p, uint64_t count, const char *what)
{
    output_string(p->out, "<p class=\"more\">and ");
    html_number(p->out, count);
    output_format(p->out, " more %s</p>\n", what);
}

/* -- networks ----------------------------------------------------------- */

static void
write_count(struct page *p, uint64_t count, const char *what)
{
    if (!count)
        return;
    output_string(p->out, "<li><b>");
    html_number(p->out, count);
    output_format(p->out, "</b> %s</li>\n", what);
}

static void
write_tally(struct page *p, const struct tally *tally)
{
    output_string(p->out, "<ul class=\"tally\">\n");
    write_count(p, tally->ipv4_public, "public IPv4 addresses");
    write_count(p, tally->ipv4_internal, "internal IPv4 addresses");
    write_count(p, tally->ipv6_public, "public IPv6 /64");
    write_count(p, tally->ipv6_internal, "internal IPv6 /64");
    output_string(p->out, "</ul>\n");
}

static void
write_network(struct page *p, struct range network,
              const struct entries *entries)
{
    const struct range_entry *entry = entries_find(entries, network.first);
    output_string(p->out, "<li><code>");
    range_write(p->out, network);
    output_string(p->out, "</code>");
    if (entry)
        write_source(p, entries_source(entries, entry));
    output_string(p->out, "</li>\n");
}

static size_t
count_networks(const struct grant *grant)
{
    struct network_walk walk = networks_of(grant);
    struct range network;
    size_t count = 0;
    while (network_next(&walk, &network))
        count++;
    return count;
}

static void
write_networks(struct page *p, const struct diagram *d,
               const struct grant *grant)
{
    const struct entries *entries = entries_of_grant(&p->entries, d, grant);
    struct network_walk walk = networks_of(grant);
    struct range network;
    size_t count = count_networks(grant);
    output_string(p->out, "<ul class=\"networks\">\n");
    for (size_t i = 0; i < NETWORKS_SHOWN && network_next(&walk, &network);
         i++) {
        if (i == NETWORKS_AT_ONCE) {
            output_string(p->out, "</ul>\n<details><summary>");
            html_number(p->out, count - NETWORKS_AT_ONCE);
            output_string(p->out, " more networks</summary>\n"
                                  "<ul class=\"networks\">\n");
        }
        write_network(p, network, entries);
    }
    output_string(p->out, "</ul>\n");
    if (count > NETWORKS_SHOWN)
        write_more(p, count - NETWORKS_SHOWN, "networks");
    if (count > NETWORKS_AT_ONCE)
        output_string(p->out, "</details>\n");
}

/* -- ways --------------------------------------------------------------- */

enum column {
    COLUMN_NAME,
    COLUMN_ACCOUNT,
    COLUMN_SENDER,
    COLUMN_RECIPIENT,
    COLUMNS
};

static const char *const TITLES[COLUMNS] = {
    [COLUMN_NAME] = "Host name",
    [COLUMN_ACCOUNT] = "Account",
    [COLUMN_SENDER] = "Sender",
    [COLUMN_RECIPIENT] = "Recipient",
};

static enum column
column_of(enum dimension dimension)
{
    switch (dimension) {
    case DIMENSION_ADDRESS:
    case DIMENSION_NAME:
    case DIMENSION_NAME_PATTERN: return COLUMN_NAME;
    case DIMENSION_IDENTITY:
    case DIMENSION_GROUP:
    case DIMENSION_IDENTITY_PATTERN:
    case DIMENSION_TLS: return COLUMN_ACCOUNT;
    case DIMENSION_SENDER:
    case DIMENSION_SENDER_PATTERN:
    case DIMENSION_OWNED: return COLUMN_SENDER;
    case DIMENSION_RECIPIENT:
    case DIMENSION_RECIPIENT_PATTERN: return COLUMN_RECIPIENT;
    case DIMENSIONS: break;
    }
    return COLUMNS;
}

static bool
write_words(void *context, struct text text, struct image_source source)
{
    struct page *p = context;
    if (p->words++ == WORDS_SHOWN) {
        output_string(p->out, "<li>and more</li>");
        return false;
    }
    output_format(p->out, "<li>%s", p->kind);
    html_text(p->out, text);
    if (source.line)
        write_source(p, source);
    output_string(p->out, "</li>");
    return true;
}

static void
write_cell(struct page *p, const struct box *box, enum column column)
{
    struct description description = {&p->audit->surface, &p->lines,
                                      write_words, p};
    p->words = 0;
    output_format(p->out, "<td data-label=\"%s\"><ul>", TITLES[column]);
    for (size_t i = 0; i < box->count && p->words <= WORDS_SHOWN; i++) {
        enum dimension dimension = box->sides[i].node.axis->dimension;
        if (column_of(dimension) != column)
            continue;
        p->kind = dimension == DIMENSION_GROUP ? "group " : "";
        describe_side(&description, box, i);
    }
    if (!p->words)
        output_string(p->out, "<li class=\"any\">any</li>");
    output_string(p->out, "</ul></td>");
}

static bool
write_box(void *context, const struct box *box)
{
    struct page *p = context;
    if (p->boxes == BOXES_SHOWN)
        return false;
    p->boxes++;
    output_string(p->out, "<tr><th scope=\"row\">");
    html_string(p->out, image_string(p->audit->image, box->rule->name));
    write_source(p, box->rule->source);
    output_string(p->out, "</th>");
    for (int column = 0; column < COLUMNS; column++)
        write_cell(p, box, (enum column)column);
    output_string(p->out, "</tr>\n");
    return true;
}

static void
write_ways(struct page *p, const struct diagram *d, const struct grant *grant)
{
    uint64_t count = closure_count(d, grant->leads);
    output_string(p->out, "<table class=\"ways\">\n<caption>What these clients "
                          "may relay, and by which rule</caption>\n"
                          "<thead><tr><th scope=\"col\">Rule</th>");
    for (int column = 0; column < COLUMNS; column++)
        output_format(p->out, "<th scope=\"col\">%s</th>", TITLES[column]);
    output_string(p->out, "</tr></thead>\n<tbody>\n");
    p->boxes = 0;
    closure_each(d, grant->leads, write_box, p);
    output_string(p->out, "</tbody></table>\n");
    if (count > p->boxes)
        write_more(p, count - p->boxes, "ways");
}

/* -- grants ------------------------------------------------------------- */

static void
write_listener(struct page *p, const struct entrance *entrance)
{
    const struct surface *s = &p->audit->surface;
    output_string(p->out, "<p class=\"listener\">at ");
    if (entrance->listener.port ||
        entrance->listener.address.family != ADDRESS_NONE) {
        output_string(p->out, "listener <code>");
        endpoint_write(p->out, entrance->listener);
        output_string(p->out, "</code>");
    } else {
        output_string(p->out, s->entrances.count > 1 ? "any other listener"
                                                     : "any listener");
    }
    if (entrance->more)
        output_format(p->out, " and %zu like it", entrance->more);
    output_string(p->out, "</p>\n");
}

static void
write_grant(struct page *p, const struct grant *grant)
{
    const struct surface *s = &p->audit->surface;
    const struct diagram *d = &s->diagrams[grant->connector];
    output_string(p->out, "<article class=\"grant\">\n<h3>Connector ");
    html_string(p->out, image_string(s->image, d->rules.connector->name));
    write_source(p, d->rules.connector->source);
    output_string(p->out, "</h3>\n");
    write_listener(p, &s->entrances.items[grant->entrance]);
    output_string(p->out, "<h4>Clients</h4>\n");
    write_tally(p, &grant->tally);
    write_networks(p, d, grant);
    write_ways(p, d, grant);
    output_string(p->out, "</article>\n");
}

void
html_grants(struct output *out, const struct mayrelay_audit *audit)
{
    struct page p = {.out = out,
                     .audit = audit,
                     .entries = {.image = audit->image},
                     .lines = {.image = audit->image}};
    size_t count = audit->surface.count;
    output_string(out, "<section aria-labelledby=\"closure\">\n"
                       "<h2 id=\"closure\">Who may relay where</h2>\n");
    for (size_t i = 0; i < count && i < GRANTS_SHOWN; i++)
        write_grant(&p, &audit->surface.grants[i]);
    if (count > GRANTS_SHOWN)
        write_more(&p, count - GRANTS_SHOWN, "groups of clients");
    if (audit->surface.over_budget)
        output_string(out, "<p>Unknown: the policy combines in more ways than "
                           "the audit looks at.</p>\n");
    else if (!count)
        output_string(out, "<p>Nobody may relay anywhere.</p>\n");
    output_string(out, "</section>\n");
    entries_by_rule_clear(&p.entries);
    lines_clear(&p.lines);
}
