#include "reroute.h"

#include <string.h>
#include <strings.h>

/* Behind the last '@', without a '>'. */
static const char *
domain_of(const char *mailbox, size_t *size)
{
    const char *at = strrchr(mailbox, '@');
    const char *domain = at ? at + 1 : mailbox + strlen(mailbox);
    *size = strcspn(domain, ">");
    return domain;
}

const char *
rerouted_to(const mayrelay_session *session, const char *judged)
{
    size_t old_size, new_size;
    const char *recipient =
        mayrelay_decision_get_recipient(mayrelay_session_get_decision(session));
    if (!recipient)
        return NULL;
    const char *old = domain_of(judged, &old_size);
    const char *new = domain_of(recipient, &new_size);
    bool same = old_size == new_size && strncasecmp(old, new, new_size) == 0;
    return same ? NULL : recipient;
}
