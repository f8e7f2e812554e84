#include "mail/mailbox.h"

#include <string.h>

#include "mail/routing.h"

/* A local part as its bytes mean it, without quotes and backslashes. */
struct local_part {
    struct text decoded;
    bool plain; /* a Dot-string, which needs no quotes */
    char room[MAILBOX_ARGUMENT_MOST];
};

static enum mailbox_kind
make_empty(struct mailbox *mailbox, enum mailbox_kind kind, const char *text)
{
    struct text whole = text_of(text);
    struct text none = {mailbox->buffer, 0};
    memcpy(mailbox->buffer, text, whole.size + 1);
    mailbox->kind = kind;
    mailbox->carries_routing = false;
    mailbox->literal = (struct address){0};
    mailbox->whole = (struct text){mailbox->buffer, whole.size};
    mailbox->key = mailbox->whole;
    mailbox->local = mailbox->domain = mailbox->local_key = none;
    return kind;
}

static enum mailbox_kind
malformed(struct mailbox *mailbox)
{
    return make_empty(mailbox, MAILBOX_MALFORMED, "");
}

static bool
is_clean(struct text text)
{
    if (text.size > MAILBOX_ARGUMENT_MOST)
        return false;
    return text_is_printable(text) || /* as almost every argument is */
           (text_is_utf8(text) && !text_has_control(text));
}

/* RFC 5322 §3.2.3: atext, by octet; RFC 6531 §3.3: and what is not ASCII. */
static const bool IS_ATEXT[256] = {
    ['!'] = true,           ['#' ... '\''] = true, ['*' ... '+'] = true,
    ['-'] = true,           ['/' ... '9'] = true,  ['='] = true,
    ['?'] = true,           ['A' ... 'Z'] = true,  ['^' ... '~'] = true,
    [0x80 ... 0xff] = true,
};

/* The size of the Dot-string at the front; 0 without one, or if an atom of it
 * is empty. */
static size_t
dot_string_size(struct text text)
{
    size_t at = 0;
    for (;;) {
        size_t atom = at;
        while (at < text.size && IS_ATEXT[(unsigned char)text.data[at]])
            at++;
        if (at == atom)
            return 0;
        if (at == text.size || text.data[at] != '.')
            return at;
        at++;
    }
}

/* Takes a Quoted-string off the front of `rest`. */
static bool
take_quoted(struct text *rest, struct local_part *local)
{
    size_t size = 0;
    for (size_t at = 1; at < rest->size; at++) {
        char c = rest->data[at];
        if (c == '"') {
            *rest = text_from(*rest, at + 1);
            local->decoded = (struct text){local->room, size};
            local->plain = size > 0 && dot_string_size(local->decoded) == size;
            return true;
        }
        if (c == '\\') {
            /* quoted-pairSMTP: what follows is printable ASCII. */
            if (++at == rest->size || (unsigned char)rest->data[at] >= 0x80)
                return false;
            c = rest->data[at];
        }
        local->room[size++] = c;
    }
    return false;
}

static bool
take_dot_string(struct text *rest, struct local_part *local)
{
    size_t size = dot_string_size(*rest);
    local->decoded = text_slice(*rest, 0, size);
    local->plain = true;
    *rest = text_from(*rest, size);
    return size > 0;
}

static bool
take_local(struct text *rest, struct local_part *local)
{
    bool quoted = rest->size > 0 && rest->data[0] == '"';
    bool taken =
        quoted ? take_quoted(rest, local) : take_dot_string(rest, local);
    if (!taken || local->decoded.size == 0)
        return false;
    /* A command or a file where the mail is delivered (policy.md §10). */
    char first = local->decoded.data[0];
    return first != '|' && first != '/';
}

/* Quoted if needed; returns its size, at most that of the argument it is
 * from, since only what was escaped there is escaped here. */
