#include "decide/mailboxes.h"

#include "base/output.h"

enum {
    KEY_SIZE = sizeof(uint32_t) + MAILBOX_TEXT_SIZE
};

/* -- forms -------------------------------------------------------------- */

/* "joe+tag" without its tag; the whole if there is none.  A local part that
 * needs its quotes has none: its delimiter may be anything. */
static struct text
without_tag(struct text local, uint32_t delimiter)
{
    size_t at = delimiter ? text_find(local, (char)delimiter) : TEXT_NONE;
    bool tagged = at != TEXT_NONE && at > 0 && local.data[0] != '"';
    return tagged ? text_slice(local, 0, at) : local;
}

static struct text
join(char *room, struct text local, struct text domain)
{
    struct output out = output_to(room, MAILBOX_TEXT_SIZE);
    output_text(&out, local);
    output_byte(&out, '@');
    output_text(&out, domain);
    return output_written(&out);
}

static void
add_form(struct mailbox_forms *forms, struct text local, struct text local_key,
         struct text domain)
{
    size_t i = forms->count++;
    forms->locals[i] = local_key;
    forms->keys[i] = join(forms->room[2 * i], local_key, domain);
    forms->wholes[i] = join(forms->room[2 * i + 1], local, domain);
}

void
mailbox_forms(const struct transaction *t, const struct image_domain *domain,
              struct mailbox_forms *forms)
{
    const struct mailbox *mailbox = &t->facts->recipient.mailbox;
    uint32_t at = t->image->settings->default_domain;
    struct text name = mailbox->kind == MAILBOX_AT_DOMAIN
                           ? mailbox->domain
                           : text_of(image_string(t->image, at));
    struct text base = without_tag(mailbox->local, domain->delimiter);
    struct text base_key = text_slice(mailbox->local_key, 0, base.size);
    forms->count = 0;
    add_form(forms, mailbox->local, mailbox->local_key, name);
    if (base.size != mailbox->local.size)
        add_form(forms, base, base_key, name);
}

/* -- lists -------------------------------------------------------------- */

/* Keys of mailbox lists begin with the number of their list. */
static enum truth
is_listed(const struct image *image, uint32_t list, struct text text)
{
    char key[KEY_SIZE];
    uint32_t found = 0;
    struct output out = output_to(key, sizeof key);
    output_text(&out, (struct text){(const char *)&list, sizeof list});
    output_text(&out, text);
    if (out.size >= sizeof key)
        return TRUTH_NO; /* longer than any entry */
    if (!text_set_lookup(&image->mailboxes, output_written(&out), &found))
        return TRUTH_UNKNOWN;
    return truth_of(found != 0);
}

enum truth
mailbox_is_named(const struct image *image, uint32_t list,
                 const struct mailbox_forms *forms)
{
    enum truth found = TRUTH_NO;
    for (size_t i = 0; i < forms->count && found == TRUTH_NO; i++) {
        found = is_listed(image, list, forms->locals[i]);
        found = truth_or(found, is_listed(image, list, forms->keys[i]));
    }
    return found;
}

static enum truth
in_list(const struct transaction *t, const struct image_domain *domain)
{
    uint32_t list = domain->mailboxes;
    struct mailbox_forms forms;
    mailbox_forms(t, domain, &forms);
    enum truth found = mailbox_is_named(t->image, list, &forms);
    for (size_t i = 0; i < forms.count && found != TRUTH_YES; i++) {
        struct subjects whole = {.one = forms.wholes[i], .count = 1};
        found = truth_or(found, patterns_match(t, &list, 1, &whole));
    }
    return found;
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
