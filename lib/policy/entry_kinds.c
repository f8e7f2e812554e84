#include "policy/entry_kinds.h"

#include "base/output.h"
#include "mail/mailbox.h"
#include "policy/quoted.h"

/* -- addresses ---------------------------------------------------------- */

/* Only these can be an address, network or range: names hold no ':' (cheap to
 * know, for list files of a million names). */
static bool
may_be_address(struct text text)
{
    return ascii_is_digit(text.data[0]) || text_has(text, ':');
}

static bool
is_range(struct text text)
{
    struct range range;
    return may_be_address(text) && range_parse(text, &range) != RANGE_NOT_ONE;
}

/* Digits and dots (at least one), or with what joins them: no name in use looks
 * like that. */
static bool
looks_like_address(struct text text)
{
    bool joined = false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '.' || c == '/' || c == '*')
            joined = true;
        else if (!ascii_is_digit(c) && c != '-' && c != ':')
            return text_has(text, ':') || text_has(text, '/');
    }
    return joined || text_has(text, ':');
}

static bool
refuse_not_address(const struct judge *judge, struct text text)
{
    if (text_has(text, '*'))
        return judge_refuse(judge, FINDING_ADDRESS_MALFORMED,
                            "a network is written as 10.0.0.0/24",
                            "is not a network");
    if (text_has(text, '.'))
        return judge_refuse(judge, FINDING_ADDRESS_MALFORMED,
                            "an IPv4 address is four numbers from 0 to 255 "
                            "without leading zeros, and has no port here",
                            "is not an address, network or range");
    return judge_refuse(judge, FINDING_ADDRESS_MALFORMED,
                        "write an address as 2001:db8::1, a network as "
                        "2001:db8::/32",
                        "is not an address, network or range");
}

static bool
suggest_range(const struct judge *judge, enum finding id, const char *what,
              struct range range)
{
    char meant[2 * ADDRESS_TEXT_SIZE + 1];
    struct output out = output_to(meant, sizeof meant);
    range_write(&out, range);
    return judge_suggest(judge, id, what, output_written(&out));
}

static bool
refuse_range(const struct judge *judge, enum range_problem problem,
             struct range meant)
{
    switch (problem) {
    case RANGE_OK:
    case RANGE_NOT_ONE: break;
    case RANGE_BAD_PREFIX:
        return judge_refuse(judge, FINDING_NETWORK_PREFIX,
                            "a prefix length is 0 to 32 for IPv4, 0 to 128 "
                            "for IPv6",
                            "has no possible prefix length or mask");
    case RANGE_HOST_BITS:
        return suggest_range(judge, FINDING_NETWORK_HOST_BITS,
                             "is no network: it has host bits set", meant);
    case RANGE_MASK_HOLES:
        return suggest_range(judge, FINDING_NETWORK_MASK,
                             "has a mask with holes", meant);
    case RANGE_BACKWARDS:
        return suggest_range(judge, FINDING_RANGE_REVERSED,
                             "is a range whose first address is above its "
                             "last",
                             meant);
    case RANGE_FAMILIES:
        return judge_refuse(judge, FINDING_RANGE_MIXED,
                            "write one range for IPv4 and one for IPv6",
                            "is a range from IPv4 to IPv6");
    }
    return judge_refuse(judge, FINDING_ADDRESS_MALFORMED, NULL,
                        "is not an address, network or range");
}

/* "10.0.0.1 - 10.0.0.77": only the blanks are wrong. */
static bool
is_spaced_range(struct text text, struct range *range)
{
    char joined[2 * ADDRESS_TEXT_SIZE + 1];
    struct output out = output_to(joined, sizeof joined);
    if (!text_has(text, ' ') || text.size >= sizeof joined)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != ' ')
            output_byte(&out, text.data[i]);
    return range_parse(output_written(&out), range) == RANGE_OK;
}

static struct text
between_brackets(struct text text)
{
    return text_slice(text, 1, text_find_last(text, ']'));
}

