/* Mailboxes and paths: what is accepted has one canonical form, from which
 * nothing else can be read, and no trick gets past "carries routing".
 *
 * The first octet: bit 0, whether there is a default domain. */
#include <string.h>

#include "fuzz.h"
#include "mail/mailbox.h"

static bool
lies_within(struct text inner, struct text outer)
{
    return inner.data >= outer.data &&
           inner.data + inner.size <= outer.data + outer.size;
}

static void
check_texts(const struct mailbox *mailbox)
{
    char folded[MAILBOX_TEXT_SIZE];
    REQUIRE(mailbox->whole.size < MAILBOX_TEXT_SIZE);
    REQUIRE(mailbox->whole.data[mailbox->whole.size] == '\0');
    REQUIRE(text_is_utf8(mailbox->whole));
    REQUIRE(!text_has_control(mailbox->whole));
    REQUIRE(lies_within(mailbox->local, mailbox->whole));
    REQUIRE(lies_within(mailbox->domain, mailbox->whole));
    REQUIRE(lies_within(mailbox->local_key, mailbox->key));
    REQUIRE(mailbox->local.size == mailbox->local_key.size);
    text_fold(folded, mailbox->whole);
    REQUIRE(
        text_equal(mailbox->key, (struct text){folded, mailbox->whole.size}));
}

/* The same text, with or without brackets, is the same mailbox. */
static void
check_reading(const struct mailbox *mailbox, struct text text,
              struct text default_domain)
{
    struct mailbox again;
    if (text.size > MAILBOX_ARGUMENT_MOST)
        return; /* A-labels made it longer than any argument may be */
    REQUIRE(mailbox_parse(text, default_domain, &again) == mailbox->kind);
    REQUIRE(text_equal(again.whole, mailbox->whole));
    REQUIRE(text_equal(again.local, mailbox->local));
    REQUIRE(again.carries_routing == mailbox->carries_routing);
    REQUIRE(address_equal(again.literal, mailbox->literal));
}

static void
check_canonical(const struct mailbox *mailbox, struct text default_domain)
{
    char bracketed[MAILBOX_TEXT_SIZE + 2];
    struct text whole = mailbox->whole;
    check_reading(mailbox, whole, default_domain);
    if (mailbox->kind == MAILBOX_NULL)
        return;
    bracketed[0] = '<';
    memcpy(bracketed + 1, whole.data, whole.size);
    bracketed[whole.size + 1] = '>';
    check_reading(mailbox, (struct text){bracketed, whole.size + 2},
                  default_domain);
}

static void
check_local(const struct mailbox *mailbox)
{
    char local[MAILBOX_TEXT_SIZE];
    struct text text = mailbox->local;
    size_t first = text.size > 0 && text.data[0] == '"';
    REQUIRE(text.size > first);
    REQUIRE(text.data[first] != '|' && text.data[first] != '/');
    if (text_has(text, '%') || text_has(text, '!') || text_has(text, '@') ||
        text_starts_fold(text_from(text, first), TEXT("imcea-")))
        REQUIRE(mailbox->carries_routing);
    if (mailbox->carries_routing)
        REQUIRE(text_has(text, '%') || text_has(text, '!') ||
                text_has(text, '@') ||
                text_starts_fold(text_from(text, first), TEXT("imcea")));
    REQUIRE(text_equal(mailbox_parse_local(text, local), mailbox->local_key));
}

static void
check_domain(const struct mailbox *mailbox)
{
    char domain[DOMAIN_TEXT_SIZE];
    size_t at = mailbox->local.size;
    REQUIRE(mailbox->whole.data[at] == '@');
    REQUIRE(text_equal(text_from(mailbox->whole, at + 1), mailbox->domain));
    if (mailbox->kind == MAILBOX_AT_DOMAIN) {
        REQUIRE(text_equal(domain_parse(mailbox->domain, DOMAIN_MAIL, domain),
                           mailbox->domain));
        return;
    }
    REQUIRE(mailbox->literal.family != ADDRESS_NONE);
    REQUIRE(mailbox->domain.data[0] == '[');
    REQUIRE(text_ends(mailbox->domain, TEXT("]")));
}

static void
check_other_domain(struct mailbox *mailbox)
{
    struct text other = TEXT("other.example");
    struct text local = mailbox->local;
    bool routing = mailbox->carries_routing;
    REQUIRE(mailbox_set_domain(mailbox, other));
    REQUIRE(text_equal(mailbox->domain, other));
    REQUIRE(text_equal(mailbox->local, local));
    REQUIRE(mailbox->carries_routing == routing);
    check_texts(mailbox);
    check_canonical(mailbox, TEXT(""));
}

static void
check_kind(struct mailbox *mailbox, struct text argument,
           struct text default_domain)
{
    switch (mailbox->kind) {
    case MAILBOX_MALFORMED:
    case MAILBOX_FAILED: REQUIRE(mailbox->whole.size == 0); return;
    case MAILBOX_NULL:
        REQUIRE(argument.size == 0 || text_equal(argument, TEXT("<>")));
        break;
    case MAILBOX_POSTMASTER:
        REQUIRE(text_equal(mailbox->key, TEXT("postmaster")));
        break;
    case MAILBOX_AT_DOMAIN:
    case MAILBOX_AT_LITERAL:
        check_local(mailbox);
        check_domain(mailbox);
        break;
    }
    REQUIRE(argument.size <= MAILBOX_ARGUMENT_MOST);
    REQUIRE(text_is_utf8(argument) && !text_has_control(argument));
    check_canonical(mailbox, default_domain);
    if (mailbox->kind == MAILBOX_AT_DOMAIN)
        check_other_domain(mailbox);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mailbox mailbox;
    struct input input = {data, size};
    bool defaulted = input_byte(&input) & 1;
    struct text default_domain = defaulted ? TEXT("example.com") : TEXT("");
    struct text argument = {(const char *)input.data, input.size};
    mailbox_parse(argument, default_domain, &mailbox);
    check_texts(&mailbox);
    check_kind(&mailbox, argument, default_domain);
    return 0;
}
