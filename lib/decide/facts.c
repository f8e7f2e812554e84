#include "decide/facts.h"

#include "base/memory.h"

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
facts_clear_client(struct facts *facts)
{
    struct client_facts *client = &facts->client;
    struct identity_facts *identity = &facts->identity;
    client->address = (struct address){0};
    client->listener = (struct endpoint){0};
    client->connector = NULL;
    client->masks = (struct masks){0};
    client->listener_count = 0;
    client->names_state = LOOK_UP_OPEN;
    client->name_count = 0;
    client->name_malformed = false;
    identity->tls = false;
    identity->certificate = (struct masks){0};
    identity->certificate_hash = 0;
    facts_clear_identity(facts);
}

void
facts_init(struct facts *facts, const struct image *image)
{
    struct client_facts *client = &facts->client;
    struct identity_facts *identity = &facts->identity;
    facts->image = image;
    facts->rewrites = false;
    facts->damaged = false;
    client->names = NULL;
    client->name_masks = NULL;
    client->name_room = client->name_mask_room = 0;
    identity->group_masks = NULL;
    identity->groups = NULL;
    identity->group_mask_room = identity->group_room = 0;
    facts_clear_client(facts);
}

void
facts_clear(struct facts *facts)
{
    memory_free(facts->client.names);
    memory_free(facts->client.name_masks);
    memory_free(facts->identity.group_masks);
    memory_free(facts->identity.groups);
}
