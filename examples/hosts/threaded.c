/* A host with a thread for each of a few clients at once, while the first
 * thread follows the policy's files.  See host.h for its arguments.
 *
 * The watch is shared: any thread may ask it for the policy.  A resolver is
 * not, so each thread has its own, and waits for what it says. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "host.h"

enum {
    WORKERS = 16,
    LOOK_MS = 200,    /* how often a worker looks whether it is over */
    IDLE_MS = 300000, /* RFC 5321 §4.5.3.2.7: five minutes */
    LOOK_UP_MS = 10000
};

struct server {
    struct host host;
    const char *dns_servers; /* NULL: the system's */
    atomic_bool over;
};

static bool
wait_for_input(const struct server *server, int fd, int most_ms)
{
    struct pollfd poll_for = {.fd = fd, .events = POLLIN};
    for (int ms = 0; ms < most_ms && !atomic_load(&server->over); ms += LOOK_MS)
        if (poll(&poll_for, 1, LOOK_MS) > 0)
            return true;
    return false;
}

/* The whole of a client's life. */
static void
serve(const struct server *server, struct connection *client,
      mayrelay_resolver *resolver)
{
    while (client->state != CONNECTION_OVER) {
        if (client->state == CONNECTION_ASKS) {
            mayrelay_dns_answer *answer =
                mayrelay_resolver_resolve(resolver, client->client, LOOK_UP_MS);
            connection_take(client, answer);
            mayrelay_dns_answer_free(answer);
        } else if (wait_for_input(server, client->socket, IDLE_MS)) {
            connection_read(client);
        } else {
            return;
        }
    }
}

static void
accept_and_serve(struct server *server, mayrelay_resolver *resolver)
{
    int socket = accept4(server->host.listener, NULL, NULL, SOCK_CLOEXEC);
    if (socket < 0) {
        /* Another thread was faster, or the client waits for a descriptor. */
        if (errno == EMFILE || errno == ENFILE)
            poll(NULL, 0, LOOK_MS);
        return;
    }
    mayrelay_policy *policy = mayrelay_watch_ref_policy(server->host.watch);
    struct connection *client = connection_new(socket, policy);
    mayrelay_policy_unref(policy);
    if (!client)
        return;
    serve(server, client, resolver);
    connection_free(client);
}

static void *
work(void *argument)
{
    struct server *server = argument;
    mayrelay_resolver *resolver = mayrelay_resolver_new();
    if (server->dns_servers)
        mayrelay_resolver_set_servers(resolver, server->dns_servers);
    while (!atomic_load(&server->over))
        if (wait_for_input(server, server->host.listener, IDLE_MS))
            accept_and_serve(server, resolver);
    mayrelay_resolver_free(resolver);
    return NULL;
}

/* Until a signal says that it is time to end. */
static void
follow_files(struct host *host)
{
    struct pollfd polls[] = {
        {.fd = mayrelay_watch_get_fd(host->watch), .events = POLLIN},
        {.fd = host->signals, .events = POLLIN},
    };
    for (;;) {
        if (poll(polls, 2, -1) < 0)
            continue;
        if (polls[0].revents)
            host_dispatch_watch(host);
        if (polls[1].revents && !host_take_signal(host))
            return;
    }
}

static bool
run(struct server *server)
{
    pthread_t workers[WORKERS];
    int count = 0;
    while (count < WORKERS &&
           pthread_create(&workers[count], NULL, work, server) == 0)
        count++;
    if (count > 0)
        follow_files(&server->host);
    atomic_store(&server->over, true);
    for (int i = 0; i < count; i++)
        pthread_join(workers[i], NULL);
    return count > 0;
}

int
main(int argc, char **argv)
{
    struct server server = {.dns_servers = argc > 3 ? argv[3] : NULL};
    bool good = host_open(&server.host, argc, argv) && run(&server);
    host_close(&server.host);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
