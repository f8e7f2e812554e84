#include "image/provenance.h"

#include <string.h>
#include <xxhash.h>

#include "image/format.h"

/* The head byte of an item: its kind below, the lines since the last item
 * above; LINES_MORE says that they follow as a number.  FILE_SWITCH stands for
 * an item that only changes the file. */
enum {
    KIND_BITS = 4,
    FILE_SWITCH = 15,
    LINES_MORE = 15,
    HASH_SIZE = 6
};
/* The first byte of a range: an IPv4 prefix length, or ... */
enum {
    FORM_IPV4_RANGE = 33,
    FORM_IPV6_PREFIX = 34,
    FORM_IPV6_RANGE = 163
};

uint64_t
provenance_hash(struct text text)
{
    return XXH3_64bits(text.data, text.size) >> (64 - 8 * HASH_SIZE);
}

struct text
endpoint_key(struct endpoint endpoint, char *out)
{
    memset(out, 0, ENDPOINT_KEY_SIZE);
    out[0] = (char)endpoint.address.family;
    memcpy(out + 1, &endpoint.address.high, 8);
    memcpy(out + 9, &endpoint.address.low, 8);
    memcpy(out + 17, &endpoint.port, 2);
    return (struct text){out, ENDPOINT_KEY_SIZE};
}

/* -- writing ------------------------------------------------------------ */

static void
write_byte(struct buffer *out, unsigned byte)
{
    unsigned char value = (unsigned char)byte;
    buffer_add(out, &value, 1);
}

static void
write_number(struct buffer *out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        write_byte(out, (unsigned)(number & 0x7f) | 0x80);
    write_byte(out, (unsigned)number);
}

static void
write_bytes(struct buffer *out, uint64_t value, size_t size)
{
    unsigned char bytes[sizeof value];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
    buffer_add(out, bytes, size);
}

static void
write_address(struct buffer *out, struct address address)
{
    if (address.family == ADDRESS_IPV4) {
        write_bytes(out, address.low, 4);
        return;
    }
    write_bytes(out, address.high, 8);
    write_bytes(out, address.low, 8);
}

/* The prefix length if the range is a network, else -1. */
static int
prefix_length(struct range range)
{
    unsigned bits = range.first.family == ADDRESS_IPV4 ? 32 : 128;
    unsigned host = range_size_log2(range);
    uint64_t low = host >= 64 ? UINT64_MAX : (UINT64_C(1) << host) - 1;
    uint64_t high = host <= 64    ? 0
                    : host == 128 ? UINT64_MAX
                                  : (UINT64_C(1) << (host - 64)) - 1;
    struct address first = range.first;
    struct address last = range.first;
    first.low &= ~low;
    first.high &= ~high;
    last.low |= low;
    last.high |= high;
    return range_equal(range, (struct range){first, last}) ? (int)(bits - host)
                                                           : -1;
}

static void
write_range(struct buffer *out, struct range range)
{
    bool ipv4 = range.first.family == ADDRESS_IPV4;
    int length = prefix_length(range);
    if (length >= 0)
        write_byte(out, (unsigned)length + (ipv4 ? 0 : FORM_IPV6_PREFIX));
    else
        write_byte(out, ipv4 ? FORM_IPV4_RANGE : FORM_IPV6_RANGE);
    write_address(out, range.first);
    if (length < 0)
        write_address(out, range.last);
}

static uint64_t
entry_hash(const struct entry *entry)
{
    if (entry->kind == ENTRY_ENDPOINT) {
        char key[ENDPOINT_KEY_SIZE];
        return provenance_hash(endpoint_key(entry->endpoint, key));
    }
    return provenance_hash(entry->text);
}

/* Signed differences as small unsigned numbers: 0, -1, 1, -2, ... */
static uint64_t
zigzag(int64_t value)
{
    return value < 0 ? (uint64_t)(-(value + 1)) * 2 + 1 : (uint64_t)value * 2;
}

void
provenance_write(struct buffer *out, const struct entry *entries, size_t count)
{
    uint32_t file = 0;
    uint32_t line = 0;
    for (size_t i = 0; i < count; i++) {
        const struct entry *entry = &entries[i];
        if (entry->source.file != file) {
            file = entry->source.file;
            line = 0;
            write_byte(out, FILE_SWITCH);
            write_number(out, file);
        }
        int64_t lines = (int64_t)entry->source.line - (int64_t)line;
        bool few = lines >= 0 && lines < LINES_MORE;
        write_byte(out, (unsigned)entry->kind |
                            (few ? (unsigned)lines : LINES_MORE) << KIND_BITS);
        if (!few)
            write_number(out, zigzag(lines));
        line = entry->source.line;
        if (entry->kind == ENTRY_RANGE)
            write_range(out, entry->range);
        else
            write_bytes(out, entry_hash(entry), HASH_SIZE);
    }
}

