#include "policy.h"

#include <stdio.h>

#include "adapter/report.h"

static bool
can_be_enforced(const char *path, const mayrelay_policy *policy)
{
    if (!mayrelay_policy_has_reroute(policy))
        return true;
    fprintf(stderr,
            "%s: error: there is 'reroute', and a policy service of Postfix "
            "cannot change recipients\n    leave it out and use Postfix's "
            "virtual_alias_maps, or use mayrelay-milter\n",
            path);
    return false;
}

/* A policy has been read: whether it may come into force. */
static bool
accept_policy(const struct settings *settings, const mayrelay_policy *policy)
{
    if (!policy || !can_be_enforced(settings->policy, policy))
        return false;
    report_print_unknown(settings->policy, policy, settings->dns);
    return true;
}

bool
policy_check(const struct settings *settings)
{
    mayrelay_report *report;
    mayrelay_policy *policy =
        mayrelay_policy_load(settings->policy, settings->load_flags, &report);
    report_print(report);
    bool good = accept_policy(settings, policy);
    mayrelay_policy_unref(policy);
    return good;
}

bool
policy_open(struct policy *policy, const struct settings *settings)
{
    mayrelay_report *report;
    *policy = (struct policy){.settings = settings};
    policy->watch =
        mayrelay_watch_new(settings->policy, settings->load_flags, &report);
    report_print(report);
    policy->in_force = mayrelay_watch_ref_policy(policy->watch);
    return accept_policy(settings, policy->in_force);
}

void
policy_close(struct policy *policy)
{
    mayrelay_policy_unref(policy->in_force);
    mayrelay_watch_free(policy->watch);
}

/* Sessions that have begun keep the policy they began with. */
static bool
put_into_force(struct policy *policy)
{
    mayrelay_policy *found = mayrelay_watch_ref_policy(policy->watch);
    if (!accept_policy(policy->settings, found)) {
        mayrelay_policy_unref(found);
        return false;
    }
    mayrelay_policy_unref(policy->in_force);
    policy->in_force = found;
    return true;
}

static bool
is_another(const struct policy *policy)
{
    mayrelay_policy *found = mayrelay_watch_ref_policy(policy->watch);
    mayrelay_policy_unref(found);
    return found != policy->in_force;
}

static void
take(struct policy *policy, enum mayrelay_reload outcome,
     mayrelay_report *report)
{
    if (outcome == MAYRELAY_RELOAD_DONE && !put_into_force(policy))
        outcome = MAYRELAY_RELOAD_FAILED;
    report_print_reload(outcome, report);
}

void
policy_dispatch(struct policy *policy)
{
    mayrelay_report *report;
    enum mayrelay_reload outcome =
        mayrelay_watch_dispatch(policy->watch, &report);
    take(policy, outcome, report);
}

void
policy_reload(struct policy *policy)
{
    mayrelay_report *report;
    enum mayrelay_reload outcome =
        mayrelay_watch_reload(policy->watch, &report);
    if (outcome == MAYRELAY_RELOAD_NONE && is_another(policy))
        outcome = MAYRELAY_RELOAD_DONE; /* and what we refused: say so again */
    take(policy, outcome, report);
}
