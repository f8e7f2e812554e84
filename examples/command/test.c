/* mayrelay test: cases that a policy must decide as it is expected to. */
#include <stdlib.h>
#include <sysexits.h>

#include "arguments.h"
#include "case_file.h"
#include "command.h"
#include "coverage.h"
#include "expected.h"
#include "load.h"
#include "options.h"

enum {
    EXIT_FAILED = 1
};

struct test {
    const struct options *options;
    mayrelay_session *session;
    struct coverage coverage;
    size_t number, failed;
    json_t *results; /* with --json */
    struct page page;
};

/* What came of one case. */
struct result {
    const struct test_case *judged;
    struct facts facts; /* borrowed from the case */
    const mayrelay_decision *decision;
    json_t *explanation, *differences;
};

/* -- one case -------------------------------------------------------------- */

static const char *
explain(struct test *test, const mayrelay_decision *decision,
        enum mayrelay_format format)
{
    struct page *page = &test->page;
    while (!page_holds(page, mayrelay_decision_explain(decision, format,
                                                       page->data, page->room)))
        continue;
    return page->data;
}

static struct result
judge(struct test *test, const struct test_case *judged)
{
    struct result result = {.judged = judged};
    struct line_error error;
    if (!facts_from_json(&result.facts, judged->facts, &error))
        out_of_memory(); /* they were read when the file was */
    result.decision = judge_facts(&result.facts, test->session);
    result.explanation =
        json_loads(explain(test, result.decision, MAYRELAY_JSON), 0, NULL);
    if (!result.explanation)
        out_of_memory();
    result.differences = expected_differences(
        judged->expected, json_object_get(result.explanation, "decision"));
    coverage_add(&test->coverage, test->session, result.explanation);
    return result;
}

static void
result_free(struct result *result)
{
    free_facts(&result->facts);
    json_decref(result->explanation);
    json_decref(result->differences);
}

/* -- as TAP ---------------------------------------------------------------- */

/* Of a description TAP reads '#' and the backslash. */
static void
print_name(const json_t *name)
{
    struct text text = {json_string_value(name), json_string_length(name)};
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '#' || text.data[i] == '\\')
            putchar('\\');
        print_printable(stdout, (struct text){text.data + i, 1});
    }
    putchar('\n');
}

/* A text in YAML; JSON's are among them. */
static void
print_text(const char *key, const char *text, struct page *page)
{
    json_t *value = json_string(text);
    if (!value)
        out_of_memory();
    printf("  %s: ", key);
    print_json(stdout, value, page);
    putchar('\n');
    json_decref(value);
}

static void
print_place(const char *path, const struct test_case *judged)
{
    printf("  at: \"");
    for (const char *c = path; *c; c++) {
        if (*c == '"' || *c == '\\')
            putchar('\\');
        print_printable(stdout, (struct text){c, 1});
    }
    printf(":%zu:%zu\"\n", judged->line, judged->column);
}

/* A block of YAML behind the test point. */
static void
print_why(struct test *test, const struct result *result)
{
    char *arguments = arguments_from_facts(&result->facts);
    fputs("  ---\n", stdout);
    print_place(test->options->second, result->judged);
    fputs("  wrong: ", stdout);
    print_json(stdout, result->differences, &test->page);
    putchar('\n');
    print_text("reply", mayrelay_decision_get_reply(result->decision),
               &test->page);
    if (arguments)
        print_text("arguments", arguments + 1, &test->page);
    fputs("  explanation: |\n", stdout);
    print_indented(stdout,
                   as_text(explain(test, result->decision, MAYRELAY_TEXT)));
    fputs("  ...\n", stdout);
    free(arguments);
}

static void
print_point(struct test *test, const struct result *result, bool good)
{
    printf("%sok %zu - ", good ? "" : "not ", test->number);
    print_name(result->judged->name);
    if (!good)
        print_why(test, result);
}

/* -- as JSON --------------------------------------------------------------- */

static void
add_result(struct test *test, const struct result *result, bool good)
{
    json_t *entry =
        json_pack("{s:O, s:I, s:b, s:O, s:O}", "name", result->judged->name,
                  "line", (json_int_t)result->judged->line, "passed", good,
                  "wrong", result->differences, "decision",
                  json_object_get(result->explanation, "decision"));
    if (json_array_append_new(test->results, entry) != 0)
        out_of_memory();
}

