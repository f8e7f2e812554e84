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
