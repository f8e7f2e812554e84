#include "decide/reply.h"

#include "base/output.h"

struct reply_parts {
    unsigned code, subject, detail;
    struct text text;
};

/* -- placeholders ------------------------------------------------------- */

enum placeholder {
    PLACEHOLDER_RECIPIENT,
    PLACEHOLDER_SENDER,
    PLACEHOLDER_CLIENT,
    PLACEHOLDER_IDENTITY,
    PLACEHOLDER_RULE,
    PLACEHOLDER_COUNT
};

static const struct text PLACEHOLDERS[PLACEHOLDER_COUNT] = {
    [PLACEHOLDER_RECIPIENT] = {"%{recipient}", 12},
    [PLACEHOLDER_SENDER] = {"%{sender}", 9},
    [PLACEHOLDER_CLIENT] = {"%{client}", 9},
    [PLACEHOLDER_IDENTITY] = {"%{identity}", 11},
    [PLACEHOLDER_RULE] = {"%{rule}", 7},
};

static struct text
mailbox_text(const struct mailbox *mailbox)
{
    return mailbox->kind == MAILBOX_MALFORMED ? TEXT("") : mailbox->whole;
}

static void
write_value(struct output *out, enum placeholder which,
            const struct mayrelay_decision *d)
{
    const struct facts *facts = d->transaction.facts;
    switch (which) {
    case PLACEHOLDER_RECIPIENT:
        output_printable(out, mailbox_text(&facts->recipient.mailbox));
        return;
    case PLACEHOLDER_SENDER:
        output_printable(out, mailbox_text(&facts->sender.mailbox));
        return;
    case PLACEHOLDER_CLIENT: address_write(out, facts->client.address); return;
    case PLACEHOLDER_IDENTITY:
        output_printable(out, (struct text){facts->identity.name,
                                            facts->identity.name_size});
        return;
    case PLACEHOLDER_RULE:
        if (d->rule)
            output_printable(out, text_of(image_string(d->transaction.image,
                                                       d->rule->name)));
        return;
    case PLACEHOLDER_COUNT: return;
    }
}

/* The placeholder at the front of a text, or PLACEHOLDER_COUNT. */
static enum placeholder
placeholder_at(struct text text)
{
    int which = 0;
    while (which < PLACEHOLDER_COUNT && !text_starts(text, PLACEHOLDERS[which]))
        which++;
    return (enum placeholder)which;
}

static void
write_template(struct output *out, struct text text,
               const struct mayrelay_decision *d)
{
    while (text.size) {
        size_t percent = text_find(text, '%');
        output_printable(out, text_slice(text, 0, percent));
        text = text_from(text, percent);
        if (!text.size)
            return;
        enum placeholder which = placeholder_at(text);
        if (which == PLACEHOLDER_COUNT) {
            output_byte(out, '%');
            text = text_from(text, 1);
        } else {
            write_value(out, which, d);
            text = text_from(text, PLACEHOLDERS[which].size);
        }
    }
}

/* -- the line ----------------------------------------------------------- */

static enum mayrelay_verdict
verdict_of(unsigned code)
{
    if (code / 100 == 2)
        return MAYRELAY_ACCEPT;
    return code / 100 == 4 ? MAYRELAY_DEFER : MAYRELAY_REJECT;
}

static void
write_head(struct mayrelay_decision *d, struct output *out, unsigned class,
           struct reply_parts parts)
{
    struct output enhanced = output_to(d->enhanced, sizeof d->enhanced);
    output_byte(&enhanced, (char)('0' + class));
    output_byte(&enhanced, '.');
    output_number(&enhanced, parts.subject);
    output_byte(&enhanced, '.');
    output_number(&enhanced, parts.detail);
    output_byte(out, (char)('0' + parts.code / 100));
    output_byte(out, (char)('0' + parts.code / 10 % 10));
    output_byte(out, (char)('0' + parts.code % 10));
    output_byte(out, ' ');
    output_text(out, output_written(&enhanced));
    output_byte(out, ' ');
}

static void
write_reply(struct mayrelay_decision *d, struct reply_parts parts)
{
    d->verdict = verdict_of(parts.code);
    unsigned class = parts.code / 100;
    /* RFC 5321 §3.8: a server that turns a connection away for now says 421. */
    if (d->transaction.stage == STAGE_CONNECT && class == 4)
        parts.code = 421;
    d->code = (int)parts.code;
    struct output out = output_to(d->reply, sizeof d->reply);
    write_head(d, &out, class, parts);
    d->text_at = out.size;
    write_template(&out, parts.text, d);
}

static struct reply_parts
parts_of(const struct mayrelay_decision *d)
{
    const struct image *image = d->transaction.image;
    if (d->rule) /* a deny rule, as this refuses */
        return (struct reply_parts){
            d->rule->code, d->rule->subject, d->rule->detail,
            text_of(image_string(image, d->rule->text))};
    const struct image_reply *reply = &image->settings->replies[d->reason];
    return (struct reply_parts){reply->code, reply->subject, reply->detail,
                                text_of(image_string(image, reply->text))};
}

static void
compose_default(struct mayrelay_decision *d)
{
    const struct reason_defaults *defaults = &REASON_DEFAULTS[d->reason];
    write_reply(d, (struct reply_parts){defaults->code, defaults->subject,
                                        defaults->detail,
                                        text_of(defaults->text)});
}

void
reply_compose(struct mayrelay_decision *d)
{
    if (reason_accepts(d->reason)) {
        compose_default(d);
        return;
    }
    struct reply_parts parts = parts_of(d);
    if (parts.code >= 500 && d->transaction.image->settings->soft_bounce)
        parts.code = 451;
    /* Nothing that refuses may look like an accept, and no error of ours like
     * a bounce, whatever the image's bytes say. */
    bool bounce = reason_is_temporary(d->reason) && parts.code >= 500;
    if (parts.code < 400 || parts.code > 599 || bounce) {
        compose_default(d);
        return;
    }
    write_reply(d, parts);
}
