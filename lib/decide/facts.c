#include "decide/facts.h"

#include <string.h>

#include "base/memory.h"
#include "image/provenance.h"

/* -- look-ups
 * ------------------------------------------------------------------- */

/* Appends the masks of a class, if its lists say anything at all. */
static void
take_class(struct facts *facts, enum attribute attribute, uint32_t number,
           struct masks *masks, unsigned *count, uint32_t *extra)
{
    struct masks found;
    uint32_t ignored;
    if (!image_class(facts->image, attribute, number, &found,
                     extra ? extra : &ignored)) {
        facts->damaged = true;
        return;
    }
    if (found.count)
        masks[(*count)++] = found;
}

static void
take_text(struct facts *facts, const struct text_set *set,
          enum attribute attribute, struct text key, struct masks *masks,
          unsigned *count)
{
    uint32_t class = 0;
    if (!text_set_lookup(set, key, &class))
        facts->damaged = true;
    else if (class)
        take_class(facts, attribute, class, masks, count, NULL);
}

static uint32_t
take_name(struct facts *facts, const struct name_set *set,
          enum attribute attribute, struct text name, struct masks *masks,
          unsigned *count)
{
    uint32_t class = 0;
    uint32_t extra = 0;
    if (!name_set_lookup(set, name, &class))
        facts->damaged = true;
    else if (class)
        take_class(facts, attribute, class, masks, count, &extra);
    return extra;
}

static void
take_special(struct facts *facts, enum special_class which, struct masks *masks,
             unsigned *count)
{
    struct masks found;
    uint32_t extra;
    if (!image_special(facts->image, which, &found, &extra))
        facts->damaged = true;
    else if (found.count)
        masks[(*count)++] = found;
}

/* -- connect
 * ----------------------------------------------------------------------- */

/* The entries that can hold for a listener, the most specific first. */
static unsigned
listener_keys(struct endpoint listener, struct endpoint keys[3])
{
    struct endpoint address = {listener.address, 0};
    struct endpoint port = {{ADDRESS_NONE, 0, 0}, listener.port};
    bool has_address = listener.address.family != ADDRESS_NONE;
    unsigned count = 0;
    if (has_address && listener.port)
        keys[count++] = listener;
    if (has_address)
        keys[count++] = address;
    if (listener.port)
        keys[count++] = port;
    return count;
}

/* The connector of the client behind a listen entry; false if none. */
static bool
choose_behind(struct facts *facts, uint32_t listen)
{
    struct prefix_set choice;
    uint32_t connector = 0;
    if (!image_choice(facts->image, listen, &choice) ||
        !prefix_set_lookup(&choice, facts->client.address, &connector)) {
        facts->damaged = true;
        return false;
    }
    if (!connector)
        return false;
    facts->client.connector = image_connector(facts->image, connector - 1);
    facts->damaged |= !facts->client.connector;
    return true;
}

/* policy.md §6: a listen with an IP beats one without, then one with a port;
 * then the smallest client range counts, which each map has worked out. */
static void
choose_connector(struct facts *facts, const struct endpoint *keys,
                 unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char key[ENDPOINT_KEY_SIZE];
        uint32_t listen = 0;
        if (!text_set_lookup(&facts->image->listen_keys,
                             endpoint_key(keys[i], key), &listen))
            facts->damaged = true;
        else if (listen && choose_behind(facts, listen - 1))
            return;
    }
    uint32_t any = facts->image->settings->any_listener;
    if (any)
        choose_behind(facts, any - 1);
}

static void
take_listener(struct facts *facts, const struct endpoint *keys, unsigned count)
{
    struct client_facts *client = &facts->client;
    for (unsigned i = 0; i < count; i++) {
        char key[ENDPOINT_KEY_SIZE];
        take_text(facts, &facts->image->listeners, ATTRIBUTE_LISTENER,
                  endpoint_key(keys[i], key), client->listeners,
                  &client->listener_count);
    }
}

