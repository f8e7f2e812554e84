#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    FIRST_INHERITED = 3 /* sd_listen_fds(3) */
};

static bool
fail(struct listener *listener, const char *place)
{
    fprintf(stderr, "cannot listen at %s: %s\n", place, strerror(errno));
    listener_close(listener);
    return false;
}

static bool
open_socket(struct listener *listener, int family)
{
    listener->socket =
        socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return listener->socket >= 0;
}

/* -- Unix sockets --------------------------------------------------------- */

/* A socket that somebody has left behind when he died: nobody listens. */
static bool
is_abandoned(const struct sockaddr_un *place)
{
    struct stat status;
    if (lstat(place->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode))
        return false;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool abandoned =
        connect(probe, (const struct sockaddr *)place, sizeof *place) != 0 &&
        errno == ECONNREFUSED;
    close(probe);
    return abandoned;
}

static bool
bind_unix(int socket, const struct sockaddr_un *place)
{
    const struct sockaddr *address = (const struct sockaddr *)place;
    if (bind(socket, address, sizeof *place) == 0)
        return true;
    if (errno != EADDRINUSE)
        return false;
    if (is_abandoned(place)) {
        unlink(place->sun_path);
        return bind(socket, address, sizeof *place) == 0;
    }
    errno = EADDRINUSE;
    return false;
}

static bool
open_unix(struct listener *listener, const char *path)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    size_t size = strlen(path) + 1;
    if (size > sizeof place.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(place.sun_path, path, size);
    if (!open_socket(listener, AF_UNIX) || !bind_unix(listener->socket, &place))
        return false;
    listener->path = path;
    /* Postfix connects as its own user; who else may is for the folder to say,
     * as with its own sockets in private/. */
    return chmod(path, 0666) == 0 && listen(listener->socket, SOMAXCONN) == 0;
}

/* -- Internet sockets ----------------------------------------------------- */

static void
say_place(int socket)
{
    struct sockaddr_storage place;
    socklen_t size = sizeof place;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (getsockname(socket, (struct sockaddr *)&place, &size) == 0 &&
        getnameinfo((struct sockaddr *)&place, size, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        fprintf(stderr, "listening at inet:%s port %s\n", host, port);
}

static bool
listen_at(struct listener *listener, const struct addrinfo *place)
{
    int on = 1;
    return open_socket(listener, place->ai_family) &&
           setsockopt(listener->socket, SOL_SOCKET, SO_REUSEADDR, &on,
                      sizeof on) == 0 &&
           bind(listener->socket, place->ai_addr, place->ai_addrlen) == 0 &&
           listen(listener->socket, SOMAXCONN) == 0;
}

/* Cuts "[::1]:25" or "127.0.0.1:25" in two. */
static bool
cut_place(char *place, char **host, char **port)
{
    char *colon = strrchr(place, ':');
    if (!colon)
        return false;
    *colon = '\0';
    *port = colon + 1;
    *host = place;
    if (*place == '[' && colon > place + 1 && colon[-1] == ']') {
        colon[-1] = '\0';
        *host = place + 1;
    }
    return **host && **port;
}

static bool
open_inet(struct listener *listener, const char *text)
{
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char place[200], *host, *port;
    snprintf(place, sizeof place, "%s", text);
    if (!cut_place(place, &host, &port) ||
        getaddrinfo(host, port, &wanted, &found) != 0) {
        errno = EINVAL;
        return false;
    }
    bool good = listen_at(listener, found);
    freeaddrinfo(found);
    if (good)
        say_place(listener->socket);
    return good;
}

/* -- all of them ---------------------------------------------------------- */

bool
listener_open(struct listener *listener, const char *place)
{
    *listener = (struct listener){.socket = -1};
    errno = EINVAL;
    bool good = strncmp(place, "unix:", 5) == 0 ? open_unix(listener, place + 5)
                : strncmp(place, "inet:", 5) == 0
                    ? open_inet(listener, place + 5)
                    : false;
    return good || fail(listener, place);
}

void
listener_close(struct listener *listener)
{
    if (listener->path)
        unlink(listener->path);
    if (listener->socket >= 0)
        close(listener->socket);
    *listener = (struct listener){.socket = -1};
}

int
listener_count_inherited(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    long sockets = pid && count && strtol(pid, NULL, 10) == getpid()
                       ? strtol(count, NULL, 10)
                       : 0;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return sockets > 0 && sockets < 1000 ? (int)sockets : 0;
}

bool
listener_inherit(struct listener *listener, int index)
{
    int socket = FIRST_INHERITED + index;
    *listener = (struct listener){.socket = socket};
    int flags = fcntl(socket, F_GETFL);
    bool good = flags >= 0 && fcntl(socket, F_SETFL, flags | O_NONBLOCK) == 0 &&
                fcntl(socket, F_SETFD, FD_CLOEXEC) == 0;
    return good || fail(listener, "a socket of systemd's");
}
