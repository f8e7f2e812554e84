/* A host around poll(2).  See host.h for its arguments. */
#include <poll.h>
#include <stdlib.h>

#include "host.h"

/* What is polled: four descriptors that stay, then the clients. */
enum {
    WATCH,
    RESOLVER,
    LISTENER,
    SIGNALS,
    CLIENTS,
    MOST = CLIENTS + 1000
};

struct loop {
    struct host host;
    struct pollfd polls[MOST];
    struct connection *clients[MOST]; /* by the same number */
    size_t count;
};

/* A descriptor of -1 is left out by poll. */
static void
add(struct loop *loop, int fd, struct connection *client)
{
    loop->polls[loop->count] = (struct pollfd){.fd = fd, .events = POLLIN};
    loop->clients[loop->count++] = client;
}

static void
wait_for_something(struct loop *loop)
{
    struct host *host = &loop->host;
    loop->count = 0;
    add(loop, mayrelay_watch_get_fd(host->watch), NULL);
    add(loop, mayrelay_resolver_get_fd(host->resolver), NULL);
    add(loop, host->listener, NULL);
    add(loop, host->signals, NULL);
    size_t clients = 0;
    for (struct connection *c = host->clients; c; c = c->next, clients++)
        if (c->state == CONNECTION_READS) /* the others wait for DNS */
            add(loop, c->socket, c);
    if (clients == MOST - CLIENTS)
        loop->polls[LISTENER].fd = -1;
    while (poll(loop->polls, loop->count, -1) < 0)
        continue;
}

static void
run(struct loop *loop)
{
    struct host *host = &loop->host;
    struct connection *client;
    for (;;) {
        wait_for_something(loop);
        if (loop->polls[SIGNALS].revents && !host_take_signal(host))
            return;
        if (loop->polls[WATCH].revents)
            host_dispatch_watch(host);
        if (loop->polls[RESOLVER].revents)
            while ((client = host_next_answered(host)))
                host_go_on(client);
        if (loop->polls[LISTENER].revents && (client = host_accept(host)))
            host_go_on(client);
        for (size_t i = CLIENTS; i < loop->count; i++)
            if (loop->polls[i].revents) {
                connection_read(loop->clients[i]);
                host_go_on(loop->clients[i]);
            }
    }
}

int
main(int argc, char **argv)
{
    static struct loop loop;
    bool good = host_open(&loop.host, argc, argv);
    if (good)
        run(&loop);
    host_close(&loop.host);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