static void
take_address(struct facts *facts)
{
    struct client_facts *client = &facts->client;
    unsigned count = 0;
    uint32_t class = 0;
    if (!prefix_set_lookup(&facts->image->client_addresses, client->address,
                           &class))
        facts->damaged = true;
    else if (class)
        take_class(facts, ATTRIBUTE_CLIENT_ADDRESS, class, &client->masks,
                   &count, NULL);
}

void
facts_connect(struct facts *facts, struct address client,
              struct endpoint listener)
{
    struct client_facts fresh = {.address = client};
    fresh.names = facts->client.names;
    fresh.name_room = facts->client.name_room;
    fresh.name_masks = facts->client.name_masks;
    fresh.name_mask_room = facts->client.name_mask_room;
    facts->client = fresh;
    facts->damaged = false;
    facts->identity.tls = false;
    facts->identity.certificate = (struct masks){0};
    facts_clear_identity(facts);
    if (client.family == ADDRESS_NONE)
        return;
    if (endpoint_is_unspecified(listener))
        listener = (struct endpoint){0};
    struct endpoint keys[3];
    unsigned count = listener_keys(listener, keys);
    facts->client.listener = listener;
    choose_connector(facts, keys, count);
    take_listener(facts, keys, count);
    take_address(facts);
}

/* -- client names
 * ----------------------------------------------------------------------- */

/* The first name after an answer begins a new one. */
static void
begin_names(struct client_facts *client)
{
    if (client->names_state == LOOK_UP_OPEN)
        return;
    client->names_state = LOOK_UP_OPEN;
    client->name_count = 0;
    client->name_malformed = false;
}

bool
facts_add_name(struct facts *facts, struct text name)
{
    struct client_facts *client = &facts->client;
    begin_names(client);
    size_t need = client->name_count + 1;
    if (!memory_grow(&client->names, &client->name_room, need,
                     sizeof *client->names) ||
        !memory_grow(&client->name_masks, &client->name_mask_room, need,
                     sizeof *client->name_masks))
        return false;
    struct client_name *slot = &client->names[client->name_count];
    struct text canonical = domain_parse(name, DOMAIN_CLIENT_NAME, slot->text);
    if (canonical.size == 0) {
        client->name_malformed = true;
        return true;
    }
    struct masks *masks = &client->name_masks[client->name_count++];
    unsigned count = 0;
    slot->size = canonical.size;
    *masks = (struct masks){0};
    take_name(facts, &facts->image->client_names, ATTRIBUTE_CLIENT_NAME,
              canonical, masks, &count);
    return true;
}

void
facts_answer_names(struct facts *facts, bool failed)
{
    struct client_facts *client = &facts->client;
    begin_names(client);
    client->names_state =
        failed || client->name_malformed ? LOOK_UP_FAILED : LOOK_UP_KNOWN;
}

/* -- who
 * ------------------------------------------------------------------------------------
 */

void
facts_tls(struct facts *facts, struct text fingerprint)
{
    unsigned count = 0;
    facts_clear_identity(facts); /* RFC 3207 §4.2 */
    facts->identity.tls = true;
    facts->identity.certificate = (struct masks){0};
    facts->identity.certificate_hash = provenance_hash(fingerprint);
    if (fingerprint.size)
        take_text(facts, &facts->image->certificates, ATTRIBUTE_CERTIFICATE,
                  fingerprint, &facts->identity.certificate, &count);
}

static bool
is_nobody(struct facts *facts, struct text name)
{
    char folded[IDENTITY_MOST];
    uint32_t listed = 0;
    name = text_trim(name);
    text_fold(folded, name);
    if (!text_set_lookup(&facts->image->anonymous,
                         (struct text){folded, name.size}, &listed))
        facts->damaged = true;
    return listed != 0;
}

/* policy.md §5: an identity counts as nobody if it, or a part of it between
 * '\' and '@', is empty or listed. */
static bool
is_anonymous(struct facts *facts, struct text identity)
{
    size_t start = 0;
    for (size_t i = 0; i <= identity.size; i++) {
        if (i < identity.size && identity.data[i] != '\\' &&
            identity.data[i] != '@')
            continue;
        struct text part = text_slice(identity, start, i);
        if (text_trim(part).size == 0 || is_nobody(facts, part))
            return true;
        start = i + 1;
    }
    return is_nobody(facts, identity);
}

