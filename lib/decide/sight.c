#include "decide/sight.h"

struct text
subject_at(const struct subjects *subjects, size_t index)
{
    if (!subjects->names)
        return subjects->one;
    const struct client_name *name = &subjects->names[index];
    return (struct text){name->text, name->size};
}

static struct sight
see_client(const struct client_facts *client)
{
    struct sight sight = {.fixed = &client->masks, .fixed_count = 1};
    if (client->names_state == LOOK_UP_KNOWN) {
        sight.more = client->name_masks;
        sight.more_count = client->name_count;
        sight.subjects.names = client->names;
        sight.subjects.count = client->name_count;
        return sight;
    }
    sight.open = true;
    if (client->names_state == LOOK_UP_OPEN)
        sight.fact = MAYRELAY_FACT_CLIENT_NAME;
    return sight;
}

static struct sight
see_identity(const struct identity_facts *identity)
{
    struct sight sight = {.fixed = &identity->masks, .fixed_count = 1};
    if (!identity->authenticated) {
        sight.mode = SIGHT_NOBODY;
        return sight;
    }
    sight.subjects.one = (struct text){identity->name, identity->name_size};
    sight.subjects.count = 1;
    if (identity->groups_state == LOOK_UP_KNOWN) {
        sight.more = identity->group_masks;
        sight.more_count = identity->group_count;
        return sight;
    }
    sight.open = true;
    if (identity->groups_state == LOOK_UP_OPEN)
        sight.fact = MAYRELAY_FACT_GROUPS;
    return sight;
}

static struct sight
see_sender(const struct sender_facts *sender)
{
    struct sight sight = {.fixed = sender->masks,
                          .fixed_count = sender->mask_count};
    if (sender->mailbox.kind != MAILBOX_NULL) { /* no pattern is tried on <> */
        sight.subjects.one = sender->mailbox.whole;
        sight.subjects.count = 1;
    }
    return sight;
}

static struct sight
see_recipient(const struct recipient_facts *recipient, enum stage stage)
{
    struct sight sight = {.fixed = recipient->masks,
                          .fixed_count = recipient->mask_count};
    if (stage != STAGE_RCPT) {
        sight.mode = SIGHT_LATER;
        sight.open = true;
        sight.fixed_count = 0;
    } else if (recipient->mailbox.carries_routing) {
        sight.mode = SIGHT_ROUTING;
    } else {
        sight.subjects.one = recipient->mailbox.whole;
        sight.subjects.count = 1;
    }
    return sight;
}

void
transaction_look(struct transaction *t)
{
    t->sights[CONDITION_CLIENTS] = see_client(&t->facts->client);
    t->sights[CONDITION_USERS] = see_identity(&t->facts->identity);
    t->sights[CONDITION_SENDERS] = see_sender(&t->facts->sender);
    t->sights[CONDITION_RECIPIENTS] =
        see_recipient(&t->facts->recipient, t->stage);
}

/* Few lists are long; those that are, are sorted. */
enum {
    LINEAR_MOST = 8
};

static void
add_masks(const struct masks *masks, uint32_t block, struct image_mask *sum)
{
    uint32_t low = 0;
    uint32_t high = masks->count;
    while (high - low > LINEAR_MOST) {
        uint32_t middle = low + (high - low) / 2;
        if (masks->first[middle].block <= block)
            low = middle;
        else
            high = middle;
    }
    for (; low < high; low++)
        if (masks->first[low].block == block) {
            sum->inc |= masks->first[low].inc;
            sum->exc |= masks->first[low].exc;
            return;
        }
}

struct image_mask
sight_masks(const struct sight *sight, uint32_t block)
{
    struct image_mask sum = {.block = block};
    for (size_t i = 0; i < sight->fixed_count; i++)
        add_masks(&sight->fixed[i], block, &sum);
    for (size_t i = 0; i < sight->more_count; i++)
        add_masks(&sight->more[i], block, &sum);
    return sum;
}
