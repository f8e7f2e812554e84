#include "dns/message.h"

#include <string.h>

enum {
    HEADER_SIZE = 12,
    LABEL_MOST = 63,
    POINTERS_MOST = 128, /* in a name: more than it can have labels */
    CLASS_IN = 1,
    RCODE_NO_ERROR = 0,
    RCODE_NAME_ERROR = 3,
    FLAG_RESPONSE = 0x8000,
    FLAGS_OPCODE = 0x7800,
    FLAG_TRUNCATED = 0x0200,
    FLAGS_RCODE = 0x000f,
    POINTER = 0xc0, /* both bits: a pointer; either: no label we know */
    SOA_NUMBERS_SIZE = 20
};

struct record {
    struct wire_name owner;
    uint16_t type, class;
    uint32_t ttl;
    size_t data, data_size;
};

/* -- the pieces --------------------------------------------------------- */

static uint16_t
u16_at(const struct message *message, size_t at)
{
    return (uint16_t)(message->data[at] << 8 | message->data[at + 1]);
}

static uint32_t
u32_at(const struct message *message, size_t at)
{
    return (uint32_t)u16_at(message, at) << 16 | u16_at(message, at + 2);
}

static bool
has(const struct message *message, size_t at, size_t size)
{
    return at <= message->size && size <= message->size - at;
}

static bool
add_label(struct wire_name *name, const unsigned char *label)
{
    size_t size = (size_t)label[0] + 1;
    if (size > WIRE_NAME_MOST - name->size)
        return false;
    name->octets[name->size] = label[0];
    for (size_t i = 1; i < size; i++)
        name->octets[name->size + i] =
            (unsigned char)ascii_lower((char)label[i]);
    name->size += size;
    return true;
}

/* Reads the name at `*at` and moves behind it.  Each pointer leads before the
 * place where its part of the name began (RFC 1035 §4.1.4: "a prior
 * occurrence"), so that the way ends; and it ends soon, as pointers that lead
 * to nothing but pointers are not followed for long. */
static bool
read_name(const struct message *message, size_t *at, struct wire_name *name)
{
    size_t here = *at;
    size_t begin = *at;
    unsigned jumps = 0;
    name->size = 0;
    while (has(message, here, 1)) {
        unsigned char size = message->data[here];
        if ((size & POINTER) == POINTER) {
            if (!has(message, here, 2))
                return false;
            if (jumps == 0)
                *at = here + 2;
            size_t target = u16_at(message, here) & 0x3fff;
            if (target >= begin || ++jumps > POINTERS_MOST)
                return false;
            here = begin = target;
            continue;
        }
        if ((size & POINTER) != 0 || !has(message, here, (size_t)size + 1) ||
            !add_label(name, message->data + here))
            return false;
        here += (size_t)size + 1;
        if (size == 0) {
            if (jumps == 0)
                *at = here;
            return true;
        }
    }
    return false;
}

static bool
name_equal(const struct wire_name *a, const struct wire_name *b)
{
    return a->size == b->size && memcmp(a->octets, b->octets, a->size) == 0;
}

/* A host name in canonical form holds nothing that needs an escape. */
static bool
name_of_text(struct text text, struct wire_name *name)
{
    name->size = 0;
    if (text.size == 0 || text.size > WIRE_NAME_MOST - 2)
        return false;
    for (;;) {
        size_t dot = text_find(text, '.');
        struct text label = text_slice(text, 0, dot);
        if (label.size == 0 || label.size > LABEL_MOST)
            return false;
        name->octets[name->size++] = (unsigned char)label.size;
        memcpy(name->octets + name->size, label.data, label.size);
        name->size += label.size;
        if (dot == TEXT_NONE)
            break;
        text = text_from(text, dot + 1);
    }
    name->octets[name->size++] = 0;
    return true;
}

/* Reads the record at `*at` and moves behind it. */
static bool
read_record(const struct message *message, size_t *at, struct record *record)
{
    if (!read_name(message, at, &record->owner) || !has(message, *at, 10))
        return false;
    record->type = u16_at(message, *at);
    record->class = u16_at(message, *at + 2);
    record->ttl = u32_at(message, *at + 4);
    /* RFC 2181 §8: with the first bit set, as if it were zero. */
    if (record->ttl > INT32_MAX)
        record->ttl = 0;
    record->data = *at + 10;
    record->data_size = u16_at(message, *at + 8);
    *at = record->data + record->data_size;
    return has(message, record->data, record->data_size);
}