static size_t
write_local(char *out, const struct local_part *local)
{
    struct text decoded = local->decoded;
    size_t size = 0;
    if (local->plain) {
        memcpy(out, decoded.data, decoded.size);
        return decoded.size;
    }
    out[size++] = '"';
    for (size_t i = 0; i < decoded.size; i++) {
        if (decoded.data[i] == '"' || decoded.data[i] == '\\')
            out[size++] = '\\';
        out[size++] = decoded.data[i];
    }
    out[size++] = '"';
    return size;
}

/* "[192.0.2.1]" or "[IPv6:2001:db8::1]" (RFC 5321 §4.1.3). */
static bool
parse_literal(struct text text, struct address *literal)
{
    struct text tag = TEXT("[IPv6:");
    if (text.size < 2 || text.data[text.size - 1] != ']' || text_has(text, '%'))
        return false;
    bool ipv6 = text_starts_fold(text, tag);
    struct text inner = text_slice(text, ipv6 ? tag.size : 1, text.size - 1);
    return text_has(inner, ':') == ipv6 && address_parse(inner, literal);
}

static bool
is_literal(struct text domain)
{
    return domain.size > 0 && domain.data[0] == '[';
}

static struct text
write_literal(char *out, struct address literal)
{
    struct output output = output_to(out, DOMAIN_TEXT_SIZE);
    bool ipv6 = literal.family == ADDRESS_IPV6;
    output_string(&output, ipv6 ? "[IPv6:" : "[");
    address_write(&output, literal);
    output_byte(&output, ']');
    return output_written(&output);
}

/* What a domain that does not parse makes of its mailbox. */
static enum mailbox_kind
kind_without_domain(struct text parsed)
{
    return parsed.data ? MAILBOX_MALFORMED : MAILBOX_FAILED;
}

/* MAILBOX_AT_DOMAIN for a hop that is well-formed. */
static enum mailbox_kind
judge_hop(struct text hop)
{
    char canonical[DOMAIN_TEXT_SIZE];
    struct address literal;
    if (is_literal(hop))
        return parse_literal(hop, &literal) ? MAILBOX_AT_DOMAIN
                                            : MAILBOX_MALFORMED;
    struct text domain = domain_parse(hop, DOMAIN_MAIL, canonical);
    return domain.size ? MAILBOX_AT_DOMAIN : kind_without_domain(domain);
}

/* The size of the hop at the front; a literal has colons of its own. */
static size_t
hop_size(struct text text)
{
    size_t at = is_literal(text) ? text_find(text, ']') : 0;
    if (at == TEXT_NONE)
        return text.size;
    while (at < text.size && text.data[at] != ',' && text.data[at] != ':')
        at++;
    return at;
}

/* Takes "@a,@b:" off the front of `rest`; MAILBOX_AT_DOMAIN if it is one. */
static enum mailbox_kind
take_source_route(struct text *rest)
{
    for (;;) {
        if (rest->size == 0 || rest->data[0] != '@')
            return MAILBOX_MALFORMED;
        *rest = text_from(*rest, 1);
        size_t size = hop_size(*rest);
        if (size == rest->size)
            return MAILBOX_MALFORMED;
        enum mailbox_kind hop = judge_hop(text_slice(*rest, 0, size));
        bool last = rest->data[size] == ':';
        *rest = text_from(*rest, size + 1);
        if (last || hop != MAILBOX_AT_DOMAIN)
            return hop;
    }
}

/* `whole` is written up to `size`: the rest follows from it. */
static enum mailbox_kind
finish(struct mailbox *mailbox, enum mailbox_kind kind, size_t local_size,
       size_t size)
{
    char *whole = mailbox->buffer;
    char *key = mailbox->buffer + MAILBOX_TEXT_SIZE;
    size_t domain = kind == MAILBOX_POSTMASTER ? size : local_size + 1;
    mailbox->kind = kind;
    mailbox->whole = (struct text){whole, size};
    mailbox->local = (struct text){whole, local_size};
    mailbox->domain = (struct text){whole + domain, size - domain};
    mailbox->key = (struct text){key, size};
    mailbox->local_key = (struct text){key, local_size};
    text_fold(key, mailbox->whole);
    whole[size] = '\0';
    return kind;
}

