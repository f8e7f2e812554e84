/* Reports of anything: valid JSON, one printable line a text, and lengths as
 * snprintf counts them.
 *
 * The input: findings, each of a severity, a file, a text and a hint. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "elements.h"
#include "fuzz.h"
#include "parsed.h"

enum {
    FINDINGS_MOST = 16,
    PAGE_SIZE = 1 << 16
};

static char *
input_string(struct input *input)
{
    size_t size;
    char *text = input_text(input, &size);
    char *string = malloc(size + 1);
    if (!string)
        abort();
    memcpy(string, text, size);
    string[size] = '\0';
    free(text);
    return string;
}

static void
add_finding(struct mayrelay_report *report, struct input *input)
{
    static const enum finding findings[] = {
        FINDING_YAML_SYNTAX, FINDING_NAME_CONFUSABLE, FINDING_OUT_OF_MEMORY,
        FINDING_FILE_UNREADABLE};
    uint8_t options = input_byte(input);
    char *file = input_string(input);
    char *hint = input_string(input);
    size_t size;
    char *text = input_text(input, &size);
    report_add(report, findings[options % 4],
               (struct place){options & 4 ? file : NULL,
                              input_number(input, options & 8 ? 4 : 0),
                              input_byte(input)},
               options & 16 ? hint : NULL, "'%.*s' is wrong", (int)size, text);
    free(file);
    free(hint);
    free(text);
}

static void
check_json(const struct mayrelay_report *report)
{
    static char page[PAGE_SIZE], part[PAGE_SIZE];
    size_t count = mayrelay_report_count(report);
    size_t size = mayrelay_report_to_json(report, page, sizeof page);
    REQUIRE(size < sizeof page && strlen(page) == size);
    REQUIRE(is_printable_line(page, size));
    REQUIRE(is_json_array(page, size, count));
    if (count > 0)
        REQUIRE(json_array_says(page, size, count - 1, "text",
                                mayrelay_report_get_text(report, count - 1)));
    REQUIRE(mayrelay_report_to_json(report, part, size / 2 + 1) == size);
    REQUIRE(strlen(part) == size / 2 && memcmp(part, page, size / 2) == 0);
    REQUIRE(mayrelay_report_to_json(report, NULL, 0) == size);
}

/* The writer by itself: any octets become one string, and UTF-8 stays. */
static void
check_writer(struct input input)
{
    static char page[8 * PAGE_SIZE];
    struct output out = output_to(page, sizeof page);
    struct json json = json_to(&out);
    struct text text = {(const char *)input.data, input.size};
    if (text.size > PAGE_SIZE)
        return;
    json_text(&json, text);
    REQUIRE(out.size < sizeof page && is_printable_line(page, out.size));
    REQUIRE(is_json_string(page, out.size));
    if (text_is_utf8(text))
        REQUIRE(is_json_string_of(page, out.size, text.data, text.size));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct mayrelay_report *report = report_new();
    REQUIRE(report);
    check_writer(input);
    for (int i = 0; i < FINDINGS_MOST && input.size > 0; i++)
        add_finding(report, &input);
    report_sort(report);
    report_check(report);
    check_json(report);
    REQUIRE(mayrelay_report_get_text(report, SIZE_MAX) == NULL);
    mayrelay_report_free(report);
    return 0;
}
