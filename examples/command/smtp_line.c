#include "smtp_line.h"

#include <string.h>

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static struct text
from(struct text text, size_t start)
{
    return (struct text){text.data + start, text.size - start};
}

static struct text
without_blanks(struct text text)
{
    while (text.size && is_blank(text.data[0]))
        text = from(text, 1);
    while (text.size && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

struct text
smtp_take_word(struct text *rest)
{
    struct text word = without_blanks(*rest);
    size_t size = 0;
    while (size < word.size && !is_blank(word.data[size]))
        size++;
    *rest = without_blanks(from(word, size));
    return (struct text){word.data, size};
}

static bool
starts_with(struct text text, const char *word)
{
    size_t size = strlen(word);
    if (text.size < size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (lower(text.data[i]) != lower(word[i]))
            return false;
    return true;
}

bool
smtp_is_word(struct text text, const char *word)
{
    return text.size == strlen(word) && starts_with(text, word);
}

/* Where the first unquoted `end` stands, or the text's size. */
static size_t
find_unquoted(struct text text, size_t start, const char *end)
{
    bool quoted = false;
    for (size_t i = start; i < text.size; i++) {
        char c = text.data[i];
        if (c == '"')
            quoted = !quoted;
        else if (quoted && c == '\\')
            i++;
        else if (!quoted && c && strchr(end, c))
            return i;
    }
    return text.size;
}

bool
smtp_take_path(struct text argument, const char *keyword, struct text *path)
{
    if (!starts_with(argument, keyword))
        return false;
    *path = without_blanks(from(argument, strlen(keyword)));
    bool bracketed = path->size && path->data[0] == '<';
    size_t start = bracketed ? find_unquoted(*path, 0, ">") : 0;
    path->size = find_unquoted(*path, start, " \t");
    return true;
}

static int
base64_value(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* RFC 4648 §4; padding may be missing, as testers forget it. */
static bool
decode_base64(struct text text, struct page *room)
{
    while (text.size && text.data[text.size - 1] == '=')
        text.size--;
    while (!page_holds(room, text.size))
        continue;
    room->size = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < text.size; i++) {
        int value = base64_value(text.data[i]);
        if (value < 0)
            return false;
        bits = (bits << 6 | (unsigned)value) & 0xffff;
        if (i % 4)
            room->data[room->size++] = (char)(bits >> (6 - 2 * (i % 4)));
    }
    return true;
}

/* RFC 4616: [authzid] NUL authcid NUL passwd. */
static bool
take_plain_identity(struct text message, struct text *identity)
{
    const char *first = memchr(message.data, '\0', message.size);
    if (!first)
        return false;
    struct text acts_as = {message.data, (size_t)(first - message.data)};
    struct text rest = from(message, acts_as.size + 1);
    const char *second = memchr(rest.data, '\0', rest.size);
    if (!second)
        return false;
    struct text authenticates_as = {rest.data, (size_t)(second - rest.data)};
    *identity = acts_as.size ? acts_as : authenticates_as;
    return true;
}

struct text
smtp_auth_identity(struct text argument, struct page *room)
{
    struct text mechanism = smtp_take_word(&argument);
    struct text identity;
    if (!argument.size)
        return (struct text){0};
    if (smtp_is_word(mechanism, "PLAIN") && decode_base64(argument, room) &&
        take_plain_identity((struct text){room->data, room->size}, &identity))
        return identity;
    return argument;
}
