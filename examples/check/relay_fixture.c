#include "relay_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Check's fixtures take no argument and give no result: hence these.  As much
 * of an explanation is told as Check keeps of a message. */
static mayrelay_policy *policy;
static mayrelay_session *session;
static char told[BUFSIZ];

void
relay_set_up(const char *path)
{
    mayrelay_report *report = NULL;
    char line[1024];
    policy = mayrelay_policy_load(path, 0, &report);
    size_t used = 0;
    told[0] = '\0';
    for (size_t i = 0; i < mayrelay_report_count(report); i++) {
        mayrelay_report_to_text(report, i, line, sizeof line);
        if (used < sizeof told)
            used +=
                (size_t)snprintf(told + used, sizeof told - used, "\n%s", line);
    }
    mayrelay_report_free(report);
    session = mayrelay_session_new(policy);
    if (!session)
        ck_abort_msg("%s does not load%s", path, told);
}

void
relay_tear_down(void)
{
    mayrelay_session_free(session);
    mayrelay_policy_unref(policy);
    session = NULL;
    policy = NULL;
}

/* -- facts ----------------------------------------------------------------- */

typedef enum mayrelay_status adder(mayrelay_session *to, const char *text,
                                   size_t size);

/* Statuses are not looked at: a fact that cannot be set poisons the session,
 * and its decision says so. */
static void
tell_list(enum mayrelay_fact fact, adder *add, const char *const *texts,
          enum relay_looked_up are)
{
    if (are == RELAY_NOT_LOOKED_UP && !texts[0])
        return;
    for (int i = 0; i < RELAY_TEXTS_MOST && texts[i]; i++)
        add(session, texts[i], MAYRELAY_ZSTR);
    mayrelay_session_answer(session, fact,
                            are == RELAY_TEMPFAIL ? MAYRELAY_FAILED
                                                  : MAYRELAY_KNOWN);
}

static void
tell_exists(enum relay_exists exists)
{
    switch (exists) {
    case RELAY_NOT_KNOWN: return;
    case RELAY_EXISTS:
    case RELAY_DOES_NOT_EXIST:
        mayrelay_session_set_recipient_exists(session, exists == RELAY_EXISTS);
        return;
    case RELAY_EXISTS_TEMPFAIL:
        mayrelay_session_answer(session, MAYRELAY_FACT_RECIPIENT,
                                MAYRELAY_FAILED);
        return;
    }
}

static const mayrelay_decision *
judge(const struct relay_facts *facts)
{
    mayrelay_session_rewrites(session, facts->rewrites);
    mayrelay_session_connect(session, facts->client, facts->listener);
    tell_list(MAYRELAY_FACT_CLIENT_NAME, mayrelay_session_add_client_name,
              facts->client_names, facts->client_names_are);
    if (facts->tls || facts->certificate)
        mayrelay_session_tls(session, facts->certificate, MAYRELAY_ZSTR);
    if (facts->identity)
        mayrelay_session_auth(session, facts->identity, MAYRELAY_ZSTR);
    tell_list(MAYRELAY_FACT_GROUPS, mayrelay_session_add_group, facts->groups,
              facts->groups_are);
    if (facts->sender)
        mayrelay_session_mail(session, facts->sender, MAYRELAY_ZSTR);
    if (facts->recipient)
        mayrelay_session_rcpt(session, facts->recipient, MAYRELAY_ZSTR);
    tell_exists(facts->recipient_exists);
    mayrelay_session_resume(session);
    return mayrelay_session_get_decision(session);
}

/* -- what is expected ------------------------------------------------------ */

static bool
agrees(const char *expected, const char *said)
{
    return !expected || (said && strcmp(expected, said) == 0);
}

static const char *
or_any(const char *text)
{
    return text ? text : "any";
}

static const char *
or_none(const char *text)
{
    return text ? text : "none";
}

static void
tell_difference(enum mayrelay_verdict verdict, const struct relay_facts *facts,
                const mayrelay_decision *decision)
{
    int size =
        snprintf(told, sizeof told,
                 "expected %s (reason: %s, rule: %s, deliver to: %s)\n"
                 "decided  %s (reason: %s, rule: %s, deliver to: %s)\n",
                 mayrelay_verdict_name(verdict), or_any(facts->reason),
                 or_any(facts->rule), or_any(facts->deliver_to),
                 mayrelay_verdict_name(mayrelay_decision_get_verdict(decision)),
                 mayrelay_reason_name(mayrelay_decision_get_reason(decision)),
                 or_none(mayrelay_decision_get_rule(decision)),
                 or_none(mayrelay_decision_get_recipient(decision)));
    if (size > 0 && (size_t)size < sizeof told)
        mayrelay_decision_explain(decision, MAYRELAY_TEXT, told + size,
                                  sizeof told - (size_t)size);
}

const char *
relay_difference(enum mayrelay_verdict verdict, const struct relay_facts *facts)
{
    const mayrelay_decision *decision = judge(facts);
    const char *reason =
        mayrelay_reason_name(mayrelay_decision_get_reason(decision));
    if (mayrelay_decision_get_verdict(decision) == verdict &&
        agrees(facts->reason, reason) &&
        agrees(facts->rule, mayrelay_decision_get_rule(decision)) &&
        agrees(facts->deliver_to, mayrelay_decision_get_recipient(decision)))
        return NULL;
    tell_difference(verdict, facts, decision);
    return told;
}
