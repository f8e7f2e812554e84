/* Domain names: what is accepted is canonical, and stays what it is. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "mail/domain.h"

static bool
is_canonical_byte(char c, enum domain_use use)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           (c == '_' && use == DOMAIN_CLIENT_NAME);
}

static void
check_label(struct text label, enum domain_use use)
{
    REQUIRE(label.size >= 1 && label.size <= 63);
    REQUIRE(label.data[0] != '-' && label.data[label.size - 1] != '-');
    for (size_t i = 0; i < label.size; i++)
        REQUIRE(is_canonical_byte(label.data[i], use));
}

static void
check_labels(struct text name, enum domain_use use)
{
    struct text rest = name;
    struct text label;
    unsigned count = 0;
    REQUIRE(name.size <= DOMAIN_TEXT_MOST && name.data[name.size] == '\0');
    REQUIRE(name.data[name.size - 1] != '.');
    for (; text_split(&rest, '.', &label); count++)
        check_label(label, use);
    REQUIRE(count == domain_labels(name));
}

static bool
is_four_numbers(struct text name)
{
    return domain_labels(name) == 4 &&
           strspn(name.data, "0123456789.") == name.size;
}

/* The canonical form is one: of itself, and of every way to write it. */
static void
check_canonical(struct text name, enum domain_use use)
{
    char again[DOMAIN_TEXT_SIZE];
    char upper[DOMAIN_TEXT_SIZE];
    REQUIRE(text_equal(domain_parse(name, use, again), name));
    for (size_t i = 0; i < name.size; i++)
        upper[i] = name.data[i] >= 'a' && name.data[i] <= 'z'
                       ? (char)(name.data[i] - 'a' + 'A')
                       : name.data[i];
    struct text shouted = {upper, name.size};
    REQUIRE(text_equal(domain_parse(shouted, use, again), name));
}

static void
check_below(struct text name)
{
    size_t dot = text_find(name, '.');
    REQUIRE(!domain_is_below(name, name));
    if (dot == TEXT_NONE)
        return;
    struct text parent = text_from(name, dot + 1);
    REQUIRE(domain_is_below(name, parent));
    REQUIRE(!domain_is_below(parent, name));
    /* Not at a label boundary, be it by one letter; a parent is never ".b". */
    REQUIRE(parent.size < 2 || parent.data[1] == '.' ||
            !domain_is_below(name, text_from(parent, 1)));
}

static void
check_accepted(struct text name, enum domain_use use)
{
    check_labels(name, use);
    REQUIRE(!is_four_numbers(name));
    check_canonical(name, use);
    check_below(name);
}

/* A name of mail is a client's name too, and the same one. */
static void
check_uses(struct text source, struct text mail, struct text client)
{
    bool may_differ = text_has(client, '_') || text_ends(source, TEXT("."));
    if (mail.size > 0)
        REQUIRE(text_equal(mail, client));
    else
        REQUIRE(client.size == 0 || may_differ);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char as_mail[DOMAIN_TEXT_SIZE], as_client[DOMAIN_TEXT_SIZE];
    struct text source = {(const char *)data, size};
    struct text mail = domain_parse(source, DOMAIN_MAIL, as_mail);
    struct text client = domain_parse(source, DOMAIN_CLIENT_NAME, as_client);
    check_uses(source, mail, client);
    if (mail.size > 0)
        check_accepted(mail, DOMAIN_MAIL);
    if (client.size > 0)
        check_accepted(client, DOMAIN_CLIENT_NAME);
    if (client.size == 0)
        REQUIRE(!domain_is_confusable(source));
    else if (!text_is_ascii(source) || strstr(client.data, "xn--"))
        domain_is_confusable(source);
    return 0;
}
