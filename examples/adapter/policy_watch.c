#include "policy_watch.h"

#include <sysexits.h>

#include "report.h"

static void
print_unknown(mayrelay_watch *watch, const struct settings *settings)
{
    mayrelay_policy *policy = mayrelay_watch_ref_policy(watch);
    report_print_unknown(settings->policy, policy, settings->dns);
    mayrelay_policy_unref(policy);
}

mayrelay_watch *
policy_watch_open(const struct settings *settings)
{
    mayrelay_report *report;
    mayrelay_watch *watch =
        mayrelay_watch_new(settings->policy, settings->load_flags, &report);
    report_print(report);
    if (watch)
        print_unknown(watch, settings);
    return watch;
}

static void
say(mayrelay_watch *watch, const struct settings *settings,
    enum mayrelay_reload outcome, mayrelay_report *report)
{
    if (outcome == MAYRELAY_RELOAD_DONE)
        print_unknown(watch, settings);
    report_print_reload(outcome, report);
}

void
policy_watch_dispatch(mayrelay_watch *watch, const struct settings *settings)
{
    mayrelay_report *report;
    enum mayrelay_reload outcome = mayrelay_watch_dispatch(watch, &report);
    say(watch, settings, outcome, report);
}

void
policy_watch_reload(mayrelay_watch *watch, const struct settings *settings)
{
    mayrelay_report *report;
    enum mayrelay_reload outcome = mayrelay_watch_reload(watch, &report);
    say(watch, settings, outcome, report);
}

int
policy_check(const struct settings *settings)
{
    mayrelay_report *report;
    mayrelay_policy *policy =
        mayrelay_policy_load(settings->policy, settings->load_flags, &report);
    int status = policy ? EX_OK : EX_CONFIG;
    report_print(report);
    if (policy)
        report_print_unknown(settings->policy, policy, settings->dns);
    mayrelay_policy_unref(policy);
    return status;
}
