#include "mail/domain.h"

#include <idn2.h>
#include <string.h>

enum {
    LABEL_MOST = 63, /* RFC 1035 §2.3.4 */
    /* UTF-8 of a label and of a name: a code point takes at most four octets,
     * and at least one of its A-label. */
    LABEL_SOURCE_MOST = 4 * LABEL_MOST,
    NAME_SOURCE_MOST = 4 * DOMAIN_TEXT_MOST
};

/* The canonical name as it grows. */
struct name {
    char *data;
    size_t size;
    enum domain_use use;
    bool failed; /* memory ran out: nothing is known of the name */
};

/* What may stand in a label, in its lower-case form, by octet; NUL for what may
 * not.  '_' may in the names of clients alone. */
static const char LABEL_BYTES[256] = {
    ['-'] = '-', ['_'] = '_', ['0'] = '0', ['1'] = '1', ['2'] = '2',
    ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7',
    ['8'] = '8', ['9'] = '9', ['A'] = 'a', ['a'] = 'a', ['B'] = 'b',
    ['b'] = 'b', ['C'] = 'c', ['c'] = 'c', ['D'] = 'd', ['d'] = 'd',
    ['E'] = 'e', ['e'] = 'e', ['F'] = 'f', ['f'] = 'f', ['G'] = 'g',
    ['g'] = 'g', ['H'] = 'h', ['h'] = 'h', ['I'] = 'i', ['i'] = 'i',
    ['J'] = 'j', ['j'] = 'j', ['K'] = 'k', ['k'] = 'k', ['L'] = 'l',
    ['l'] = 'l', ['M'] = 'm', ['m'] = 'm', ['N'] = 'n', ['n'] = 'n',
    ['O'] = 'o', ['o'] = 'o', ['P'] = 'p', ['p'] = 'p', ['Q'] = 'q',
    ['q'] = 'q', ['R'] = 'r', ['r'] = 'r', ['S'] = 's', ['s'] = 's',
    ['T'] = 't', ['t'] = 't', ['U'] = 'u', ['u'] = 'u', ['V'] = 'v',
    ['v'] = 'v', ['W'] = 'w', ['w'] = 'w', ['X'] = 'x', ['x'] = 'x',
    ['Y'] = 'y', ['y'] = 'y', ['Z'] = 'z', ['z'] = 'z',
};

/* Leaves the name as it is when it fails. */
static bool
add_ascii(struct name *name, struct text label)
{
    char *end = name->data + name->size;
    char refused = name->use == DOMAIN_MAIL ? '_' : '\0';
    bool fits = true;
    if (label.size == 0 || label.size > LABEL_MOST ||
        label.size > DOMAIN_TEXT_MOST - name->size)
        return false;
    if (label.data[0] == '-' || label.data[label.size - 1] == '-')
        return false;
    for (size_t i = 0; i < label.size; i++) {
        char c = LABEL_BYTES[(unsigned char)label.data[i]];
        fits &= c != '\0' && c != refused;
        end[i] = c;
    }
    if (fits)
        name->size += label.size;
    return fits;
}

/* libidn2 takes some full-width stops for '.', and maps to what is no letter:
 * add_ascii refuses both in what comes back. */
static bool
add_converted(struct name *name, struct text label)
{
    uint8_t source[LABEL_SOURCE_MOST + 1];
    uint8_t *ascii = NULL;
    if (label.size > LABEL_SOURCE_MOST || text_has(label, '\0') ||
        text_is_ascii(label) || !text_is_utf8(label))
        return false;
    memcpy(source, label.data, label.size);
    source[label.size] = 0;
    int flags = IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT;
    int status = idn2_lookup_u8(source, &ascii, flags);
    name->failed = status == IDN2_MALLOC;
    if (status != IDN2_OK)
        return false;
    bool added = add_ascii(name, text_of((const char *)ascii));
    idn2_free(ascii);
    return added;
}

