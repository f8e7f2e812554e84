/* One SMTP connection: facts in, decision out. */
#include "mayrelay/session.h"

#include "base/memory.h"
#include "image/policy.h"
#include "mail/dns_answer.h"
#include "session/session.h"

/* What a failed setter has left unsure; cleared when that fact is set again.
 * A sender or recipient that could not be stored counts as not given. */
enum poison {
    POISON_TLS = 1,
    POISON_AUTH = 2,
    POISON_NAMES = 4,
    POISON_GROUPS = 8
};

/* -- life --------------------------------------------------------------- */

bool
session_init(struct mayrelay_session *session, struct mayrelay_policy *policy)
{
    const struct image *image = policy_image(policy);
    bool has_patterns = image->settings->pattern_count > 0;
    session->policy = policy;
    session->matcher = has_patterns ? pattern_matcher_new() : NULL;
    session->poison = 0;
    given_forget_certificate(&session->given);
    facts_init(&session->facts, image);
    struct transaction *transaction = &session->decision.transaction;
    transaction->image = image;
    transaction->patterns = policy_patterns(policy);
    transaction->matcher = session->matcher;
    transaction->facts = &session->facts;
    transaction->stage = STAGE_NONE;
    return !has_patterns || session->matcher;
}

void
session_clear(struct mayrelay_session *session)
{
    facts_clear(&session->facts);
    pattern_matcher_free(session->matcher);
}

mayrelay_session *
mayrelay_session_new(mayrelay_policy *policy)
{
    struct mayrelay_session *session =
        policy ? memory_new(1, sizeof *session) : NULL;
    if (!session)
        return NULL;
    if (!session_init(session, policy)) {
        memory_free(session);
        return NULL;
    }
    mayrelay_policy_ref(policy);
    decide(&session->decision);
    return session;
}

void
mayrelay_session_free(mayrelay_session *session)
{
    if (!session)
        return;
    session_clear(session);
    mayrelay_policy_unref(session->policy);
    memory_free(session);
}

void
mayrelay_session_rewrites(mayrelay_session *session, bool rewrites)
{
    if (session)
        session->facts.rewrites = rewrites;
}

/* -- deciding ----------------------------------------------------------- */

static int
internal_error_code(void)
{
    return decision_internal_error()->code;
}

static int
decide_now(struct mayrelay_session *session, enum stage stage)
{
    struct mayrelay_decision *decision = &session->decision;
    decision->transaction.stage = stage;
    decide(decision);
    if (session->poison)
        decide_internal_error(decision);
    return decision->code;
}

int
mayrelay_session_resume(mayrelay_session *session)
{
    if (!session)
        return internal_error_code();
    return decide_now(session, session->decision.transaction.stage);
}

const mayrelay_decision *
mayrelay_session_get_decision(const mayrelay_session *session)
{
    return session ? &session->decision : decision_internal_error();
}

unsigned
mayrelay_session_needs(const mayrelay_session *session)
{
    return session ? session->decision.needs : 0;
}

/* -- the dialogue ------------------------------------------------------- */

static void
take_connection(struct mayrelay_session *session, struct address client,
                struct endpoint listener)
{
    session->poison = 0;
    given_forget_certificate(&session->given);
    facts_connect(&session->facts, client, listener);
}

void
session_take_connection(struct mayrelay_session *session, const char *client,
                        const char *listener)
{
    struct address address;
    struct endpoint endpoint = {0};
    /* Either that does not parse is an error of the host's: the client then
     * counts as not given, which is an internal error. */
    if (!address_parse(text_of(client), &address))
        address = (struct address){0};
    if (listener && !endpoint_parse(text_of(listener), &endpoint))
        address = (struct address){0};
    take_connection(session, address, endpoint);
}

int
mayrelay_session_connect(mayrelay_session *session, const char *client,
                         const char *listener)
{
    if (!session)
        return internal_error_code();
    session_take_connection(session, client, listener);
    return decide_now(session, STAGE_CONNECT);
}

int
mayrelay_session_connect_addr(mayrelay_session *session, const void *client,
                              size_t client_size, const void *listener,
                              size_t listener_size, uint16_t listener_port)
{
    if (!session)
        return internal_error_code();
    struct address address = {0};
    struct endpoint endpoint = {.port = listener_port};
    if (!client || !address_from_bytes(client, client_size, &address) ||
        (listener &&
         !address_from_bytes(listener, listener_size, &endpoint.address)))
        address = (struct address){0};
    take_connection(session, address, endpoint);
    return decide_now(session, STAGE_CONNECT);
}

/* Text of an argument that is not NULL. */
static struct text
argument_of(const char *data, size_t size)
{
    if (size == MAYRELAY_ZSTR)
        return text_of(data);
    return (struct text){data, size};
}

void
session_take_sender(struct mayrelay_session *session, const char *sender,
                    size_t size)
{
    given_forget_sender(&session->given);
    if (!sender) {
        facts_clear_sender(&session->facts);
        return;
    }
    given_keep_sender(&session->given, argument_of(sender, size));
    facts_mail(&session->facts, argument_of(sender, size));
}

