#include "recorded.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static bool
read_input(struct recorded *recorded, struct text *text)
{
    size_t room = 0;
    ssize_t size = getline(&recorded->input, &room, stdin);
    *text = (struct text){recorded->input, size < 0 ? 0 : (size_t)size};
    return size >= 0;
}

int
recorded_read(struct recorded *recorded, const char *line)
{
    struct line_error error = {"standard input is empty"};
    struct text text = as_text(line);
    *recorded = (struct recorded){0};
    bool good = strcmp(line, "-") != 0 || read_input(recorded, &text);
    if (good)
        good = log_line_read(&recorded->line, text, &error);
    if (!good)
        complain("--log: %s", error.text);
    return good ? EX_OK : EX_DATAERR;
}

void
recorded_free(struct recorded *recorded)
{
    log_line_free(&recorded->line);
    free(recorded->input);
}

static bool
says(const struct recorded *recorded, const char *key, const char *value)
{
    const char *found = log_line_get(&recorded->line, key);
    return found && value ? strcmp(found, value) == 0 : !found && !value;
}

/* All that the client or an operator can see of a decision.  The code is part
 * of the verdict and the enhanced code. */
void
recorded_compare(struct recorded *recorded, mayrelay_policy *policy,
                 const mayrelay_decision *decision)
{
    recorded->same_policy =
        says(recorded, "policy", mayrelay_policy_get_digest(policy));
    recorded->same_decision =
        says(recorded, "verdict",
             mayrelay_verdict_name(mayrelay_decision_get_verdict(decision))) &&
        says(recorded, "enhanced", mayrelay_decision_get_enhanced(decision)) &&
        says(recorded, "reason",
             mayrelay_reason_name(mayrelay_decision_get_reason(decision))) &&
        says(recorded, "rule", mayrelay_decision_get_rule(decision)) &&
        says(recorded, "text", mayrelay_decision_get_text(decision));
}

static void
print_field(const struct recorded *recorded, const char *before,
            const char *key)
{
    const char *value = log_line_get(&recorded->line, key);
    if (!value)
        return;
    fputs(before, stdout);
    print_printable(stdout, as_text(value));
}

void
recorded_print(const struct recorded *recorded)
{
    if (!recorded)
        return;
    fputs("recorded:", stdout);
    print_field(recorded, " ", "verdict");
    print_field(recorded, " ", "enhanced");
    print_field(recorded, ", ", "reason");
    print_field(recorded, ", by rule ", "rule");
    print_field(recorded, ", at ", "time");
    printf("\n  %s decision, %s policy\n",
           recorded->same_decision ? "the same" : "ANOTHER",
           recorded->same_policy ? "the same" : "another");
}

void
recorded_print_member(const struct recorded *recorded)
{
    struct page page = {0};
    if (!recorded)
        return;
    printf(",\"same_decision\":%s,\"same_policy\":%s,\"recorded\":",
           recorded->same_decision ? "true" : "false",
           recorded->same_policy ? "true" : "false");
    print_json(stdout, recorded->line.object, &page);
    page_free(&page);
}