/* The data of the record is a name, and nothing else. */
static bool
read_data_name(const struct message *message, const struct record *record,
               struct wire_name *name)
{
    size_t at = record->data;
    return read_name(message, &at, name) &&
           at == record->data + record->data_size;
}

static bool
has_good_data(const struct message *message, const struct record *record)
{
    struct wire_name name;
    switch (record->type) {
    case RECORD_A: return record->data_size == 4;
    case RECORD_AAAA: return record->data_size == 16;
    case RECORD_PTR:
    case RECORD_CNAME: return read_data_name(message, record, &name);
    }
    return true;
}

static void
lower_ttl(struct message *message, uint32_t ttl)
{
    if (ttl < message->ttl)
        message->ttl = ttl;
}

/* -- the whole ---------------------------------------------------------- */

/* The next record of the answer section that belongs to the owner; false at
 * the end.  The section has been read once, so that nothing here can fail. */
static bool
next_of_owner(struct message *message, uint16_t type, struct record *record)
{
    while (message->left > 0) {
        message->left--;
        if (!read_record(message, &message->at, record))
            return false;
        if (record->type == type && record->class == CLASS_IN &&
            name_equal(&record->owner, &message->owner))
            return true;
    }
    return false;
}

/* Looks without moving on. */
static bool
first_of_owner(const struct message *message, uint16_t type,
               struct record *record)
{
    struct message copy = *message;
    return next_of_owner(&copy, type, record);
}

/* RFC 2308 §5: the lower of the SOA's own time and its last number. */
static bool
negative_ttl(const struct message *message, const struct record *soa,
             uint32_t *ttl)
{
    size_t at = soa->data;
    struct wire_name name;
    for (int i = 0; i < 2; i++) /* the server, who is responsible */
        if (!read_name(message, &at, &name))
            return false;
    if (at + SOA_NUMBERS_SIZE != soa->data + soa->data_size)
        return false;
    uint32_t minimum = u32_at(message, at + SOA_NUMBERS_SIZE - 4);
    *ttl = minimum < soa->ttl ? minimum : soa->ttl;
    return true;
}

/* What the authority section says of an answer that has no records. */
struct authority {
    bool has_soa, has_ns;
    uint32_t ttl;
};

static bool
read_authority(const struct message *message, size_t at, unsigned count,
               struct authority *authority)
{
    *authority = (struct authority){false, false, 0};
    for (unsigned i = 0; i < count && i < MESSAGE_RECORDS_MOST; i++) {
        struct record record;
        if (!read_record(message, &at, &record))
            return false;
        if (record.type == RECORD_NS)
            authority->has_ns = true;
        if (record.type != RECORD_SOA)
            continue;
        if (!negative_ttl(message, &record, &authority->ttl))
            return false;
        authority->has_soa = true;
    }
    return true;
}

/* The header and the question: FOUND if it is an answer to what was asked. */
static enum mayrelay_dns_result
read_head(struct message *message)
{
    struct wire_name asked;
    message->at = HEADER_SIZE;
    if (!has(message, 0, HEADER_SIZE))
        return MAYRELAY_DNS_MALFORMED;
    uint16_t flags = u16_at(message, 2);
    uint16_t rcode = flags & FLAGS_RCODE;
    if (!(flags & FLAG_RESPONSE) || flags & (FLAGS_OPCODE | FLAG_TRUNCATED) ||
        u16_at(message, 4) != 1 || !read_name(message, &message->at, &asked) ||
        !has(message, message->at, 4) || !name_equal(&asked, &message->owner) ||
        u16_at(message, message->at) != message->type ||
        u16_at(message, message->at + 2) != CLASS_IN)
        return MAYRELAY_DNS_MALFORMED;
    message->at += 4;
    return rcode == RCODE_NO_ERROR || rcode == RCODE_NAME_ERROR
               ? MAYRELAY_DNS_FOUND
               : MAYRELAY_DNS_UNREACHABLE;
}

/* Moves to the authority section; every record on the way must be whole. */
static enum mayrelay_dns_result
read_answers(const struct message *message, size_t *at)
{
    *at = message->at;
    if (message->left > MESSAGE_RECORDS_MOST)
        return MAYRELAY_DNS_TOO_MANY;
    for (unsigned i = 0; i < message->left; i++) {
        struct record record;
        if (!read_record(message, at, &record) ||
            !has_good_data(message, &record))
            return MAYRELAY_DNS_MALFORMED;
    }
    return MAYRELAY_DNS_FOUND;
}

/* Moves the owner to the end of its CNAMEs (RFC 1034 §3.6.2, RFC 2317); false
 * if there are too many, be it because they go in a circle. */