int
mayrelay_session_mail(mayrelay_session *session, const char *sender,
                      size_t size)
{
    if (!session)
        return internal_error_code();
    session_take_sender(session, sender, size);
    return decide_now(session, STAGE_MAIL);
}

int
mayrelay_session_rcpt(mayrelay_session *session, const char *recipient,
                      size_t size)
{
    if (!session)
        return internal_error_code();
    if (recipient) {
        given_keep_recipient(&session->given, argument_of(recipient, size));
        facts_rcpt(&session->facts, argument_of(recipient, size));
    } else {
        given_forget_recipient(&session->given);
        facts_clear_recipient(&session->facts);
    }
    return decide_now(session, STAGE_RCPT);
}

void
mayrelay_session_reset(mayrelay_session *session)
{
    if (!session)
        return;
    given_forget_sender(&session->given);
    facts_clear_sender(&session->facts);
    decide_now(session, session->facts.client.address.family == ADDRESS_NONE
                            ? STAGE_NONE
                            : STAGE_CONNECT);
}

/* -- facts -------------------------------------------------------------- */

/* A setter's end: what failed poisons the session, and what the decision says
 * then is an internal error. */
static enum mayrelay_status
failed(struct mayrelay_session *session, enum poison poison,
       enum mayrelay_status status)
{
    session->poison |= poison;
    decide_internal_error(&session->decision);
    return status;
}

/* 64 hexadecimal digits, colons anywhere between octets, to 32 octets. */
static bool
read_fingerprint(struct text text, unsigned char out[FINGERPRINT_SIZE])
{
    enum {
        DIGITS = 2 * FINGERPRINT_SIZE
    };
    size_t digits = 0;
    for (size_t i = 0; i < text.size; i++) {
        int value = ascii_hex_value(text.data[i]);
        if (text.data[i] == ':' && digits % 2 == 0)
            continue;
        if (value < 0 || digits == DIGITS)
            return false;
        out[digits / 2] =
            (unsigned char)(digits % 2 ? out[digits / 2] | value : value << 4);
        digits++;
    }
    return digits == DIGITS;
}

enum mayrelay_status
mayrelay_session_tls(mayrelay_session *session, const char *fingerprint,
                     size_t size)
{
    if (!session)
        return MAYRELAY_ERR_ARGUMENT;
    unsigned char *octets = session->given.certificate;
    given_forget_certificate(&session->given);
    session->poison &= POISON_NAMES; /* the rest is cleared, or set here */
    if (!fingerprint) {
        facts_tls(&session->facts, TEXT(""));
        return MAYRELAY_OK;
    }
    if (!read_fingerprint(argument_of(fingerprint, size), octets)) {
        facts_tls(&session->facts, TEXT(""));
        return failed(session, POISON_TLS, MAYRELAY_ERR_TEXT);
    }
    session->given.has_certificate = true;
    facts_tls(&session->facts,
              (struct text){(const char *)octets, FINGERPRINT_SIZE});
    return MAYRELAY_OK;
}

static bool
is_identity(struct text text)
{
    return text.size <= IDENTITY_MOST &&
           (text_is_printable(text) ||
            (text_is_utf8(text) && !text_has_control(text)));
}

enum mayrelay_status
mayrelay_session_auth(mayrelay_session *session, const char *identity,
                      size_t size)
{
    if (!session)
        return MAYRELAY_ERR_ARGUMENT;
    session->poison &= (unsigned)(POISON_TLS | POISON_NAMES);
    given_forget_identity(&session->given);
    struct text name = identity ? argument_of(identity, size) : TEXT("");
    if (identity)
        given_keep_identity(&session->given, name);
    if (!is_identity(name)) {
        facts_auth(&session->facts, TEXT(""));
        return failed(session, POISON_AUTH, MAYRELAY_ERR_TEXT);
    }
    facts_auth(&session->facts, name);
    return MAYRELAY_OK;
}

/* Names and groups move as they grow, and the last decision can still be
 * explained. */
static void
follow_facts(struct mayrelay_session *session)
{
    transaction_look(&session->decision.transaction);
}

/* An answer of several parts, one of which failed, poisons until it is over:
 * what comes after its end, or a failed look-up, sets the fact anew. */
static void
begin_names(struct mayrelay_session *session)
{
    if (session->facts.client.names_state != LOOK_UP_OPEN)
        session->poison &= ~(unsigned)POISON_NAMES;
    facts_begin_names(&session->facts);
}

static void
begin_groups(struct mayrelay_session *session)
{
    if (session->facts.identity.groups_state != LOOK_UP_OPEN)
        session->poison &= ~(unsigned)POISON_GROUPS;
    facts_begin_groups(&session->facts);
}

