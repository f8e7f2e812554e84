/* The whole dialogue in one call. */
#include "mayrelay/policy.h"

#include "base/output.h"
#include "session/session.h"

/* What RCPT decides does not depend on what was said before it (policy.md §8),
 * so only RCPT is judged. */
int
mayrelay_check(mayrelay_policy *policy, const char *client,
               const char *identity, const char *sender, const char *recipient,
               char *reply, size_t reply_size)
{
    struct mayrelay_session session;
    const mayrelay_decision *decision = decision_internal_error();
    bool ready = policy && session_init(&session, policy);
    if (ready) {
        session_take_connection(&session, client, NULL);
        mayrelay_session_auth(&session, identity, MAYRELAY_ZSTR);
        session_take_sender(&session, sender, MAYRELAY_ZSTR);
        mayrelay_session_rcpt(&session, recipient, MAYRELAY_ZSTR);
        decision = &session.decision;
    }
    struct output out = output_to(reply, reply_size);
    output_string(&out, mayrelay_decision_get_reply(decision));
    int code = mayrelay_decision_get_code(decision);
    if (ready)
        session_clear(&session);
    return code;
}
