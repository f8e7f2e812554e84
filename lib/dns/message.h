/* One answer as it came off the wire (RFC 1035 §4), read with suspicion.
 *
 * Everything is checked against the end of the message; names are followed
 * backwards only, and every loop has a limit. */
#ifndef MAYRELAY_DNS_MESSAGE_H
#define MAYRELAY_DNS_MESSAGE_H

#include "mail/domain.h"
#include "mayrelay/dns_answer.h"
#include "net/address.h"

enum record_type {
    RECORD_A = 1,
    RECORD_NS = 2,
    RECORD_CNAME = 5,
    RECORD_SOA = 6,
    RECORD_PTR = 12,
    RECORD_AAAA = 28
};

enum {
    WIRE_NAME_MOST = 255,       /* RFC 1035 §2.3.4 */
    MESSAGE_CNAMES_MOST = 10,   /* in a chain */
    MESSAGE_RECORDS_MOST = 1000 /* in the answer section */
};

/* Labels behind their lengths, in lower case, with the root's zero. */
struct wire_name {
    unsigned char octets[WIRE_NAME_MOST];
    size_t size;
};

struct message {
    const unsigned char *data;
    size_t size;
    struct wire_name owner; /* of the records that answer */
    uint16_t type;
    size_t at;     /* the next record of the answer section */
    unsigned left; /* how many are there */
    uint32_t ttl;  /* the lowest of everything the answer rests on */
};

/* Reads the answer to a question for `name`, a host name in canonical form, or
 * one of in-addr.arpa or ip6.arpa; follows its CNAMEs.  FOUND: there are
 * records to be had with the calls below; else NO_NAME, NO_DATA, or how it
 * failed.  The message must outlive the calls below. */
enum mayrelay_dns_result message_read(struct message *message, const void *data,
                                      size_t size, struct text name,
                                      enum record_type type);
/* Takes the next name off an answer for PTR: false if none is left.  The
 * canonical host name, or if it is ill-formed as much as can be shown of it. */
bool message_next_name(struct message *message, char name[DOMAIN_TEXT_SIZE],
                       bool *well_formed);
/* The same for A and AAAA. */
bool message_next_address(struct message *message, struct address *address);

#endif
