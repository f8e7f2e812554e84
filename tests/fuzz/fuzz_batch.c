/* Lines of a batch as the command reads them: each is answered by one line of
 * valid JSON, a decision or an error, and none touches the next. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "batch.h"
#include "fuzz.h"
#include "parsed.h"
#include "sample.h"
#include "streams.h"

static size_t
count_lines(struct input input)
{
    size_t count = 0;
    for (size_t i = 0; i < input.size; i++)
        count += input.data[i] == '\n' || i + 1 == input.size;
    return count;
}

static bool
holds(const char *line, size_t size, const char *what)
{
    return memmem(line, size, what, strlen(what)) != NULL;
}

static void
check_answer(const char *line, size_t size)
{
    REQUIRE(is_printable_line(line, size));
    REQUIRE(is_json_object(line, size));
    REQUIRE(strncmp(line, "{\"id\":", 6) == 0);
    bool decided = holds(line, size, ",\"verdict\":\"");
    REQUIRE(decided || holds(line, size, ",\"error\":\""));
}

static void
check_answers(const char *output, size_t size, size_t expected)
{
    size_t count = 0;
    for (; size > 0; count++) {
        const char *end = memchr(output, '\n', size);
        REQUIRE(end);
        check_answer(output, (size_t)(end - output));
        size -= (size_t)(end - output) + 1;
        output = end + 1;
    }
    REQUIRE(count == expected);
}

/* The answer to a question of our own, put behind the input's. */
static const char QUESTION[] =
    "\n{\"client\":\"10.1.2.3\",\"client_names\":[],\"listener\":\"192.0.2.25:"
    "25\","
    "\"sender\":\"a@far.example\",\"recipient\":\"b@far.example\"}\n";
static const char ANSWER[] = "{\"id\":null,\"verdict\":\"accept\",";

static const char *
last_line(const char *output, size_t size)
{
    const char *before = memrchr(output, '\n', size - 1);
    return before ? before + 1 : output;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static mayrelay_policy *policy;
    size_t whole = size + sizeof QUESTION - 1;
    size_t written;
    uint8_t *lines = malloc(whole);
    if (!policy)
        policy = sample_load();
    REQUIRE(lines);
    if (size > 0)
        memcpy(lines, data, size);
    memcpy(lines + size, QUESTION, sizeof QUESTION - 1);
    streams_open(lines, whole);
    int status = batch_run(policy, false);
    const char *output = streams_close(&written);
    check_answers(output, written, count_lines((struct input){lines, whole}));
    REQUIRE(status == EX_OK || status == EX_DATAERR);
    REQUIRE(strncmp(last_line(output, written), ANSWER, sizeof ANSWER - 1) ==
            0);
    free(lines);
    return 0;
}
