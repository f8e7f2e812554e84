/* Does a mailbox of ours exist? */
#include <string.h>

#include "decide/decision.h"

enum {
    KEY_SIZE = 4 + MAILBOX_TEXT_SIZE
};

/* A mailbox list holds a local part or a whole mailbox. */
static enum truth
is_listed(const struct image *image, uint32_t list, struct text local,
          struct text domain)
{
    char key[KEY_SIZE];
    uint32_t found = 0;
    if (local.size + domain.size > MAILBOX_TEXT_SIZE)
        return TRUTH_NO;
    memcpy(key, &list, 4);
    memcpy(key + 4, local.data, local.size);
    if (domain.size)
        memcpy(key + 4 + local.size, domain.data, domain.size);
    if (!text_set_lookup(&image->mailboxes,
                         (struct text){key, 4 + local.size + domain.size},
                         &found))
        return TRUTH_UNKNOWN;
    return truth_of(found != 0);
}

/* "joe+tag" without its tag; the whole if there is none.  A quoted local part
 * has none: its delimiter is no delimiter. */
static struct text
without_tag(struct text local, uint32_t delimiter)
{
    size_t at = delimiter ? text_find(local, (char)delimiter) : TEXT_NONE;
    bool tagged = at != TEXT_NONE && at > 0 && local.data[0] != '"';
    return tagged ? text_slice(local, 0, at) : local;
}

static enum truth
in_list(const struct transaction *t, const struct image_domain *domain)
{
    const struct mailbox *mailbox = &t->facts->recipient.mailbox;
    struct text local = mailbox->local_key;
    struct text base = without_tag(local, domain->delimiter);
    struct text at_domain = text_from(mailbox->key, local.size);
    uint32_t list = domain->mailboxes;
    enum truth found = is_listed(t->image, list, local, TEXT(""));
    found = truth_or(found, is_listed(t->image, list, local, at_domain));
    if (base.size != local.size) {
        found = truth_or(found, is_listed(t->image, list, base, TEXT("")));
        found = truth_or(found, is_listed(t->image, list, base, at_domain));
    }
    if (found != TRUTH_NO)
        return found;
    struct subjects whole = {.one = mailbox->whole, .count = 1};
    return patterns_match(t, &list, 1, &whole);
}

enum truth
recipient_exists(const struct transaction *t, unsigned *needs)
{
    const struct recipient_facts *recipient = &t->facts->recipient;
    const struct image_domain *domain = recipient->check;
    if (recipient->is_postmaster || !domain ||
        domain->mailboxes == MAILBOXES_NONE)
        return TRUTH_YES;
    if (domain->mailboxes != MAILBOXES_ASK)
        return in_list(t, domain);
    if (recipient->exists_state == LOOK_UP_KNOWN)
        return truth_of(recipient->exists);
    if (recipient->exists_state == LOOK_UP_OPEN)
        *needs |= MAYRELAY_FACT_RECIPIENT;
    return TRUTH_UNKNOWN;
}
