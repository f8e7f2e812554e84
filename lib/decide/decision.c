#include "decide/decision.h"

#include "decide/explain.h"
#include "decide/story.h"

const struct mayrelay_decision *
decision_internal_error(void)
{
    static const struct mayrelay_decision internal_error = {
        .verdict = MAYRELAY_DEFER,
        .reason = MAYRELAY_REASON_INTERNAL_ERROR,
        .kind = MAYRELAY_KIND_INTERNAL,
        .code = 451,
        .text_at = sizeof "451 4.3.0 " - 1,
        .enhanced = "4.3.0",
        .reply = "451 4.3.0 Internal error, try again later",
    };
    return &internal_error;
}

static const struct mayrelay_decision *
or_none(const struct mayrelay_decision *decision)
{
    return decision ? decision : decision_internal_error();
}

/* -- names -------------------------------------------------------------- */

const char *
mayrelay_verdict_name(enum mayrelay_verdict verdict)
{
    switch (verdict) {
    case MAYRELAY_REJECT: return "reject";
    case MAYRELAY_DEFER: return "defer";
    case MAYRELAY_ACCEPT: return "accept";
    }
    return "unknown";
}

const char *
mayrelay_reason_name(enum mayrelay_reason reason)
{
    return (unsigned)reason < REASON_COUNT ? REASON_DEFAULTS[reason].name
                                           : "unknown";
}

const char *
mayrelay_kind_name(enum mayrelay_kind kind)
{
    switch (kind) {
    case MAYRELAY_KIND_INTERNAL: return "internal";
    case MAYRELAY_KIND_GRANTED: return "granted";
    case MAYRELAY_KIND_FORBIDDEN: return "forbidden";
    case MAYRELAY_KIND_NOT_PERMITTED: return "not-permitted";
    case MAYRELAY_KIND_UNDETERMINED: return "undetermined";
    case MAYRELAY_KIND_MALFORMED: return "malformed";
    }
    return "unknown";
}

const char *
mayrelay_fact_name(enum mayrelay_fact fact)
{
    switch (fact) {
    case MAYRELAY_FACT_CLIENT_NAME: return "client-name";
    case MAYRELAY_FACT_GROUPS: return "groups";
    case MAYRELAY_FACT_RECIPIENT: return "recipient";
    }
    return "unknown";
}

/* -- getters ------------------------------------------------------------ */

enum mayrelay_verdict
mayrelay_decision_get_verdict(const mayrelay_decision *decision)
{
    return or_none(decision)->verdict;
}

int
mayrelay_decision_get_code(const mayrelay_decision *decision)
{
    return or_none(decision)->code;
}

const char *
mayrelay_decision_get_enhanced(const mayrelay_decision *decision)
{
    return or_none(decision)->enhanced;
}

const char *
mayrelay_decision_get_text(const mayrelay_decision *decision)
{
    return or_none(decision)->reply + or_none(decision)->text_at;
}

const char *
mayrelay_decision_get_reply(const mayrelay_decision *decision)
{
    return or_none(decision)->reply;
}

enum mayrelay_reason
mayrelay_decision_get_reason(const mayrelay_decision *decision)
{
    return or_none(decision)->reason;
}

enum mayrelay_kind
mayrelay_decision_get_kind(const mayrelay_decision *decision)
{
    return or_none(decision)->kind;
}

const char *
mayrelay_decision_get_rule(const mayrelay_decision *decision)
{
    const struct mayrelay_decision *d = or_none(decision);
    return d->rule ? image_string(d->transaction.image, d->rule->name) : NULL;
}

const char *
mayrelay_decision_get_file(const mayrelay_decision *decision)
{
    const struct mayrelay_decision *d = or_none(decision);
    return d->rule ? image_file(d->transaction.image, d->rule->source.file)
                   : NULL;
}

uint32_t
mayrelay_decision_get_line(const mayrelay_decision *decision)
{
    const struct mayrelay_decision *d = or_none(decision);
    return d->rule ? d->rule->source.line : 0;
}

const char *
mayrelay_decision_get_connector(const mayrelay_decision *decision)
{
    return or_none(decision)->connector;
}

const char *
mayrelay_decision_get_recipient(const mayrelay_decision *decision)
{
    return or_none(decision)->recipient;
}

bool
mayrelay_decision_get_is_relay(const mayrelay_decision *decision)
{
    return or_none(decision)->is_relay;
}

unsigned
mayrelay_decision_get_needs(const mayrelay_decision *decision)
{
    return or_none(decision)->needs;
}

/* -- JSON --------------------------------------------------------------- */

static void
write_source(struct json *json, const struct mayrelay_decision *d)
{
    if (!d->rule) {
        json_null(json);
        return;
    }
    char source[4096];
    struct output out = output_to(source, sizeof source);
    story_write_source(&out, d->transaction.image, d->rule->source);
    json_text(json, output_written(&out));
}

void
decision_write_json(struct json *json, const struct mayrelay_decision *d)
{
    json_key(json, "verdict");
    json_string(json, mayrelay_verdict_name(d->verdict));
    json_key(json, "code");
    json_number(json, (uint64_t)d->code);
    json_key(json, "enhanced");
    json_string(json, d->enhanced);
    json_key(json, "text");
    json_string(json, mayrelay_decision_get_text(d));
    json_key(json, "reason");
    json_string(json, mayrelay_reason_name(d->reason));
    json_key(json, "kind");
    json_string(json, mayrelay_kind_name(d->kind));
    json_key(json, "rule");
    json_string(json, mayrelay_decision_get_rule(d));
    json_key(json, "source");
    write_source(json, d);
    json_key(json, "connector");
    json_string(json, d->connector);
    json_key(json, "recipient");
    json_string(json, d->recipient);
    json_key(json, "relay");
    json_bool(json, d->is_relay);
    json_key(json, "needs");
    decision_write_facts(json, d->needs);
}

void
decision_write_facts(struct json *json, unsigned facts)
{
    json_open_array(json);
    for (unsigned fact = 1; fact <= MAYRELAY_FACT_RECIPIENT; fact <<= 1)
        if (facts & fact)
            json_string(json, mayrelay_fact_name((enum mayrelay_fact)fact));
    json_close_array(json);
}

size_t
mayrelay_decision_to_json(const mayrelay_decision *decision, char *buffer,
                          size_t size)
{
    struct output out = output_to(buffer, size);
    struct json json = json_to(&out);
    json_open_object(&json);
    decision_write_json(&json, or_none(decision));
    json_close_object(&json);
    return out.size;
}

/* Names stand in the text as the image has them, which may be damaged. */
static void
make_printable(struct output *out)
{
    struct text page = output_written(out);
    for (size_t i = 0; i < page.size; i++)
        if (page.data[i] != '\n' && (page.data[i] < ' ' || page.data[i] > '~'))
            out->data[i] = '?';
}

size_t
mayrelay_decision_explain(const mayrelay_decision *decision,
                          enum mayrelay_format format, char *buffer,
                          size_t size)
{
    struct output out = output_to(buffer, size);
    if (format == MAYRELAY_JSON)
        explain_as_json(&out, or_none(decision));
    else
        explain_as_text(&out, or_none(decision));
    make_printable(&out);
    return out.size;
}
