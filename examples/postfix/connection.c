#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "judge.h"
#include "request.h"

enum {
    /* Postfix's lines are of 2,048 octets at most (line_length_limit), and
     * usually a whole request is half of that. */
    REQUEST_MOST = 16384,
    ACTION_SIZE = 600 /* "action=", a reply line, two line ends */
};

/* Postfix lets go of what it does not use within 300 s
 * (smtpd_policy_service_max_idle), and connects anew if we were faster.  What
 * is silent for longer has lost its Postfix, or never had one. */
static const struct timeval SILENT_MOST = {.tv_sec = 600};

struct connection {
    struct policyd *policyd;
    struct connection *next, *previous;
    int socket;
    struct event *readable;
    bool waits;                    /* for DNS */
    mayrelay_session *session;     /* of the request that is judged */
    const mayrelay_policy *policy; /* the session's; only to compare */
    size_t size;
    char text[REQUEST_MOST]; /* read, and not yet answered */
};

/* -- life ----------------------------------------------------------------- */

static void
drop(struct connection *connection)
{
    struct policyd *policyd = connection->policyd;
    if (connection->next)
        connection->next->previous = connection->previous;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        policyd->connections = connection->next;
    if (connection->waits)
        mayrelay_resolver_cancel(policyd->resolver, (uintptr_t)connection);
    mayrelay_session_free(connection->session);
    event_free(connection->readable);
    close(connection->socket);
    free(connection);
    if (policyd->stopping && !policyd->connections)
        event_base_loopbreak(policyd->base);
}

/* What Postfix or somebody else has done wrong, or we. */
static void
drop_because(struct connection *connection, const char *why)
{
    fprintf(stderr, "connection closed without a reply: %s\n", why);
    drop(connection);
}

/* -- one request ---------------------------------------------------------- */

/* A new policy holds from the next request on. */
static mayrelay_session *
session_of_now(struct connection *connection)
{
    mayrelay_policy *policy = connection->policyd->policy.in_force;
    if (!connection->session || connection->policy != policy) {
        mayrelay_session_free(connection->session);
        connection->session = mayrelay_session_new(policy);
        connection->policy = policy;
    }
    return connection->session;
}

static bool
send_action(struct connection *connection, const char *action)
{
    char line[ACTION_SIZE];
    int size = snprintf(line, sizeof line, "action=%s\n\n", action);
    return size < (int)sizeof line &&
           send(connection->socket, line, (size_t)size,
                MSG_NOSIGNAL | MSG_DONTWAIT) == size;
}

static bool
answer(struct connection *connection)
{
    const mayrelay_session *session = connection->session;
    struct adapter_reply reply;
    if (!judge_is_final(session))
        return send_action(connection, "DUNNO");
    decision_log_write(&connection->policyd->log, session, &reply);
    return send_action(connection, judge_action(session, reply.line));
}

/* True: DNS has been asked, and the answer will come. */
static bool
ask_names(struct connection *connection, const char *client)
{
    struct policyd *policyd = connection->policyd;
    connection->waits =
        mayrelay_resolver_ask(policyd->resolver, client,
                              (uintptr_t)connection) == MAYRELAY_OK;
    return connection->waits;
}

static void
take_names(struct connection *connection, const mayrelay_dns_answer *names)
{
    mayrelay_session *session = connection->session;
    connection->waits = false;
    mayrelay_session_take(session, names); /* NULL: they stay unknown */
    mayrelay_session_resume(session);
    judge_wants_names(session); /* not again: it gives the other facts */
}

/* Judges the request in the text; false if no more can be done for it. */
static bool
handle(struct connection *connection, char *text, size_t size)
{
    struct request request;
    if (!request_read(&request, text, size))
        return false;
    mayrelay_session *session = session_of_now(connection);
    if (!session)
        return false;
    if (!judge_request(session, &request))
        return send_action(connection, "DUNNO");
    if (judge_is_final(session) && judge_wants_names(session)) {
        if (ask_names(connection, request_get(&request, REQUEST_CLIENT)))
            return true;
        take_names(connection, NULL);
    }
    return answer(connection);
}

/* -- requests ------------------------------------------------------------- */

