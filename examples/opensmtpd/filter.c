#include "filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/reroute.h"

/* The fields that all events have; `rest` is what is the event's own. */
struct event {
    const char *kind, *version, *name, *client;
    char *rest;
};

/* Cuts the next field off; what is not there is empty. */
static char *
next_field(char **rest)
{
    char *field = *rest;
    size_t size = strcspn(field, "|");
    *rest = field + size;
    if (**rest)
        *(*rest)++ = '\0';
    return field;
}

/* Cuts the last field off. */
static const char *
last_field(char *rest)
{
    char *bar = strrchr(rest, '|');
    if (!bar)
        return rest;
    *bar = '\0';
    return bar + 1;
}

/* -- answers -------------------------------------------------------------- */

/* With the reply of the session's last decision, if it is no permission. */
static bool
answer(struct filter *filter, const char *id, const struct query *query,
       const mayrelay_session *session, const char *recipient)
{
    struct adapter_reply reply;
    const mayrelay_decision *decision = mayrelay_session_get_decision(session);
    bool granted = mayrelay_decision_get_verdict(decision) == MAYRELAY_ACCEPT;
    if (!granted || query->phase == PHASE_RCPT)
        decision_log_write(&filter->log, session, &reply);
    if (!granted)
        return wire_say(&filter->wire, "filter-result|%s|%s|%s|%s\n", id,
                        query->token,
                        query->phase == PHASE_CONNECT ? "disconnect" : "reject",
                        reply.line);
    const char *new =
        query->phase == PHASE_RCPT ? rerouted_to(session, recipient) : NULL;
    if (new)
        return wire_say(&filter->wire, "filter-result|%s|%s|rewrite|<%s>\n", id,
                        query->token, new);
    return wire_say(&filter->wire, "filter-result|%s|%s|proceed\n", id,
                    query->token);
}

static bool
answer_client(struct filter *filter, struct client *client)
{
    client->waits = false;
    return answer(filter, client->id, &client->query, client->session,
                  client->recipient);
}

static bool
answer_or_ask(struct filter *filter, struct client *client)
{
    if (!(mayrelay_session_needs(client->session) & MAYRELAY_FACT_CLIENT_NAME))
        return answer_client(filter, client);
    client->waits = mayrelay_resolver_ask(filter->resolver, client->address,
                                          (uintptr_t)client) == MAYRELAY_OK;
    if (client->waits)
        return true;
    mayrelay_session_take(client->session, NULL); /* not known: 451 */
    mayrelay_session_resume(client->session);
    return answer_client(filter, client);
}

bool
filter_take_answers(struct filter *filter)
{
    mayrelay_dns_answer *found;
    uint64_t token;
    bool good = true;
    mayrelay_resolver_dispatch(filter->resolver);
    while (good && (found = mayrelay_resolver_next(filter->resolver, &token))) {
        struct client *client = (struct client *)(uintptr_t)token;
        mayrelay_session_take(client->session, found);
        mayrelay_dns_answer_free(found);
        mayrelay_session_resume(client->session);
        good = answer_client(filter, client);
    }
    return good;
}

/* -- what it says --------------------------------------------------------- */

/* "192.0.2.7:25", "[2001:db8::7]:25": the address alone. */
static void
write_address(const char *place, char *address, size_t size)
{
    bool bracketed = *place == '[';
    place += bracketed;
    snprintf(address, size, "%.*s", (int)strcspn(place, bracketed ? "]" : ":"),
             place);
}

static void
forget(struct filter *filter, struct client *client)
{
    if (!client)
        return;
    mayrelay_resolver_cancel(filter->resolver, (uintptr_t)client);
    clients_drop(&filter->clients, client);
}

/* rdns|fcrdns|src|dest, from the end: the first comes from the client's DNS,
 * and may have bars inside.  It is not used.  smtpd looks at one name alone,
 * and another one may stand where the policy denies. */
static void
take_connect(struct filter *filter, struct event *event)
{
    const char *listener = last_field(event->rest);
    const char *place = last_field(event->rest);
    forget(filter, clients_find(&filter->clients, event->client));
    struct client *client = clients_add(&filter->clients, event->client);
    if (!client)
        return; /* whoever is not known is deferred */
    mayrelay_policy *policy = mayrelay_watch_ref_policy(filter->watch);
    client->session = mayrelay_session_new(policy);
    mayrelay_policy_unref(policy);
    write_address(place, client->address, sizeof client->address);
    mayrelay_session_rewrites(client->session, true);
    mayrelay_session_connect(client->session, client->address, listener);
}

/* "0.6": the major version has always been 0. */
static bool
is_before_0_7(const char *version)
{
    return strncmp(version, "0.", 2) == 0 && strtoul(version + 2, NULL, 10) < 7;
}

