/* The diff for people and for programs. */
#include "base/json.h"
#include "diff/diff.h"

enum {
    NETWORKS_MOST = 8 /* of a box, in the text */
};

static const char *
connector_name(const struct difference *d, const struct shown *shown, int side)
{
    const struct ruleset *rules =
        &d->planes[shown->field->plane]->choices.rules[side];
    return rules->connector ? image_string(rules->image, rules->connector->name)
                            : NULL;
}

static void
write_listener(struct output *out, const struct difference *d,
               const struct shown *shown)
{
    const struct door *door = &d->doors[shown->field->door];
    if (door->listener.address.family != ADDRESS_NONE || door->listener.port)
        endpoint_write(out, door->listener);
}

/* -- text ----------------------------------------------------------------- */

static void
write_ending(struct output *out, const struct ending *ending)
{
    output_format(out, "%d %s %s", ending->code, ending->enhanced,
                  mayrelay_reason_name(ending->reason));
}

static void
write_heading(struct output *out, const struct difference *d,
              const struct shown *shown)
{
    const struct ending *old = difference_outcome(d, shown->value, OLD);
    const struct ending *new = difference_outcome(d, shown->value, NEW);
    output_format(out, "\n%s: ", mayrelay_diff_effect_name(shown->effect));
    write_ending(out, old);
    output_string(out, " -> ");
    write_ending(out, new);
    if (new->elsewhere && shown->effect == MAYRELAY_DIFF_MOVED)
        output_string(out, ", to another recipient");
    if (shown->effect == MAYRELAY_DIFF_MOVED && old->is_relay != new->is_relay)
        output_string(out, new->is_relay ? ", now relayed" : ", now ours");
    output_byte(out, '\n');
}

static void
write_connectors(struct output *out, const struct difference *d,
                 const struct shown *shown)
{
    const char *old = connector_name(d, shown, OLD);
    const char *new = connector_name(d, shown, NEW);
    old = old ? old : "none";
    new = new ? new : "none";
    output_string(out, "  connector: ");
    output_printable(out, text_of(old));
    if (strcmp(old, new) != 0) {
        output_string(out, " -> ");
        output_printable(out, text_of(new));
    }
    const struct door *door = &d->doors[shown->field->door];
    if (d->door_count > 1) {
        output_string(out, "\n  listener: ");
        size_t before = out->size;
        write_listener(out, d, shown);
        if (out->size == before)
            output_string(out, "any other");
        if (door->more)
            output_format(out, " and %zu more", door->more);
    }
    output_byte(out, '\n');
}

static void
write_count(struct output *out, const char *what, uint64_t count)
{
    if (count)
        output_format(out, "; %llu %s", (unsigned long long)count, what);
}

static void
write_clients(struct output *out, const struct field *field)
{
    output_string(out, "  client: ");
    for (size_t i = 0; i < field->count && i < NETWORKS_MOST; i++) {
        output_string(out, i ? ", " : "");
        range_write(out, field->ranges[i]);
    }
    if (field->count > NETWORKS_MOST)
        output_format(out, ", %zu more", field->count - NETWORKS_MOST);
    write_count(out, "public IPv4", field->tally.ipv4_public);
    write_count(out, "internal IPv4", field->tally.ipv4_internal);
    write_count(out, "public IPv6 /64", field->tally.ipv6_public);
    write_count(out, "internal IPv6 /64", field->tally.ipv6_internal);
    output_byte(out, '\n');
}

static void
write_witness(struct output *out, const struct shown *shown)
{
    struct text rest = shown->witness;
    struct text line;
    if (!rest.size)
        output_string(out, "  uncertain: patterns have a say, and no "
                           "transaction was found that shows it\n");
    while (text_split(&rest, '\n', &line)) {
        if (!line.size)
            continue;
        output_string(out, "    ");
        output_text(out, line);
        output_byte(out, '\n');
    }
}

static void
write_shown(struct output *out, const struct difference *d,
            const struct shown *shown)
{
    write_heading(out, d, shown);
    write_connectors(out, d, shown);
    write_clients(out, shown->field);
    for (size_t i = 0; i < shown->side_count; i++) {
        output_format(out, "  %s: ", shown->sides[i].about);
        output_printable(out, shown->sides[i].words);
        output_byte(out, '\n');
    }
    write_witness(out, shown);
}

static const char *
meaning_of(enum mayrelay_diff_verdict verdict)
{
    switch (verdict) {
    case MAYRELAY_DIFF_INCOMPLETE: break;
    case MAYRELAY_DIFF_INCOMPARABLE: return "some mail is gained, some is lost";
    case MAYRELAY_DIFF_LOOSER: return "some mail is gained, none is lost";
    case MAYRELAY_DIFF_STRICTER: return "some mail is lost, none is gained";
    case MAYRELAY_DIFF_REPLIES: return "the same mail, with other replies";
    case MAYRELAY_DIFF_EQUIVALENT:
        return "no transaction is decided differently";
    }
    return "too large to compare, nothing is proven";
}

