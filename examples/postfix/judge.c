#include "judge.h"

#include <stdio.h>
#include <string.h>

#include "address.h"

/* "192.0.2.25:25", "[2001:db8::25]:25", or "" for not known. */
static void
write_listener(const struct request *request, char *buffer, size_t size)
{
    const char *server = request_get(request, REQUEST_SERVER);
    const char *port = request_get(request, REQUEST_PORT);
    bool is_ipv6 = strchr(server, ':');
    snprintf(buffer, size, "%s%s%s%s%s", is_ipv6 ? "[" : "", server,
             is_ipv6 ? "]" : "", *port ? ":" : "", port);
}

static void
connect_client(mayrelay_session *session, const struct request *request)
{
    char listener[100];
    write_listener(request, listener, sizeof listener);
    mayrelay_session_connect(session, request_get(request, REQUEST_CLIENT),
                             *listener ? listener : NULL);
    if (!*request_get(request, REQUEST_ENCRYPTION))
        return;
    /* The handshake has shown that the client has the key.  Only SHA-256 will
     * do (smtpd_tls_fingerprint_digest); of another digest nothing can be said,
     * so the session is poisoned: 451. */
    const char *fingerprint = request_get(request, REQUEST_FINGERPRINT);
    mayrelay_session_tls(session, *fingerprint ? fingerprint : NULL,
                         MAYRELAY_ZSTR);
}

static void
give_sender(mayrelay_session *session, const struct request *request)
{
    char buffer[ADDRESS_SIZE];
    const char *identity = request_get(request, REQUEST_IDENTITY);
    if (*identity)
        mayrelay_session_auth(session, identity, MAYRELAY_ZSTR);
    mayrelay_session_mail(
        session, address_quoted(request_get(request, REQUEST_SENDER), buffer),
        MAYRELAY_ZSTR);
}

static void
give_recipient(mayrelay_session *session, const struct request *request)
{
    char buffer[ADDRESS_SIZE];
    const char *recipient = request_get(request, REQUEST_RECIPIENT);
    mayrelay_session_rcpt(session, address_quoted(recipient, buffer),
                          MAYRELAY_ZSTR);
}

/* Each request tells the whole dialogue so far. */
bool
judge_request(mayrelay_session *session, const struct request *request)
{
    const char *state = request_get(request, REQUEST_STATE);
    bool is_rcpt = strcmp(state, "RCPT") == 0;
    bool is_mail = strcmp(state, "MAIL") == 0;
    if (!is_rcpt && !is_mail && strcmp(state, "CONNECT") != 0)
        return false;
    connect_client(session, request);
    if (is_mail || is_rcpt)
        give_sender(session, request);
    if (is_rcpt)
        give_recipient(session, request);
    return true;
}

bool
judge_wants_names(mayrelay_session *session)
{
    for (;;) {
        unsigned needs = mayrelay_session_needs(session);
        /* Postfix looks into its own tables afterwards (see
         * smtpd_reject_unlisted_recipient), and we tell it DUNNO: so this yes
         * opens nothing, it only leaves the question to Postfix. */
        if (needs & MAYRELAY_FACT_RECIPIENT)
            mayrelay_session_set_recipient_exists(session, true);
        if (needs & MAYRELAY_FACT_GROUPS)
            mayrelay_session_answer(session, MAYRELAY_FACT_GROUPS,
                                    MAYRELAY_FAILED);
        if (!(needs & (MAYRELAY_FACT_RECIPIENT | MAYRELAY_FACT_GROUPS)))
            return needs & MAYRELAY_FACT_CLIENT_NAME;
        mayrelay_session_resume(session);
    }
}

bool
judge_is_final(const mayrelay_session *session)
{
    return mayrelay_decision_get_reason(mayrelay_session_get_decision(
               session)) != MAYRELAY_REASON_PROCEED;
}

/* OK ends Postfix's list of restrictions, so it is for what the policy lets be
 * relayed, and nothing else.  With DUNNO Postfix goes on, to
 * reject_unauth_destination: should it take for foreign what we take for ours,
 * it refuses. */
static bool
is_granted_relay(const mayrelay_decision *decision)
{
    enum mayrelay_reason reason = mayrelay_decision_get_reason(decision);
    return mayrelay_decision_get_is_relay(decision) &&
           (reason == MAYRELAY_REASON_RELAY_ALLOWED ||
            reason == MAYRELAY_REASON_ALWAYS_RELAY);
}

const char *
judge_action(const mayrelay_session *session, const char *reply)
{
    const mayrelay_decision *decision = mayrelay_session_get_decision(session);
    if (mayrelay_decision_get_verdict(decision) != MAYRELAY_ACCEPT)
        return reply;
    return is_granted_relay(decision) ? "OK" : "DUNNO";
}
