#include "cases/values.h"

#include "audit/catalogue.h"
#include "base/memory.h"
#include "cases/gather.h"
#include "decide/mailboxes.h"
#include "image/policy.h"

/* -- telling ------------------------------------------------------------ */

static bool
tell_names(struct mayrelay_session *session, const struct value *value)
{
    enum mayrelay_status status = MAYRELAY_OK;
    if (value->kind == VALUE_TEXT)
        status = mayrelay_session_add_client_name(session, value->text.data,
                                                  value->text.size);
    mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME,
                            value->kind == VALUE_FAILED ? MAYRELAY_FAILED
                                                        : MAYRELAY_KNOWN);
    mayrelay_session_reset(session); /* decides on the connection again */
    return status != MAYRELAY_ERR_MEMORY;
}

static bool
tell_groups(struct mayrelay_session *session, const struct value *value)
{
    enum mayrelay_status status = MAYRELAY_OK;
    if (value->kind == VALUE_TEXT)
        status = mayrelay_session_add_group(session, value->text.data,
                                            value->text.size);
    mayrelay_session_answer(session, MAYRELAY_FACT_GROUPS,
                            value->kind == VALUE_FAILED ? MAYRELAY_FAILED
                                                        : MAYRELAY_KNOWN);
    return status != MAYRELAY_ERR_MEMORY;
}

/* No connection ever loses its encryption, so no call of a session's says it.
 */
static void
tell_tls(struct mayrelay_session *session, const struct value *value)
{
    struct identity_facts *identity = &session->facts.identity;
    facts_tls(&session->facts, value->text);
    identity->tls = value->kind == VALUE_TEXT;
}

static void
tell_recipient(struct mayrelay_session *session, const struct value *value)
{
    mayrelay_session_rcpt(session, value->text.data, value->text.size);
    if (value->exists == EXISTS_NOT_ASKED)
        return;
    if (value->exists == EXISTS_FAILED)
        mayrelay_session_answer(session, MAYRELAY_FACT_RECIPIENT,
                                MAYRELAY_FAILED);
    else
        mayrelay_session_set_recipient_exists(session,
                                              value->exists == EXISTS_YES);
    mayrelay_session_resume(session);
}

bool
value_tell(struct mayrelay_session *session, enum step step,
           const struct value *value)
{
    switch (step) {
    case STEP_CLIENT:
        mayrelay_session_connect(session, value->text.data, value->listener);
        break;
    case STEP_NAMES: return tell_names(session, value);
    case STEP_TLS: tell_tls(session, value); break;
    case STEP_IDENTITY:
        mayrelay_session_auth(
            session, value->kind == VALUE_TEXT ? value->text.data : NULL,
            value->text.size);
        break;
    case STEP_GROUPS: return tell_groups(session, value);
    case STEP_SENDER:
        mayrelay_session_mail(session, value->text.data, value->text.size);
        break;
    case STEP_RECIPIENT: tell_recipient(session, value); break;
    case STEPS: break;
    }
    return true;
}

/* -- classes ------------------------------------------------------------ */

/* The key of a class: what a session knows of a value and a decision asks. */
struct key {
    struct buffer bytes;
    const struct transaction *transaction;
    bool asks_owners;
};

static void
key_number(struct key *key, uint64_t number)
{
    buffer_add(&key->bytes, &number, sizeof number);
}

/* Classes of the image have masks of their own, so their place names them. */
static void
key_masks(struct key *key, const struct masks *masks, size_t count)
{
    key_number(key, count);
    for (size_t i = 0; i < count; i++) {
        key_number(key, (uint64_t)(uintptr_t)masks[i].first);
        key_number(key, masks[i].count);
    }
}

static void
key_patterns(struct key *key, enum condition condition)
{
    const struct transaction *t = key->transaction;
    const struct subjects *subjects = &t->sights[condition].subjects;
    uint32_t count = subjects->count ? t->image->settings->pattern_count : 0;
    for (uint32_t i = 0; i < count; i++) {
        unsigned char truth = (unsigned char)pattern_match(t, i, subjects);
        buffer_add(&key->bytes, &truth, 1);
    }
}