/* The octet of three octal digits, or -1. */
static int
octal(const char *digits)
{
    int value = 0;
    for (int i = 0; i < 3; i++) {
        if (digits[i] < '0' || digits[i] > '7')
            return -1;
        value = value * 8 + (digits[i] - '0');
    }
    return value < 256 ? value : -1;
}

/* smtpd writes names by vis(3): \\ for a backslash, \040 for a blank.  False
 * for what else there may be: then it is not known who it is. */
static bool
undo_vis(char *text)
{
    char *to = text;
    for (; *text; to++) {
        int value = (unsigned char)*text++;
        if (value == '\\' && *text == '\\')
            text++;
        else if (value == '\\' && (value = octal(text)) > 0)
            text += 3;
        else if (value == '\\' || value <= 0)
            return false;
        *to = (char)value;
    }
    *to = '\0';
    return true;
}

/* Names of users may have bars inside, and from 0.7 on they come last. */
static void
take_auth(struct event *event, struct client *client)
{
    /* No identity can hold this: all that follows is deferred. */
    static const char unknown[] = "\n";
    char *user = event->rest;
    const char *result;
    if (is_before_0_7(event->version)) {
        result = last_field(event->rest);
    } else {
        result = next_field(&event->rest);
        user = event->rest;
    }
    if (strcmp(result, "pass") == 0)
        mayrelay_session_auth(client->session, undo_vis(user) ? user : unknown,
                              MAYRELAY_ZSTR);
}

static void
take_report(struct filter *filter, struct event *event)
{
    struct client *client = clients_find(&filter->clients, event->client);
    if (strcmp(event->name, "link-connect") == 0)
        take_connect(filter, event);
    else if (strcmp(event->name, "link-disconnect") == 0)
        forget(filter, client);
    else if (client && strcmp(event->name, "link-tls") == 0)
        mayrelay_session_tls(client->session, NULL, MAYRELAY_ZSTR);
    else if (client && strcmp(event->name, "link-auth") == 0)
        take_auth(event, client);
}

/* -- what it asks --------------------------------------------------------- */

static const struct {
    const char *name;
    enum phase phase;
} PHASES[] = {
    {"connect", PHASE_CONNECT},
    {"mail-from", PHASE_MAIL},
    {"rcpt-to", PHASE_RCPT},
};

static bool
read_query(const struct event *event, struct query *query, char **argument)
{
    *argument = event->rest;
    snprintf(query->token, sizeof query->token, "%s", next_field(argument));
    for (size_t i = 0; i < sizeof PHASES / sizeof *PHASES; i++)
        if (strcmp(event->name, PHASES[i].name) == 0) {
            query->phase = PHASES[i].phase;
            return true;
        }
    return false;
}

/* The decision on a connection was made when it was reported. */
static bool
take_query(struct filter *filter, struct event *event)
{
    struct query query = {0};
    char *argument;
    if (!read_query(event, &query, &argument))
        return true;
    struct client *client = clients_find(&filter->clients, event->client);
    if (!client)
        return answer(filter, event->client, &query, NULL, argument);
    mayrelay_resolver_cancel(filter->resolver, (uintptr_t)client);
    client->query = query;
    switch (query.phase) {
    case PHASE_CONNECT: return answer_client(filter, client);
    case PHASE_MAIL:
        mayrelay_session_mail(client->session, argument, MAYRELAY_ZSTR);
        break;
    case PHASE_RCPT:
        snprintf(client->recipient, sizeof client->recipient, "%s", argument);
        mayrelay_session_rcpt(client->session, argument, MAYRELAY_ZSTR);
        break;
    }
    return answer_or_ask(filter, client);
}

/* -- lines ---------------------------------------------------------------- */

static bool
register_events(struct filter *filter)
{
    return wire_say(&filter->wire, "register|report|smtp-in|link-connect\n"
                                   "register|report|smtp-in|link-tls\n"
                                   "register|report|smtp-in|link-auth\n"
                                   "register|report|smtp-in|link-disconnect\n"
                                   "register|filter|smtp-in|connect\n"
                                   "register|filter|smtp-in|mail-from\n"
                                   "register|filter|smtp-in|rcpt-to\n"
                                   "register|ready\n");
}

bool
filter_take_line(struct filter *filter, char *line)
{
    if (strcmp(line, "config|ready") == 0)
        return register_events(filter);
    struct event event = {.kind = next_field(&line)};
    event.version = next_field(&line);
    next_field(&line); /* the time */
    next_field(&line); /* "smtp-in" */
    event.name = next_field(&line);
    event.client = next_field(&line);
    event.rest = line;
    if (strcmp(event.kind, "report") == 0)
        take_report(filter, &event);
    else if (strcmp(event.kind, "filter") == 0)
        return take_query(filter, &event);
    return true;
}