static void
take_identity(struct facts *facts, struct text folded)
{
    struct identity_facts *identity = &facts->identity;
    uint32_t class = 0;
    uint32_t owner_lists = 0;
    unsigned count = 0;
    if (!text_set_lookup(&facts->image->identities, folded, &class))
        facts->damaged = true;
    else if (class)
        take_class(facts, ATTRIBUTE_IDENTITY, class, &identity->masks, &count,
                   &owner_lists);
    if (!owner_lists)
        return;
    identity->owner_lists = image_counted(facts->image, owner_lists - 1,
                                          &identity->owner_list_count);
    facts->damaged |= !identity->owner_lists;
}

void
facts_auth(struct facts *facts, struct text name)
{
    struct identity_facts *identity = &facts->identity;
    facts_clear_identity(facts);
    if (name.size > IDENTITY_MOST || is_anonymous(facts, name))
        return;
    char folded[IDENTITY_MOST];
    identity->authenticated = true;
    identity->name_size = name.size;
    memcpy(identity->name, name.data, name.size);
    text_fold(folded, name);
    take_identity(facts, (struct text){folded, name.size});
}

static void
begin_groups(struct identity_facts *identity)
{
    if (identity->groups_state == LOOK_UP_OPEN)
        return;
    identity->groups_state = LOOK_UP_OPEN;
    identity->group_count = 0;
}

bool
facts_add_group(struct facts *facts, struct text group)
{
    struct identity_facts *identity = &facts->identity;
    char folded[IDENTITY_MOST];
    unsigned count = 0;
    begin_groups(identity);
    if (group.size > IDENTITY_MOST ||
        !memory_grow(&identity->group_masks, &identity->group_room,
                     identity->group_count + 1,
                     sizeof *identity->group_masks) ||
        !memory_grow(&identity->group_hashes, &identity->group_hash_room,
                     identity->group_count + 1, sizeof *identity->group_hashes))
        return false;
    text_fold(folded, group);
    take_text(facts, &facts->image->groups, ATTRIBUTE_GROUP,
              (struct text){folded, group.size},
              &identity->group_masks[identity->group_count], &count);
    identity->group_hashes[identity->group_count] =
        provenance_hash((struct text){folded, group.size});
    identity->group_count += count;
    return true;
}

void
facts_answer_groups(struct facts *facts, bool failed)
{
    begin_groups(&facts->identity);
    facts->identity.groups_state = failed ? LOOK_UP_FAILED : LOOK_UP_KNOWN;
}

/* -- addresses
 * --------------------------------------------------------------------------------
 */

static bool
is_our_literal(struct facts *facts, struct address literal)
{
    uint32_t listed = 0;
    if (address_equal(literal, facts->client.listener.address))
        return true;
    if (!prefix_set_lookup(&facts->image->literals, literal, &listed))
        facts->damaged = true;
    return listed != 0;
}

static struct text
default_domain(const struct facts *facts)
{
    return text_of(
        image_string(facts->image, facts->image->settings->default_domain));
}

/* The place in NUMBERS + 1 of a sender's owners: the most specific entry of
 * mailbox, name and sub-domains; 0 if there is none. */
static uint32_t
owners_of(struct facts *facts, const struct mailbox *sender)
{
    uint32_t place = 0;
    uint32_t number = 0;
    if (!text_set_lookup(&facts->image->owner_mailboxes, sender->key, &place))
        facts->damaged = true;
    if (place || sender->kind != MAILBOX_AT_DOMAIN)
        return place;
    struct text owners = image_section(facts->image, SECTION_OWNERS);
    if (!name_set_lookup(&facts->image->owner_domains, sender->domain,
                         &number) ||
        number >= owners.size / sizeof place) {
        facts->damaged = true;
        return 0;
    }
    memcpy(&place, owners.data + number * sizeof place, sizeof place);
    return place;
}

static bool
have_common(const uint32_t *a, size_t a_count, const uint32_t *b,
            size_t b_count)
{
    size_t i = 0;
    size_t j = 0;
    while (i < a_count && j < b_count) {
        if (a[i] == b[j])
            return true;
        if (a[i] < b[j])
            i++;
        else
            j++;
    }
    return false;
}