static void
key_client(struct key *key, const struct client_facts *client)
{
    key_number(key, (uint64_t)(uintptr_t)client->connector);
    key_number(key, client->listener.address.high); /* a literal of ours */
    key_number(key, client->listener.address.low);
    key_masks(key, &client->masks, 1);
    key_masks(key, client->listeners, client->listener_count);
}

static void
key_names(struct key *key, const struct client_facts *client)
{
    key_number(key, client->names_state);
    if (client->names_state != LOOK_UP_KNOWN)
        return;
    key_masks(key, client->name_masks, client->name_count);
    key_patterns(key, CONDITION_CLIENTS);
}

static void
key_identity(struct key *key, const struct identity_facts *identity)
{
    key_number(key, identity->authenticated);
    if (!identity->authenticated)
        return;
    key_masks(key, &identity->masks, 1);
    if (key->asks_owners)
        key_number(key, (uint64_t)(uintptr_t)identity->owner_lists);
    key_patterns(key, CONDITION_USERS);
}

static void
key_groups(struct key *key, const struct identity_facts *identity)
{
    key_number(key, identity->groups_state);
    if (identity->groups_state == LOOK_UP_KNOWN)
        key_masks(key, identity->group_masks, identity->group_count);
}

/* Whether a literal that the policy does not call ours is so hangs on the
 * listener: each is for itself. */
static void
key_mailbox(struct key *key, const struct mailbox *mailbox)
{
    uint32_t ours = 0;
    key_number(key, mailbox->kind);
    if (mailbox->kind != MAILBOX_AT_LITERAL)
        return;
    prefix_set_lookup(&key->transaction->image->literals, mailbox->literal,
                      &ours);
    if (!ours)
        buffer_add(&key->bytes, mailbox->domain.data, mailbox->domain.size);
}

static void
key_sender(struct key *key, const struct sender_facts *sender)
{
    const struct mailbox *mailbox = &sender->mailbox;
    key_mailbox(key, mailbox);
    if (mailbox->kind == MAILBOX_MALFORMED)
        return;
    key_masks(key, sender->masks, sender->mask_count);
    key_number(key, sender->class);
    if (key->asks_owners)
        key_number(key, catalogue_owners(key->transaction->image, mailbox->key,
                                         mailbox->kind == MAILBOX_AT_DOMAIN
                                             ? mailbox->domain
                                             : TEXT("")));
    key_patterns(key, CONDITION_SENDERS);
}

static void
key_recipient(struct key *key, const struct recipient_facts *recipient)
{
    unsigned needs = 0;
    key_mailbox(key, &recipient->mailbox);
    if (recipient->mailbox.kind == MAILBOX_MALFORMED)
        return;
    key_masks(key, recipient->masks, recipient->mask_count);
    key_number(key, recipient->class);
    key_number(key, recipient->rerouted);
    key_number(key, recipient->is_relay);
    key_number(key, recipient->mailbox.carries_routing);
    key_number(key, recipient->is_postmaster);
    key_number(key, (uint64_t)(uintptr_t)recipient->check);
    key_number(key, recipient->exists_state);
    if (!recipient->is_relay)
        key_number(key, recipient_exists(key->transaction, &needs));
    if (!recipient->mailbox.carries_routing)
        key_patterns(key, CONDITION_RECIPIENTS);
}

static void
key_of(struct key *key, enum step step, const struct facts *facts)
{
    switch (step) {
    case STEP_CLIENT: key_client(key, &facts->client); return;
    case STEP_NAMES: key_names(key, &facts->client); return;
    case STEP_TLS:
        key_number(key, facts->identity.tls);
        key_masks(key, &facts->identity.certificate, 1);
        return;
    case STEP_IDENTITY: key_identity(key, &facts->identity); return;
    case STEP_GROUPS: key_groups(key, &facts->identity); return;
    case STEP_SENDER: key_sender(key, &facts->sender); return;
    case STEP_RECIPIENT: key_recipient(key, &facts->recipient); return;
    case STEPS: return;
    }
}

/* -- adding ------------------------------------------------------------- */

