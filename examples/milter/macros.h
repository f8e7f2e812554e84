/* What the mail server says in macros, as mayrelay takes it.
 *
 * Postfix and sendmail fill the same macros in different ways; it is here that
 * they become alike. */
#ifndef MILTER_MACROS_H
#define MILTER_MACROS_H

#include <libmilter/mfapi.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    PLACE_SIZE = 80,    /* "[2001:db8::25]:25" */
    ADDRESS_SIZE = 1100 /* more than a mailbox of SMTP can have */
};

/* Asks the mail server for the macros that the others here read.  False if
 * there is no memory. */
bool macros_ask(SMFICTX *context);
/* Our own side of the connection, or NULL. */
const char *macros_listener(SMFICTX *context, char place[static PLACE_SIZE]);
/* Who has signed in, into `identity`; NULL: nobody.  False: it cannot be read.
 */
bool macros_identity(SMFICTX *context, char *buffer, size_t size,
                     const char **identity);
bool macros_encrypted(SMFICTX *context);
/* The SHA-256 of the client certificate that the mail server has verified, or
 * NULL. */
const char *macros_fingerprint(SMFICTX *context);

/* Where the mail server itself will send what is meant for a recipient. */
enum route {
    ROUTE_UNKNOWN, /* it did not say */
    ROUTE_LOCAL,   /* nowhere: it keeps it */
    ROUTE_ADDRESS
};
enum route macros_route(SMFICTX *context, char address[static ADDRESS_SIZE]);

#endif
