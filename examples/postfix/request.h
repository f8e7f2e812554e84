/* One request of Postfix's policy delegation protocol (SMTPD_POLICY_README):
 * lines of NAME=VALUE. */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>

enum request_field {
    REQUEST_KIND,
    REQUEST_STATE, /* of the SMTP dialogue: CONNECT, MAIL, RCPT, ... */
    REQUEST_CLIENT,
    REQUEST_SERVER, /* our own side of the connection, since Postfix 3.2 */
    REQUEST_PORT,
    REQUEST_ENCRYPTION,
    REQUEST_FINGERPRINT, /* of the client's certificate */
    REQUEST_IDENTITY,
    REQUEST_SENDER,
    REQUEST_RECIPIENT,
    REQUEST_FIELDS
};

struct request {
    const char *fields[REQUEST_FIELDS]; /* in the text that was read */
};

/* The size of the request that the text begins with, its empty line included;
 * 0 if it is not all there. */
size_t request_size(const char *text, size_t size);
/* Cuts it into fields.  False if that is no request: another kind or none, a
 * line without =, a NUL, a field twice. */
bool request_read(struct request *request, char *text, size_t size);
/* "" for a field that is not there: Postfix leaves empty what it does not know,
 * and old versions leave it out. */
const char *request_get(const struct request *request,
                        enum request_field field);

#endif
