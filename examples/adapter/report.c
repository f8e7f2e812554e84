#include "report.h"

#include <stdio.h>

void
report_print(mayrelay_report *report)
{
    char text[4000];
    for (size_t i = 0; i < mayrelay_report_count(report); i++) {
        mayrelay_report_to_text(report, i, text, sizeof text);
        fprintf(stderr, "%s\n", text);
    }
    mayrelay_report_free(report);
}

void
report_print_reload(enum mayrelay_reload outcome, mayrelay_report *report)
{
    report_print(report);
    if (outcome == MAYRELAY_RELOAD_DONE)
        fputs("a new policy is in force\n", stderr);
    if (outcome == MAYRELAY_RELOAD_FAILED)
        fputs("the old policy stays in force\n", stderr);
}

void
report_print_unknown(const char *path, const mayrelay_policy *policy, bool dns)
{
    unsigned facts = mayrelay_policy_get_facts(policy);
    if (facts & MAYRELAY_FACT_GROUPS)
        fprintf(stderr,
                "%s: warning: there is a group to 'ask' for, and we have "
                "nobody to ask: where it matters the answer is 451\n",
                path);
    if ((facts & MAYRELAY_FACT_CLIENT_NAME) && !dns)
        fprintf(stderr,
                "%s: warning: there are host names, and no --dns: where one "
                "matters the answer is 451\n",
                path);
}
