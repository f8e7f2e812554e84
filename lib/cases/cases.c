#include "mayrelay/cases.h"

#include "base/memory.h"
#include "cases/picks.h"

enum {
    LIMIT_DEFAULT = 10000
};

struct mayrelay_cases {
    enum mayrelay_cases_extent extent;
    uint64_t combinations, left_out;
    size_t count;
    struct lines {
        struct buffer bytes;
        size_t *at; /* by case */
    } facts, decisions;
};

/* -- facts ---------------------------------------------------------------- */

static void
write_looked_up(struct json *json, const char *key, const struct value *value)
{
    json_key(json, key);
    if (value->kind == VALUE_FAILED) {
        json_string(json, "tempfail");
        return;
    }
    json_open_array(json);
    if (value->kind == VALUE_TEXT)
        json_text(json, value->text);
    json_close_array(json);
}

static void
write_tls(struct json *json, const struct value *value)
{
    char hex[2 * 32 + 1];
    struct output digits = output_to(hex, sizeof hex);
    json_key(json, "tls");
    json_bool(json, value->kind == VALUE_TEXT);
    if (!value->text.size)
        return;
    for (size_t i = 0; i < value->text.size; i++)
        output_format(&digits, "%02x", (unsigned char)value->text.data[i]);
    json_key(json, "certificate");
    json_text(json, output_written(&digits));
}

static void
write_exists(struct json *json, enum value_exists exists)
{
    if (exists == EXISTS_NOT_ASKED)
        return;
    json_key(json, "recipient_exists");
    if (exists == EXISTS_FAILED)
        json_string(json, "tempfail");
    else
        json_bool(json, exists == EXISTS_YES);
}

static void
write_text(struct json *json, const char *key, struct text text)
{
    json_key(json, key);
    json_text(json, text);
}

/* A case on its way into text. */
struct telling {
    const struct values *values;
    const struct value *told[STEPS];
    size_t number; /* from 1 */
    const struct mayrelay_decision *decision;
};

static void
write_id(struct json *json, size_t number)
{
    char id[24];
    struct output out = output_to(id, sizeof id);
    output_number(&out, number);
    write_text(json, "id", output_written(&out));
}

static void
write_facts(struct output *out, const struct telling *telling)
{
    const struct value *const *told = telling->told;
    unsigned asked = telling->values->image->settings->facts;
    struct json json = json_to(out);
    json_open_object(&json);
    write_id(&json, telling->number);
    write_text(&json, "client", told[STEP_CLIENT]->text);
    if (told[STEP_CLIENT]->listener)
        write_text(&json, "listener", text_of(told[STEP_CLIENT]->listener));
    if (asked & MAYRELAY_FACT_CLIENT_NAME)
        write_looked_up(&json, "client_names", told[STEP_NAMES]);
    write_tls(&json, told[STEP_TLS]);
    if (told[STEP_IDENTITY]->kind == VALUE_TEXT) {
        write_text(&json, "identity", told[STEP_IDENTITY]->text);
        if (asked & MAYRELAY_FACT_GROUPS)
            write_looked_up(&json, "groups", told[STEP_GROUPS]);
    }
    write_text(&json, "sender", told[STEP_SENDER]->text);
    write_text(&json, "recipient", told[STEP_RECIPIENT]->text);
    write_exists(&json, told[STEP_RECIPIENT]->exists);
    json_close_object(&json);
}

static void
write_decision(struct output *out, const struct telling *telling)
{
    struct json json = json_to(out);
    json_open_object(&json);
    write_id(&json, telling->number);
    decision_write_json(&json, telling->decision);
    json_close_object(&json);
}

/* -- lines ---------------------------------------------------------------- */

typedef void write_line(struct output *out, const struct telling *telling);

static void
add_line(struct lines *lines, size_t index, const struct telling *telling,
         write_line *write)
{
    struct output measure = output_to(NULL, 0);
    write(&measure, telling);
    lines->at[index] = lines->bytes.size;
    char *room = buffer_extend(&lines->bytes, measure.size + 1);
    if (!room)
        return;
    struct output out = output_to(room, measure.size + 1);
    write(&out, telling);
}

/* False without memory, or if the session itself has failed: no case is about
 * that. */
