/* The decision log, there and back.  The first octet says how the rest is
 * taken: as a line that somebody gives to `explain --log`, or as the texts of a
 * client, which must come back from its line in either form as they were, and
 * lead to the same decision. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "log_line.h"
#include "sample.h"

#define UNDECODABLE "\xef\xbf\xbd"

static mayrelay_policy *policy;
static char line[1 << 16];

static void
read_somebodys_line(struct input input)
{
    struct log_line read;
    struct line_error error = {""};
    size_t size;
    char *text = input_rest(&input, &size);
    if (log_line_read(&read, (struct text){text, size}, &error)) {
        mayrelay_session *session = mayrelay_session_new(policy);
        judge_facts(&read.facts, session);
        decision_check(session);
        mayrelay_session_free(session);
    } else {
        REQUIRE(error.text[0]);
    }
    log_line_free(&read);
    free(text);
}

struct client_text {
    char *data;
    size_t size;
};

/* What is not UTF-8 comes back as U+FFFD, and a path that is too long is cut.
 */
static void
require_same(struct text read, const struct client_text *given)
{
    if (read.size &&
        memmem(read.data, read.size, UNDECODABLE, strlen(UNDECODABLE)))
        return;
    REQUIRE(read.size == given->size ||
            (read.size < given->size && read.size > 500));
    REQUIRE(!read.data == !given->data);
    REQUIRE(!read.size || memcmp(read.data, given->data, read.size) == 0);
}

static bool
is_undecodable(const struct log_line *read)
{
    const struct text *texts[] = {&read->facts.identity, &read->facts.sender,
                                  &read->facts.recipient};
    for (int i = 0; i < 3; i++)
        if (texts[i]->data && memmem(texts[i]->data, texts[i]->size,
                                     UNDECODABLE, strlen(UNDECODABLE)))
            return true;
    return false;
}

static void
require_same_decision(const struct log_line *read)
{
    mayrelay_session *session = mayrelay_session_new(policy);
    mayrelay_session_rewrites(session, read->rewrites);
    const mayrelay_decision *decision = judge_facts(&read->facts, session);
    const char *verdict = log_line_get(read, "verdict");
    const char *reason = log_line_get(read, "reason");
    REQUIRE(strcmp(verdict, mayrelay_verdict_name(
                                mayrelay_decision_get_verdict(decision))) == 0);
    REQUIRE(strcmp(reason, mayrelay_reason_name(
                               mayrelay_decision_get_reason(decision))) == 0);
    mayrelay_session_free(session);
}

/* The texts of a client; no identity: anonymous. */
struct texts {
    struct client_text identity, name, sender, recipient;
};

static void
come_back(const mayrelay_session *session, enum mayrelay_format format,
          const struct texts *texts)
{
    struct log_line read;
    struct line_error error;
    size_t size = mayrelay_session_to_log(session, format, "now", "id", line,
                                          sizeof line);
    REQUIRE(size < sizeof line && is_printable_line(line, size));
    REQUIRE(log_line_read(&read, (struct text){line, size}, &error));
    require_same(read.facts.identity, &texts->identity);
    require_same(read.facts.sender, &texts->sender);
    require_same(read.facts.recipient, &texts->recipient);
    if (!is_undecodable(&read))
        require_same_decision(&read);
    log_line_free(&read);
}

/* A fact that was not stored is an error of the session's, not of its line's:
 * then there is nothing to compare. */
static void
write_texts(const struct texts *texts, const char *client)
{
    mayrelay_session *session = mayrelay_session_new(policy);
    mayrelay_session_connect(session, client, "192.0.2.25:25");
    bool stored = mayrelay_session_auth(session, texts->identity.data,
                                        texts->identity.size) == MAYRELAY_OK;
    mayrelay_session_add_client_name(session, texts->name.data,
                                     texts->name.size);
    mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_KNOWN);
    mayrelay_session_mail(session, texts->sender.data, texts->sender.size);
    mayrelay_session_rcpt(session, texts->recipient.data,
                          texts->recipient.size);
    for (int format = MAYRELAY_TEXT; stored && format <= MAYRELAY_JSON;
         format++)
        come_back(session, (enum mayrelay_format)format, texts);
    mayrelay_session_free(session);
}

static struct client_text
take_text(struct input *input)
{
    struct client_text text;
    text.data = input_text(input, &text.size);
    return text;
}

static void
take_texts(struct input input, bool authenticated, const char *client)
{
    struct client_text identity = take_text(&input);
    struct texts texts = {.identity = authenticated ? identity
                                                    : (struct client_text){0},
                          .name = take_text(&input),
                          .sender = take_text(&input)};
    texts.recipient.data = input_rest(&input, &texts.recipient.size);
    write_texts(&texts, client);
    free(identity.data);
    free(texts.name.data);
    free(texts.sender.data);
    free(texts.recipient.data);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    if (!policy)
        policy = sample_load();
    unsigned kind = input_byte(&input);
    if (kind % 4 == 0)
        read_somebodys_line(input);
    else
        take_texts(input, kind % 4 == 1,
                   kind % 4 == 2 ? "10.1.2.3" : "203.0.113.9");
    return 0;
}
