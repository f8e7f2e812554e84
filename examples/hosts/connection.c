#include "connection.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PORT_SIZE = 8
};

/* -- replies ------------------------------------------------------------- */

static void
reply(struct connection *c, const char *text)
{
    char line[600];
    int size = snprintf(line, sizeof line, "%s\r\n", text);
    /* Replies are short: a client that leaves no room for one reads none. */
    if (send(c->socket, line, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT) !=
        size)
        c->state = CONNECTION_OVER;
}

/* The whole art: a decision is final unless a fact is missing that this host
 * can look up.  Other facts it has none of, and sends the 451 as it is. */
static void
reply_or_ask(struct connection *c, int code)
{
    if (mayrelay_session_needs(c->session) & MAYRELAY_FACT_CLIENT_NAME) {
        c->state = CONNECTION_ASKS;
        return;
    }
    bool welcome = !c->greeted && code == 250;
    reply(c, welcome ? "220 mayrelay example host"
                     : mayrelay_decision_get_reply(
                           mayrelay_session_get_decision(c->session)));
    if (!c->greeted && !welcome)
        c->state = CONNECTION_OVER;
    c->greeted = true;
}

/* -- commands ------------------------------------------------------------ */

static bool
starts(const char *line, const char *command)
{
    return strncasecmp(line, command, strlen(command)) == 0;
}

/* The path in "MAIL FROM:<path> SIZE=1000". */
static size_t
path_size(const char *argument)
{
    const char *end = strrchr(argument, '>');
    return *argument == '<' && end ? (size_t)(end - argument) + 1
                                   : strcspn(argument, " ");
}

/* A real host also knows STARTTLS (mayrelay_session_tls), AUTH
 * (mayrelay_session_auth) and DATA. */
static void
answer_line(struct connection *c, const char *line)
{
    if (starts(line, "MAIL FROM:")) {
        line += strlen("MAIL FROM:");
        int code = mayrelay_session_mail(c->session, line, path_size(line));
        c->has_sender = code == 250;
        reply_or_ask(c, code);
    } else if (starts(line, "RCPT TO:") && c->has_sender) {
        line += strlen("RCPT TO:");
        reply_or_ask(c,
                     mayrelay_session_rcpt(c->session, line, path_size(line)));
    } else if (starts(line, "RCPT TO:") || starts(line, "DATA")) {
        reply(c, "503 5.5.1 Not now");
    } else if (starts(line, "RSET") || starts(line, "HELO") ||
               starts(line, "EHLO")) {
        mayrelay_session_reset(c->session);
        c->has_sender = false;
        reply(c, "250 mayrelay example host");
    } else if (starts(line, "QUIT")) {
        reply(c, "221 2.0.0 Bye");
        c->state = CONNECTION_OVER;
    } else {
        reply(c, "502 5.5.1 Only HELO, EHLO, MAIL, RCPT, RSET, QUIT");
    }
}

/* Takes the first line off; false if there is no whole one yet.  One with a NUL
 * inside becomes empty: half of it must not be taken for the whole. */
static bool
take_line(struct connection *c, char *line)
{
    const char *end = memchr(c->lines, '\n', c->size);
    if (!end)
        return false;
    size_t size = (size_t)(end - c->lines);
    memcpy(line, c->lines, size);
    c->size -= size + 1;
    memmove(c->lines, end + 1, c->size);
    if (size > 0 && line[size - 1] == '\r')
        size--;
    line[memchr(line, '\0', size) ? 0 : size] = '\0';
    return true;
}

/* Lines behind one that waits stay where they are: clients may send several
 * at once (RFC 2920). */
static void
answer_lines(struct connection *c)
{
    char line[LINES_SIZE];
    while (c->state == CONNECTION_READS && take_line(c, line))
        answer_line(c, line);
    if (c->state == CONNECTION_READS && c->size == sizeof c->lines) {
        reply(c, "500 5.5.2 Line too long");
        c->state = CONNECTION_OVER;
    }
}

/* -- the connection ------------------------------------------------------ */

/* Address and port as text, the address without a zone ("%eth0"); both empty
 * if there is none, which no session takes for an address. */
static void
write_place(const struct sockaddr_storage *place, socklen_t size, char *address,
            char *port)
{
    if (getnameinfo((const struct sockaddr *)place, size, address, ADDRESS_SIZE,
                    port, PORT_SIZE, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        *address = *port = '\0';
    address[strcspn(address, "%")] = '\0';
}

struct connection *
connection_new(int socket, mayrelay_policy *policy)
{
    struct sockaddr_storage place = {0};
    socklen_t size = sizeof place;
    char address[ADDRESS_SIZE];
    char port[PORT_SIZE];
    char listener[ADDRESS_SIZE + PORT_SIZE + 4];
    struct connection *c = calloc(1, sizeof *c);
    if (!c) {
        close(socket);
        return NULL;
    }
    c->socket = socket;
    c->session = mayrelay_session_new(policy); /* NULL only defers */
    getsockname(socket, (struct sockaddr *)&place, &size);
    write_place(&place, size, address, port);
    snprintf(listener, sizeof listener,
             place.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", address, port);
    size = sizeof place;
    getpeername(socket, (struct sockaddr *)&place, &size);
    write_place(&place, size, c->client, port);
    reply_or_ask(c, mayrelay_session_connect(c->session, c->client, listener));
    return c;
}

void
connection_free(struct connection *c)
{
    close(c->socket);
    mayrelay_session_free(c->session);
    free(c);
}

void
connection_read(struct connection *c)
{
    ssize_t size =
        read(c->socket, c->lines + c->size, sizeof c->lines - c->size);
    if (size > 0)
        c->size += (size_t)size;
    else if (size == 0 || (errno != EAGAIN && errno != EINTR))
        c->state = CONNECTION_OVER;
    answer_lines(c);
}

void
connection_take(struct connection *c, const mayrelay_dns_answer *answer)
{
    c->state = CONNECTION_READS;
    mayrelay_session_take(c->session, answer);
    reply_or_ask(c, mayrelay_session_resume(c->session));
    answer_lines(c);
}
