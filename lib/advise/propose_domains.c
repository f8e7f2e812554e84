/* Domains, mailboxes, owners and connectors. */
#include "advise/proposer.h"
#include "base/memory.h"

/* Adds an entry to the list behind a key of a section of the policy, which may
 * be missing, or the section. */
static void
add_to_section(struct proposer *p, const char *section, const char *key,
               struct text entry)
{
    const struct node *root = p->layout.root;
    const struct node *all = layout_get(root, section);
    const struct node *list = layout_get(all, key);
    struct text what = propose_text(p, "`%s: %s`", section, key);
    if (list) {
        propose_add(p, list, entry, what.data);
        return;
    }
    const char *quote = p->layout.json ? "\"" : "";
    struct text written = propose_written(p, entry);
    struct text item = propose_text(p, "%s%s%s: [%.*s]", quote, key, quote,
                                    TEXT_ARGS(written));
    struct text whole = propose_text(p, "%s%s%s: {%.*s}", quote, section, quote,
                                     TEXT_ARGS(item));
    struct edit edit;
    bool made = all ? edit_append(&p->layout, p->arena, all, item, &edit)
                    : edit_append(&p->layout, p->arena, root, whole, &edit);
    propose_edit(
        p, made && written.size, &edit,
        propose_text(p, "add %.*s to %s", TEXT_ARGS(entry), what.data));
}

void
propose_domains(struct proposer *p)
{
    if (!p->terms.domain.data)
        return;
    add_to_section(p, "domains", "always-relay", p->terms.domain);
    add_to_section(p, "domains", "inbound", p->terms.domain);
}

/* -- mailboxes ---------------------------------------------------------- */

/* Without the tag: joe+tag is joe. */
static struct text
plain_mailbox(struct proposer *p)
{
    const struct recipient_facts *recipient =
        &p->decision->transaction.facts->recipient;
    const struct mailbox *mailbox = &recipient->mailbox;
    char delimiter = (char)recipient->check->delimiter;
    size_t tag = delimiter ? text_find(mailbox->local, delimiter) : TEXT_NONE;
    if (tag == TEXT_NONE || tag == 0)
        return mailbox->whole;
    return propose_text(p, "%.*s@%.*s", (int)tag, mailbox->local.data,
                        TEXT_ARGS(mailbox->domain));
}

static void
propose_mailbox_of(struct proposer *p, const struct node *domain)
{
    const struct node *name = layout_get(domain, "domain");
    const struct node *mailboxes = layout_get(domain, "mailboxes");
    struct edit edit;
    if (!name || !mailboxes || name->kind != NODE_SCALAR)
        return;
    struct text what =
        propose_text(p, "`mailboxes` of %.*s", TEXT_ARGS(name->scalar));
    propose_add(p, mailboxes, plain_mailbox(p), what.data);
    for (size_t i = 0; i < domain->count; i++)
        if (domain->items[i] == mailboxes)
            propose_edit(p, edit_remove(&p->layout, domain, i, &edit), &edit,
                         propose_text(p, "remove %s", what.data));
}

void
propose_mailbox(struct proposer *p)
{
    const struct recipient_facts *recipient =
        &p->decision->transaction.facts->recipient;
    const struct node *inbound =
        layout_get(layout_get(p->layout.root, "domains"), "inbound");
    if (!inbound || !recipient->check ||
        recipient->check->mailboxes == MAILBOXES_ASK)
        return;
    propose_mailbox_of(p, inbound);
    for (size_t i = 0; inbound->kind == NODE_SEQUENCE && i < inbound->count;
         i++)
        propose_mailbox_of(p, inbound->items[i]);
}

/* -- owners ------------------------------------------------------------- */

