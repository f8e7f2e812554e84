#include "policy_watch.h"

#include <sysexits.h>

#include "report.h"

mayrelay_watch *
policy_watch_open(const char *path)
{
    mayrelay_report *report;
    mayrelay_watch *watch = mayrelay_watch_new(path, 0, &report);
    report_print(report);
    return watch;
}

void
policy_watch_dispatch(mayrelay_watch *watch)
{
    mayrelay_report *report;
    enum mayrelay_reload outcome = mayrelay_watch_dispatch(watch, &report);
    report_print_reload(outcome, report);
}

void
policy_watch_reload(mayrelay_watch *watch)
{
    mayrelay_report *report;
    enum mayrelay_reload outcome = mayrelay_watch_reload(watch, &report);
    report_print_reload(outcome, report);
}

int
policy_check(const char *path)
{
    mayrelay_report *report;
    mayrelay_policy *policy = mayrelay_policy_load(path, 0, &report);
    int status = policy ? EX_OK : EX_CONFIG;
    report_print(report);
    mayrelay_policy_unref(policy);
    return status;
}
