/* A host around epoll(7).  See host.h for its arguments. */
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "host.h"

enum {
    EVENTS = 64 /* taken at once */
};

/* An event belongs to a client, or to what one of the characters names. */
struct loop {
    struct host host;
    int epoll;
    char watch, resolver, listener, signals;
};

/* A library without DNS has no descriptor, and nothing to wait for. */
static bool
add(struct loop *loop, int fd, void *owner)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = owner};
    return fd < 0 || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* A client is in the set only while it is to be read. */
static void
go_on(struct loop *loop, struct connection *client)
{
    if (host_go_on(client) && !add(loop, client->socket, client))
        host_drop(client);
}

static void
read_client(struct loop *loop, struct connection *client)
{
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, client->socket, NULL);
    connection_read(client);
    go_on(loop, client);
}

/* False: it is time to end. */
static bool
handle(struct loop *loop, void *owner)
{
    struct host *host = &loop->host;
    struct connection *client;
    if (owner == &loop->signals)
        return host_take_signal(host);
    if (owner == &loop->watch)
        host_dispatch_watch(host);
    else if (owner == &loop->resolver)
        while ((client = host_next_answered(host)))
            go_on(loop, client);
    else if (owner != &loop->listener)
        read_client(loop, owner);
    else if ((client = host_accept(host)))
        go_on(loop, client);
    return true;
}

static void
run(struct loop *loop)
{
    struct epoll_event events[EVENTS];
    for (;;) {
        int count = epoll_wait(loop->epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++)
            if (!handle(loop, events[i].data.ptr))
                return;
    }
}

static bool
add_all(struct loop *loop)
{
    struct host *host = &loop->host;
    return add(loop, mayrelay_watch_get_fd(host->watch), &loop->watch) &&
           add(loop, mayrelay_resolver_get_fd(host->resolver),
               &loop->resolver) &&
           add(loop, host->listener, &loop->listener) &&
           add(loop, host->signals, &loop->signals);
}

int
main(int argc, char **argv)
{
    struct loop loop = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
    bool good = host_open(&loop.host, argc, argv) && add_all(&loop);
    if (good)
        run(&loop);
    host_close(&loop.host);
    close(loop.epoll);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