static size_t
at_most(const mayrelay_diff *diff, size_t limit)
{
    return limit < diff->shown_count ? limit : diff->shown_count;
}

size_t
mayrelay_diff_to_text(const mayrelay_diff *diff, size_t limit, char *buffer,
                      size_t size)
{
    struct output out = output_to(buffer, size);
    enum mayrelay_diff_verdict verdict = mayrelay_diff_get_verdict(diff);
    output_format(&out, "%s: %s\n", mayrelay_diff_verdict_name(verdict),
                  meaning_of(verdict));
    if (!diff)
        return out.size;
    for (int i = 0; i < EFFECTS; i++)
        if (diff->extents[i].size)
            output_format(
                &out, "  %s: %s\n",
                mayrelay_diff_effect_name((enum mayrelay_diff_effect)i),
                diff->extents[i].data);
    for (size_t i = 0; i < at_most(diff, limit); i++)
        write_shown(&out, &diff->difference, &diff->shown[i]);
    if (diff->count > at_most(diff, limit))
        output_format(&out, "\n%llu more\n",
                      (unsigned long long)(diff->count - at_most(diff, limit)));
    return out.size;
}

/* -- JSON ----------------------------------------------------------------- */

static void
write_string(struct json *json, const char *key, const char *string)
{
    json_key(json, key);
    json_string(json, string);
}

static void
write_number(struct json *json, const char *key, uint64_t number)
{
    json_key(json, key);
    json_number(json, number);
}

static void
write_json_ending(struct json *json, const char *key,
                  const struct ending *ending)
{
    json_key(json, key);
    json_open_object(json);
    write_string(json, "verdict", mayrelay_verdict_name(ending->verdict));
    write_number(json, "code", (uint64_t)ending->code);
    write_string(json, "enhanced", ending->enhanced);
    json_key(json, "text");
    json_text(json, ending->text);
    write_string(json, "reason", mayrelay_reason_name(ending->reason));
    json_close_object(json);
}

static void
write_json_networks(struct json *json, const struct field *field)
{
    json_key(json, "networks");
    json_open_array(json);
    for (size_t i = 0; i < field->count; i++) {
        char room[2 * ADDRESS_TEXT_SIZE];
        struct output out = output_to(room, sizeof room);
        range_write(&out, field->ranges[i]);
        json_text(json, output_written(&out));
    }
    json_close_array(json);
    write_number(json, "ipv4_public", field->tally.ipv4_public);
    write_number(json, "ipv4_internal", field->tally.ipv4_internal);
    write_number(json, "ipv6_public_64s", field->tally.ipv6_public);
    write_number(json, "ipv6_internal_64s", field->tally.ipv6_internal);
}

static void
write_json_where(struct json *json, const struct difference *d,
                 const struct shown *shown)
{
    char room[ENDPOINT_TEXT_SIZE];
    struct output out = output_to(room, sizeof room);
    write_listener(&out, d, shown);
    json_key(json, "connectors");
    json_open_array(json);
    for (int side = 0; side < SIDES; side++)
        json_string(json, connector_name(d, shown, side));
    json_close_array(json);
    write_string(json, "listener", out.size ? room : NULL);
    write_json_networks(json, shown->field);
    json_key(json, "where");
    json_open_array(json);
    for (size_t i = 0; i < shown->side_count; i++) {
        json_open_object(json);
        json_key(json, shown->sides[i].about);
        json_text(json, shown->sides[i].words);
        json_close_object(json);
    }
    json_close_array(json);
}

static void
write_json_shown(struct json *json, const struct difference *d,
                 const struct shown *shown)
{
    json_open_object(json);
    write_string(json, "effect", mayrelay_diff_effect_name(shown->effect));
    write_json_ending(json, "old", difference_outcome(d, shown->value, OLD));
    write_json_ending(json, "new", difference_outcome(d, shown->value, NEW));
    write_json_where(json, d, shown);
    write_string(json, "witness",
                 shown->witness.size ? shown->witness.data : NULL);
    json_close_object(json);
}

size_t
mayrelay_diff_to_json(const mayrelay_diff *diff, size_t limit, char *buffer,
                      size_t size)
{
    struct output out = output_to(buffer, size);
    struct json json = json_to(&out);
    if (!diff) {
        json_null(&json);
        return out.size;
    }
    json_open_object(&json);
    write_string(&json, "verdict", mayrelay_diff_verdict_name(diff->verdict));
    write_string(&json, "bug", mayrelay_diff_get_bug(diff));
    write_number(&json, "count", diff->count);
    json_key(&json, "extents");
    json_open_object(&json);
    for (int i = 0; i < EFFECTS; i++)
        write_string(&json,
                     mayrelay_diff_effect_name((enum mayrelay_diff_effect)i),
                     diff->extents[i].data);
    json_close_object(&json);
    json_key(&json, "changes");
    json_open_array(&json);
    for (size_t i = 0; i < at_most(diff, limit); i++)
        write_json_shown(&json, &diff->difference, &diff->shown[i]);
    json_close_array(&json);
    json_close_object(&json);
    return out.size;
}
