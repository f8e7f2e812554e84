/* The client: which connector it meets, its address and its names. */
#include "base/memory.h"
#include "decide/take.h"
#include "image/provenance.h"

/* -- connect ------------------------------------------------------------ */

unsigned
listener_forms(struct endpoint listener,
               struct endpoint forms[LISTENER_FORMS_MOST])
{
    struct endpoint address = {listener.address, 0};
    struct endpoint port = {{ADDRESS_NONE, 0, 0}, listener.port};
    bool has_address = listener.address.family != ADDRESS_NONE;
    unsigned count = 0;
    if (has_address && listener.port)
        forms[count++] = listener;
    if (has_address)
        forms[count++] = address;
    if (listener.port)
        forms[count++] = port;
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
    facts->damaged = false;
    facts_clear_client(facts);
    facts->client.address = client;
    if (client.family == ADDRESS_NONE)
        return;
    if (endpoint_is_unspecified(listener))
        listener = (struct endpoint){0};
    struct endpoint keys[LISTENER_FORMS_MOST];
    unsigned count = listener_forms(listener, keys);
    facts->client.listener = listener;
    choose_connector(facts, keys, count);
    take_listener(facts, keys, count);
    take_address(facts);
}

/* -- client names ------------------------------------------------------- */

void
facts_begin_names(struct facts *facts)
{
    struct client_facts *client = &facts->client;
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
    facts_begin_names(facts);
    size_t need = client->name_count + 1;
    if (!memory_grow(&client->names, &client->name_room, need,
                     sizeof *client->names) ||
        !memory_grow(&client->name_masks, &client->name_mask_room, need,
                     sizeof *client->name_masks))
        return false;
    struct client_name *slot = &client->names[client->name_count];
    struct text canonical = domain_parse(name, DOMAIN_CLIENT_NAME, slot->text);
    if (!canonical.data) /* nothing is known of the name */
        return false;
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
    facts_begin_names(facts);
    client->names_state =
        failed || client->name_malformed ? LOOK_UP_FAILED : LOOK_UP_KNOWN;
}
