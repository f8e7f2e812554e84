#include "net/address.h"

enum {
    IPV6_GROUPS = 8,
    /* RFC 4291 §2.2: eight groups of four digits, the last two as IPv4. */
    IPV6_TEXT_MOST = 45,
    ZONE_MOST = 64
};

/* The groups read so far; `gap` is the place of "::", NO_GAP without one. */
struct groups {
    uint16_t value[IPV6_GROUPS];
    unsigned count, gap;
};

enum {
    NO_GAP = IPV6_GROUPS + 1
};

static const uint64_t IPV4_LAST = UINT32_MAX;

struct address
address_ipv4(uint32_t value)
{
    return (struct address){ADDRESS_IPV4, 0, value};
}

static struct address
address_ipv6(uint64_t high, uint64_t low)
{
    /* RFC 4291 §2.5.5.2: ::ffff:0:0/96 is IPv4 in disguise. */
    if (high == 0 && low >> 32 == 0xffff)
        return address_ipv4((uint32_t)low);
    return (struct address){ADDRESS_IPV6, high, low};
}

/* Reads 0 to 255 without a leading zero, and moves `at` behind it. */
static bool
read_octet(struct text text, size_t *at, uint32_t *octet)
{
    size_t start = *at;
    uint32_t value = 0;
    while (*at < text.size && *at < start + 3) {
        unsigned digit = (unsigned char)text.data[*at] - (unsigned)'0';
        if (digit > 9)
            break;
        value = value * 10 + digit;
        ++*at;
    }
    size_t digits = *at - start;
    *octet = value;
    return digits > 0 && value <= 255 &&
           (digits == 1 || text.data[start] != '0');
}

static bool
read_ipv4(struct text text, uint32_t *value)
{
    size_t at = 0;
    uint32_t all = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint32_t octet;
        if (i > 0 && (at == text.size || text.data[at++] != '.'))
            return false;
        if (!read_octet(text, &at, &octet))
            return false;
        all = all << 8 | octet;
    }
    *value = all;
    return at == text.size;
}

static unsigned
hex_value(char c)
{
    unsigned digit = (unsigned char)c - (unsigned)'0';
    if (digit <= 9)
        return digit;
    unsigned letter = ((unsigned char)c | 0x20u) - (unsigned)'a';
    return letter <= 5 ? letter + 10 : 16;
}

/* Reads one to four hexadecimal digits, and moves `at` behind them. */
static bool
read_group(struct text text, size_t *at, uint16_t *group)
{
    size_t start = *at;
    unsigned value = 0;
    while (*at < text.size && *at < start + 4) {
        unsigned digit = hex_value(text.data[*at]);
        if (digit > 15)
            break;
        value = value << 4 | digit;
        ++*at;
    }
    *group = (uint16_t)value;
    return *at > start;
}

/* The last two groups as a dotted quad. */
static bool
read_ipv4_tail(struct text tail, struct groups *groups)
{
    uint32_t value;
    if (groups->count > IPV6_GROUPS - 2 || !read_ipv4(tail, &value))
        return false;
    groups->value[groups->count++] = (uint16_t)(value >> 16);
    groups->value[groups->count++] = (uint16_t)value;
    return true;
}

/* Moves `at` over what separates two groups: ":", or once "::". */
static bool
read_separator(struct text text, size_t *at, struct groups *groups)
{
    if (text.data[(*at)++] != ':' || *at == text.size)
        return false;
    if (text.data[*at] != ':')
        return true;
    if (groups->gap != NO_GAP)
        return false;
    groups->gap = groups->count;
    ++*at;
    return true;
}

static bool
read_groups(struct text text, struct groups *groups)
{
    size_t at = 0;
    if (text_starts(text, TEXT("::"))) {
        groups->gap = 0;
        at = 2;
    }
    while (at < text.size) {
        size_t start = at;
        uint16_t group;
        if (groups->count == IPV6_GROUPS || !read_group(text, &at, &group))
            return false;
        if (at < text.size && text.data[at] == '.')
            return read_ipv4_tail(text_from(text, start), groups);
        groups->value[groups->count++] = group;
        if (at < text.size && !read_separator(text, &at, groups))
            return false;
    }
    return true;
}

/* "::" stands for at least one group (RFC 4291 §2.2). */
static bool
is_complete(const struct groups *groups)
{
    return groups->gap == NO_GAP ? groups->count == IPV6_GROUPS
                                 : groups->count < IPV6_GROUPS;
}

