#include "policy/reader_replies.h"

#include "base/output.h"
#include "policy/nearest.h"
#include "policy/quoted.h"

enum {
    REPLY_TEXT_MOST = 400, /* of 512, so that values find room too */
    HINT_SIZE = 128
};

static const char FORMS[] =
    "a reply is: CODE, CODE ENHANCED, CODE TEXT or CODE ENHANCED TEXT, such "
    "as 550 5.7.1 Unable to relay";

static bool
refuse(struct reader *reader, const struct node *node, enum finding finding,
       const char *hint, const char *problem)
{
    report_add(reader->report, finding, reader_place(reader, node), hint,
               "'%.*s%s': %s", QUOTED(node->scalar), problem);
    return false;
}

static bool
read_code(struct reader *reader, const struct node *node, struct text word,
          enum mayrelay_reason reason, uint16_t *code)
{
    uint32_t number;
    if (word.size != 3 || !text_number(word, 999, &number))
        return refuse(reader, node, FINDING_REPLY_FORM, FORMS,
                      "a reply begins with a code of three digits");
    if (number < 400 || number > 599)
        return refuse(reader, node, FINDING_REPLY_CODE, NULL,
                      "the code of a refusal is 4xx or 5xx");
    if (number == 421 || number == 521)
        return refuse(reader, node, FINDING_REPLY_CODE, NULL,
                      "421 and 521 belong to the connection and cannot be "
                      "set");
    if (number >= 500 && reason_is_temporary(reason))
        return refuse(reader, node, FINDING_REPLY_TEMPORARY,
                      "an error of ours defers, it never bounces: use 451",
                      "this reason takes a 4xx only");
    *code = (uint16_t)number;
    return true;
}

/* Digits and dots, a class in front: an attempt at an enhanced code. */
static bool
looks_enhanced(struct text word)
{
    if (word.size < 2 || !ascii_is_digit(word.data[0]) || word.data[1] != '.')
        return false;
    for (size_t i = 0; i < word.size; i++)
        if (!ascii_is_digit(word.data[i]) && word.data[i] != '.')
            return false;
    return true;
}

/* RFC 3463 §2: one to three digits, without leading zeros. */
static bool
read_part(struct text part, uint32_t *number)
{
    return text_number(part, 999, number) && part.size <= 3 &&
           (part.size == 1 || part.data[0] != '0');
}

/* RFC 3463 §2: class "." subject "." detail. */
static bool
read_enhanced(struct reader *reader, const struct node *node, struct text word,
              struct reply *reply)
{
    struct text part[3] = {{NULL, 0}};
    uint32_t number[3];
    size_t count = 0;
    bool dot_at_end = text_ends(word, TEXT("."));
    while (count < 3 && text_split(&word, '.', &part[count]))
        count++;
    for (size_t i = 0; i < 3; i++)
        if (!read_part(part[i], &number[i]))
            return refuse(reader, node, FINDING_REPLY_ENHANCED,
                          "such as 5.7.1: class, subject, detail, without "
                          "leading zeros",
                          "the enhanced code is malformed");
    if (word.size || dot_at_end)
        return refuse(reader, node, FINDING_REPLY_ENHANCED,
                      "such as 5.7.1: class, subject, detail",
                      "the enhanced code has too many parts");
    if (number[0] != reply->code / 100U)
        return refuse(reader, node, FINDING_REPLY_ENHANCED,
                      "RFC 3463: a 4xx has 4.x.y, a 5xx has 5.x.y",
                      "code and enhanced code are of different classes");
    reply->subject = (uint16_t)number[1];
    reply->detail = (uint16_t)number[2];
    return true;
}