static bool
owns(struct facts *facts, const struct mailbox *sender)
{
    const struct identity_facts *identity = &facts->identity;
    uint32_t place = owners_of(facts, sender);
    if (!place)
        return false;
    uint32_t count = 0;
    const uint32_t *lists = image_counted(facts->image, place - 1, &count);
    if (!lists) {
        facts->damaged = true;
        return false;
    }
    return have_common(lists, count, identity->owner_lists,
                       identity->owner_list_count);
}

/* policy.md §5: for <> `true` holds if the identity owns anything, `false`
 * never; both need an authenticated client. */
static void
take_ownership(struct facts *facts)
{
    struct sender_facts *sender = &facts->sender;
    const struct identity_facts *identity = &facts->identity;
    if (!identity->authenticated)
        return;
    if (sender->mailbox.kind == MAILBOX_NULL) {
        sender->owned = identity->owner_list_count > 0;
        return;
    }
    sender->owned = owns(facts, &sender->mailbox);
    sender->not_owned = !sender->owned;
}

static void
take_sender(struct facts *facts)
{
    struct sender_facts *sender = &facts->sender;
    const struct mailbox *mailbox = &sender->mailbox;
    const struct image *image = facts->image;
    if (mailbox->kind == MAILBOX_NULL) {
        take_special(facts, SPECIAL_NULL_SENDER, sender->masks,
                     &sender->mask_count);
        return;
    }
    take_text(facts, &image->senders, ATTRIBUTE_SENDER, mailbox->key,
              sender->masks, &sender->mask_count);
    take_text(facts, &image->sender_locals, ATTRIBUTE_SENDER_LOCAL,
              mailbox->local_key, sender->masks, &sender->mask_count);
    if (mailbox->kind == MAILBOX_AT_DOMAIN) {
        sender->class = (enum domain_class)take_name(
            facts, &image->sender_domains, ATTRIBUTE_SENDER_DOMAIN,
            mailbox->domain, sender->masks, &sender->mask_count);
    } else if (mailbox->kind == MAILBOX_POSTMASTER ||
               is_our_literal(facts, mailbox->literal)) {
        sender->class = DOMAIN_INBOUND;
        take_special(facts, SPECIAL_OWN_SENDER, sender->masks,
                     &sender->mask_count);
    }
}

void
facts_mail(struct facts *facts, struct text argument)
{
    struct sender_facts *sender = &facts->sender;
    facts_clear_sender(facts);
    sender->given = true;
    if (mailbox_parse(argument, default_domain(facts), &sender->mailbox) ==
        MAILBOX_MALFORMED)
        return;
    take_sender(facts);
    take_ownership(facts);
}

/* -- recipient
 * ----------------------------------------------------------------------------------
 */

/* The record of the recipient's domain, with what lists say of it; NULL if no
 * entry of `domains:` holds. */
static const struct image_domain *
take_domain(struct facts *facts)
{
    struct recipient_facts *recipient = &facts->recipient;
    recipient->mask_count = 0;
    uint32_t record = take_name(
        facts, &facts->image->recipient_domains, ATTRIBUTE_RECIPIENT_DOMAIN,
        recipient->mailbox.domain, recipient->masks, &recipient->mask_count);
    if (!record)
        return NULL;
    const struct image_domain *domain = image_domain(facts->image, record - 1);
    facts->damaged |= !domain;
    return domain;
}

/* policy.md §8 step 3: once; a target is never itself rerouted. */
static const struct image_domain *
take_rerouted_domain(struct facts *facts)
{
    struct recipient_facts *recipient = &facts->recipient;
    const struct image_domain *domain = take_domain(facts);
    if (!domain || domain->class != DOMAIN_REROUTE)
        return domain;
    recipient->rerouted = true;
    struct text target = text_of(image_string(facts->image, domain->target));
    if (target.size == 0 || !mailbox_set_domain(&recipient->mailbox, target)) {
        facts->damaged = true;
        return NULL;
    }
    return take_domain(facts);
}

