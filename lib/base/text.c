#include "base/text.h"

#include <string.h>

int
ascii_hex_value(char c)
{
    if (ascii_is_digit(c))
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
text_equal_fold(struct text a, struct text b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
            return false;
    return true;
}

int
text_compare(struct text a, struct text b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

bool
text_starts(struct text text, struct text prefix)
{
    return text_equal(text_slice(text, 0, prefix.size), prefix);
}

bool
text_starts_fold(struct text text, struct text prefix)
{
    return text_equal_fold(text_slice(text, 0, prefix.size), prefix);
}

bool
text_ends(struct text text, struct text suffix)
{
    return text.size >= suffix.size &&
           text_equal(text_from(text, text.size - suffix.size), suffix);
}

size_t
text_find_last(struct text text, char byte)
{
    for (size_t i = text.size; i > 0; i--)
        if (text.data[i - 1] == byte)
            return i - 1;
    return TEXT_NONE;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

struct text
text_trim(struct text text)
{
    size_t from = 0;
    size_t to = text.size;
    while (from < to && is_blank(text.data[from]))
        from++;
    while (to > from && is_blank(text.data[to - 1]))
        to--;
    return text_slice(text, from, to);
}

bool
text_split(struct text *rest, char separator, struct text *part)
{
    if (!rest->data)
        return false;
    size_t end = text_find(*rest, separator);
    *part = text_slice(*rest, 0, end);
    if (end == TEXT_NONE) {
        bool any = part->size > 0;
        *rest = (struct text){NULL, 0};
        return any;
    }
    *rest = text_from(*rest, end + 1);
    return true;
}

/* -- eight octets at a time ------------------------------------------------
 *
 * Sums stay within their octet, as the top bits are taken away first.  The last
 * octets of a text are a word too, one that overlaps the word before. */

enum {
    WORD = sizeof(uint64_t)
};
#define EACH_OCTET UINT64_C(0x0101010101010101)
#define TOP_BITS   (0x80 * EACH_OCTET)

static inline uint64_t
word_at(const char *data)
{
    uint64_t word;
    memcpy(&word, data, sizeof word);
    return word;
}

/* Sets bit 5 of the octets that are 'A' to 'Z'. */
static inline uint64_t
fold_word(uint64_t word)
{
    uint64_t low = word & ~TOP_BITS;
    uint64_t from_a = low + (0x80 - 'A') * EACH_OCTET;
    uint64_t past_z = low + (0x80 - ('Z' + 1)) * EACH_OCTET;
    uint64_t upper = from_a & ~past_z & ~word & TOP_BITS;
    return word | upper >> 2;
}

/* The top bit of the octets that are below ' ' or above '~'. */
static inline uint64_t
unprintable_in_word(uint64_t word)
{
    uint64_t low = word & ~TOP_BITS;
    uint64_t printable = low + (0x80 - ' ') * EACH_OCTET;
    uint64_t past = low + (0x80 - 0x7f) * EACH_OCTET;
    return (word | ~printable | past) & TOP_BITS;
}

static inline void
fold_at(char *out, const char *data)
{
    uint64_t word = fold_word(word_at(data));
    memcpy(out, &word, sizeof word);
}

void
text_fold(char *out, struct text text)
{
    if (text.size < WORD) {
        for (size_t i = 0; i < text.size; i++)
            out[i] = ascii_lower(text.data[i]);
        return;
    }
    size_t last = text.size - WORD;
    for (size_t i = 0; i < last; i += WORD)
        fold_at(out + i, text.data + i);
    fold_at(out + last, text.data + last);
}

bool
text_is_printable(struct text text)
{
    if (text.size < WORD) {
        for (size_t i = 0; i < text.size; i++)
            if ((unsigned char)(text.data[i] - ' ') > '~' - ' ')
                return false;
        return true;
    }
    size_t last = text.size - WORD;
    uint64_t bad = unprintable_in_word(word_at(text.data + last));
    for (size_t i = 0; i < last; i += WORD)
        bad |= unprintable_in_word(word_at(text.data + i));
    return bad == 0;
}

bool
text_number(struct text text, uint32_t most, uint32_t *number)
{
    uint64_t value = 0;
    if (text.size == 0 || text.size > 10)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (!ascii_is_digit(text.data[i]))
            return false;
        value = value * 10 + (uint64_t)(text.data[i] - '0');
    }
    if (value > most)
        return false;
    *number = (uint32_t)value;
    return true;
}

bool
text_is_ascii(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] >= 0x80)
            return false;
    return true;
}

bool
text_has_control(struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20 || c == 0x7f)
            return true;
        if (c == 0xc2 && i + 1 < text.size &&
            (unsigned char)text.data[i + 1] < 0xa0)
            return true;
    }
    return false;
}

/* The length of the UTF-8 sequence at `s`, or 0 if it is none
 * (RFC 3629 §4: shortest forms, no surrogates, at most U+10FFFF). */
static size_t
utf8_sequence(const unsigned char *s, size_t left)
{
    if (s[0] < 0x80)
        return 1;
    size_t size = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || size > left)
        return 0;
    unsigned char least = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char most = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
    if (s[1] < least || s[1] > most)
        return 0;
    for (size_t i = 2; i < size; i++)
        if (s[i] < 0x80 || s[i] > 0xbf)
            return 0;
    return size;
}

bool
text_is_utf8(struct text text)
{
    const unsigned char *s = (const unsigned char *)text.data;
    for (size_t i = 0; i < text.size;) {
        size_t size = utf8_sequence(s + i, text.size - i);
        if (size == 0)
            return false;
        i += size;
    }
    return true;
}

uint32_t
text_take_code_point(struct text *rest)
{
    const unsigned char *s = (const unsigned char *)rest->data;
    size_t size = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (size > rest->size || !text_is_utf8(text_slice(*rest, 0, size))) {
        *rest = text_from(*rest, 1);
        return 0xfffd;
    }
    uint32_t code = size == 1 ? s[0] : s[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++)
        code = code << 6 | (s[i] & 0x3f);
    *rest = text_from(*rest, size);
    return code;
}
