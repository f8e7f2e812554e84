/* The decision log: a decision with every fact it was made from, on one line.
 *
 * The keys of the facts are those of the batch, so that a line can be judged
 * again.  Both formats are written field by field by the same code; values are
 * ASCII, and what is not printable is escaped as in JSON, so no fact can end a
 * line or forge a field. */
#include "base/json.h"
#include "decide/story.h"
#include "session/session.h"

enum {
    LINE_VERSION = 1,
    VALUE_SIZE = 4700 /* a list entry, its file and what is said of it */
};

/* A line that is being written: JSON if is_json, else logfmt. */
struct line {
    struct output *out;
    struct json json;
    bool is_json, is_empty;
};

/* -- fields ------------------------------------------------------------- */

static void
begin_field(struct line *line, const char *key)
{
    if (line->is_json) {
        json_key(&line->json, key);
        return;
    }
    if (!line->is_empty)
        output_byte(line->out, ' ');
    line->is_empty = false;
    output_string(line->out, key);
    output_byte(line->out, '=');
}

/* A value that needs no quotes in logfmt; without them `tempfail` and `[]` say
 * something of a whole list. */
static bool
is_bare(struct text value)
{
    return !text_equal(value, TEXT("tempfail")) &&
           !text_equal(value, TEXT("[]")) && value.size &&
           text_is_printable(value) && !text_has(value, ' ') &&
           !text_has(value, '"') && !text_has(value, '=') &&
           !text_has(value, '\\');
}

static void
write_value(struct line *line, struct text value)
{
    if (line->is_json) {
        json_text(&line->json, value);
    } else if (is_bare(value)) {
        output_text(line->out, value);
    } else {
        struct json quoted = json_to(line->out);
        json_text(&quoted, value);
    }
}

/* No field for a text without data. */
static void
field_text(struct line *line, const char *key, struct text value)
{
    if (!value.data)
        return;
    begin_field(line, key);
    write_value(line, value);
}

static void
field_string(struct line *line, const char *key, const char *value)
{
    if (value)
        field_text(line, key, text_of(value));
}

static void
field_number(struct line *line, const char *key, unsigned value)
{
    begin_field(line, key);
    if (line->is_json)
        json_number(&line->json, value);
    else
        output_number(line->out, value);
}

static void
field_bool(struct line *line, const char *key, bool value)
{
    begin_field(line, key);
    if (line->is_json)
        json_bool(&line->json, value);
    else
        output_string(line->out, value ? "true" : "false");
}

static void
field_true(struct line *line, const char *key, bool value)
{
    if (value)
        field_bool(line, key, true);
}

/* Lists: an array in JSON; in logfmt the key is repeated, and `=[]` says that
 * there is nothing. */
static void
begin_list(struct line *line, const char *key)
{
    if (!line->is_json)
        return;
    json_key(&line->json, key);
    json_open_array(&line->json);
}

static void
add_to_list(struct line *line, const char *key, struct text value)
{
    if (!line->is_json)
        begin_field(line, key);
    write_value(line, value);
}

static void
end_list(struct line *line, const char *key, bool is_empty)
{
    if (line->is_json) {
        json_close_array(&line->json);
    } else if (is_empty) {
        begin_field(line, key);
        output_string(line->out, "[]");
    }
}

/* -- the facts ---------------------------------------------------------- */

static void
write_client(struct line *line, const struct client_facts *client)
{
    char text[ENDPOINT_TEXT_SIZE];
    struct output out = output_to(text, sizeof text);
    if (client->address.family != ADDRESS_NONE) {
        address_write(&out, client->address);
        field_text(line, "client", output_written(&out));
    }
    out = output_to(text, sizeof text);
    if (client->listener.address.family != ADDRESS_NONE ||
        client->listener.port) {
        endpoint_write(&out, client->listener);
        field_text(line, "listener", output_written(&out));
    }
}

/* A look-up that failed; false if there is a list to write. */
static bool
is_no_list(struct line *line, const char *key, enum look_up state)
{
    if (state == LOOK_UP_FAILED) {
        begin_field(line, key);
        if (line->is_json)
            json_string(&line->json, "tempfail");
        else
            output_string(line->out, "tempfail");
    }
    return state != LOOK_UP_KNOWN;
}

static void
write_names(struct line *line, const struct client_facts *client)
{
    static const char key[] = "client_names";
    if (is_no_list(line, key, client->names_state))
        return;
    begin_list(line, key);
    for (size_t i = 0; i < client->name_count; i++)
        add_to_list(
            line, key,
            (struct text){client->names[i].text, client->names[i].size});
    end_list(line, key, client->name_count == 0);
}

static void
write_groups(struct line *line, const struct identity_facts *identity)
{
    static const char key[] = "groups";
    if (is_no_list(line, key, identity->groups_state))
        return;
    begin_list(line, key);
    for (size_t i = 0; i < identity->group_count; i++)
        add_to_list(line, key, text_of(identity->groups[i].name));
    end_list(line, key, identity->group_count == 0);
}

static void
write_certificate(struct line *line, const struct given *given)
{
    char text[2 * FINGERPRINT_SIZE + 1];
    struct output out = output_to(text, sizeof text);
    if (!given->has_certificate)
        return;
    for (int i = 0; i < FINGERPRINT_SIZE; i++)
        output_format(&out, "%02x", given->certificate[i]);
    field_text(line, "certificate", output_written(&out));
}

static void
write_existence(struct line *line, const struct recipient_facts *recipient)
{
    static const char key[] = "recipient_exists";
    if (!is_no_list(line, key, recipient->exists_state))
        field_bool(line, key, recipient->exists);
}