/* Handles what has been read, until a request waits for DNS or there is none.
 * The connection may be gone afterwards. */
static void
go_on(struct connection *connection)
{
    size_t size;
    while (!connection->waits &&
           (size = request_size(connection->text, connection->size)) > 0) {
        if (!handle(connection, connection->text, size)) {
            drop_because(connection, "no request, or no way to answer it");
            return;
        }
        connection->size -= size;
        memmove(connection->text, connection->text + size, connection->size);
    }
    if (connection->waits)
        event_del(connection->readable);
    else if (connection->policyd->stopping)
        drop(connection);
    else if (connection->size == REQUEST_MOST)
        drop_because(connection, "a request is too long");
}

static void
read_more(evutil_socket_t socket, short what, void *argument)
{
    struct connection *connection = argument;
    if (!(what & EV_READ)) {
        drop(connection); /* silent for too long */
        return;
    }
    ssize_t size = recv(socket, connection->text + connection->size,
                        REQUEST_MOST - connection->size, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0) {
        drop(connection);
        return;
    }
    connection->size += (size_t)size;
    go_on(connection);
}

/* -- all of them ---------------------------------------------------------- */

/* Without touching the text: pages that are never used cost nothing. */
static struct connection *
allocate(void)
{
    struct connection *connection = malloc(sizeof *connection);
    if (connection)
        memset(connection, 0, offsetof(struct connection, text));
    return connection;
}

static bool
add(struct policyd *policyd, int socket)
{
    struct connection *connection = allocate();
    struct event *readable = event_new(
        policyd->base, socket, EV_READ | EV_PERSIST, read_more, connection);
    if (!connection || !readable || event_add(readable, &SILENT_MOST) != 0) {
        if (readable)
            event_free(readable);
        free(connection);
        return false;
    }
    connection->policyd = policyd;
    connection->socket = socket;
    connection->readable = readable;
    connection->next = policyd->connections;
    if (connection->next)
        connection->next->previous = connection;
    policyd->connections = connection;
    return true;
}

/* A connection that stays in the queue would be asked about again and again:
 * the spare descriptor takes it, and lets it go. */
static bool
turn_away(struct policyd *policyd, int listener)
{
    close(policyd->spare);
    int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (socket >= 0)
        close(socket);
    policyd->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return socket >= 0;
}

/* Once, until there is room again: a flood of them would fill the log. */
static void
say_full(struct policyd *policyd, const char *what)
{
    if (!policyd->is_full)
        fprintf(stderr, "%s: connections are turned away, or wait\n", what);
    policyd->is_full = true;
}

bool
connection_accept(struct policyd *policyd, int listener)
{
    int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
        switch (errno) {
        case EMFILE:
        case ENFILE:
            say_full(policyd, "no descriptor is left");
            return turn_away(policyd, listener);
        case ENOBUFS:
        case ENOMEM: say_full(policyd, "no memory"); return false;
        default: return true; /* the client has gone */
        }
    }
    policyd->is_full = false;
    if (!add(policyd, socket))
        close(socket);
    return true;
}

void
connection_take_answers(struct policyd *policyd)
{
    mayrelay_dns_answer *names;
    uint64_t token;
    mayrelay_resolver_dispatch(policyd->resolver);
    while ((names = mayrelay_resolver_next(policyd->resolver, &token))) {
        struct connection *connection = (struct connection *)(uintptr_t)token;
        take_names(connection, names);
        mayrelay_dns_answer_free(names);
        if (answer(connection) &&
            event_add(connection->readable, &SILENT_MOST) == 0)
            go_on(connection);
        else
            drop_because(connection, "no way to answer it");
    }
}

static void
drop_all(struct policyd *policyd, bool also_waiting)
{
    struct connection *next;
    for (struct connection *c = policyd->connections; c; c = next) {
        next = c->next;
        if (also_waiting || !c->waits)
            drop(c);
    }
}

void
connection_stop_all(struct policyd *policyd)
{
    policyd->stopping = true;
    drop_all(policyd, false);
}

void
connection_drop_all(struct policyd *policyd)
{
    drop_all(policyd, true);
}