/* One more identity on the line of a list file that names the sender. */
static void
extend_line(struct proposer *p, const struct matched *matched)
{
    struct text path = propose_text(p, "%s", matched->file);
    struct text content = draft_list_file(p->draft, path);
    struct text rest = content;
    size_t at = 0;
    for (uint32_t line = 1; rest.size && line <= matched->line; line++) {
        size_t feed = text_find(rest, '\n');
        size_t size = feed == TEXT_NONE ? rest.size : feed;
        at = (size_t)(rest.data - content.data) + size;
        rest = text_from(rest, size + 1);
    }
    struct edit edit = {
        .file = path,
        .at = at,
        .inserted = propose_text(p, " %.*s", TEXT_ARGS(p->terms.identity)),
    };
    bool there = content.data != NULL;
    memory_free((void *)(uintptr_t)content.data);
    propose_edit(p, there, &edit,
                 propose_text(p, "let %.*s use %s in %s",
                              TEXT_ARGS(p->terms.identity), matched->entry,
                              matched->file));
}

static void
extend_owner(struct proposer *p, const struct node *owners,
             const struct matched *matched)
{
    if (!text_equal(text_of(matched->file), text_of(p->draft->path))) {
        extend_line(p, matched);
        return;
    }
    for (size_t i = 0; owners->kind == NODE_MAPPING && i < owners->count; i++)
        if (owners->keys[i]->line == matched->line)
            propose_add(
                p, owners->items[i], p->terms.identity,
                propose_text(p, "the owners of %s", matched->entry).data);
}

void
propose_owner(struct proposer *p, const struct image_rule *rule)
{
    const struct node *owners = layout_get(p->layout.root, "owners");
    struct text identity = p->terms.identity;
    struct text sender = p->terms.sender[0];
    struct matched matched;
    struct edit edit;
    if (!identity.data || !sender.data)
        return;
    if (owners && matching_entry(&p->decision->transaction, rule,
                                 RULE_SENDER_OWNED, false, &matched))
        extend_owner(p, owners, &matched);
    if (owners && owners->kind == NODE_SCALAR &&
        text_starts(owners->scalar, TEXT("file:"))) {
        propose_line(p, text_from(owners->scalar, 5),
                     propose_text(p, "%.*s %.*s", TEXT_ARGS(sender),
                                  TEXT_ARGS(identity)));
        return;
    }
    struct text key = propose_written(p, sender);
    struct text value = propose_written(p, identity);
    struct text item =
        propose_text(p, "%.*s: [%.*s]", TEXT_ARGS(key), TEXT_ARGS(value));
    struct text whole = propose_text(
        p, p->layout.json ? "\"owners\": {%.*s}" : "owners: {%.*s}",
        TEXT_ARGS(item));
    bool made = owners ? edit_append(&p->layout, p->arena, owners, item, &edit)
                       : edit_append(&p->layout, p->arena, p->layout.root,
                                     whole, &edit);
    propose_edit(p, made && item.size, &edit,
                 propose_text(p, "add `%.*s` to `owners`", TEXT_ARGS(item)));
}

/* -- connectors --------------------------------------------------------- */

static void
propose_connector(struct proposer *p, const struct node *connector)
{
    static const char *const KEYS[] = {"clients", "listen"};
    const struct node *name = layout_get(connector, "name");
    const struct text terms[] = {p->terms.client, p->terms.listener};
    for (size_t i = 0; i < 2; i++) {
        struct text what = propose_text(
            p, "`%s` of the connector %.*s", KEYS[i],
            name && name->kind == NODE_SCALAR ? (int)name->scalar.size : 0,
            name && name->kind == NODE_SCALAR ? name->scalar.data : "");
        propose_add(p, layout_get(connector, KEYS[i]), terms[i], what.data);
    }
}

void
propose_connectors(struct proposer *p)
{
    const struct node *all = layout_get(p->layout.root, "connectors");
    if (!all)
        return;
    propose_connector(p, all);
    for (size_t i = 0; all->kind == NODE_SEQUENCE && i < all->count; i++)
        propose_connector(p, all->items[i]);
}