static bool
add_labels(struct name *name, struct text source)
{
    for (;;) {
        size_t dot = text_find(source, '.');
        struct text label = text_slice(source, 0, dot);
        if (!add_ascii(name, label) && !add_converted(name, label))
            return false;
        if (dot == TEXT_NONE)
            return true;
        if (name->size == DOMAIN_TEXT_MOST)
            return false;
        name->data[name->size++] = '.';
        source = text_from(source, dot + 1);
    }
}

/* RFC 5321 §4.1.3: an address stands in brackets. */
static bool
is_four_numbers(struct text name)
{
    unsigned dots = 0;
    if (name.size == 0 || !ascii_is_digit(name.data[name.size - 1]))
        return false; /* nearly all */
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == '.')
            dots++;
        else if (!ascii_is_digit(name.data[i]))
            return false;
    }
    return dots == 3;
}

/* -- nearly every name ----------------------------------------------------- */

/* What an octet is, so chosen that the sum of two neighbours, or of what
 * follows a BAD one, has the bit of BAD just where they may not stand side by
 * side: '-' at an end of a label, an empty label, anything else but letters and
 * digits. */
enum {
    INSIDE = 0,
    HYPHEN = 1,
    DOT = 3,
    BAD = 4
};
static const unsigned char OCTET_KINDS[256] = {
    [0 ... ','] = BAD,   ['-'] = HYPHEN,      ['.'] = DOT,          ['/'] = BAD,
    [':' ... '@'] = BAD, ['[' ... '`'] = BAD, ['{' ... 0xff] = BAD, /* the rest
                                                                       INSIDE */
};

/* Adds a name that is ASCII and too short for a label to be too long; false for
 * others, well-formed or not.  No branch depends on what it reads, as none
 * could be predicted. */
static bool
add_simple(struct name *name, struct text source)
{
    unsigned before = DOT;
    unsigned sums = 0;
    if (source.size > LABEL_MOST)
        return false;
    for (size_t i = 0; i < source.size; i++) {
        unsigned char octet = (unsigned char)source.data[i];
        unsigned kind = OCTET_KINDS[octet];
        name->data[i] = (char)(octet | 0x20); /* lower case, if not BAD */
        sums |= before + kind;
        before = kind;
    }
    sums |= before + DOT;
    if (sums & BAD)
        return false;
    name->size = source.size;
    return true;
}

static bool
write_name(struct name *name, struct text source)
{
    bool added = add_simple(name, source) ||
                 (source.size <= NAME_SOURCE_MOST && add_labels(name, source));
    return added && !is_four_numbers((struct text){name->data, name->size});
}

struct text
domain_parse(struct text name, enum domain_use use, char out[DOMAIN_TEXT_SIZE])
{
    struct name canonical = {out, 0, use, false};
    if (use == DOMAIN_CLIENT_NAME && text_ends(name, TEXT(".")))
        name.size--;
    if (!write_name(&canonical, name))
        canonical.size = 0;
    out[canonical.size] = '\0';
    return (struct text){canonical.failed ? NULL : out, canonical.size};
}

bool
domain_is_below(struct text name, struct text parent)
{
    return parent.size > 0 && name.size > parent.size + 1 &&
           name.data[name.size - parent.size - 1] == '.' &&
           text_ends(name, parent);
}

unsigned
domain_labels(struct text name)
{
    unsigned labels = name.size > 0;
    for (size_t i = 0; i < name.size; i++)
        labels += name.data[i] == '.';
    return labels;
}

/* The alphabets that have letters in common to the eye.  Others (Han, kana,
 * Hangul, Arabic, ...) may stand beside Latin letters without harm. */
enum script {
    SCRIPT_OTHER = 0,
    SCRIPT_LATIN = 1,
    SCRIPT_GREEK = 2,
    SCRIPT_CYRILLIC = 4,
    SCRIPT_ARMENIAN = 8,
    SCRIPT_CHEROKEE = 16
};

