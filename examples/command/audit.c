/* mayrelay audit: who may relay where, exactly, and what is wrong with it. */
#include <string.h>
#include <sysexits.h>

#include "command.h"
#include "facts_json.h"
#include "load.h"
#include "options.h"
#include "stamp.h"
#include "trust.h"

enum {
    EX_FINDINGS = 1,
    SOURCE_COUNT = MAYRELAY_SOURCE_HOST + 1
};

/* What --fail-on says: one more than the severity; 0: never. */
static int
least_severity(const char *name)
{
    if (name && strcmp(name, "never") == 0)
        return 0;
    if (name && strcmp(name, "note") == 0)
        return 1 + MAYRELAY_NOTE;
    if (name && strcmp(name, "warning") == 0)
        return 1 + MAYRELAY_WARNING;
    return 1 + MAYRELAY_ERROR;
}

static void
print_text(const mayrelay_audit *audit, const mayrelay_report *report)
{
    struct page page = {0};
    while (
        !page_holds(&page, mayrelay_audit_to_text(audit, page.data, page.room)))
        continue;
    fputs(page.data, stdout);
    page_free(&page);
    fflush(stdout);
    findings_print(report, MAYRELAY_NOTE);
}

static void
print_whole_json(const mayrelay_policy *policy, const mayrelay_audit *audit,
                 const mayrelay_report *report)
{
    struct page page = {0};
    while (
        !page_holds(&page, mayrelay_audit_to_json(audit, page.data, page.room)))
        continue;
    printf("{\"audit\":%s,", page.data);
    while (!page_holds(&page,
                       mayrelay_report_to_json(report, page.data, page.room)))
        continue;
    printf("\"findings\":%s,\"stamp\":", page.data);
    json_t *stamp = stamp_read(policy);
    print_json(stdout, stamp, &page);
    fputs("}\n", stdout);
    json_decref(stamp);
    page_free(&page);
}

static void
print_html(const mayrelay_audit *audit, const mayrelay_report *report)
{
    struct page page = {0};
    while (!page_holds(
        &page, mayrelay_audit_to_html(audit, report, page.data, page.room)))
        continue;
    fputs(page.data, stdout);
    page_free(&page);
}

static int
status_of(const struct options *options, const mayrelay_audit *audit,
          const mayrelay_report *report)
{
    int least = least_severity(options->fail_on);
    if (mayrelay_audit_get_disagreement(audit))
        return EX_SOFTWARE;
    if (options->require && !mayrelay_audit_is_closed(audit))
        return EX_FINDINGS;
    if (least &&
        mayrelay_report_count_at(report, (enum mayrelay_severity)(least - 1)))
        return EX_FINDINGS;
    return EX_OK;
}

static int
audit_policy(const struct options *options, mayrelay_policy *policy,
             const mayrelay_audit_options *trusted)
{
    mayrelay_report *report = NULL;
    mayrelay_audit *audit = mayrelay_policy_audit(policy, trusted, &report);
    if (!audit)
        out_of_memory();
    if (options->json)
        print_whole_json(policy, audit, report);
    else if (options->html)
        print_html(audit, report);
    else
        print_text(audit, report);
    int status = status_of(options, audit, report);
    mayrelay_audit_free(audit);
    mayrelay_report_free(report);
    return status;
}

static int
run(const struct command *self, const struct options *options)
{
    if (options->json && options->html)
        return usage_error(self->name, "--json beside --html");
    mayrelay_audit_options *trusted = trust_read(self, options);
    if (!trusted)
        return EX_USAGE;
    int status;
    mayrelay_policy *policy = load_policy(options->policy, &status);
    if (!options->json)
        stamp_print(options->policy, policy);
    if (policy)
        status = audit_policy(options, policy, trusted);
    mayrelay_policy_unref(policy);
    mayrelay_audit_options_free(trusted);
    return status;
}

const struct command audit_command = {
    .flag = COMMAND_AUDIT,
    .name = "audit",
    .summary = "who may relay where, and what is wrong with it",
    .requirements = "closed",
    .synopsis = "  mayrelay audit POLICY [--trust NETWORK]... "
                "[--fail-on SEVERITY]\n"
                "      [--require closed] [--json | --html]\n",
    .description =
        "  Looks at all transactions at once, through the rules as they are\n"
        "  compiled, and says of four kinds of people whether they can relay\n"
        "  mail through this server:\n"
        "    stranger  anybody on the Internet, anonymous\n"
        "    account   who has stolen one account, or one certificate\n"
        "    dns       the owner of a DNS zone that the policy names\n"
        "    host      what the mail server says of groups\n"
        "  CLOSED: they cannot, under the assumptions that are printed.  "
        "OPEN:\n"
        "  they can, as the dialogue shows, which the evaluator has accepted.\n"
        "  CONDITIONAL: they can if.  INCOMPLETE: too large, nothing is "
        "proven.\n"
        "  Then everybody who may relay: per connector and listener the "
        "client\n"
        "  networks with the lines that name them, and for each rule the\n"
        "  identities, senders and recipients that it lets through.\n"
        "  Findings come on standard error.  What an image is stamped with "
        "comes\n"
        "  first; the audit itself is always made anew.\n"
        "  An audit looks at 2^30 words of masks at most (some ten seconds), "
        "and\n"
        "  takes at most 1 GiB and ten times the image of memory: what is "
        "beyond\n"
        "  is INCOMPLETE, on every machine alike.\n",
    .options =
        "  --trust NETWORK\n"
        "      An address, network or range of ours, whose clients are no\n"
        "      strangers; repeat it for several.  Without it strangers sit in\n"
        "      blocks of more than a /8 of IPv4, or /32 of IPv6, that may "
        "relay\n"
        "      as a whole.\n"
        "  --fail-on note|warning|error|never\n"
        "      Findings that make the exit status 1; `error` if not given.\n"
        "  --require closed\n"
        "      Exit status 1 unless `stranger` and `dns` are CLOSED.\n"
        "  --json\n"
        "      Print one JSON object: audit, findings, and the stamp of an "
        "image.\n"
        "  --html\n"
        "      Print one HTML file with all of it, to be shown around: it "
        "needs\n"
        "      neither network nor script.\n",
    .exit_status = "   0  the policy is as it is required to be\n"
                   "   1  it is not, or there are findings of --fail-on\n"
                   "  70  MR331: the evaluator refuses what the audit says "
                   "that it\n"
                   "      accepts; this is a bug in mayrelay: please report "
                   "it\n",
    .examples = "  mayrelay audit policy.yaml\n"
                "  mayrelay audit --trust 192.0.2.0/24 --require closed "
                "policy.yaml\n"
                "  mayrelay audit --html policy.yaml > report.html\n",
    .run = run,
};
