/* The whole dialogue in one call. */
#include "mayrelay/policy.h"

#include "base/output.h"
#include "mayrelay/session.h"

int
mayrelay_check(mayrelay_policy *policy, const char *client,
               const char *identity, const char *sender, const char *recipient,
               char *reply, size_t reply_size)
{
    mayrelay_session *session = mayrelay_session_new(policy);
    mayrelay_session_connect(session, client, NULL);
    mayrelay_session_auth(session, identity, MAYRELAY_ZSTR);
    mayrelay_session_mail(session, sender, MAYRELAY_ZSTR);
    int code = mayrelay_session_rcpt(session, recipient, MAYRELAY_ZSTR);
    struct output out = output_to(reply, reply_size);
    output_string(&out, mayrelay_decision_get_reply(
                            mayrelay_session_get_decision(session)));
    mayrelay_session_free(session);
    return code;
}
