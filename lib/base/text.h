/* Text as pointer and length.
 *
 * Every text inside the library is a `struct text`: it need not end in NUL and
 * may hold one.  Nothing here looks at the locale; only ASCII letters fold. */
#ifndef MAYRELAY_BASE_TEXT_H
#define MAYRELAY_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *data;
    size_t size;
};

/* A string literal as text. */
#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})
/* For printf's "%.*s". */
#define TEXT_ARGS(text) (int)(text).size, (text).data

/* What the find functions return when there is nothing to find. */
#define TEXT_NONE SIZE_MAX

/* Equal when ASCII letters are folded. */
bool text_equal_fold(struct text a, struct text b);
/* Byte order, the shorter first: <0, 0, >0. */
int text_compare(struct text a, struct text b);
bool text_starts(struct text text, struct text prefix);
bool text_starts_fold(struct text text, struct text prefix);
bool text_ends(struct text text, struct text suffix);

/* The last place of a byte, or TEXT_NONE; text_find is below. */
size_t text_find_last(struct text text, char byte);

/* Without blanks and tabs (and CR) at both ends. */
struct text text_trim(struct text text);
/* Takes the part before the next `separator` off the front of `rest`; false
 * once nothing is left.  "a,,b" yields "a", "", "b"; "" yields nothing. */
bool text_split(struct text *rest, char separator, struct text *part);

/* Writes `text` with ASCII letters folded; `out` has room for text.size, and is
 * the text itself or apart from it. */
void text_fold(char *out, struct text text);
/* Reads a decimal number of 1 to 10 digits, no sign, at most `most`. */
bool text_number(struct text text, uint32_t most, uint32_t *number);

bool text_is_ascii(struct text text);
/* Nothing but ' ' to '~'. */
bool text_is_printable(struct text text);
/* Holds a control character (C0, DEL; C1 in its UTF-8 form). */
bool text_has_control(struct text text);
/* Valid UTF-8: shortest forms, no surrogates, nothing above U+10FFFF. */
bool text_is_utf8(struct text text);
/* Takes the code point off the front of `rest`, which is not empty; an octet
 * that is not UTF-8 is U+FFFD. */
uint32_t text_take_code_point(struct text *rest);

/* The value of a hexadecimal digit, or -1. */
int ascii_hex_value(char c);

/* -- what every look at a text needs, in place ----------------------------- */

/* A NUL-terminated string as text; NULL is the empty text. */
static inline struct text
text_of(const char *string)
{
    return (struct text){string ? string : "", string ? strlen(string) : 0};
}

/* The first place of a byte, or TEXT_NONE. */
static inline size_t
text_find(struct text text, char byte)
{
    const char *found =
        text.size ? (const char *)memchr(text.data, byte, text.size) : NULL;
    return found ? (size_t)(found - text.data) : TEXT_NONE;
}

static inline bool
text_has(struct text text, char byte)
{
    return text_find(text, byte) != TEXT_NONE;
}

static inline char
ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline bool
ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool
ascii_is_alpha(char c)
{
    c = ascii_lower(c);
    return c >= 'a' && c <= 'z';
}

static inline bool
ascii_is_alnum(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c);
}

static inline bool
text_equal(struct text a, struct text b)
{
    return a.size == b.size &&
           (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* The bytes from `from` up to, not including, `to`; clamped to the text. */
static inline struct text
text_slice(struct text text, size_t from, size_t to)
{
    if (to > text.size)
        to = text.size;
    if (from > to)
        from = to;
    /* NULL, of an empty text, has nothing added to it. */
    return (struct text){from ? text.data + from : text.data, to - from};
}

static inline struct text
text_from(struct text text, size_t from)
{
    return text_slice(text, from, text.size);
}

#endif