static struct address
join_groups(const struct groups *groups)
{
    uint64_t half[2] = {0, 0};
    unsigned missing = IPV6_GROUPS - groups->count;
    for (unsigned i = 0; i < groups->count; i++) {
        unsigned place = i < groups->gap ? i : i + missing;
        half[place / 4] |= (uint64_t)groups->value[i] << (48 - place % 4 * 16);
    }
    return address_ipv6(half[0], half[1]);
}

static bool
is_zone(struct text zone)
{
    if (zone.size == 0 || zone.size > ZONE_MOST)
        return false;
    for (size_t i = 0; i < zone.size; i++)
        if (!ascii_is_alnum(zone.data[i]) &&
            !text_has(TEXT("-_.@"), zone.data[i]))
            return false;
    return true;
}

static bool
drop_zone(struct text *text)
{
    size_t percent = text_find(*text, '%');
    if (percent == TEXT_NONE)
        return true;
    struct text zone = text_from(*text, percent + 1);
    *text = text_slice(*text, 0, percent);
    return is_zone(zone);
}

static bool
read_ipv6(struct text text, struct address *address)
{
    struct groups groups = {.gap = NO_GAP};
    if (!drop_zone(&text) || text.size > IPV6_TEXT_MOST ||
        !read_groups(text, &groups) || !is_complete(&groups))
        return false;
    *address = join_groups(&groups);
    return true;
}

bool
address_parse(struct text text, struct address *address)
{
    uint32_t value;
    if (text_has(text, ':'))
        return read_ipv6(text, address);
    if (!read_ipv4(text, &value))
        return false;
    *address = address_ipv4(value);
    return true;
}

static uint64_t
big_endian(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

bool
address_from_bytes(const void *bytes, size_t size, struct address *address)
{
    const unsigned char *octets = bytes;
    if (size == 4)
        *address = address_ipv4((uint32_t)big_endian(octets, 4));
    else if (size == 16)
        *address =
            address_ipv6(big_endian(octets, 8), big_endian(octets + 8, 8));
    else
        return false;
    return true;
}

static void
write_ipv4(struct output *out, uint64_t value)
{
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        output_number(out, value >> (shift - 8) & 0xff);
        if (shift > 8)
            output_byte(out, '.');
    }
}

static unsigned
group_at(struct address address, unsigned place)
{
    uint64_t half = place < 4 ? address.high : address.low;
    return (unsigned)(half >> (48 - place % 4 * 16) & 0xffff);
}

/* The first of the longest runs of zero groups; none below two groups
 * (RFC 5952 §4.2). */
static void
find_zeros(struct address address, unsigned *start, unsigned *length)
{
    unsigned run = 0;
    *start = IPV6_GROUPS;
    *length = 1;
    for (unsigned i = 0; i < IPV6_GROUPS; i++) {
        run = group_at(address, i) == 0 ? run + 1 : 0;
        if (run > *length) {
            *length = run;
            *start = i + 1 - run;
        }
    }
}

static void
write_hex(struct output *out, unsigned group)
{
    unsigned shift = 12;
    while (shift > 0 && group >> shift == 0)
        shift -= 4;
    for (;; shift -= 4) {
        output_byte(out, "0123456789abcdef"[group >> shift & 0xf]);
        if (shift == 0)
            return;
    }
}

static void
write_ipv6(struct output *out, struct address address)
{
    unsigned start, length;
    find_zeros(address, &start, &length);
    for (unsigned i = 0; i < IPV6_GROUPS; i++) {
        if (i == start) {
            output_string(out, "::");
            i += length - 1;
            continue;
        }
        if (i > 0 && i != start + length)
            output_byte(out, ':');
        write_hex(out, group_at(address, i));
    }
}

void
address_write(struct output *out, struct address address)
{
    if (address.family == ADDRESS_IPV4)
        write_ipv4(out, address.low);
    if (address.family == ADDRESS_IPV6)
        write_ipv6(out, address);
}

int
address_compare(struct address a, struct address b)
{
    if (a.family != b.family)
        return a.family < b.family ? -1 : 1;
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

bool
address_equal(struct address a, struct address b)
{
    return a.family == b.family && a.high == b.high && a.low == b.low;
}

bool
address_next(struct address address, struct address *next)
{
    bool ipv4 = address.family == ADDRESS_IPV4;
    if (address.low == (ipv4 ? IPV4_LAST : UINT64_MAX) &&
        (ipv4 || address.high == UINT64_MAX))
        return false;
    *next = address;
    if (++next->low == 0)
        next->high++;
    return true;
}

bool
address_previous(struct address address, struct address *previous)
{
    if (address.low == 0 && address.high == 0)
        return false;
    *previous = address;
    if (previous->low-- == 0)
        previous->high--;
    return true;
}
