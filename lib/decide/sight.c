#include "decide/sight.h"

struct text
subject_at(const struct subjects *subjects, size_t index)
{
    if (!subjects->names)
        return subjects->one;
    const struct client_name *name = &subjects->names[index];
    return (struct text){name->text, name->size};
}

static void
see_client(struct sight *sight, const struct client_facts *client)
{
    *sight = (struct sight){.fixed = &client->masks, .fixed_count = 1};
    if (client->names_state == LOOK_UP_KNOWN) {
        sight->more = client->name_masks;
        sight->more_count = client->name_count;
        sight->subjects.names = client->names;
        sight->subjects.count = client->name_count;
        return;
    }
    sight->open = true;
    if (client->names_state == LOOK_UP_OPEN)
        sight->fact = MAYRELAY_FACT_CLIENT_NAME;
}

static void
see_identity(struct sight *sight, const struct identity_facts *identity)
{
    *sight = (struct sight){.fixed = &identity->masks, .fixed_count = 1};
    if (!identity->authenticated) {
        sight->mode = SIGHT_NOBODY;
        return;
    }
    sight->subjects.one = (struct text){identity->name, identity->name_size};
    sight->subjects.count = 1;
    if (identity->groups_state == LOOK_UP_KNOWN) {
        sight->more = identity->group_masks;
        sight->more_count = identity->group_count;
        return;
    }
    sight->open = true;
    if (identity->groups_state == LOOK_UP_OPEN)
        sight->fact = MAYRELAY_FACT_GROUPS;
}

static void
see_sender(struct sight *sight, const struct sender_facts *sender)
{
    *sight = (struct sight){.fixed = sender->masks,
                            .fixed_count = sender->mask_count};
    if (sender->mailbox.kind != MAILBOX_NULL) { /* no pattern is tried on <> */
        sight->subjects.one = sender->mailbox.whole;
        sight->subjects.count = 1;
    }
}

static void
see_recipient(struct sight *sight, const struct recipient_facts *recipient,
              enum stage stage)
{
    *sight = (struct sight){.fixed = recipient->masks,
                            .fixed_count = recipient->mask_count};
    if (stage != STAGE_RCPT) {
        sight->mode = SIGHT_LATER;
        sight->open = true;
        sight->fixed_count = 0;
    } else if (recipient->mailbox.carries_routing) {
        sight->mode = SIGHT_ROUTING;
    } else {
        sight->subjects.one = recipient->mailbox.whole;
        sight->subjects.count = 1;
    }
}

void
transaction_look(struct transaction *t)
{
    const struct facts *facts = t->facts;
    see_client(&t->sights[CONDITION_CLIENTS], &facts->client);
    see_identity(&t->sights[CONDITION_USERS], &facts->identity);
    see_sender(&t->sights[CONDITION_SENDERS], &facts->sender);
    see_recipient(&t->sights[CONDITION_RECIPIENTS], &facts->recipient,
                  t->stage);
}
