/* A host around libevent.  See host.h for its arguments. */
#include <event2/event.h>
#include <stdlib.h>

#include "host.h"

struct loop {
    struct host host; /* first: a client's host is a loop's */
    struct event_base *base;
};

static void read_client(evutil_socket_t socket, short what, void *argument);

/* One event for each time that a client is to be read. */
static void
go_on(struct connection *client)
{
    struct loop *loop = (struct loop *)client->host;
    if (host_go_on(client) &&
        event_base_once(loop->base, client->socket, EV_READ, read_client,
                        client, NULL) != 0)
        host_drop(client);
}

static void
read_client(evutil_socket_t socket, short what, void *argument)
{
    (void)socket;
    (void)what;
    connection_read(argument);
    go_on(argument);
}

static void
take_client(evutil_socket_t listener, short what, void *argument)
{
    struct loop *loop = argument;
    struct connection *client = host_accept(&loop->host);
    (void)listener;
    (void)what;
    if (client)
        go_on(client);
}

static void
take_answers(evutil_socket_t fd, short what, void *argument)
{
    struct loop *loop = argument;
    struct connection *client;
    (void)fd;
    (void)what;
    while ((client = host_next_answered(&loop->host)))
        go_on(client);
}

static void
dispatch_watch(evutil_socket_t fd, short what, void *argument)
{
    struct loop *loop = argument;
    (void)fd;
    (void)what;
    host_dispatch_watch(&loop->host);
}

static void
take_signal(evutil_socket_t fd, short what, void *argument)
{
    struct loop *loop = argument;
    (void)fd;
    (void)what;
    if (!host_take_signal(&loop->host))
        event_base_loopbreak(loop->base);
}

/* Runs until a signal ends it; false if it cannot. */
static bool
run(struct loop *loop)
{
    const struct {
        int fd;
        event_callback_fn call;
    } inputs[] = {
        {mayrelay_watch_get_fd(loop->host.watch), dispatch_watch},
        {mayrelay_resolver_get_fd(loop->host.resolver), take_answers},
        {loop->host.listener, take_client},
        {loop->host.signals, take_signal},
    };
    enum {
        COUNT = sizeof inputs / sizeof *inputs
    };
    struct event *events[COUNT] = {NULL};
    bool good = true;
    for (int i = 0; i < COUNT; i++) {
        if (inputs[i].fd < 0) /* a library without DNS has none */
            continue;
        events[i] = event_new(loop->base, inputs[i].fd, EV_READ | EV_PERSIST,
                              inputs[i].call, loop);
        good = good && events[i] && event_add(events[i], NULL) == 0;
    }
    good = good && event_base_dispatch(loop->base) == 0;
    for (int i = 0; i < COUNT; i++)
        if (events[i])
            event_free(events[i]);
    return good;
}

int
main(int argc, char **argv)
{
    struct loop loop = {.base = event_base_new()};
    if (!loop.base)
        return EXIT_FAILURE;
    bool good = host_open(&loop.host, argc, argv) && run(&loop);
    event_base_free(loop.base);
    host_close(&loop.host);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
