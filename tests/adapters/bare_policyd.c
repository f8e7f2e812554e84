/* The least that a policy service can be: reads requests, answers DUNNO.  What
 * mayrelay-policyd costs is measured beside it.
 *
 * usage: bare_policyd PATH */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    REQUEST_MOST = 16384,
    EVENTS = 64
};

struct connection {
    int socket;
    size_t size;
    char text[REQUEST_MOST];
};

static int
listen_at(const char *path)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(place.sun_path, sizeof place.sun_path, "%s", path);
    if (bind(listener, (struct sockaddr *)&place, sizeof place) != 0 ||
        listen(listener, SOMAXCONN) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    return listener;
}

static void
watch(int epoll, int socket, void *of)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = of};
    epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

static void
take(int epoll, int listener)
{
    struct connection *connection = malloc(sizeof *connection);
    if (!connection)
        exit(EXIT_FAILURE);
    connection->socket = accept(listener, NULL, NULL);
    connection->size = 0;
    watch(epoll, connection->socket, connection);
}

/* False at its end. */
static bool
answer(struct connection *connection)
{
    static const char action[] = "action=DUNNO\n\n";
    ssize_t size = read(connection->socket, connection->text + connection->size,
                        REQUEST_MOST - connection->size);
    if (size <= 0)
        return false;
    connection->size += (size_t)size;
    if (memmem(connection->text, connection->size, "\n\n", 2)) {
        connection->size = 0;
        return write(connection->socket, action, strlen(action)) > 0;
    }
    return connection->size < REQUEST_MOST;
}

int
main(int argc, char **argv)
{
    if (argc != 2)
        return EXIT_FAILURE;
    int listener = listen_at(argv[1]);
    int epoll = epoll_create1(0);
    watch(epoll, listener, NULL);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            if (!connection) {
                take(epoll, listener);
            } else if (!answer(connection)) {
                close(connection->socket);
                free(connection);
            }
        }
    }
}