/* Whose mailbox check counts for our own address literal. */
static const struct image_domain *
literal_check(struct facts *facts)
{
    uint32_t entry = facts->image->settings->default_domain_entry;
    return entry ? image_domain(facts->image, entry - 1) : NULL;
}

/* Is the recipient's domain ours?  Sets the domain of its mailbox check. */
static bool
is_ours(struct facts *facts)
{
    struct recipient_facts *recipient = &facts->recipient;
    const struct mailbox *mailbox = &recipient->mailbox;
    if (mailbox->kind == MAILBOX_AT_DOMAIN) {
        const struct image_domain *domain = take_rerouted_domain(facts);
        recipient->class =
            domain ? (enum domain_class)domain->class : DOMAIN_FOREIGN;
        if (!domain || domain->class != DOMAIN_INBOUND)
            return false;
        recipient->check = domain;
        return true;
    }
    if (mailbox->kind == MAILBOX_AT_LITERAL &&
        !is_our_literal(facts, mailbox->literal))
        return false;
    recipient->class = DOMAIN_INBOUND;
    if (mailbox->kind == MAILBOX_AT_LITERAL)
        recipient->check = literal_check(facts);
    take_special(facts, SPECIAL_OWN_RECIPIENT, recipient->masks,
                 &recipient->mask_count);
    return true;
}

void
facts_rcpt(struct facts *facts, struct text argument)
{
    struct recipient_facts *recipient = &facts->recipient;
    struct mailbox *mailbox = &recipient->mailbox;
    facts_clear_recipient(facts);
    recipient->given = true;
    mailbox_parse(argument, default_domain(facts), mailbox);
    if (mailbox->kind == MAILBOX_NULL)
        mailbox->kind = MAILBOX_MALFORMED; /* nobody to deliver to */
    if (mailbox->kind == MAILBOX_MALFORMED)
        return;
    bool ours = is_ours(facts);
    recipient->is_relay = !ours || mailbox->carries_routing;
    recipient->is_postmaster =
        !recipient->is_relay &&
        text_equal(mailbox->local_key, TEXT("postmaster"));
    take_text(facts, &facts->image->recipients, ATTRIBUTE_RECIPIENT,
              mailbox->key, recipient->masks, &recipient->mask_count);
    take_text(facts, &facts->image->recipient_locals, ATTRIBUTE_RECIPIENT_LOCAL,
              mailbox->local_key, recipient->masks, &recipient->mask_count);
}

/* -- forgetting
 * ------------------------------------------------------------------------------------
 */

void
facts_clear_recipient(struct facts *facts)
{
    struct recipient_facts *recipient = &facts->recipient;
    recipient->given = false;
    recipient->mailbox.kind = MAILBOX_MALFORMED;
    recipient->mask_count = 0;
    recipient->class = DOMAIN_FOREIGN;
    recipient->rerouted = false;
    recipient->is_relay = false;
    recipient->is_postmaster = false;
    recipient->check = NULL;
    recipient->exists_state = LOOK_UP_OPEN;
    recipient->exists = false;
}

void
facts_clear_sender(struct facts *facts)
{
    struct sender_facts *sender = &facts->sender;
    facts_clear_recipient(facts);
    sender->given = false;
    sender->mailbox.kind = MAILBOX_MALFORMED;
    sender->mask_count = 0;
    sender->class = DOMAIN_FOREIGN;
    sender->owned = false;
    sender->not_owned = false;
}

void
facts_clear_identity(struct facts *facts)
{
    struct identity_facts *identity = &facts->identity;
    facts_clear_sender(facts);
    identity->authenticated = false;
    identity->name_size = 0;
    identity->masks = (struct masks){0};
    identity->owner_lists = NULL;
    identity->owner_list_count = 0;
    identity->groups_state = LOOK_UP_OPEN;
    identity->group_count = 0;
}

void
facts_clear(struct facts *facts)
{
    memory_free(facts->client.names);
    memory_free(facts->client.name_masks);
    memory_free(facts->identity.group_masks);
    memory_free(facts->identity.group_hashes);
    *facts = (struct facts){0};
}
