#include "advise/proposer.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    TEXT_SIZE = 4096
};

/* -- texts -------------------------------------------------------------- */

static struct text
keep(struct proposer *p, const struct output *out)
{
    struct text text = arena_copy(p->arena, output_written(out));
    p->failed |= !text.data;
    return text.data ? text : TEXT("");
}

struct text
propose_text(struct proposer *p, const char *format, ...)
{
    char room[TEXT_SIZE];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(room, sizeof room, format, args);
    va_end(args);
    struct output out = output_to(NULL, 0);
    if (size >= 0 && (size_t)size < sizeof room)
        out = (struct output){room, sizeof room, (size_t)size};
    return keep(p, &out);
}

struct text
propose_place(struct proposer *p, const struct node *node)
{
    return propose_text(p, "%s:%u", p->draft->path, node->line);
}

struct text
propose_written(struct proposer *p, struct text entry)
{
    char room[TEXT_SIZE];
    struct output out = output_to(room, sizeof room);
    layout_write(&p->layout, &out, entry);
    return out.size < sizeof room ? keep(p, &out) : TEXT("");
}

static bool
same_edit(const struct edit *a, const struct edit *b)
{
    return text_equal(a->file, b->file) && a->at == b->at &&
           a->removed == b->removed && text_equal(a->inserted, b->inserted);
}

void
propose_edit(struct proposer *p, bool made, const struct edit *edit,
             struct text says)
{
    if (!made || p->failed || p->count == PROPOSALS_MOST)
        return;
    for (size_t i = 0; i < p->count; i++)
        if (same_edit(&p->proposals[i].edit, edit))
            return;
    p->proposals[p->count++] = (struct step){*edit, says};
}

/* -- terms -------------------------------------------------------------- */

static struct text
address_term(struct proposer *p, struct address address)
{
    char room[ADDRESS_TEXT_SIZE];
    struct output out = output_to(room, sizeof room);
    if (address.family == ADDRESS_NONE)
        return (struct text){NULL, 0};
    address_write(&out, address);
    return keep(p, &out);
}

static struct text
listener_term(struct proposer *p, struct endpoint listener)
{
    char room[ENDPOINT_TEXT_SIZE];
    struct output out = output_to(room, sizeof room);
    if (listener.address.family == ADDRESS_NONE && !listener.port)
        return (struct text){NULL, 0};
    endpoint_write(&out, listener);
    return keep(p, &out);
}

static struct text
certificate_term(struct proposer *p, const unsigned char *octets)
{
    char room[65];
    struct output out = output_to(room, sizeof room);
    if (!octets)
        return (struct text){NULL, 0};
    for (size_t i = 0; i < 32; i++)
        output_format(&out, "%02x", octets[i]);
    return keep(p, &out);
}

static void
mailbox_terms(struct text terms[TERMS_MOST], const struct mailbox *mailbox)
{
    if (mailbox->kind == MAILBOX_NULL || mailbox->kind == MAILBOX_AT_DOMAIN ||
        mailbox->kind == MAILBOX_AT_LITERAL)
        terms[0] = mailbox->whole;
    if (mailbox->kind == MAILBOX_AT_DOMAIN)
        terms[1] = mailbox->domain;
}

static void
find_terms(struct proposer *p, struct text identity,
           const unsigned char *certificate)
{
    const struct facts *facts = p->decision->transaction.facts;
    const struct recipient_facts *recipient = &facts->recipient;
    struct terms *terms = &p->terms;
    terms->client = address_term(p, facts->client.address);
    terms->listener = listener_term(p, facts->client.listener);
    terms->certificate = certificate_term(p, certificate);
    if (facts->identity.authenticated)
        terms->identity = identity;
    if (facts->sender.given)
        mailbox_terms(terms->sender, &facts->sender.mailbox);
    if (!recipient->given || recipient->mailbox.carries_routing)
        return;
    mailbox_terms(terms->recipient, &recipient->mailbox);
    if (recipient->is_relay)
        terms->domain = terms->recipient[1];
}

/* -- the decision ------------------------------------------------------- */

/* The right that refused; the last of those that were tried. */
static enum right
refused_right(const struct mayrelay_decision *decision)
{
    if (decision->rights_tried & 1u << RIGHT_RELAY)
        return RIGHT_RELAY;
    if (decision->rights_tried & 1u << RIGHT_SUBMIT)
        return RIGHT_SUBMIT;
    return RIGHT_CONNECT;
}

void
propose(struct proposer *p, struct text identity,
        const unsigned char *certificate)
{
    const struct mayrelay_decision *decision = p->decision;
    enum right right = refused_right(decision);
    find_terms(p, identity, certificate);
    switch (decision->reason) {
    case MAYRELAY_REASON_NO_CONNECTOR: propose_connectors(p); return;
    case MAYRELAY_REASON_UNKNOWN_RECIPIENT: propose_mailbox(p); return;
    case MAYRELAY_REASON_CONNECT_REFUSED:
    case MAYRELAY_REASON_SUBMIT_DENIED:
    case MAYRELAY_REASON_AUTH_REQUIRED:
    case MAYRELAY_REASON_RELAY_FORBIDDEN:
    case MAYRELAY_REASON_RELAY_DENIED:
    case MAYRELAY_REASON_ROUTING_REFUSED: break;
    default: return;
    }
    if (decision->kind == MAYRELAY_KIND_FORBIDDEN) {
        propose_for_denied(p, right);
        return;
    }
    propose_for_lacking(p, right);
    if (right == RIGHT_RELAY)
        propose_domains(p);
}
