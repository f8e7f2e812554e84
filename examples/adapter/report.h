/* What loading or following a policy has to say, on standard error. */
#ifndef ADAPTER_REPORT_H
#define ADAPTER_REPORT_H

#include <mayrelay.h>

/* "file:line:column: error: ...", a finding a line or two; frees the report. */
void report_print(mayrelay_report *report);
/* What came of mayrelay_watch_dispatch or _reload, and its report. */
void report_print_reload(enum mayrelay_reload outcome, mayrelay_report *report);
/* What a policy may ask for that no adapter can answer, or only with --dns. */
void report_print_unknown(const char *path, const mayrelay_policy *policy,
                          bool dns);

#endif