static bool
refuse_no_range(const struct judge *judge, struct text text)
{
    if (text.data[0] == '[')
        return judge_suggest(judge, FINDING_ADDRESS_MALFORMED,
                             "is not an address: brackets belong to mailboxes "
                             "and ports",
                             between_brackets(text));
    struct range meant;
    if (is_spaced_range(text, &meant))
        return suggest_range(judge, FINDING_ADDRESS_MALFORMED,
                             "is not an address, network or range: it holds "
                             "blanks",
                             meant);
    if (looks_like_address(text))
        return refuse_not_address(judge, text);
    return judge_refuse_kind(judge,
                             text_has(text, '@') ? "a mailbox" : "a name");
}

static bool
keep_range(const struct judge *judge, enum range_problem problem,
           struct range range)
{
    if (problem != RANGE_OK)
        return refuse_range(judge, problem, range);
    judge->entry->kind = ENTRY_RANGE;
    judge->entry->range = range;
    return true;
}

bool
entry_range(const struct judge *judge, struct text text)
{
    struct range range;
    enum range_problem problem = range_parse(text, &range);
    return problem == RANGE_NOT_ONE ? refuse_no_range(judge, text)
                                    : keep_range(judge, problem, range);
}

bool
entry_literals(const struct judge *judge, struct text text)
{
    if (!entry_range(judge, text))
        return false;
    if (range_is_at_most(judge->entry->range, 256))
        return true;
    return judge_refuse(judge, FINDING_LITERALS_TOO_MANY,
                        "name the addresses that mail can be sent to here",
                        "holds more than 256 addresses");
}

/* -- listeners ---------------------------------------------------------- */

static bool
refuse_unspecified(const struct judge *judge, uint16_t port)
{
    char meant[ENDPOINT_TEXT_SIZE];
    struct output out = output_to(meant, sizeof meant);
    if (port == 0)
        return judge_refuse(judge, FINDING_LISTENER_UNSPECIFIED,
                            "leave `listen` out for every listener",
                            "is no address that a client can reach");
    output_format(&out, "\"*:%u\"", port);
    return judge_suggest(judge, FINDING_LISTENER_UNSPECIFIED,
                         "is no address that a client can reach",
                         output_written(&out));
}

static bool
refuse_listener(const struct judge *judge, struct text text)
{
    if (is_range(text))
        return judge_refuse_kind(judge, "a network or range");
    if (text.data[0] == '[' && text_ends(text, TEXT("]")))
        return judge_suggest(judge, FINDING_LISTENER_MALFORMED,
                             "has brackets, but no port",
                             between_brackets(text));
    return judge_refuse(judge, FINDING_LISTENER_MALFORMED,
                        "write 192.0.2.25, 192.0.2.25:25, "
                        "\"[2001:db8::1]:25\" or \"*:25\"",
                        "is not an address and port of ours");
}

bool
entry_listener(const struct judge *judge, struct text text)
{
    struct endpoint endpoint;
    if (!endpoint_parse(text, &endpoint))
        return refuse_listener(judge, text);
    if (endpoint_is_unspecified(endpoint))
        return refuse_unspecified(judge, endpoint.port);
    judge->entry->kind = ENTRY_ENDPOINT;
    judge->entry->endpoint = endpoint;
    return true;
}

/* -- names -------------------------------------------------------------- */

void
warn_confusable(struct mayrelay_report *report, struct place place,
                struct text whole, struct text name)
{
    if (text_is_ascii(name) || !domain_is_confusable(name))
        return;
    report_add(report, FINDING_NAME_CONFUSABLE, place,
               "check its letters, and write it as A-labels (xn--...) if it is "
               "meant",
               "'%.*s%s' can be taken for another name: it mixes scripts, or "
               "its letters look like others",
               QUOTED(whole));
}

static void
warn_of_name(const struct judge *judge, struct text name)
{
    warn_confusable(judge->report, judge->place, judge->whole, name);
}