static bool
add_case(struct mayrelay_cases *cases, const struct picks *picks, size_t index,
         struct mayrelay_session *session)
{
    const struct pick *pick = &picks->items[index];
    struct telling telling = {.values = picks->values, .number = index + 1};
    bool told = true;
    for (int i = 0; i < STEPS; i++) {
        enum step step = (enum step)i;
        telling.told[step] = values_get(picks->values, step, pick->class[step],
                                        pick -> member[step]);
        told &= value_tell(session, step, telling.told[step]);
    }
    telling.decision = mayrelay_session_get_decision(session);
    add_line(&cases->facts, index, &telling, write_facts);
    add_line(&cases->decisions, index, &telling, write_decision);
    return told && telling.decision->reason != MAYRELAY_REASON_INTERNAL_ERROR;
}

static bool
write_cases(struct mayrelay_cases *cases, const struct picks *picks)
{
    struct mayrelay_session *session = picks->chart->session;
    cases->facts.at = memory_new(picks->count + 1, sizeof *cases->facts.at);
    cases->decisions.at =
        memory_new(picks->count + 1, sizeof *cases->decisions.at);
    if (!cases->facts.at || !cases->decisions.at)
        return false;
    for (size_t i = 0; i < picks->count; i++)
        if (!add_case(cases, picks, i, session))
            return false;
    cases->count = picks->count;
    return !cases->facts.bytes.failed && !cases->decisions.bytes.failed;
}

/* -- the whole ------------------------------------------------------------ */

static enum mayrelay_cases_extent
extent_of(const struct picks *picks)
{
    if (picks->full)
        return MAYRELAY_CASES_PARTIAL;
    return picks->has_combinations && !picks->values->thinned
               ? MAYRELAY_CASES_COMBINATIONS
               : MAYRELAY_CASES_CLASSES;
}

static bool
find_cases(struct mayrelay_cases *cases, struct mayrelay_policy *policy,
           size_t limit)
{
    struct values values;
    struct chart chart = {.failed = true};
    struct picks picks = {.failed = true};
    values_gather(&values, policy, limit);
    if (!values.failed)
        chart_build(&chart, &values);
    if (!chart.failed)
        picks_find(&picks, &chart, limit);
    bool ok = !picks.failed && write_cases(cases, &picks);
    if (ok) {
        cases->extent = extent_of(&picks);
        cases->combinations = picks.combinations;
        cases->left_out = values.left_out;
    }
    picks_clear(&picks);
    chart_clear(&chart);
    values_clear(&values);
    return ok;
}

mayrelay_cases *
mayrelay_policy_cases(mayrelay_policy *policy, size_t limit)
{
    struct mayrelay_cases *cases = policy ? memory_new(1, sizeof *cases) : NULL;
    if (!cases)
        return NULL;
    if (find_cases(cases, policy, limit ? limit : LIMIT_DEFAULT))
        return cases;
    mayrelay_cases_free(cases);
    return NULL;
}

void
mayrelay_cases_free(mayrelay_cases *cases)
{
    if (!cases)
        return;
    buffer_clear(&cases->facts.bytes);
    buffer_clear(&cases->decisions.bytes);
    memory_free(cases->facts.at);
    memory_free(cases->decisions.at);
    memory_free(cases);
}

size_t
mayrelay_cases_count(const mayrelay_cases *cases)
{
    return cases ? cases->count : 0;
}

enum mayrelay_cases_extent
mayrelay_cases_get_extent(const mayrelay_cases *cases)
{
    return cases ? cases->extent : MAYRELAY_CASES_PARTIAL;
}

uint64_t
mayrelay_cases_get_combinations(const mayrelay_cases *cases)
{
    return cases ? cases->combinations : 0;
}

uint64_t
mayrelay_cases_get_left_out(const mayrelay_cases *cases)
{
    return cases ? cases->left_out : 0;
}

const char *
mayrelay_cases_extent_name(enum mayrelay_cases_extent extent)
{
    switch (extent) {
    case MAYRELAY_CASES_PARTIAL: return "partial";
    case MAYRELAY_CASES_CLASSES: return "classes";
    case MAYRELAY_CASES_COMBINATIONS: return "combinations";
    }
    return "unknown";
}

static const char *
line_of(const struct mayrelay_cases *cases, const struct lines *lines,
        size_t index)
{
    return index < cases->count
               ? (const char *)lines->bytes.data + lines->at[index]
               : NULL;
}

const char *
mayrelay_cases_get_facts(const mayrelay_cases *cases, size_t index)
{
    return cases ? line_of(cases, &cases->facts, index) : NULL;
}

const char *
mayrelay_cases_get_decision(const mayrelay_cases *cases, size_t index)
{
    return cases ? line_of(cases, &cases->decisions, index) : NULL;
}