static void
write_facts(struct line *line, const struct mayrelay_session *session)
{
    const struct facts *facts = &session->facts;
    const struct given *given = &session->given;
    write_client(line, &facts->client);
    write_names(line, &facts->client);
    field_true(line, "tls", facts->identity.tls);
    write_certificate(line, given);
    field_text(line, "identity", given->identity);
    write_groups(line, &facts->identity);
    field_text(line, "sender", given->sender);
    field_text(line, "recipient", given->recipient);
    if (facts->recipient.given)
        write_existence(line, &facts->recipient);
    field_true(line, "rewrites", facts->rewrites);
}

/* -- the decision ------------------------------------------------------- */

static const char *
stage_name(enum stage stage)
{
    switch (stage) {
    case STAGE_NONE: return "none";
    case STAGE_CONNECT: return "connect";
    case STAGE_MAIL: return "mail";
    case STAGE_RCPT: return "rcpt";
    }
    return "none";
}

static void
write_source(struct line *line, const struct mayrelay_decision *d)
{
    char source[VALUE_SIZE];
    struct output out = output_to(source, sizeof source);
    if (!d->rule)
        return;
    story_write_source(&out, d->transaction.image, d->rule->source);
    field_text(line, "source", output_written(&out));
}

static void
write_outcome(struct line *line, const struct mayrelay_decision *d)
{
    field_string(line, "stage", stage_name(d->transaction.stage));
    field_string(line, "verdict", mayrelay_verdict_name(d->verdict));
    field_number(line, "code", (unsigned)d->code);
    field_string(line, "enhanced", d->enhanced);
    field_string(line, "reason", mayrelay_reason_name(d->reason));
    field_string(line, "kind", mayrelay_kind_name(d->kind));
    field_string(line, "rule", mayrelay_decision_get_rule(d));
    write_source(line, d);
    field_string(line, "connector", d->connector);
    field_true(line, "relay", d->is_relay);
}

static void
write_needs(struct line *line, unsigned needs)
{
    static const char key[] = "needs";
    if (!needs)
        return;
    begin_list(line, key);
    for (unsigned fact = 1; fact <= MAYRELAY_FACT_RECIPIENT; fact <<= 1)
        if (needs & fact)
            add_to_list(line, key,
                        text_of(mayrelay_fact_name((enum mayrelay_fact)fact)));
    end_list(line, key, false);
}

/* "clients 10.0.0.0/8 (branches.txt:3)": an entry that made a condition of the
 * deciding rule hold. */
static void
add_entry(struct line *line, const char *key, enum rule_condition condition,
          const struct matched *matched)
{
    char value[VALUE_SIZE];
    struct output out = output_to(value, sizeof value);
    output_format(&out, "%s %s (%s:%u)", story_condition_name(condition),
                  matched->entry, matched->file, matched->line);
    add_to_list(line, key, output_written(&out));
}

static void
write_entries(struct line *line, const struct mayrelay_decision *d)
{
    static const char key[] = "matched";
    struct matched matched;
    if (!d->rule)
        return;
    begin_list(line, key);
    for (int c = 0; c < RULE_CONDITIONS; c++)
        if (matching_entry(&d->transaction, d->rule, (enum rule_condition)c,
                           false, &matched))
            add_entry(line, key, (enum rule_condition)c, &matched);
    end_list(line, key, false);
}

/* "relay.allow[1] (policy.yaml:9) needs an authenticated client": a rule that
 * would have allowed it. */
static void
add_miss(struct line *line, const char *key, const struct transaction *t,
         const struct rule_story *story)
{
    char value[VALUE_SIZE];
    struct output out = output_to(value, sizeof value);
    const char *joint = "needs ";
    output_format(&out, "%s (", image_string(t->image, story->rule->name));
    story_write_source(&out, t->image, story->rule->source);
    output_string(&out, ") ");
    for (int c = 0; c < RULE_CONDITIONS; c++) {
        if (story->truth.conditions[c] == TRUTH_YES)
            continue;
        output_string(&out, joint);
        story_write_wanted(&out, t, story->rule, (enum rule_condition)c);
        joint = " and ";
    }
    add_to_list(line, key, output_written(&out));
}

static void
write_nearest(struct line *line, const struct mayrelay_decision *d)
{
    static const char key[] = "nearest";
    struct rule_story nearest[NEAREST_MOST];
    enum right right;
    if (!story_lacking_right(d, &right))
        return;
    unsigned count = story_nearest(&d->transaction, right, nearest);
    begin_list(line, key);
    for (unsigned i = 0; i < count; i++)
        add_miss(line, key, &d->transaction, &nearest[i]);
    end_list(line, key, false);
}

static void
write_line(struct line *line, const struct mayrelay_session *session,
           const char *time, const char *id)
{
    const struct mayrelay_decision *d = &session->decision;
    field_number(line, "mayrelay", LINE_VERSION);
    field_string(line, "time", time);
    field_string(line, "id", id);
    write_outcome(line, d);
    write_facts(line, session);
    field_string(line, "canonical", d->recipient);
    write_needs(line, d->needs);
    write_entries(line, d);
    write_nearest(line, d);
    field_string(line, "text", mayrelay_decision_get_text(d));
    field_string(line, "policy", mayrelay_policy_get_digest(session->policy));
}

size_t
mayrelay_session_to_log(const mayrelay_session *session,
                        enum mayrelay_format format, const char *time,
                        const char *id, char *buffer, size_t size)
{
    struct output out = output_to(buffer, size);
    struct line line = {.out = &out,
                        .json = json_to(&out),
                        .is_json = format == MAYRELAY_JSON,
                        .is_empty = true};
    if (!session)
        return 0;
    if (line.is_json)
        json_open_object(&line.json);
    write_line(&line, session, time, id);
    if (line.is_json)
        json_close_object(&line.json);
    return out.size;
}
