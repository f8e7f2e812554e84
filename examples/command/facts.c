#include "facts.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

void
text_list_add(struct text_list *list, struct text text)
{
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 8;
        list->items = grow(list->items, list->room, sizeof *list->items);
    }
    list->items[list->count++] = text;
}

static struct text_list
emptied(struct text_list list)
{
    return (struct text_list){.items = list.items, .room = list.room};
}

void
reset_facts(struct facts *facts)
{
    *facts = (struct facts){.client_names = emptied(facts->client_names),
                            .groups = emptied(facts->groups)};
}

void
free_facts(struct facts *facts)
{
    free(facts->client_names.items);
    free(facts->groups.items);
    *facts = (struct facts){0};
}

mayrelay_session *
new_session(mayrelay_policy *policy)
{
    mayrelay_session *session = mayrelay_session_new(policy);
    if (!session)
        out_of_memory();
    mayrelay_session_rewrites(session, true);
    return session;
}

typedef enum mayrelay_status adder(mayrelay_session *session, const char *data,
                                   size_t size);

/* Statuses are not looked at: a fact that cannot be set poisons the session,
 * and the decision says so. */
static void
answer(mayrelay_session *session, enum mayrelay_fact fact, adder *add,
       const struct text_list *list)
{
    if (list->looked_up == LOOKED_UP_NOT)
        return;
    for (size_t i = 0; i < list->count; i++)
        add(session, list->items[i].data, list->items[i].size);
    mayrelay_session_answer(
        session, fact,
        list->looked_up == LOOKED_UP_FAILED ? MAYRELAY_FAILED : MAYRELAY_KNOWN);
}

enum mayrelay_status
tell_identity(const struct facts *facts, mayrelay_session *session,
              struct text identity)
{
    enum mayrelay_status status =
        mayrelay_session_auth(session, identity.data, identity.size);
    if (!status)
        answer(session, MAYRELAY_FACT_GROUPS, mayrelay_session_add_group,
               &facts->groups);
    return status;
}

/* The library takes addresses that end in NUL: one with a NUL inside must not
 * be cut to something readable. */
static const char *
whole(struct text address)
{
    if (address.data && strlen(address.data) != address.size)
        return "";
    return address.data;
}

void
tell_connection(const struct facts *facts, mayrelay_session *session)
{
    mayrelay_session_connect(session, whole(facts->client),
                             whole(facts->listener));
    if (facts->tls || facts->certificate.data)
        mayrelay_session_tls(session, facts->certificate.data,
                             facts->certificate.size);
    if (facts->identity.data)
        tell_identity(facts, session, facts->identity);
    answer(session, MAYRELAY_FACT_CLIENT_NAME, mayrelay_session_add_client_name,
           &facts->client_names);
}

static void
tell_existence(const struct facts *facts, mayrelay_session *session)
{
    switch (facts->recipient_exists) {
    case EXISTENCE_UNKNOWN: return;
    case EXISTENCE_YES:
        mayrelay_session_set_recipient_exists(session, true);
        break;
    case EXISTENCE_NO:
        mayrelay_session_set_recipient_exists(session, false);
        break;
    case EXISTENCE_FAILED:
        mayrelay_session_answer(session, MAYRELAY_FACT_RECIPIENT,
                                MAYRELAY_FAILED);
        break;
    }
    mayrelay_session_resume(session);
}

void
tell_recipient(const struct facts *facts, mayrelay_session *session,
               struct text recipient)
{
    mayrelay_session_rcpt(session, recipient.data, recipient.size);
    tell_existence(facts, session);
    dns_complete(facts->dns, whole(facts->client), session);
}

const mayrelay_decision *
judge_facts(const struct facts *facts, mayrelay_session *session)
{
    tell_connection(facts, session);
    if (facts->sender.data)
        mayrelay_session_mail(session, facts->sender.data, facts->sender.size);
    if (facts->recipient.data)
        tell_recipient(facts, session, facts->recipient);
    if (!facts->sender.data && !facts->recipient.data)
        mayrelay_session_resume(session);
    if (!facts->recipient.data)
        dns_complete(facts->dns, whole(facts->client), session);
    return mayrelay_session_get_decision(session);
}

int
decision_exit(const mayrelay_decision *decision)
{
    switch (mayrelay_decision_get_verdict(decision)) {
    case MAYRELAY_ACCEPT: return EX_OK;
    case MAYRELAY_DEFER: return EX_TEMPFAIL;
    case MAYRELAY_REJECT: return EX_NOPERM;
    }
    return EX_SOFTWARE;
}

/* A session whose policy has no rules: at connect nothing can be an internal
 * error but the arguments.  So the library itself says what it can read. */
static mayrelay_session *
new_probe(void)
{
    static const char no_rules[] = "mayrelay: 1\n";
    mayrelay_policy *policy =
        mayrelay_policy_parse(no_rules, sizeof no_rules - 1, "probe", NULL);
    mayrelay_session *session = new_session(policy);
    mayrelay_policy_unref(policy);
    return session;
}

static bool
connects(mayrelay_session *probe, struct text client, struct text listener)
{
    mayrelay_session_connect(probe, whole(client), whole(listener));
    const mayrelay_decision *decision = mayrelay_session_get_decision(probe);
    return mayrelay_decision_get_reason(decision) !=
           MAYRELAY_REASON_INTERNAL_ERROR;
}

const char *
unreadable_address(const struct facts *facts)
{
    const struct text none = {0};
    const struct text some_client = as_text("192.0.2.1");
    const char *problem = NULL;
    mayrelay_session *probe = new_probe();
    if (facts->client.data && !connects(probe, facts->client, none))
        problem = "client is not an IP address";
    else if (facts->listener.data &&
             !connects(probe, some_client, facts->listener))
        problem = "listener is not IP, IP:port or [IPv6]:port";
    mayrelay_session_free(probe);
    return problem;
}

const char *
unreadable_behind(const mayrelay_decision *decision, const struct facts *facts)
{
    enum mayrelay_reason reason = mayrelay_decision_get_reason(decision);
    return reason == MAYRELAY_REASON_INTERNAL_ERROR ? unreadable_address(facts)
                                                    : NULL;
}

bool
certificate_is_readable(const struct facts *facts)
{
    if (!facts->certificate.data)
        return true;
    mayrelay_session *probe = new_probe();
    connects(probe, as_text("192.0.2.1"), (struct text){0});
    enum mayrelay_status status = mayrelay_session_tls(
        probe, facts->certificate.data, facts->certificate.size);
    mayrelay_session_free(probe);
    return !status;
}