/* -- reading ------------------------------------------------------------ */

struct provenance
provenance_of(const void *data, size_t size)
{
    const unsigned char *at = data;
    return (struct provenance){at, size ? at + size : at, 0, 0};
}

static bool
read_bytes(struct provenance *stream, size_t size, uint64_t *value)
{
    *value = 0;
    if ((size_t)(stream->end - stream->at) < size)
        return false;
    for (size_t i = 0; i < size; i++)
        *value |= (uint64_t)stream->at[i] << (8 * i);
    stream->at += size;
    return true;
}

static bool
read_number(struct provenance *stream, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        uint64_t byte;
        if (!read_bytes(stream, 1, &byte))
            return false;
        *number |= (byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool
read_address(struct provenance *stream, enum address_family family,
             struct address *address)
{
    *address = (struct address){family, 0, 0};
    if (family == ADDRESS_IPV4)
        return read_bytes(stream, 4, &address->low);
    return read_bytes(stream, 8, &address->high) &&
           read_bytes(stream, 8, &address->low);
}

/* A prefix longer than an address says that both ends stand there. */
static bool
read_ends(struct provenance *stream, enum address_family family,
          unsigned prefix, struct range *range)
{
    unsigned bits = family == ADDRESS_IPV4 ? 32 : 128;
    if (!read_address(stream, family, &range->first))
        return false;
    if (prefix > bits)
        return read_address(stream, family, &range->last);
    range->last = network_last(range->first, bits - prefix);
    return true;
}

static bool
read_range(struct provenance *stream, struct range *range)
{
    uint64_t form;
    if (!read_bytes(stream, 1, &form) || form > FORM_IPV6_RANGE)
        return false;
    if (form <= FORM_IPV4_RANGE)
        return read_ends(stream, ADDRESS_IPV4, (unsigned)form, range);
    return read_ends(stream, ADDRESS_IPV6, (unsigned)form - FORM_IPV6_PREFIX,
                     range);
}

static bool
read_head(struct provenance *stream, unsigned *kind, int64_t *lines)
{
    uint64_t head;
    uint64_t number = 0;
    if (!read_bytes(stream, 1, &head))
        return false;
    *kind = (unsigned)head & ((1u << KIND_BITS) - 1);
    if (*kind != FILE_SWITCH && head >> KIND_BITS != LINES_MORE) {
        *lines = (int64_t)(head >> KIND_BITS);
        return true;
    }
    if (!read_number(stream, &number) || number > UINT32_MAX * UINT64_C(2) + 1)
        return false;
    *lines = *kind == FILE_SWITCH ? (int64_t)number
             : number & 1         ? -(int64_t)(number / 2) - 1
                                  : (int64_t)(number / 2);
    return true;
}

struct provenance
provenance_of_list(const struct image *image, uint32_t number)
{
    const struct image_list *list = image_list(image, number);
    struct text bytes = image_section(image, SECTION_ENTRIES);
    if (!list || list->entries > bytes.size ||
        list->entries_size > bytes.size - list->entries)
        return provenance_of(NULL, 0);
    return provenance_of(bytes.data + list->entries,
                         (size_t)list->entries_size);
}

bool
provenance_next(struct provenance *stream, struct provenance_item *item)
{
    unsigned kind;
    int64_t lines;
    *item = (struct provenance_item){0};
    if (!read_head(stream, &kind, &lines))
        return false;
    while (kind == FILE_SWITCH) {
        stream->file = (uint32_t)lines;
        stream->line = 0;
        if (!read_head(stream, &kind, &lines))
            return false;
    }
    if (kind > ENTRY_FINGERPRINT)
        return false;
    stream->line = (uint32_t)((int64_t)stream->line + lines);
    item->kind = (enum entry_kind)kind;
    item->file = stream->file;
    item->line = stream->line;
    if (item->kind == ENTRY_RANGE)
        return read_range(stream, &item->range);
    return read_bytes(stream, HASH_SIZE, &item->hash);
}
