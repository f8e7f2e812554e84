/* mayrelay lint: what is wrong with a policy. */
#include <sysexits.h>

#include "command.h"
#include "load.h"
#include "options.h"
#include "stamp.h"

static void
print_report(const mayrelay_report *report)
{
    struct page page = {0};
    while (!page_holds(&page,
                       mayrelay_report_to_json(report, page.data, page.room)))
        continue;
    printf("%s\n", page.data);
    page_free(&page);
}

static void
say_ok(const char *path)
{
    print_printable(stdout, as_text(path));
    fputs(": ok\n", stdout);
}

static int
run(const struct command *self, const struct options *options)
{
    (void)self;
    mayrelay_report *report = NULL;
    mayrelay_policy *policy =
        mayrelay_policy_load(options->policy, MAYRELAY_LOAD_VERIFY, &report);
    if (options->json)
        print_report(report);
    else if (policy && !mayrelay_report_count(report))
        say_ok(options->policy);
    else
        findings_print(report, MAYRELAY_NOTE);
    if (!options->json)
        stamp_print(options->policy, policy);
    int status = policy ? EX_OK : load_failure(options->policy, report);
    mayrelay_policy_unref(policy);
    mayrelay_report_free(report);
    return status;
}

const struct command lint_command = {
    .flag = COMMAND_LINT,
    .name = "lint",
    .summary = "the errors and warnings of a policy",
    .synopsis = "  mayrelay lint POLICY [--json]\n",
    .description =
        "  Loads the policy and prints everything that was found in it on\n"
        "  standard error, each as `file:line:column: error: text [MR123]` "
        "with\n"
        "  a hint on the next line.  A policy with an error is never loaded.\n"
        "  A clean one is `ok` on standard output; so stands there what an "
        "image is\n"
        "  stamped with.\n",
    .options =
        "  --json\n"
        "      Print the findings as one JSON array on standard output.\n",
    .exit_status = "   0  no errors; there may be warnings\n",
    .examples = "  mayrelay lint policy.yaml\n"
                "  mayrelay lint --json policy.yaml | jq -r '.[].text'\n",
    .run = run,
};
