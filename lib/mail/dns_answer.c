#include "mail/dns_answer.h"

#include <stdatomic.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

/* A candidate among the answer's texts. */
struct kept_name {
    const char *text;
    enum mayrelay_dns_result result;
};

struct mayrelay_dns_answer {
    atomic_uint references;
    bool known;
    enum mayrelay_dns_result result; /* of the PTR question */
    uint32_t ttl;
    struct address client;
    char client_text[ADDRESS_TEXT_SIZE];
    size_t count, confirmed_count;
    struct kept_name names[]; /* the confirmed ones first; their texts behind */
};

static const struct {
    const char *name;
    bool known;
} RESULTS[] = {
    [MAYRELAY_DNS_FAILED] = {"failed", false},
    [MAYRELAY_DNS_FOUND] = {"found", true},
    [MAYRELAY_DNS_CONFIRMED] = {"confirmed", true},
    [MAYRELAY_DNS_MISMATCH] = {"mismatch", true},
    [MAYRELAY_DNS_NO_NAME] = {"no-name", true},
    [MAYRELAY_DNS_NO_DATA] = {"no-data", true},
    [MAYRELAY_DNS_ILL_FORMED] = {"ill-formed", true},
    [MAYRELAY_DNS_TIMEOUT] = {"timeout", false},
    [MAYRELAY_DNS_UNREACHABLE] = {"unreachable", false},
    [MAYRELAY_DNS_MALFORMED] = {"malformed", false},
    [MAYRELAY_DNS_TOO_MANY] = {"too-many", false},
};

static size_t
result_index(enum mayrelay_dns_result result)
{
    size_t index = (size_t)result;
    return index < sizeof RESULTS / sizeof RESULTS[0] ? index
                                                      : MAYRELAY_DNS_FAILED;
}

const char *
mayrelay_dns_result_name(enum mayrelay_dns_result result)
{
    return RESULTS[result_index(result)].name;
}

bool
dns_result_is_known(enum mayrelay_dns_result result)
{
    return RESULTS[result_index(result)].known;
}

/* -- life --------------------------------------------------------------- */

/* Appends the candidates that are confirmed, or those that are not; returns
 * the place for the next text. */
static char *
keep_names(struct mayrelay_dns_answer *answer,
           const struct dns_candidate *candidates, size_t count, bool confirmed,
           char *text)
{
    for (size_t i = 0; i < count; i++) {
        bool is = candidates[i].result == MAYRELAY_DNS_CONFIRMED;
        if (is != confirmed)
            continue;
        size_t size = strlen(candidates[i].name) + 1;
        memcpy(text, candidates[i].name, size);
        answer->names[answer->count++] =
            (struct kept_name){text, candidates[i].result};
        answer->known &= dns_result_is_known(candidates[i].result);
        text += size;
    }
    return text;
}

struct mayrelay_dns_answer *
dns_answer_new(struct address client, enum mayrelay_dns_result result,
               uint32_t ttl, const struct dns_candidate *candidates,
               size_t count)
{
    size_t size =
        sizeof(struct mayrelay_dns_answer) + count * sizeof(struct kept_name);
    for (size_t i = 0; i < count; i++)
        size += strlen(candidates[i].name) + 1;
    struct mayrelay_dns_answer *answer = memory_new(1, size);
    if (!answer)
        return NULL;
    struct output out =
        output_to(answer->client_text, sizeof answer->client_text);
    atomic_init(&answer->references, 1);
    answer->known = dns_result_is_known(result);
    answer->result = result;
    answer->ttl = ttl;
    answer->client = client;
    address_write(&out, client);
    char *text = (char *)&answer->names[count];
    text = keep_names(answer, candidates, count, true, text);
    answer->confirmed_count = answer->count;
    keep_names(answer, candidates, count, false, text);
    return answer;
}

struct mayrelay_dns_answer *
dns_answer_ref(struct mayrelay_dns_answer *answer)
{
    atomic_fetch_add_explicit(&answer->references, 1, memory_order_relaxed);
    return answer;
}

