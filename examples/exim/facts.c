#include "facts.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "expand.h"

/* $authenticated_id alone is not enough: for mail of local users it is their
 * login, without any authentication.  ${sha256:} of no certificate would be
 * the digest of nothing. */
static const struct source {
    enum stage from;
    size_t offset;
    const char *expansion;
} SOURCES[] = {
    {STAGE_CONNECT, offsetof(struct facts, client), "$sender_host_address"},
    {STAGE_CONNECT, offsetof(struct facts, listener_address),
     "$received_ip_address"},
    {STAGE_CONNECT, offsetof(struct facts, listener_port), "$received_port"},
    {STAGE_MAIL, offsetof(struct facts, cipher), "$tls_in_cipher"},
    {STAGE_MAIL, offsetof(struct facts, certificate),
     "${if and {{def:tls_in_peercert}{bool{$tls_in_certificate_verified}}}"
     "{${sha256:$tls_in_peercert}}}"},
    {STAGE_MAIL, offsetof(struct facts, identity),
     "${if def:sender_host_authenticated {$authenticated_id}}"},
    {STAGE_MAIL, offsetof(struct facts, sender), "$sender_address"},
    {STAGE_RCPT, offsetof(struct facts, argument), "$smtp_command_argument"},
    {STAGE_RCPT, offsetof(struct facts, recipient),
     "${quote_local_part:$local_part}@$domain"},
};

bool
facts_read(struct facts *facts, enum stage stage, struct failure *failure)
{
    for (size_t i = 0; i < sizeof SOURCES / sizeof *SOURCES; i++) {
        const struct source *source = &SOURCES[i];
        const char *text = "";
        if (stage >= source->from)
            text = exim_expand(source->expansion, failure);
        if (!text)
            return false;
        memcpy((char *)facts + source->offset, &text, sizeof text);
    }
    return true;
}

/* -- stating them ---------------------------------------------------------- */

static int
state_connect(const struct facts *facts, mayrelay_session *session)
{
    char listener[100];
    if (facts->listener_address[0] == '\0')
        return mayrelay_session_connect(session, facts->client, NULL);
    snprintf(listener, sizeof listener,
             strchr(facts->listener_address, ':') ? "[%s]:%s" : "%s:%s",
             facts->listener_address, facts->listener_port);
    return mayrelay_session_connect(session, facts->client, listener);
}

static int
state_mail(const struct facts *facts, mayrelay_session *session)
{
    const char *certificate = facts->certificate[0] ? facts->certificate : NULL;
    if (facts->cipher[0])
        mayrelay_session_tls(session, certificate, MAYRELAY_ZSTR);
    if (facts->identity[0])
        mayrelay_session_auth(session, facts->identity, MAYRELAY_ZSTR);
    return mayrelay_session_mail(session, facts->sender, MAYRELAY_ZSTR);
}

int
facts_state(const struct facts *facts, enum stage stage,
            mayrelay_session *session)
{
    int code = state_connect(facts, session);
    if (stage >= STAGE_MAIL)
        code = state_mail(facts, session);
    return code;
}
