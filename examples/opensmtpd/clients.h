/* The SMTP clients that smtpd serves, by the ids it has given them. */
#ifndef OPENSMTPD_CLIENTS_H
#define OPENSMTPD_CLIENTS_H

#include <mayrelay.h>

enum {
    ID_SIZE = 32 /* of what smtpd calls a session and a token: 16 digits */
};

/* What smtpd has asked of a client and waits to hear. */
struct query {
    enum phase {
        PHASE_CONNECT,
        PHASE_MAIL,
        PHASE_RCPT
    } phase;
    char token[ID_SIZE];
};

struct client {
    char id[ID_SIZE]; /* must come first */
    char address[64];
    mayrelay_session *session;
    struct query query;
    char recipient[1024]; /* of PHASE_RCPT, as smtpd has it */
    bool waits;           /* for DNS */
};

struct clients {
    void *tree;
};

/* NULL if there is none. */
struct client *clients_find(const struct clients *clients, const char *id);
/* A new one, in the place of one of the same id.  NULL if there is no memory,
 * or if the id is none. */
struct client *clients_add(struct clients *clients, const char *id);
void clients_drop(struct clients *clients, struct client *client);

#endif
