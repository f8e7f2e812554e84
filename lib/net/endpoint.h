/* Our own side of a connection: an IP address, a port, or both. */
#ifndef MAYRELAY_NET_ENDPOINT_H
#define MAYRELAY_NET_ENDPOINT_H

#include "net/address.h"

struct endpoint {
    struct address address; /* family ADDRESS_NONE: any, "*" */
    uint16_t port;          /* 0: none given */
};

/* Room for the longest endpoint text and its NUL. */
enum {
    ENDPOINT_TEXT_SIZE = 56
};

/* "192.0.2.25", "192.0.2.25:25", "2001:db8::1", "[2001:db8::1]:25", "*:25".
 * Port 0, "*" alone and anything else: false. */
bool endpoint_parse(struct text text, struct endpoint *endpoint);
void endpoint_write(struct output *out, struct endpoint endpoint);
/* 0.0.0.0 or ::, which stands for no address at all. */
bool endpoint_is_unspecified(struct endpoint endpoint);
/* The entry `entry` of a policy holds for the connection's `listener`: every
 * part that the entry names is the listener's. */
bool endpoint_matches(struct endpoint entry, struct endpoint listener);

#endif
