/* mayrelay cases: the transactions that a policy can tell apart, each with
 * today's decision, as `mayrelay test` reads them. */
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>

#include "command.h"
#include "facts_json.h"
#include "load.h"
#include "options.h"

/* What is expected of a case: neither texts, which are for people, nor places
 * in files, which every edit moves. */
static const char *const EXPECTED[] = {"verdict", "code", "enhanced",
                                       "reason",  "rule", "recipient"};

struct writer {
    const mayrelay_cases *cases;
    struct page page;
};

static json_t *
read_line(const char *line)
{
    json_t *object = json_loads(line, 0, NULL);
    if (!object)
        out_of_memory();
    return object;
}

/* -- the summary ----------------------------------------------------------- */

static const char *
extent_text(const mayrelay_cases *cases)
{
    switch (mayrelay_cases_get_extent(cases)) {
    case MAYRELAY_CASES_COMBINATIONS:
        return "every combination of classes that the policy tells apart";
    case MAYRELAY_CASES_CLASSES:
        return "every class of values, but not every combination of them";
    case MAYRELAY_CASES_PARTIAL: break;
    }
    return "NOT every class: a higher --limit shows more";
}

/* Comments of YAML. */
static void
print_summary(const mayrelay_cases *cases, const char *policy)
{
    uint64_t combinations = mayrelay_cases_get_combinations(cases);
    uint64_t left_out = mayrelay_cases_get_left_out(cases);
    fputs("# The policy ", stdout);
    print_printable(stdout, as_text(policy));
    printf(", as it decides today.\n# %zu cases: %s",
           mayrelay_cases_count(cases), extent_text(cases));
    if (combinations != UINT64_MAX)
        printf(" (%" PRIu64 ")", combinations);
    puts(".");
    if (left_out)
        printf("# %" PRIu64 " more values are in the same classes as these.\n",
               left_out);
}

static void
print_json_summary(const mayrelay_cases *cases, const mayrelay_policy *policy)
{
    uint64_t combinations = mayrelay_cases_get_combinations(cases);
    json_t *known = combinations <= INT64_MAX
                        ? json_integer((json_int_t)combinations)
                        : json_null();
    json_t *summary =
        json_pack("{s:{s:I, s:s, s:o, s:I, s:s}}", "summary", "cases",
                  (json_int_t)mayrelay_cases_count(cases), "extent",
                  mayrelay_cases_extent_name(mayrelay_cases_get_extent(cases)),
                  "combinations", known, "left_out",
                  (json_int_t)mayrelay_cases_get_left_out(cases), "policy",
                  mayrelay_policy_get_digest(policy));
    print_json_line(summary);
}

/* -- as YAML --------------------------------------------------------------- */

/* The next character of valid UTF-8, and its length. */
static unsigned
character_at(const char *text, size_t *size)
{
    unsigned char first = (unsigned char)*text;
    *size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    unsigned character = *size == 1 ? first : first & (0x7fu >> *size);
    for (size_t i = 1; i < *size; i++)
        character = character << 6 | ((unsigned char)text[i] & 0x3f);
    return character;
}

/* JSON's escapes are not all YAML's: beyond the basic plane they differ. */
static void
print_yaml_text(const json_t *value)
{
    const char *text = json_string_value(value);
    const char *end = text + json_string_length(value);
    size_t size;
    putchar('"');
    for (; text < end; text += size) {
        unsigned character = character_at(text, &size);
        if (character == '"' || character == '\\')
            printf("\\%c", (int)character);
        else if (character >= ' ' && character <= '~')
            putchar((int)character);
        else
            printf("\\U%08x", character);
    }
    putchar('"');
}

static void
print_yaml(struct writer *writer, const json_t *value)
{
    if (json_is_string(value)) {
        print_yaml_text(value);
    } else if (json_is_array(value)) {
        putchar('[');
        for (size_t i = 0; i < json_array_size(value); i++) {
            fputs(i ? ", " : "", stdout);
            print_yaml(writer, json_array_get(value, i));
        }
        putchar(']');
    } else {
        print_json(stdout, value, &writer->page);
    }
}

static void
print_name(size_t number, const json_t *decision)
{
    const char *rule = json_string_value(json_object_get(decision, "rule"));
    const char *reason = json_string_value(json_object_get(decision, "reason"));
    json_t *name = json_sprintf("%zu: %s%s%s", number, reason,
                                rule ? " by " : "", rule ? rule : "");
    if (!name)
        out_of_memory();
    fputs("  - name: ", stdout);
    print_yaml_text(name);
    putchar('\n');
    json_decref(name);
}