static bool
follow_cnames(struct message *message, unsigned *followed)
{
    struct record record;
    *followed = 0;
    while (!first_of_owner(message, message->type, &record) &&
           first_of_owner(message, RECORD_CNAME, &record)) {
        if (++*followed > MESSAGE_CNAMES_MOST)
            return false;
        lower_ttl(message, record.ttl);
        read_data_name(message, &record, &message->owner);
    }
    return true;
}

/* An answer without records (RFC 2308 §2). */
static enum mayrelay_dns_result
judge_absence(struct message *message, bool no_name, bool followed,
              const struct authority *authority)
{
    lower_ttl(message, authority->ttl);
    if (no_name)
        return MAYRELAY_DNS_NO_NAME;
    /* Without an SOA, a CNAME that leads out of the message was not followed
     * by the server, and one with NS records is a referral (§2.2). */
    if (!authority->has_soa && (followed || authority->has_ns))
        return MAYRELAY_DNS_MALFORMED;
    return MAYRELAY_DNS_NO_DATA;
}

enum mayrelay_dns_result
message_read(struct message *message, const void *data, size_t size,
             struct text name, enum record_type type)
{
    *message = (struct message){.data = data, .size = size, .ttl = UINT32_MAX};
    message->type = (uint16_t)type;
    if (!name_of_text(name, &message->owner))
        return MAYRELAY_DNS_MALFORMED;
    enum mayrelay_dns_result result = read_head(message);
    if (result != MAYRELAY_DNS_FOUND)
        return result;
    struct authority authority;
    size_t behind;
    unsigned followed;
    message->left = u16_at(message, 6);
    result = read_answers(message, &behind);
    if (result != MAYRELAY_DNS_FOUND)
        return result;
    if (!read_authority(message, behind, u16_at(message, 8), &authority) ||
        !follow_cnames(message, &followed))
        return MAYRELAY_DNS_MALFORMED;
    struct record record;
    bool no_name = (u16_at(message, 2) & FLAGS_RCODE) == RCODE_NAME_ERROR;
    if (!first_of_owner(message, message->type, &record))
        return judge_absence(message, no_name, followed > 0, &authority);
    return no_name ? MAYRELAY_DNS_MALFORMED : MAYRELAY_DNS_FOUND;
}

/* -- what was found ----------------------------------------------------- */

static bool
is_host_octet(unsigned char octet)
{
    return ascii_is_alnum((char)octet) || octet == '-' || octet == '_';
}

/* The labels with '.' between them, '?' for what no host name holds: true if
 * there is nothing of that kind, so that the text says it all. */
static bool
write_labels(const struct wire_name *name, struct output *out)
{
    bool good = name->size > 1;
    size_t at = 0;
    while (name->octets[at] != 0) {
        if (at > 0)
            output_byte(out, '.');
        for (size_t i = 0; i < name->octets[at]; i++) {
            unsigned char octet = name->octets[at + 1 + i];
            output_byte(out, is_host_octet(octet) ? (char)octet : '?');
            good &= is_host_octet(octet);
        }
        at += (size_t)name->octets[at] + 1;
    }
    return good;
}

/* An address, or part of one: no top-level domain is a number (RFC 3696 §2). */
static bool
ends_in_number(struct text name)
{
    size_t dot = text_find_last(name, '.');
    struct text last = dot == TEXT_NONE ? name : text_from(name, dot + 1);
    for (size_t i = 0; i < last.size; i++)
        if (!ascii_is_digit(last.data[i]))
            return false;
    return true;
}

bool
message_next_name(struct message *message, char name[DOMAIN_TEXT_SIZE],
                  bool *well_formed)
{
    struct record record;
    struct wire_name target;
    char shown[DOMAIN_TEXT_SIZE];
    if (!next_of_owner(message, RECORD_PTR, &record) ||
        !read_data_name(message, &record, &target))
        return false;
    lower_ttl(message, record.ttl);
    struct output out = output_to(shown, sizeof shown);
    bool good = write_labels(&target, &out);
    struct text written = output_written(&out);
    *well_formed = good && !ends_in_number(written) &&
                   domain_parse(written, DOMAIN_CLIENT_NAME, name).size > 0;
    if (!*well_formed)
        memcpy(name, shown, written.size + 1);
    return true;
}

bool
message_next_address(struct message *message, struct address *address)
{
    struct record record;
    if (!next_of_owner(message, message->type, &record))
        return false;
    lower_ttl(message, record.ttl);
    return address_from_bytes(message->data + record.data, record.data_size,
                              address);
}
