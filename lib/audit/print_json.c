/* The audit for programs: nothing is left out but members of large classes. */
#include "audit/audit.h"
#include "audit/closure.h"
#include "audit/describe.h"
#include "audit/entries.h"
#include "base/json.h"

enum {
    BOXES_MOST = 10000 /* of one grant */
};

struct writing {
    struct json *json;
    const struct mayrelay_audit *audit;
    struct entries_by_rule entries;
    struct lines lines;
    size_t boxes;
};

static void
write_source(struct writing *w, struct image_source source)
{
    char room[1024];
    struct output out = output_to(room, sizeof room);
    output_format(&out, "%s:%u", image_file(w->audit->image, source.file),
                  source.line);
    json_text(w->json, output_written(&out));
}

static void
write_string(struct json *json, const char *key, const char *string)
{
    json_key(json, key);
    json_string(json, string);
}

void
audit_write_verdicts(struct json *json, const struct mayrelay_audit *audit)
{
    json_key(json, "verdicts");
    json_open_object(json);
    for (size_t i = 0; i < SOURCES; i++) {
        const struct verdict *verdict = &audit->verdicts.of[i];
        json_key(json,
                 mayrelay_audit_source_name((enum mayrelay_audit_source)i));
        json_open_object(json);
        write_string(json, "verdict",
                     mayrelay_audit_verdict_name(verdict->value));
        write_string(json, "reason", verdict->reason);
        write_string(json, "witness", verdict->witness);
        json_close_object(json);
    }
    json_close_object(json);
    json_key(json, "unknown_is_closed");
    json_bool(json, audit->unknown.holds);
    json_key(json, "assumptions");
    json_open_array(json);
    for (size_t i = 0; AUDIT_ASSUMPTIONS[i]; i++)
        json_string(json, AUDIT_ASSUMPTIONS[i]);
    json_close_array(json);
}

/* -- boxes -------------------------------------------------------------- */

/* Each as [words], or [words, "file:line"] of the entry. */
static bool
write_words(void *context, struct text words, struct image_source source)
{
    struct writing *w = context;
    json_open_array(w->json);
    json_text(w->json, words);
    if (source.line)
        write_source(w, source);
    json_close_array(w->json);
    return true;
}

static bool
write_box(void *context, const struct box *box)
{
    struct writing *w = context;
    struct description description = {&w->audit->surface, &w->lines,
                                      write_words, w};
    if (w->boxes == BOXES_MOST)
        return false;
    w->boxes++;
    json_open_object(w->json);
    write_string(w->json, "rule",
                 image_string(w->audit->image, box->rule->name));
    json_key(w->json, "source");
    write_source(w, box->rule->source);
    json_key(w->json, "where");
    json_open_array(w->json);
    for (size_t i = 0; i < box->count; i++) {
        json_open_object(w->json);
        json_key(w->json,
                 describe_dimension(box->sides[i].node.axis->dimension));
        json_open_array(w->json);
        describe_side(&description, box, i);
        json_close_array(w->json);
        json_close_object(w->json);
    }
    json_close_array(w->json);
    json_close_object(w->json);
    return true;
}

/* -- networks ----------------------------------------------------------- */

static void
write_count(struct writing *w, const char *key, uint64_t count)
{
    json_key(w->json, key);
    json_number(w->json, count);
}

static void
write_network(struct writing *w, struct range network,
              const struct entries *entries)
{
    char room[2 * ADDRESS_TEXT_SIZE];
    struct output out = output_to(room, sizeof room);
    const struct range_entry *entry = entries_find(entries, network.first);
    range_write(&out, network);
    json_open_array(w->json);
    json_text(w->json, output_written(&out));
    if (entry)
        write_source(w, entries_source(entries, entry));
    json_close_array(w->json);
}

/* Each as [network], or [network, "file:line"] of the entry. */
static void
write_networks(struct writing *w, const struct grant *grant)
{
    const struct entries *entries = entries_of_grant(
        &w->entries, &w->audit->surface.diagrams[grant->connector], grant);
    struct network_walk walk = networks_of(grant);
    struct range network;
    json_key(w->json, "networks");
    json_open_array(w->json);
    while (network_next(&walk, &network))
        write_network(w, network, entries);
    json_close_array(w->json);
    write_count(w, "ipv4_public", grant->tally.ipv4_public);
    write_count(w, "ipv4_internal", grant->tally.ipv4_internal);
    write_count(w, "ipv6_public_64s", grant->tally.ipv6_public);
    write_count(w, "ipv6_internal_64s", grant->tally.ipv6_internal);
}

static void
write_listener(struct writing *w, const struct entrance *entrance)
{
    char room[ENDPOINT_TEXT_SIZE];
    struct output out = output_to(room, sizeof room);
    json_key(w->json, "listener");
    if (!entrance->listener.port &&
        entrance->listener.address.family == ADDRESS_NONE) {
        json_null(w->json);
        return;
    }
    endpoint_write(&out, entrance->listener);
    json_text(w->json, output_written(&out));
}

static void
write_grant(struct writing *w, const struct grant *grant)
{
    const struct surface *s = &w->audit->surface;
    const struct diagram *d = &s->diagrams[grant->connector];
    json_open_object(w->json);
    write_string(w->json, "connector",
                 image_string(s->image, d->rules.connector->name));
    json_key(w->json, "source");
    write_source(w, d->rules.connector->source);
    write_listener(w, &s->entrances.items[grant->entrance]);
    write_networks(w, grant);
    write_count(w, "way_count", closure_count(d, grant->leads));
    json_key(w->json, "ways");
    json_open_array(w->json);
    w->boxes = 0;
    closure_each(d, grant->leads, write_box, w);
    json_close_array(w->json);
    json_close_object(w->json);
}

size_t
mayrelay_audit_to_json(const mayrelay_audit *audit, char *buffer, size_t size)
{
    struct output out = output_to(buffer, size);
    struct json json = json_to(&out);
    struct writing w = {.json = &json, .audit = audit};
    if (!audit) {
        json_null(&json);
        return out.size;
    }
    w.entries.image = w.lines.image = audit->image;
    json_open_object(&json);
    audit_write_verdicts(&json, audit);
    write_string(&json, "disagreement", audit->verdicts.disagreement);
    json_key(&json, "complete");
    json_bool(&json, !audit->surface.over_budget);
    json_key(&json, "grants");
    json_open_array(&json);
    for (size_t i = 0; i < audit->surface.count; i++)
        write_grant(&w, &audit->surface.grants[i]);
    json_close_array(&json);
    json_close_object(&json);
    entries_by_rule_clear(&w.entries);
    lines_clear(&w.lines);
    return out.size;
}
