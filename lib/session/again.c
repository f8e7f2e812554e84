/* The same facts, told to a session of another policy. */
#include "image/provenance.h"
#include "session/session.h"

static void
tell_connection(struct mayrelay_session *to, const struct client_facts *from)
{
    char client[ADDRESS_TEXT_SIZE];
    char listener[ENDPOINT_TEXT_SIZE];
    struct output out = output_to(client, sizeof client);
    if (from->address.family != ADDRESS_NONE)
        address_write(&out, from->address);
    out = output_to(listener, sizeof listener);
    bool has_listener =
        from->listener.address.family != ADDRESS_NONE || from->listener.port;
    if (has_listener)
        endpoint_write(&out, from->listener);
    session_take_connection(to, client, has_listener ? listener : NULL);
}

static bool
tell_names(struct mayrelay_session *to, const struct client_facts *from)
{
    bool told = true;
    if (from->names_state == LOOK_UP_OPEN)
        return true;
    for (size_t i = 0; i < from->name_count && told; i++)
        told = facts_add_name(&to->facts, (struct text){from->names[i].text,
                                                        from->names[i].size});
    facts_answer_names(&to->facts, from->names_state == LOOK_UP_FAILED);
    return told;
}

/* Of a group with a very long name only a part is known: as if nobody could
 * say who is in it. */
static bool
tell_groups(struct mayrelay_session *to, const struct identity_facts *from)
{
    bool whole = true;
    bool told = true;
    if (from->groups_state == LOOK_UP_OPEN)
        return true;
    for (size_t i = 0; i < from->group_count && told; i++) {
        char folded[sizeof from->groups[i].name];
        struct text name = text_of(from->groups[i].name);
        text_fold(folded, name);
        whole &= provenance_hash((struct text){folded, name.size}) ==
                 from->groups[i].hash;
        told = facts_add_group(&to->facts, name);
    }
    facts_answer_groups(&to->facts,
                        !whole || from->groups_state == LOOK_UP_FAILED);
    return told;
}

static bool
tell_identity(struct mayrelay_session *to, const struct mayrelay_session *from)
{
    const struct given *given = &from->given;
    struct text certificate = {(const char *)given->certificate,
                               given->has_certificate ? FINGERPRINT_SIZE : 0};
    if (from->facts.identity.tls)
        facts_tls(&to->facts, certificate);
    to->given.has_certificate = given->has_certificate;
    memcpy(to->given.certificate, given->certificate, FINGERPRINT_SIZE);
    if (given->identity.data) {
        given_keep_identity(&to->given, given->identity);
        facts_auth(&to->facts, given->identity);
    }
    return tell_groups(to, &from->facts.identity);
}

static void
tell_mail(struct mayrelay_session *to, const struct mayrelay_session *from)
{
    const struct given *given = &from->given;
    const struct recipient_facts *recipient = &from->facts.recipient;
    if (given->sender.data) {
        given_keep_sender(&to->given, given->sender);
        facts_mail(&to->facts, given->sender);
    }
    if (given->recipient.data) {
        given_keep_recipient(&to->given, given->recipient);
        facts_rcpt(&to->facts, given->recipient);
    }
    to->facts.recipient.exists = recipient->exists;
    to->facts.recipient.exists_state = recipient->exists_state;
}

bool
session_tell(struct mayrelay_session *to, const struct mayrelay_session *from)
{
    to->facts.rewrites = from->facts.rewrites;
    tell_connection(to, &from->facts.client);
    if (!tell_names(to, &from->facts.client) || !tell_identity(to, from))
        return false;
    tell_mail(to, from);
    to->poison = from->poison;
    to->decision.transaction.stage = from->decision.transaction.stage;
    mayrelay_session_resume(to);
    return true;
}
