/* SMTP dialogues as `mayrelay explain --smtp` answers them: every line of it is
 * printable, every reply a reply, and no message is taken without a recipient
 * that was accepted.
 *
 * The first octet: bit 0, as JSON; bits 1 and 2, who the client is. */
#include <string.h>
#include <sysexits.h>

#include "fuzz.h"
#include "parsed.h"
#include "sample.h"
#include "smtp.h"
#include "streams.h"

static bool
starts(const char *line, size_t size, const char *word)
{
    return size >= strlen(word) && strncasecmp(line, word, strlen(word)) == 0;
}

struct reading {
    bool recipient;     /* one was accepted */
    bool rcpt, forgets; /* what the client said last */
};

static void
read_client(struct reading *reading, const char *line, size_t size)
{
    while (size > 0 && *line == ' ')
        line++, size--;
    reading->rcpt = starts(line, size, "RCPT");
    reading->forgets = starts(line, size, "RSET") ||
                       starts(line, size, "HELO") ||
                       starts(line, size, "EHLO") ||
                       starts(line, size, "LHLO") || starts(line, size, ".");
}

static void
read_reply(struct reading *reading, const char *line, size_t size)
{
    REQUIRE(size >= 4 && line[0] >= '2' && line[0] <= '5');
    REQUIRE(line[1] >= '0' && line[1] <= '9' && line[2] >= '0' &&
            line[2] <= '9');
    REQUIRE(line[3] == ' ' || line[3] == '-');
    REQUIRE(size <= 510);
    bool good = starts(line, size, "250");
    if (reading->rcpt && good)
        reading->recipient = true;
    REQUIRE(reading->recipient || !starts(line, size, "354"));
    if (reading->forgets && good)
        reading->recipient = false;
}

static void
check_text_line(struct reading *reading, const char *line, size_t size)
{
    if (starts(line, size, "C: "))
        read_client(reading, line + 3, size - 3);
    else if (starts(line, size, "S: "))
        read_reply(reading, line + 3, size - 3);
    else
        REQUIRE(starts(line, size, "    "));
}

static void
check_output(const char *output, size_t size, bool json)
{
    struct reading reading = {0};
    while (size > 0) {
        const char *end = memchr(output, '\n', size);
        REQUIRE(end);
        size_t length = (size_t)(end - output);
        REQUIRE(is_printable_line(output, length));
        if (json)
            REQUIRE(is_json_object(output, length));
        else
            check_text_line(&reading, output, length);
        size -= length + 1;
        output = end + 1;
    }
}

static struct facts
client_facts(unsigned which)
{
    static const struct {
        const char *client, *listener, *identity;
    } CLIENTS[] = {
        {"203.0.113.9", "192.0.2.25:25", NULL},
        {"10.1.2.3", "192.0.2.25:25", NULL},
        {"198.51.101.7", "192.0.2.25:587", "steven"},
        {"192.0.2.66", "192.0.2.25:25", NULL},
    };
    return (struct facts){.client = as_text(CLIENTS[which].client),
                          .listener = as_text(CLIENTS[which].listener),
                          .identity = as_text(CLIENTS[which].identity),
                          .client_names.looked_up = LOOKED_UP_KNOWN,
                          .groups.looked_up = LOOKED_UP_KNOWN,
                          .recipient_exists = EXISTENCE_YES};
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static mayrelay_policy *policy;
    struct input input = {data, size};
    uint8_t options = input_byte(&input);
    bool json = options & 1;
    struct facts facts = client_facts(options >> 1 & 3);
    size_t written;
    if (!policy)
        policy = sample_load();
    streams_open(input.data, input.size);
    REQUIRE(smtp_run(policy, &facts, json) == EX_OK);
    const char *output = streams_close(&written);
    check_output(output, written, json);
    return 0;
}
