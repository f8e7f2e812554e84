#include "adapter.h"

#include <string.h>

static void
adapter_close(struct adapter *adapter)
{
    mayrelay_session_free(adapter->session);
    mayrelay_policy_unref(adapter->policy);
    mayrelay_dns_answer_free(adapter->names.answer);
    if (adapter->is_open)
        decision_log_close(&adapter->log);
    *adapter = (struct adapter){.is_open = false};
}

/* The first error; `mayrelay lint` has them all. */
static bool
fail_to_load(const char *path, const mayrelay_report *report,
             struct failure *failure)
{
    char text[500] = "no memory";
    size_t count = mayrelay_report_count(report);
    for (size_t i = 0; i < count; i++) {
        if (mayrelay_report_get_severity(report, i) != MAYRELAY_ERROR)
            continue;
        mayrelay_report_to_text(report, i, text, sizeof text);
        break;
    }
    text[strcspn(text, "\n")] = '\0';
    return fail(failure, "mayrelay: cannot load %s: %s", path, text);
}

static bool
open_policy(struct adapter *adapter, struct failure *failure)
{
    const char *path = adapter->options.policy;
    mayrelay_report *report;
    adapter->policy =
        mayrelay_policy_load(path, adapter->options.load_flags, &report);
    if (!adapter->policy)
        fail_to_load(path, report, failure);
    mayrelay_report_free(report);
    if (!adapter->policy)
        return false;
    if (mayrelay_policy_has_reroute(adapter->policy) &&
        !adapter->options.reroute)
        return fail(failure,
                    "mayrelay: %s has \"reroute\", and an ACL cannot change "
                    "recipients: add the router, and then reroute=router "
                    "(README.md)",
                    path);
    return true;
}

static bool
open_session(struct adapter *adapter, struct failure *failure)
{
    adapter->session = mayrelay_session_new(adapter->policy);
    if (!adapter->session)
        return fail(failure, "mayrelay: no memory");
    mayrelay_session_rewrites(adapter->session, adapter->options.reroute);
    return true;
}

static bool
open_log(struct adapter *adapter, struct failure *failure)
{
    const struct options *options = &adapter->options;
    if (!decision_log_open(&adapter->log,
                           options->log ? options->log : "/dev/null",
                           options->log_format, options->token))
        return fail(failure, "mayrelay: cannot write %s", options->log);
    return true;
}

bool
adapter_open(struct adapter *adapter, const char *settings,
             struct failure *failure)
{
    if (adapter->is_open && strcmp(adapter->settings, settings) == 0)
        return true;
    adapter_close(adapter);
    if (!options_read(&adapter->options, settings, failure) ||
        !open_policy(adapter, failure) || !open_session(adapter, failure) ||
        !open_log(adapter, failure)) {
        adapter_close(adapter);
        return false;
    }
    memcpy(adapter->settings, settings, strlen(settings) + 1);
    adapter->is_open = true;
    return true;
}