static bool
refuse_name(const struct judge *judge, struct text name)
{
    if (text_has(name, '*'))
        return judge_refuse(judge, FINDING_ENTRY_WILDCARD,
                            "'*' stands only before the first dot, as in "
                            "\"*.example.com\"; anything else is a pattern, as "
                            "'/mx[0-9]+\\.example\\.com/'",
                            "is not a name: it holds a '*'");
    if (text_ends(name, TEXT(".")) && name.size > 1)
        return judge_suggest(judge, FINDING_NAME_MALFORMED,
                             "is not a domain name: it ends with a dot",
                             text_slice(name, 0, name.size - 1));
    struct range meant;
    if (is_spaced_range(name, &meant))
        return suggest_range(judge, FINDING_NAME_MALFORMED,
                             "is neither a domain name nor a range: it holds "
                             "blanks",
                             meant);
    if (text_has(name, ' ') || text_has(name, ','))
        return judge_refuse(judge, FINDING_NAME_MALFORMED,
                            "write each entry on its own",
                            "is not one domain name");
    if (text_has(name, '_'))
        return judge_refuse(judge, FINDING_NAME_MALFORMED,
                            "an underscore can stand in names of clients only",
                            "is not a domain name");
    return judge_refuse(judge, FINDING_NAME_MALFORMED,
                        "labels hold letters, digits and inner hyphens, 1 to "
                        "63 each, with single dots between them",
                        "is not a domain name");
}

static bool
keep_domain(const struct judge *judge, struct text name, enum domain_use use,
            enum entry_kind kind)
{
    char canonical[DOMAIN_TEXT_SIZE];
    struct text domain = domain_parse(name, use, canonical);
    if (domain.size == 0)
        return refuse_name(judge, name);
    warn_of_name(judge, name);
    return judge_keep(judge, kind, domain);
}

static bool
refuse_wildcard(const struct judge *judge, struct text text)
{
    if (text.size > 1)
        return refuse_name(judge, text);
    bool has_all =
        judge->where == PLACE_CLIENTS || judge->where == PLACE_USERS ||
        judge->where == PLACE_SENDERS || judge->where == PLACE_RECIPIENTS;
    if (has_all)
        return judge_suggest(judge, FINDING_ENTRY_WILDCARD, "is not an entry",
                             TEXT("$all"));
    return judge_refuse(judge, FINDING_ENTRY_WILDCARD,
                        "name each one that is meant",
                        "is not an entry: nothing stands for all here");
}

/* ".example.com", "*.example.com", "example.com". */
static bool
parse_name(const struct judge *judge, struct text text, enum domain_use use)
{
    if (text.data[0] == '.')
        return keep_domain(judge, text_from(text, 1), use, ENTRY_BELOW);
    if (text_starts(text, TEXT("*.")))
        return keep_domain(judge, text_from(text, 2), use, ENTRY_BELOW);
    if (text.data[0] == '*')
        return refuse_wildcard(judge, text);
    return keep_domain(judge, text, use, ENTRY_NAME);
}

bool
entry_client(const struct judge *judge, struct text text)
{
    struct range range;
    enum range_problem problem =
        may_be_address(text) ? range_parse(text, &range) : RANGE_NOT_ONE;
    if (problem != RANGE_NOT_ONE)
        return keep_range(judge, problem, range);
    if (text.data[0] == '[' ||
        (may_be_address(text) && looks_like_address(text)))
        return refuse_no_range(judge, text);
    if (text_has(text, '@'))
        return judge_refuse_kind(judge, "a mailbox");
    if (text.data[0] == '<')
        return judge_refuse_kind(judge, "a sender");
    return parse_name(judge, text, DOMAIN_CLIENT_NAME);
}

bool
entry_domain(const struct judge *judge, struct text text)
{
    if (text_has(text, '@'))
        return text.data[0] == '@' && text.size > 1
                   ? judge_suggest(judge, FINDING_NAME_MALFORMED,
                                   "is not a domain name", text_from(text, 1))
                   : judge_refuse_kind(judge, "a mailbox");
    if (text.data[0] == '<')
        return judge_refuse_kind(judge, "a sender");
    if (text.data[0] == '[' || is_range(text))
        return judge_refuse_kind(judge, "an address");
    return parse_name(judge, text, DOMAIN_MAIL);
}

/* -- mailboxes ---------------------------------------------------------- */