enum mayrelay_status
mayrelay_session_add_client_name(mayrelay_session *session, const char *name,
                                 size_t size)
{
    if (!session)
        return MAYRELAY_ERR_ARGUMENT;
    begin_names(session);
    if (!name)
        return failed(session, POISON_NAMES, MAYRELAY_ERR_ARGUMENT);
    if (session->facts.client.name_count == CLIENT_NAMES_MOST)
        return failed(session, POISON_NAMES, MAYRELAY_ERR_TEXT);
    bool kept = facts_add_name(&session->facts, argument_of(name, size));
    follow_facts(session);
    if (kept)
        return MAYRELAY_OK;
    return failed(session, POISON_NAMES, MAYRELAY_ERR_MEMORY);
}

enum mayrelay_status
mayrelay_session_add_group(mayrelay_session *session, const char *group,
                           size_t size)
{
    if (!session)
        return MAYRELAY_ERR_ARGUMENT;
    begin_groups(session);
    if (!group)
        return failed(session, POISON_GROUPS, MAYRELAY_ERR_ARGUMENT);
    struct text name = argument_of(group, size);
    if (!is_identity(name))
        return failed(session, POISON_GROUPS, MAYRELAY_ERR_TEXT);
    bool kept = facts_add_group(&session->facts, name);
    follow_facts(session);
    if (kept)
        return MAYRELAY_OK;
    return failed(session, POISON_GROUPS, MAYRELAY_ERR_MEMORY);
}

enum mayrelay_status
mayrelay_session_set_recipient_exists(mayrelay_session *session, bool exists)
{
    if (!session)
        return MAYRELAY_ERR_ARGUMENT;
    struct recipient_facts *recipient = &session->facts.recipient;
    if (!recipient->given)
        return MAYRELAY_ERR_STAGE;
    recipient->exists = exists;
    recipient->exists_state = LOOK_UP_KNOWN;
    return MAYRELAY_OK;
}

/* "That was all" without set_recipient_exists says nothing of the mailbox: a
 * failed look-up. */
static enum mayrelay_status
answer_recipient(struct mayrelay_session *session)
{
    struct recipient_facts *recipient = &session->facts.recipient;
    if (!recipient->given)
        return MAYRELAY_ERR_STAGE;
    recipient->exists_state = LOOK_UP_FAILED;
    return MAYRELAY_OK;
}

static enum mayrelay_status
take_answer(struct mayrelay_session *session, enum mayrelay_fact fact,
            bool known)
{
    struct facts *facts = &session->facts;
    switch (fact) {
    case MAYRELAY_FACT_CLIENT_NAME:
        facts_answer_names(facts,
                           !known || (session->poison & POISON_NAMES) != 0);
        if (!known)
            session->poison &= ~(unsigned)POISON_NAMES;
        return MAYRELAY_OK;
    case MAYRELAY_FACT_GROUPS:
        facts_answer_groups(facts,
                            !known || (session->poison & POISON_GROUPS) != 0);
        if (!known)
            session->poison &= ~(unsigned)POISON_GROUPS;
        return MAYRELAY_OK;
    case MAYRELAY_FACT_RECIPIENT:
        if (known && facts->recipient.exists_state == LOOK_UP_KNOWN)
            return MAYRELAY_OK;
        return answer_recipient(session);
    }
    return MAYRELAY_ERR_ARGUMENT;
}

/* What is no answer is taken as a failed look-up, and told. */
enum mayrelay_status
mayrelay_session_answer(mayrelay_session *session, enum mayrelay_fact fact,
                        enum mayrelay_answer answer)
{
    if (!session)
        return MAYRELAY_ERR_ARGUMENT;
    enum mayrelay_status status =
        take_answer(session, fact, answer == MAYRELAY_KNOWN);
    bool is_answer = answer == MAYRELAY_KNOWN || answer == MAYRELAY_FAILED;
    return is_answer ? status : MAYRELAY_ERR_ARGUMENT;
}

enum mayrelay_status
mayrelay_session_take(mayrelay_session *session,
                      const mayrelay_dns_answer *answer)
{
    if (!session)
        return MAYRELAY_ERR_ARGUMENT;
    const struct client_facts *client = &session->facts.client;
    bool is_of_another =
        answer && !address_equal(dns_answer_client(answer), client->address);
    if (is_of_another && client->names_state == LOOK_UP_KNOWN)
        return MAYRELAY_ERR_ARGUMENT;
    /* Ends what has been said before, and stands for whatever fails below. */
    mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME,
                            MAYRELAY_FAILED);
    if (!answer || is_of_another)
        return MAYRELAY_ERR_ARGUMENT;
    if (!mayrelay_dns_answer_is_known(answer))
        return MAYRELAY_OK;
    for (size_t i = 0; i < mayrelay_dns_answer_count(answer); i++) {
        const char *name = mayrelay_dns_answer_get_name(answer, i);
        enum mayrelay_status status =
            mayrelay_session_add_client_name(session, name, MAYRELAY_ZSTR);
        if (status != MAYRELAY_OK)
            return status;
    }
    return mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME,
                                   MAYRELAY_KNOWN);
}
