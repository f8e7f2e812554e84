/* MAIL FROM and RCPT TO: whose they are, and what lists say of them. */
#include <string.h>

#include "decide/take.h"

/* -- addresses ---------------------------------------------------------- */

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

/* False if memory ran out: then the argument counts as not given, which is an
 * error of ours and never the client's (policy.md §2.8). */
static bool
parse(struct text argument, struct text domain, struct mailbox *mailbox)
{
    if (mailbox_parse(argument, domain, mailbox) != MAILBOX_FAILED)
        return true;
    mailbox->kind = MAILBOX_MALFORMED;
    return false;
}

void
facts_mail(struct facts *facts, struct text argument)
{
    struct sender_facts *sender = &facts->sender;
    facts_clear_sender(facts);
    sender->given = parse(argument, default_domain(facts), &sender->mailbox);
    if (sender->mailbox.kind == MAILBOX_MALFORMED)
        return;
    take_sender(facts);
    take_ownership(facts);
}

/* -- recipient ---------------------------------------------------------- */

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
    if (!mailbox_set_domain(&recipient->mailbox, target)) {
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
    const struct image_domain *domain =
        entry ? image_domain(facts->image, entry - 1) : NULL;
    facts->damaged |= entry && !domain;
    return domain;
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
    recipient->given = parse(argument, default_domain(facts), mailbox);
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