static bool
has_domain(struct text mailbox)
{
    char canonical[DOMAIN_TEXT_SIZE];
    size_t at = text_find_last(mailbox, '@');
    struct text domain = text_from(mailbox, at == TEXT_NONE ? at : at + 1);
    return text_starts(domain, TEXT("[")) ||
           domain_parse(domain, DOMAIN_MAIL, canonical).size > 0;
}

static bool
refuse_mailbox(const struct judge *judge, struct text text)
{
    if (text.data[0] == '<')
        return judge_suggest(judge, FINDING_MAILBOX_MALFORMED,
                             "is not a mailbox: leave the brackets out",
                             text_slice(text, 1, text_find_last(text, '>')));
    if (text_has(text, '*'))
        return judge_refuse(judge, FINDING_ENTRY_WILDCARD,
                            "write a local part at any domain as user@, a "
                            "whole domain as example.com, anything else as a "
                            "pattern, as '/info-.*@example\\.com/'",
                            "is not a mailbox: it holds a '*'");
    return judge_refuse(judge, FINDING_MAILBOX_MALFORMED,
                        "write it as user@example.com",
                        has_domain(text) ? "is not a mailbox"
                                         : "is not a mailbox: no domain name "
                                           "stands behind its '@'");
}

static bool
keep_mailbox(const struct judge *judge, struct text text)
{
    struct mailbox mailbox;
    enum mailbox_kind kind =
        text.data[0] == '<' || text_has(text, '*')
            ? MAILBOX_MALFORMED /* legal in RFC 5321, but meant otherwise */
            : mailbox_parse(text, TEXT(""), &mailbox);
    if (kind != MAILBOX_AT_DOMAIN && kind != MAILBOX_AT_LITERAL)
        return refuse_mailbox(judge, text);
    warn_of_name(judge, text_from(text, text_find_last(text, '@') + 1));
    return judge_keep(judge, ENTRY_MAILBOX, mailbox.key);
}

static bool
keep_local_part(const struct judge *judge, struct text local)
{
    char canonical[MAILBOX_TEXT_SIZE];
    if (text_has(local, '*'))
        return refuse_mailbox(judge, local);
    struct text key = mailbox_parse_local(local, canonical);
    if (key.size)
        return judge_keep(judge, ENTRY_LOCAL_PART, key);
    return judge_refuse(judge, FINDING_LOCAL_PART_MALFORMED,
                        "what is not letters, digits, single dots or one of "
                        "!#$%&'*+-/=?^_`{|}~ stands in double quotes",
                        "is not a local part");
}

bool
entry_owner_key(const struct judge *judge, struct text text)
{
    if (text.data[0] == '<')
        return text.size == 2 ? judge_refuse_kind(judge, "the null sender")
                              : refuse_mailbox(judge, text);
    if (text.data[0] == '@' || !text_has(text, '@'))
        return entry_domain(judge, text);
    if (text_ends(text, TEXT("@")))
        return judge_refuse_kind(judge, "a local part at any domain");
    return keep_mailbox(judge, text);
}

bool
entry_recipient(const struct judge *judge, struct text text)
{
    if (text.size > 1 && text_ends(text, TEXT("@")))
        return keep_local_part(judge, text_slice(text, 0, text.size - 1));
    return entry_owner_key(judge, text);
}

bool
entry_sender(const struct judge *judge, struct text text)
{
    if (!text_equal(text, TEXT("<>")))
        return entry_recipient(judge, text);
    return judge_keep(judge, ENTRY_NULL_SENDER, text);
}

bool
entry_local_mailbox(const struct judge *judge, struct text text)
{
    bool quoted = text.data[0] == '"' && text_ends(text, TEXT("\""));
    if (text.data[0] == '*' && text.size == 1)
        return refuse_wildcard(judge, text);
    if (text.data[0] == '<')
        return refuse_mailbox(judge, text);
    if (quoted || !text_has(text, '@'))
        return keep_local_part(judge, text);
    if (text_ends(text, TEXT("@")))
        return judge_suggest(judge, FINDING_LOCAL_PART_MALFORMED,
                             "is a local part at any domain",
                             text_slice(text, 0, text.size - 1));
    return keep_mailbox(judge, text);
}

