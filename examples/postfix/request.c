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

/* -1: none of those that we want.  There are about thirty in a request, so most
 * are told by their first letter. */
static int
find(const char *name, size_t size)
{
    for (int i = 0; i < REQUEST_FIELDS; i++)
        if (NAMES[i][0] == name[0] && strncmp(NAMES[i], name, size) == 0 &&
            NAMES[i][size] == '\0')
            return i;
    return -1;
}

/* Cuts one line, which ends in \n. */
static bool
read_line(struct request *request, char *line, char *end)
{
    char *equals = memchr(line, '=', (size_t)(end - line));
    if (!equals)
        return false;
    *end = '\0';
    int field = find(line, (size_t)(equals - line));
    if (field < 0)
        return true;
    /* Of a name that is given twice one value would be judged, and Postfix
     * might mean the other. */
    if (request->fields[field])
        return false;
    request->fields[field] = equals + 1;
    return true;
}

size_t
request_size(const char *text, size_t size)
{
    const char *end = text + size, *line_end;
    for (const char *line = text;
         (line_end = memchr(line, '\n', (size_t)(end - line)));
         line = line_end + 1)
        if (line_end == line)
            return (size_t)(line - text) + 1;
    return 0;
}

bool
request_read(struct request *request, char *text, size_t size)
{
    char *end = text + size - 1, *line_end;
    *request = (struct request){{NULL}};
    if (memchr(text, '\0', size))
        return false;
    for (char *line = text; line < end; line = line_end + 1) {
        line_end = memchr(line, '\n', (size_t)(end - line));
        if (!read_line(request, line, line_end))
            return false;
    }
    return strcmp(request_get(request, REQUEST_KIND), "smtpd_access_policy") ==
           0;
}

const char *
request_get(const struct request *request, enum request_field field)
{
    return request->fields[field] ? request->fields[field] : "";
}
