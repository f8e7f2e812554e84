/* Addresses as Postfix gives them, and as SMTP writes them.
 *
 * Postfix takes the quotes away before it asks: "a@b"@c.example comes as
 * a@b@c.example, and what stands behind the last @ is the domain.  A library
 * that reads addresses as RFC 5321 has them must get the quotes back, or it
 * judges another address than the one that Postfix delivers to. */
#ifndef ADDRESS_H
#define ADDRESS_H

enum {
    ADDRESS_MOST = 512, /* octets; longer ones are refused anyway */
    ADDRESS_SIZE = 2 * ADDRESS_MOST + 3
};

/* The address with its local part quoted if it must be: in the buffer, or where
 * it stands. */
const char *address_quoted(const char *address, char buffer[ADDRESS_SIZE]);

#endif