/* -- identities --------------------------------------------------------- */

/* What the text would be at another place, or NULL; what begins with '$' or
 * '/' has been judged before. */
static const char *
mistaken_kind(struct text text)
{
    switch (text.data[0]) {
    case '.': return "a sub-domain entry";
    case '<': return "a sender";
    case '@': return "a domain";
    default: break;
    }
    if (text_has(text, '*'))
        return "a wildcard";
    if (text_ends(text, TEXT("@")))
        return "a local part at any domain";
    if (is_range(text))
        return "an address";
    struct endpoint endpoint;
    return text_has(text, ':') && endpoint_parse(text, &endpoint) ? "a listener"
                                                                  : NULL;
}

/* The pattern that matches this text alone, quoted for YAML. */
static void
write_as_pattern(struct output *out, struct text text)
{
    output_string(out, "'/");
    for (size_t i = 0; i < text.size && i < QUOTED_MOST; i++) {
        if (text_has(TEXT("\\^$.[]|()?*+{}"), text.data[i]))
            output_byte(out, '\\');
        output_byte(out, text.data[i]);
        if (text.data[i] == '\'')
            output_byte(out, '\'');
    }
    output_string(out, "/'");
}

static bool
refuse_identity(const struct judge *judge, struct text text, const char *kind)
{
    char hint[3 * QUOTED_MOST];
    struct output out = output_to(hint, sizeof hint);
    if (judge->where == PLACE_USERS && text_equal(text, TEXT("*"))) {
        output_string(&out, "did you mean $all?");
    } else if (judge->where == PLACE_USERS) {
        output_string(&out, "if such an identity is meant, write a pattern: ");
        write_as_pattern(&out, text);
    } else {
        output_string(&out, "such an identity can only stand under `users`, "
                            "as a pattern");
    }
    report_add(judge->report, FINDING_IDENTITY_MISTAKEN, judge->place, hint,
               "'%.*s%s' looks like %s, not like an identity",
               QUOTED(judge->whole), kind);
    return false;
}

bool
entry_identity(const struct judge *judge, struct text text)
{
    const char *mistaken = mistaken_kind(text);
    if (mistaken)
        return refuse_identity(judge, text, mistaken);
    char *folded = arena_new(judge->arena, text.size + 1, 1);
    if (!folded)
        return judge_refuse(judge, FINDING_OUT_OF_MEMORY, NULL,
                            "found no memory left");
    text_fold(folded, text);
    judge->entry->kind = ENTRY_IDENTITY;
    judge->entry->text = (struct text){folded, text.size};
    return true;
}

/* -- fingerprints ------------------------------------------------------- */

enum {
    FINGERPRINT_SIZE = 32 /* octets of SHA-256 */
};

/* The octets in hexadecimal, colons between octets or none. */
static size_t
read_octets(struct text text, unsigned char *octets, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i += 2) {
        if (count > 0 && text.data[i] == ':')
            i++;
        if (count == most || i + 1 >= text.size)
            return 0;
        int high = ascii_hex_value(text.data[i]);
        int low = ascii_hex_value(text.data[i + 1]);
        if (high < 0 || low < 0)
            return 0;
        octets[count++] = (unsigned char)(high << 4 | low);
    }
    return count;
}

bool
entry_fingerprint(const struct judge *judge, struct text text)
{
    unsigned char octets[FINGERPRINT_SIZE];
    size_t count = read_octets(text, octets, sizeof octets);
    if (count == FINGERPRINT_SIZE)
        return judge_keep(judge, ENTRY_FINGERPRINT,
                          (struct text){(const char *)octets, count});
    return judge_refuse(judge, FINDING_FINGERPRINT_MALFORMED,
                        count == 20 ? "this is SHA-1; SHA-256 has 64 "
                                      "hexadecimal digits"
                                    : "write its 64 hexadecimal digits, with "
                                      "or without colons",
                        "is not a SHA-256 fingerprint");
}
