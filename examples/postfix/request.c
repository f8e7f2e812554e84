#include "request.h"

#include <string.h>

static const char *const NAMES[REQUEST_FIELDS] = {
    [REQUEST_KIND] = "request",
    [REQUEST_STATE] = "protocol_state",
    [REQUEST_CLIENT] = "client_address",
    [REQUEST_SERVER] = "server_address",
    [REQUEST_PORT] = "server_port",
    [REQUEST_ENCRYPTION] = "encryption_protocol",
    [REQUEST_FINGERPRINT] = "ccert_fingerprint",
    [REQUEST_IDENTITY] = "sasl_username",
    [REQUEST_SENDER] = "sender",
    [REQUEST_RECIPIENT] = "recipient",
};

/* Of a name that is given twice one value would be judged, and Postfix might
 * mean the other. */
static bool
set(struct request *request, const char *name, const char *value)
{
    for (int i = 0; i < REQUEST_FIELDS; i++) {
        if (strcmp(NAMES[i], name) != 0)
            continue;
        if (request->fields[i])
            return false;
        request->fields[i] = value;
    }
    return true;
}

bool
request_read(struct request *request, char *text, size_t size)
{
    char *end = text + size;
    *request = (struct request){{NULL}};
    if (memchr(text, '\0', size))
        return false;
    for (char *line = text, *next; line < end; line = next) {
        char *line_end = memchr(line, '\n', (size_t)(end - line));
        char *equals = memchr(line, '=', (size_t)(line_end - line));
        if (!equals)
            return false;
        *line_end = *equals = '\0';
        if (!set(request, line, equals + 1))
            return false;
        next = line_end + 1;
    }
    return strcmp(request_get(request, REQUEST_KIND), "smtpd_access_policy") ==
           0;
}

const char *
request_get(const struct request *request, enum request_field field)
{
    return request->fields[field] ? request->fields[field] : "";
}