void
mayrelay_dns_answer_free(mayrelay_dns_answer *answer)
{
    if (answer && atomic_fetch_sub_explicit(&answer->references, 1,
                                            memory_order_acq_rel) == 1)
        memory_free(answer);
}

/* -- reading ------------------------------------------------------------ */

struct address
dns_answer_client(const struct mayrelay_dns_answer *answer)
{
    return answer->client;
}

bool
mayrelay_dns_answer_is_known(const mayrelay_dns_answer *answer)
{
    return answer && answer->known;
}

size_t
mayrelay_dns_answer_count(const mayrelay_dns_answer *answer)
{
    return mayrelay_dns_answer_is_known(answer) ? answer->confirmed_count : 0;
}

const char *
mayrelay_dns_answer_get_name(const mayrelay_dns_answer *answer, size_t index)
{
    if (index >= mayrelay_dns_answer_count(answer))
        return NULL;
    return answer->names[index].text;
}

const char *
mayrelay_dns_answer_get_client(const mayrelay_dns_answer *answer)
{
    return answer ? answer->client_text : NULL;
}

enum mayrelay_dns_result
mayrelay_dns_answer_get_result(const mayrelay_dns_answer *answer)
{
    return answer ? answer->result : MAYRELAY_DNS_FAILED;
}

uint32_t
mayrelay_dns_answer_get_ttl(const mayrelay_dns_answer *answer)
{
    return answer ? answer->ttl : 0;
}

/* -- explaining --------------------------------------------------------- */

static const char *
forward_type(const struct mayrelay_dns_answer *answer)
{
    return answer->client.family == ADDRESS_IPV6 ? "AAAA" : "A";
}

static void
explain_text(struct output *out, const struct mayrelay_dns_answer *answer)
{
    output_format(out, "DNS names of %s: ", answer->client_text);
    if (!answer->known)
        output_string(out, "not known");
    else if (answer->confirmed_count == 0)
        output_string(out, "none");
    for (size_t i = 0; i < mayrelay_dns_answer_count(answer); i++)
        output_format(out, "%s%s", i ? ", " : "", answer->names[i].text);
    output_format(out, " (for %u s)\n", (unsigned)answer->ttl);
    output_format(out, "  PTR %s: %s\n", answer->client_text,
                  mayrelay_dns_result_name(answer->result));
    for (size_t i = 0; i < answer->count; i++)
        output_format(out, "  %s %s: %s\n", forward_type(answer),
                      answer->names[i].text,
                      mayrelay_dns_result_name(answer->names[i].result));
}

static void
explain_question(struct json *json, const char *type, const char *name,
                 enum mayrelay_dns_result result)
{
    json_open_object(json);
    json_key(json, "type");
    json_string(json, type);
    json_key(json, "name");
    json_string(json, name);
    json_key(json, "result");
    json_string(json, mayrelay_dns_result_name(result));
    json_close_object(json);
}

static void
explain_json(struct json *json, const struct mayrelay_dns_answer *answer)
{
    json_open_object(json);
    json_key(json, "client");
    json_string(json, answer->client_text);
    json_key(json, "known");
    json_bool(json, answer->known);
    json_key(json, "names");
    json_open_array(json);
    for (size_t i = 0; i < mayrelay_dns_answer_count(answer); i++)
        json_string(json, answer->names[i].text);
    json_close_array(json);
    json_key(json, "ttl");
    json_number(json, answer->ttl);
    json_key(json, "questions");
    json_open_array(json);
    explain_question(json, "PTR", answer->client_text, answer->result);
    for (size_t i = 0; i < answer->count; i++)
        explain_question(json, forward_type(answer), answer->names[i].text,
                         answer->names[i].result);
    json_close_array(json);
    json_close_object(json);
}

size_t
mayrelay_dns_answer_explain(const mayrelay_dns_answer *answer,
                            enum mayrelay_format format, char *buffer,
                            size_t size)
{
    struct output out = output_to(buffer, size);
    struct json json = json_to(&out);
    if (answer && format == MAYRELAY_JSON)
        explain_json(&json, answer);
    else if (answer)
        explain_text(&out, answer);
    return out.size;
}
