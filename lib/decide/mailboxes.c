/* Does a mailbox of ours exist? */
#include "base/output.h"
#include "decide/decision.h"

enum {
    KEY_SIZE = 4 + MAILBOX_TEXT_SIZE
};

/* A mailbox list holds a local part (`domain` empty) or a whole mailbox. */
static enum truth
is_listed(const struct image *image, uint32_t list, struct text local,
          struct text domain)
{
    char key[KEY_SIZE];
    uint32_t found = 0;
    struct output out = output_to(key, sizeof key);
    output_text(&out, (struct text){(const char *)&list, sizeof list});
    output_text(&out, local);
    if (domain.size) {
        output_byte(&out, '@');
        output_text(&out, domain);
    }
    if (out.size >= sizeof key)
        return TRUTH_NO; /* longer than any entry */
    if (!text_set_lookup(&image->mailboxes, output_written(&out), &found))
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

/* The domain in which a mailbox is sought: its own, or the default domain for
 * our address literal (policy.md §10). */
static struct text
domain_of(const struct transaction *t, const struct mailbox *mailbox)
{
    if (mailbox->kind == MAILBOX_AT_DOMAIN)
        return mailbox->domain;
    return text_of(image_string(t->image, t->image->settings->default_domain));
}

static enum truth
matches_pattern(const struct transaction *t, uint32_t list, struct text local,
                struct text domain)
{
    char whole[MAILBOX_TEXT_SIZE];
    struct output out = output_to(whole, sizeof whole);
    output_text(&out, local);
    output_byte(&out, '@');
    output_text(&out, domain);
    struct subjects subjects = {.one = output_written(&out), .count = 1};
    return patterns_match(t, &list, 1, &subjects);
}

static enum truth
in_list(const struct transaction *t, const struct image_domain *domain)
{
    const struct mailbox *mailbox = &t->facts->recipient.mailbox;
    struct text local = mailbox->local_key;
    struct text base = without_tag(local, domain->delimiter);
    struct text at = domain_of(t, mailbox);
    uint32_t list = domain->mailboxes;
    enum truth found = is_listed(t->image, list, local, TEXT(""));
    found = truth_or(found, is_listed(t->image, list, local, at));
    if (base.size != local.size) {
        found = truth_or(found, is_listed(t->image, list, base, TEXT("")));
        found = truth_or(found, is_listed(t->image, list, base, at));
    }
    if (found != TRUTH_NO)
        return found;
    return matches_pattern(t, list, mailbox->local, at);
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