static void
print_results(struct test *test)
{
    json_t *all = json_pack("{s:I, s:I, s:O, s:o, s:o}", "passed",
                            (json_int_t)(test->number - test->failed), "failed",
                            (json_int_t)test->failed, "cases", test->results,
                            "rules", coverage_to_json(&test->coverage), "lists",
                            coverage_lists_to_json(&test->coverage));
    print_json_line(all);
}

/* -- all of them ----------------------------------------------------------- */

static void
run_case(struct test *test, const struct test_case *judged)
{
    struct result result = judge(test, judged);
    bool good = json_object_size(result.differences) == 0;
    test->number++;
    test->failed += !good;
    if (test->options->json)
        add_result(test, &result, good);
    else
        print_point(test, &result, good);
    result_free(&result);
}

static int
run_cases(struct test *test, const struct case_file *file)
{
    if (!test->options->json)
        printf("TAP version 14\n1..%zu\n", file->count);
    for (size_t i = 0; i < file->count; i++)
        run_case(test, &file->items[i]);
    coverage_count(&test->coverage);
    if (test->options->json) {
        print_results(test);
    } else {
        printf("# passed: %zu, failed: %zu\n", test->number - test->failed,
               test->failed);
        coverage_print(&test->coverage);
    }
    bool covered = !test->options->require_coverage ||
                   coverage_missing(&test->coverage) == 0;
    return test->failed || !covered ? EXIT_FAILED : EX_OK;
}

static int
test_policy(const struct options *options, mayrelay_policy *policy,
            const struct case_file *file)
{
    struct test test = {.options = options,
                        .session = new_session(policy),
                        .coverage = coverage_of(policy),
                        .results = json_array()};
    int status = run_cases(&test, file);
    mayrelay_session_free(test.session);
    coverage_free(&test.coverage);
    json_decref(test.results);
    page_free(&test.page);
    return status;
}

static int
run(const struct command *self, const struct options *options)
{
    (void)self;
    int status;
    mayrelay_policy *policy = load_policy(options->policy, &status);
    if (!policy)
        return status;
    struct case_file file;
    status = case_file_read(&file, options->second);
    if (!status)
        status = test_policy(options, policy, &file);
    case_file_free(&file);
    mayrelay_policy_unref(policy);
    return status;
}

const struct command test_command = {
    .flag = COMMAND_TEST,
    .name = "test",
    .summary = "cases that the policy must decide as expected, as TAP",
    .second = "file of cases",
    .synopsis = "  mayrelay test POLICY CASES [--require-coverage]\n",
    .description =
        "  Judges each case of CASES, and compares the decision with what is\n"
        "  expected.  The result is TAP (version 14), with the whole why\n"
        "  behind each failure, and says which rules no case has made hold, "
        "and\n"
        "  which entries of lists have matched in none.\n"
        "\n"
        "  CASES is YAML:\n"
        "\n"
        "    defaults:                # facts of every case; may be left out\n"
        "      listener: 192.0.2.25:25\n"
        "      sender: a@sender.example\n"
        "    cases:\n"
        "      - name: strangers do not relay\n"
        "        client: 203.0.113.9\n"
        "        recipient: kate@far.example\n"
        "        expect: {verdict: reject, code: 550, reason: relay-denied}\n"
        "      - name: strangers may write to us\n"
        "        client: 203.0.113.9\n"
        "        recipient: joe@example.com\n"
        "        expect: accept\n"
        "\n"
        "  Facts are those of `mayrelay check --batch`: client, listener,\n"
        "  client_names, tls, certificate, identity, groups, sender,\n"
        "  recipient, recipient_exists.  A null takes a default away.  What "
        "is\n"
        "  expected is a verdict, or any of verdict, code, enhanced, text,\n"
        "  reason, kind, rule, source, connector, recipient, relay and needs;\n"
        "  null where there must be none.\n",
    .options =
        "  --require-coverage\n"
        "      Fail if some rule of the policy held in no case.\n"
        "  --json\n"
        "      Print one JSON object: passed, failed, cases (each with\n"
        "      name, line, passed, wrong and decision), rules (each with\n"
        "      rule, file, line, held and decided: in how many cases)\n"
        "      and lists (each with list, file, line, entries, matched\n"
        "      and missed: where each entry stands that never matched).\n",
    .exit_status = "   0  every case is decided as expected\n"
                   "   1  some case is not, or some rule is not covered\n"
                   "  65  CASES has errors\n",
    .examples = "  mayrelay test policy.yaml policy.cases.yaml\n",
    .run = run,
};
