/* One SMTP client of the example hosts: lines in, replies out, and the place
 * where a decision waits for what DNS says of the client.
 *
 * It knows no event loop: that calls connection_read when there is something to
 * read, and acts by the state that comes back. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <mayrelay.h>

enum {
    LINES_SIZE = 2048, /* RFC 5321 §4.5.3.1.4 wants 512 at least */
    ADDRESS_SIZE = 64  /* "2001:db8::1", and a zone (RFC 4007 §11) */
};

enum connection_state {
    CONNECTION_READS, /* call connection_read when there is input */
    CONNECTION_ASKS,  /* ask for the client's names, then connection_take */
    CONNECTION_OVER   /* call connection_free */
};

struct connection {
    struct host *host; /* these three are for host.c */
    struct connection *next, *previous;
    int socket;
    enum connection_state state;
    char client[ADDRESS_SIZE]; /* as mayrelay_resolver_ask wants it */
    mayrelay_session *session;
    bool greeted, has_sender;
    char lines[LINES_SIZE]; /* read, and not yet answered */
    size_t size;
};

/* A client that has connected, under this policy from now to its end; greets
 * it.  The socket is the connection's.  NULL if there is no memory. */
struct connection *connection_new(int socket, mayrelay_policy *policy);
void connection_free(struct connection *connection);
/* Reads once, and answers every whole line as far as it can. */
void connection_read(struct connection *connection);
/* What DNS says; NULL: it could not be asked. */
void connection_take(struct connection *connection,
                     const mayrelay_dns_answer *answer);

#endif