static const struct {
    uint32_t first, last;
    enum script script;
} SCRIPTS[] = {
    {'a', 'z', SCRIPT_LATIN},          {0xdf, 0xf6, SCRIPT_LATIN},
    {0xf8, 0x2af, SCRIPT_LATIN},       {0x370, 0x3ff, SCRIPT_GREEK},
    {0x400, 0x52f, SCRIPT_CYRILLIC},   {0x531, 0x58f, SCRIPT_ARMENIAN},
    {0x13a0, 0x13ff, SCRIPT_CHEROKEE}, {0x1c80, 0x1c8f, SCRIPT_CYRILLIC},
    {0x1e00, 0x1eff, SCRIPT_LATIN},    {0x1f00, 0x1fff, SCRIPT_GREEK},
    {0x2de0, 0x2dff, SCRIPT_CYRILLIC}, {0xa640, 0xa69f, SCRIPT_CYRILLIC},
    {0xa720, 0xa7ff, SCRIPT_LATIN},    {0xab70, 0xabbf, SCRIPT_CHEROKEE},
};

/* Cyrillic letters that look like a, c, d, e, h, i, j, l, o, p, q, s, w, x and
 * y: a label of these alone passes for a Latin one. */
static const uint16_t LATIN_TWINS[] = {0x430, 0x441, 0x501, 0x435, 0x4bb,
                                       0x456, 0x458, 0x4cf, 0x43e, 0x440,
                                       0x51b, 0x455, 0x51d, 0x445, 0x443};

static enum script
script_of(uint32_t point)
{
    for (size_t i = 0; i < sizeof SCRIPTS / sizeof SCRIPTS[0]; i++)
        if (point >= SCRIPTS[i].first && point <= SCRIPTS[i].last)
            return SCRIPTS[i].script;
    return SCRIPT_OTHER;
}

static bool
is_latin_twin(uint32_t point)
{
    for (size_t i = 0; i < sizeof LATIN_TWINS / sizeof LATIN_TWINS[0]; i++)
        if (point == LATIN_TWINS[i])
            return true;
    return false;
}

/* What libidn2 decoded: labels that end at '.', the last at 0. */
static bool
ends_label(uint32_t point)
{
    return point == '.' || point == 0;
}

static unsigned
scripts_of(const uint32_t *label)
{
    unsigned scripts = 0;
    for (; !ends_label(*label); label++)
        scripts |= script_of(*label);
    return scripts;
}

static bool
passes_for_latin(const uint32_t *label)
{
    for (; !ends_label(*label); label++)
        if (script_of(*label) != SCRIPT_OTHER && !is_latin_twin(*label))
            return false;
    return true;
}

static const uint32_t *
next_label(const uint32_t *label)
{
    while (!ends_label(*label))
        label++;
    return *label == '.' ? label + 1 : NULL;
}

static bool
ends_cyrillic(const uint32_t *name)
{
    const uint32_t *next;
    while ((next = next_label(name)) != NULL)
        name = next;
    return scripts_of(name) == SCRIPT_CYRILLIC;
}

/* A label of twins is plain writing where the top level is Cyrillic too. */
static bool
has_confusable_label(const uint32_t *name)
{
    bool cyrillic = ends_cyrillic(name);
    do {
        unsigned scripts = scripts_of(name);
        if ((scripts & (scripts - 1)) != 0)
            return true;
        if (scripts == SCRIPT_CYRILLIC && !cyrillic && passes_for_latin(name))
            return true;
        name = next_label(name);
    } while (name);
    return false;
}

bool
domain_is_confusable(struct text name)
{
    char canonical[DOMAIN_TEXT_SIZE];
    uint32_t *decoded = NULL;
    if (domain_parse(name, DOMAIN_CLIENT_NAME, canonical).size == 0)
        return false;
    if (idn2_to_unicode_8z4z(canonical, &decoded, 0) != IDN2_OK)
        return false;
    bool confusable = has_confusable_label(decoded);
    idn2_free(decoded);
    return confusable;
}