static bool
is_placeholder(struct text name)
{
    static const char *const NAMES[] = {"recipient", "sender", "client",
                                        "identity", "rule"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (text_equal(name, text_of(NAMES[i])))
            return true;
    return false;
}

static bool
check_placeholders(struct reader *reader, const struct node *node,
                   struct text text)
{
    static const char KNOWN[] =
        "known are %{recipient} %{sender} %{client} %{identity} %{rule}";
    for (size_t at; (at = text_find(text, '%')) != TEXT_NONE;) {
        text = text_from(text, at + 1);
        if (!text_starts(text, TEXT("{")))
            continue;
        size_t end = text_find(text, '}');
        if (end == TEXT_NONE)
            return refuse(reader, node, FINDING_REPLY_PLACEHOLDER, KNOWN,
                          "'%{' is never closed");
        if (!is_placeholder(text_slice(text, 1, end)))
            return refuse(reader, node, FINDING_REPLY_PLACEHOLDER, KNOWN,
                          "unknown placeholder");
    }
    return true;
}

static bool
read_reply_text(struct reader *reader, const struct node *node,
                struct text text, struct reply *reply)
{
    if (!text.size)
        return true;
    if (!text_is_ascii(text) || text_has_control(text))
        return refuse(reader, node, FINDING_REPLY_TEXT, NULL,
                      "the text of a reply is printable ASCII on one line");
    if (text.size > REPLY_TEXT_MOST)
        return refuse(reader, node, FINDING_REPLY_TEXT,
                      "a reply line has room for 400 characters of text",
                      "the text is too long");
    if (!check_placeholders(reader, node, text))
        return false;
    reply->text = reader_copy(reader, text);
    return true;
}

static struct text
take_word(struct text *rest)
{
    size_t end = text_find(*rest, ' ');
    struct text word = text_slice(*rest, 0, end);
    *rest = text_trim(text_from(*rest, word.size));
    return word;
}

void
reply_read(struct reader *reader, const struct node *node,
           enum mayrelay_reason reason, struct reply *reply)
{
    struct text rest;
    struct reply read = *reply;
    if (!reader_text(reader, node, "a reply", &rest))
        return;
    rest = text_trim(rest);
    if (!read_code(reader, node, take_word(&rest), reason, &read.code))
        return;
    struct text after = rest;
    struct text word = take_word(&after);
    if (looks_enhanced(word)) {
        if (!read_enhanced(reader, node, word, &read))
            return;
        rest = after;
    }
    if (read_reply_text(reader, node, rest, &read))
        *reply = read;
}

static struct reply
default_reply(enum mayrelay_reason reason)
{
    const struct reason_defaults *defaults = &REASON_DEFAULTS[reason];
    return (struct reply){defaults->code, defaults->subject, defaults->detail,
                          text_of(defaults->text)};
}

static void
report_unknown(struct reader *reader, const struct node *key)
{
    struct nearest nearest = nearest_to(key->scalar);
    for (int i = 0; i < REASON_COUNT; i++)
        if (!reason_accepts((enum mayrelay_reason)i))
            nearest_offer(&nearest, text_of(REASON_DEFAULTS[i].name));
    char hint[HINT_SIZE];
    struct output out = output_to(hint, sizeof hint);
    if (nearest_found(&nearest))
        output_format(&out, "did you mean '%.*s'?", TEXT_ARGS(nearest.best));
    else
        output_string(&out, "reasons are relay-denied, relay-forbidden, "
                            "submit-denied, auth-required, ...");
    report_add(reader->report, FINDING_KEY_UNKNOWN, reader_place(reader, key),
               hint, "there is no reason '%.*s%s'", QUOTED(key->scalar));
}

static void
read_one(struct reader *reader, const struct node *key,
         const struct node *value)
{
    enum mayrelay_reason reason;
    if (!reason_by_name(key->scalar, &reason)) {
        report_unknown(reader, key);
        return;
    }
    if (reason_accepts(reason)) {
        report_add(reader->report, FINDING_REPLY_ACCEPTS,
                   reader_place(reader, key), NULL,
                   "'%.*s%s' accepts, and its reply cannot be set",
                   QUOTED(key->scalar));
        return;
    }
    reply_read(reader, value, reason, &reader->model->replies[reason]);
}

void
replies_read(struct reader *reader, const struct node *node)
{
    for (int i = 0; i < REASON_COUNT; i++)
        reader->model->replies[i] = default_reply((enum mayrelay_reason)i);
    if (!node)
        return;
    if (node->kind != NODE_MAPPING) {
        reader_wrong_type(reader, node, "'replies'",
                          "a mapping (reason: reply)");
        return;
    }
    for (size_t i = 0; i < node->count; i++)
        read_one(reader, node->keys[i], node->items[i]);
}
