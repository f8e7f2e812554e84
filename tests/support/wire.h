/* DNS messages as servers write them, or as they should not. */
#ifndef TESTS_WIRE_H
#define TESTS_WIRE_H

#include <string.h>

#include "base/text.h"

struct wire {
    unsigned char data[1 << 16];
    size_t size;
};

/* Where the header counts the records of each section. */
enum section {
    WIRE_ANSWER = 6,
    WIRE_AUTHORITY = 8
};

static inline void
wire_u16(struct wire *wire, unsigned value)
{
    wire->data[wire->size++] = (unsigned char)(value >> 8);
    wire->data[wire->size++] = (unsigned char)value;
}

static inline void
wire_bytes(struct wire *wire, const void *bytes, size_t size)
{
    memcpy(wire->data + wire->size, bytes, size);
    wire->size += size;
}

/* "a.b" without escapes; "" is the root. */
static inline void
wire_name(struct wire *wire, const char *name)
{
    struct text rest = text_of(name);
    struct text label;
    while (text_split(&rest, '.', &label)) {
        wire->data[wire->size++] = (unsigned char)label.size;
        wire_bytes(wire, label.data, label.size);
    }
    wire->data[wire->size++] = 0;
}

/* An answer without records to a question for `name`. */
static inline void
wire_begin(struct wire *wire, const char *name, unsigned type, unsigned flags)
{
    wire->size = 0;
    wire_u16(wire, 0x1234);
    wire_u16(wire, flags);
    wire_u16(wire, 1);
    wire_bytes(wire, "\0\0\0\0\0\0", 6);
    wire_name(wire, name);
    wire_u16(wire, type);
    wire_u16(wire, 1);
}

static inline void
wire_record(struct wire *wire, enum section section, const char *owner,
            unsigned type, uint32_t ttl, const void *data, size_t size)
{
    unsigned char *count = wire->data + section;
    unsigned records = ((unsigned)count[0] << 8 | count[1]) + 1;
    count[0] = (unsigned char)(records >> 8);
    count[1] = (unsigned char)records;
    wire_name(wire, owner);
    wire_u16(wire, type);
    wire_u16(wire, 1);
    wire_u16(wire, ttl >> 16);
    wire_u16(wire, ttl & 0xffff);
    wire_u16(wire, (unsigned)size);
    wire_bytes(wire, data, size);
}

/* PTR, CNAME, NS: the data is a name. */
static inline void
wire_pointer(struct wire *wire, enum section section, const char *owner,
             unsigned type, uint32_t ttl, const char *target)
{
    struct wire name = {.size = 0};
    wire_name(&name, target);
    wire_record(wire, section, owner, type, ttl, name.data, name.size);
}

static inline void
wire_soa(struct wire *wire, const char *owner, uint32_t ttl,
         unsigned char minimum)
{
    struct wire soa = {.size = 0};
    wire_name(&soa, "ns");
    wire_name(&soa, "hostmaster");
    wire_bytes(&soa, "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0", 19);
    soa.data[soa.size++] = minimum;
    wire_record(wire, WIRE_AUTHORITY, owner, 6, ttl, soa.data, soa.size);
}

#endif
