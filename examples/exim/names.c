#include "names.h"

#include <string.h>

#include "expand.h"

static mayrelay_dns_answer *
resolve(const struct options *options, const char *client)
{
    mayrelay_dns_answer *answer = NULL;
    mayrelay_resolver *resolver = mayrelay_resolver_new();
    mayrelay_resolver_set_deadline_ms(resolver, options->dns_deadline_ms);
    if (mayrelay_resolver_set_servers(resolver, options->dns_servers) ==
        MAYRELAY_OK)
        answer = mayrelay_resolver_resolve(resolver, client,
                                           options->dns_deadline_ms);
    mayrelay_resolver_free(resolver);
    return answer;
}

static void
supply_from_dns(struct names *names, const struct options *options,
                const char *client, mayrelay_session *session)
{
    if (!names->asked)
        names->answer = resolve(options, client);
    mayrelay_session_take(session, names->answer);
}

static bool
is_set(const char *variable)
{
    struct failure failure = {""};
    const char *text = exim_expand(variable, &failure);
    return text && strcmp(text, "1") == 0;
}

/* Reading $sender_host_name makes Exim look it up, and again each time after
 * a look-up that failed. */
static void
supply_from_exim(struct names *names, mayrelay_session *session)
{
    struct failure failure = {""};
    const char *name = NULL;
    if (!names->failed)
        name = exim_expand("$sender_host_name", &failure);
    names->failed = !name || (!*name && !is_set("$host_lookup_failed"));
    if (name && *name)
        mayrelay_session_add_client_name(session, name, MAYRELAY_ZSTR);
    mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME,
                            names->failed ? MAYRELAY_FAILED : MAYRELAY_KNOWN);
}

void
names_supply(struct names *names, const struct options *options,
             const char *client, mayrelay_session *session)
{
    switch (options->names) {
    case NAMES_FROM_DNS:
        supply_from_dns(names, options, client, session);
        break;
    case NAMES_FROM_EXIM: supply_from_exim(names, session); break;
    case NAMES_UNKNOWN: break;
    }
    names->asked = true;
}