static enum mailbox_kind
add_literal(struct mailbox *mailbox, size_t local_size, struct text text)
{
    if (!parse_literal(text, &mailbox->literal))
        return malformed(mailbox);
    size_t at = local_size + 1;
    struct text domain = write_literal(mailbox->buffer + at, mailbox->literal);
    return finish(mailbox, MAILBOX_AT_LITERAL, local_size, at + domain.size);
}

static enum mailbox_kind
add_domain(struct mailbox *mailbox, size_t local_size, struct text text)
{
    size_t at = local_size + 1;
    mailbox->buffer[local_size] = '@';
    if (is_literal(text))
        return add_literal(mailbox, local_size, text);
    struct text domain = domain_parse(text, DOMAIN_MAIL, mailbox->buffer + at);
    if (domain.size == 0)
        return make_empty(mailbox, kind_without_domain(domain), "");
    return finish(mailbox, MAILBOX_AT_DOMAIN, local_size, at + domain.size);
}

/* A domain that is canonical already. */
static bool
append_domain(struct mailbox *mailbox, size_t local_size, struct text domain)
{
    size_t at = local_size + 1;
    if (domain.size == 0 || domain.size > DOMAIN_TEXT_MOST) {
        malformed(mailbox);
        return false;
    }
    mailbox->buffer[local_size] = '@';
    memcpy(mailbox->buffer + at, domain.data, domain.size);
    finish(mailbox, MAILBOX_AT_DOMAIN, local_size, at + domain.size);
    return true;
}

/* Nothing stands behind the local part. */
static enum mailbox_kind
add_nothing(struct mailbox *mailbox, size_t local_size, struct text decoded,
            struct text default_domain)
{
    if (text_equal_fold(decoded, TEXT("postmaster")))
        return finish(mailbox, MAILBOX_POSTMASTER, local_size, local_size);
    append_domain(mailbox, local_size, default_domain);
    return mailbox->kind;
}

/* A '>' that is no bracket stands in a quoted local part: the closing one is
 * the last byte or missing. */
static bool
strip_brackets(struct text *path)
{
    if (path->size == 0 || path->data[0] != '<')
        return true;
    if (path->size == 1 || path->data[path->size - 1] != '>')
        return false;
    *path = text_slice(*path, 1, path->size - 1);
    return true;
}

enum mailbox_kind
mailbox_parse(struct text argument, struct text default_domain,
              struct mailbox *mailbox)
{
    struct text rest = argument;
    struct local_part local;
    if (!is_clean(argument) || !strip_brackets(&rest))
        return malformed(mailbox);
    if (rest.size == 0)
        return make_empty(mailbox, MAILBOX_NULL, "<>");
    bool routed = rest.data[0] == '@';
    enum mailbox_kind route =
        routed ? take_source_route(&rest) : MAILBOX_AT_DOMAIN;
    if (route != MAILBOX_AT_DOMAIN)
        return make_empty(mailbox, route, "");
    if (!take_local(&rest, &local))
        return malformed(mailbox);
    size_t size = write_local(mailbox->buffer, &local);
    mailbox->carries_routing = routing_in_local_part(local.decoded);
    mailbox->literal = (struct address){0};
    if (rest.size > 0 && rest.data[0] == '@')
        return add_domain(mailbox, size, text_from(rest, 1));
    /* RFC 5321 §4.1.2: behind a source route stands a whole mailbox. */
    if (rest.size > 0 || routed)
        return malformed(mailbox);
    return add_nothing(mailbox, size, local.decoded, default_domain);
}

bool
mailbox_set_domain(struct mailbox *mailbox, struct text domain)
{
    if (mailbox->kind != MAILBOX_AT_DOMAIN) {
        malformed(mailbox);
        return false;
    }
    return append_domain(mailbox, mailbox->local.size, domain);
}

struct text
mailbox_parse_local(struct text local, char *out)
{
    struct text rest = local;
    struct local_part part;
    size_t size = 0;
    if (is_clean(local) && take_local(&rest, &part) && rest.size == 0)
        size = write_local(out, &part);
    out[size] = '\0';
    text_fold(out, (struct text){out, size});
    return (struct text){out, size};
}
