/* IP addresses: strict text, and numbers that compare.
 *
 * An IPv4-mapped IPv6 address becomes its IPv4 address here, at the door, so
 * that nothing behind it ever meets one (policy.md §4). */
#ifndef MAYRELAY_NET_ADDRESS_H
#define MAYRELAY_NET_ADDRESS_H

#include "base/output.h"

enum address_family {
    ADDRESS_NONE = 0,
    ADDRESS_IPV4 = 4,
    ADDRESS_IPV6 = 6
};

struct address {
    enum address_family family;
    uint64_t high; /* IPv6: the first 64 bits; IPv4: 0 */
    uint64_t low;  /* IPv6: the last 64 bits; IPv4: all 32 */
};

/* Room for the longest address text and its NUL. */
enum {
    ADDRESS_TEXT_SIZE = 46
};

/* Dotted quad without leading zeros, or RFC 4291 §2.2 text; a zone id ("%eth0")
 * is dropped.  False for anything else. */
bool address_parse(struct text text, struct address *address);
/* 4 or 16 octets in network order. */
bool address_from_bytes(const void *bytes, size_t size,
                        struct address *address);
struct address address_ipv4(uint32_t value);
/* RFC 5952 form. */
void address_write(struct output *out, struct address address);

/* IPv4 before IPv6, then by number. */
int address_compare(struct address a, struct address b);
bool address_equal(struct address a, struct address b);
/* The neighbours; the last address has no next and the first no previous:
 * false. */
bool address_next(struct address address, struct address *next);
bool address_previous(struct address address, struct address *previous);

#endif
