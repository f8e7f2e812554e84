/* Policies from text, for tests of what decides. */
#ifndef TESTS_POLICIES_H
#define TESTS_POLICIES_H

#include <check.h>

#include "mayrelay.h"

/* A policy that must load. */
static inline mayrelay_policy *
must_parse(const char *yaml)
{
    mayrelay_report *report;
    mayrelay_policy *policy =
        mayrelay_policy_parse(yaml, MAYRELAY_ZSTR, "policy.yaml", &report);
    ck_assert_msg(policy, "line %u: %s", mayrelay_report_get_line(report, 0),
                  mayrelay_report_get_text(report, 0));
    mayrelay_report_free(report);
    return policy;
}

/* A session that is the only one to hold its policy. */
static inline mayrelay_session *
session_over(mayrelay_policy *policy)
{
    mayrelay_session *session = mayrelay_session_new(policy);
    mayrelay_policy_unref(policy);
    ck_assert_ptr_nonnull(session);
    return session;
}

static inline enum mayrelay_reason
reason_of(const mayrelay_session *session)
{
    return mayrelay_decision_get_reason(mayrelay_session_get_decision(session));
}

static inline const char *
reply_of(const mayrelay_session *session)
{
    return mayrelay_decision_get_reply(mayrelay_session_get_decision(session));
}

#define ck_assert_reason(session_, name_)                                      \
    ck_assert_msg(reason_of(session_) == MAYRELAY_REASON_##name_,              \
                  "'%s' is not " #name_, reply_of(session_))

#endif