static struct value_class *
class_of(struct choices *choices, struct text key)
{
    uint32_t number = intern_add(&choices->keys, key);
    if (choices->keys.failed ||
        !memory_grow(&choices->classes, &choices->room, number + 1,
                     sizeof *choices->classes))
        return NULL;
    if (number == choices->count)
        choices->classes[choices->count++] = (struct value_class){0};
    return &choices->classes[number];
}

static void
add_to(struct values *v, struct value_class *class, struct value value)
{
    if (class && class->count >= v->members_most) {
        v->left_out++;
        return;
    }
    if (value.kind == VALUE_TEXT)
        value.text = arena_copy(&v->arena, value.text);
    if ((value.kind == VALUE_TEXT && !value.text.data) || !class ||
        !memory_grow(&class->members, &class->room, class->count + 1,
                     sizeof *class->members))
        v->failed = true;
    else
        class->members[class->count++] = value;
}

static bool
is_new(struct choices *choices, struct value value)
{
    struct buffer whole = {0};
    buffer_add_u32(&whole, (uint32_t)value.kind);
    buffer_add_u32(&whole, (uint32_t)value.exists);
    buffer_add(&whole, &value.listener, sizeof value.listener);
    buffer_add(&whole, value.text.data, value.text.size);
    size_t known = choices->seen.count;
    uint32_t number = intern_add(
        &choices->seen, (struct text){(const char *)whole.data, whole.size});
    choices->seen.failed |= whole.failed;
    buffer_clear(&whole);
    return number == known;
}

void
values_add(struct values *v, enum step step, struct value value)
{
    struct mayrelay_session *session = v->session;
    struct choices *choices = &v->steps[step];
    struct key key = {.transaction = &session->decision.transaction,
                      .asks_owners = v->asks_owners};
    bool new = is_new(choices, value);
    v->failed |= choices->seen.failed;
    if (v->failed || !new)
        return;
    v->failed |= !value_tell(session, step, &value);
    transaction_look(&session->decision.transaction);
    key_of(&key, step, &session->facts);
    v->failed |= key.bytes.failed || session->facts.damaged;
    if (!v->failed)
        add_to(v,
               class_of(choices, (struct text){(const char *)key.bytes.data,
                                               key.bytes.size}),
               value);
    buffer_clear(&key.bytes);
}

/* -- the whole ---------------------------------------------------------- */

/* A pattern for which there was no memory says nothing, and would later. */
static bool
compile_patterns(const struct values *v)
{
    uint32_t count = v->image->settings->pattern_count;
    for (uint32_t i = 0; i < count; i++)
        if (!pattern_set_compile(policy_patterns(v->policy), i,
                                 image_pattern(v->image, i)))
            return false;
    return true;
}

static bool
asks_owners(const struct image *image)
{
    size_t rules = image_count(image, SECTION_RULES);
    for (uint32_t i = 0; i < rules; i++)
        if (image_rule(image, i)->sender_owned != WISH_NONE)
            return true;
    return false;
}

void
values_gather(struct values *v, struct mayrelay_policy *policy, size_t limit)
{
    enum {
        SHARE = 16 /* of the limit that one class may have */
    };
    *v = (struct values){.policy = policy,
                         .image = policy_image(policy),
                         .session = mayrelay_session_new(policy),
                         .members_most = limit / SHARE + 1};
    v->failed = !v->session || !compile_patterns(v);
    if (v->failed)
        return;
    v->asks_owners = asks_owners(v->image);
    mayrelay_session_rewrites(v->session, true);
    gather_client(v);
    gather_identity(v);
    gather_sender(v);
    gather_recipient(v);
}

void
values_clear(struct values *v)
{
    for (size_t step = 0; step < STEPS; step++) {
        struct choices *choices = &v->steps[step];
        for (size_t i = 0; i < choices->count; i++)
            memory_free(choices->classes[i].members);
        memory_free(choices->classes);
        intern_clear(&choices->keys);
        intern_clear(&choices->seen);
    }
    mayrelay_session_free(v->session);
    arena_clear(&v->arena);
}