static void
print_expected(struct writer *writer, const json_t *decision)
{
    fputs("    expect: {", stdout);
    for (size_t i = 0; i < sizeof EXPECTED / sizeof *EXPECTED; i++) {
        printf("%s%s: ", i ? ", " : "", EXPECTED[i]);
        print_yaml(writer, json_object_get(decision, EXPECTED[i]));
    }
    puts("}");
}

static void
print_case(struct writer *writer, size_t index)
{
    json_t *facts = read_line(mayrelay_cases_get_facts(writer->cases, index));
    json_t *decision =
        read_line(mayrelay_cases_get_decision(writer->cases, index));
    const char *key;
    json_t *value;
    print_name(index + 1, decision);
    json_object_foreach(facts, key, value)
    {
        if (strcmp(key, "id") == 0)
            continue;
        printf("    %s: ", key);
        print_yaml(writer, value);
        putchar('\n');
    }
    print_expected(writer, decision);
    json_decref(facts);
    json_decref(decision);
}

/* -- the command ----------------------------------------------------------- */

static void
print_cases(struct writer *writer, const struct options *options,
            mayrelay_policy *policy)
{
    size_t count = mayrelay_cases_count(writer->cases);
    if (options->json) {
        print_json_summary(writer->cases, policy);
        for (size_t i = 0; i < count; i++)
            printf("{\"facts\":%s,\"decision\":%s}\n",
                   mayrelay_cases_get_facts(writer->cases, i),
                   mayrelay_cases_get_decision(writer->cases, i));
        return;
    }
    print_summary(writer->cases, options->policy);
    puts("cases:");
    for (size_t i = 0; i < count; i++)
        print_case(writer, i);
}

static int
run(const struct command *self, const struct options *options)
{
    (void)self;
    int status;
    mayrelay_policy *policy = load_policy(options->policy, &status);
    if (!policy)
        return status;
    mayrelay_cases *cases = mayrelay_policy_cases(policy, options->limit);
    if (!cases)
        out_of_memory();
    struct writer writer = {.cases = cases};
    print_cases(&writer, options, policy);
    page_free(&writer.page);
    mayrelay_cases_free(cases);
    mayrelay_policy_unref(policy);
    return EX_OK;
}

const struct command cases_command = {
    .flag = COMMAND_CASES,
    .name = "cases",
    .summary = "cases for `test`: all that the policy can tell apart",
    .synopsis = "  mayrelay cases POLICY [--limit N] [--json]\n",
    .description =
        "  Writes a file of cases for `mayrelay test`, with the decisions of\n"
        "  today: for each rule a transaction that it decides; each\n"
        "  combination of classes of values that the policy tells apart (of\n"
        "  listeners, clients, host names, TLS and certificates, identities,\n"
        "  groups, senders, recipients); and each class, and some of its\n"
        "  members, wherever it is told from another.  Of client addresses\n"
        "  the members are the ends of each network and what lies beside\n"
        "  them.\n"
        "\n"
        "  After an edit of the policy `mayrelay test` shows which decisions\n"
        "  it has changed.  As JSON the cases are for whoever calls the\n"
        "  library, an adapter or a binding: it must come to the same.\n"
        "\n"
        "  Every look-up has been answered, be it with a failure; a client\n"
        "  has at most one host name and an identity at most one group; of a\n"
        "  pattern there is one text that it matches, if one can be made up.\n"
        "  What is not shown, the first lines say.\n",
    .options =
        "  --limit N\n"
        "      At most so many cases; 10000 if not given.  A higher limit "
        "also\n"
        "      shows more members of large classes.\n"
        "  --json\n"
        "      Print JSON objects, one a line: a summary (cases; extent:\n"
        "      combinations, classes or partial; combinations; left_out;\n"
        "      policy: its digest), then for each case facts, a line that\n"
        "      `mayrelay check --batch` reads, and decision, its answer.\n",
    .exit_status = "   0  the cases are written\n",
    .examples = "  mayrelay cases policy.yaml > policy.cases.yaml\n"
                "  mayrelay test policy.yaml policy.cases.yaml\n",
    .run = run,
};
