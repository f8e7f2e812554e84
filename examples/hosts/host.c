#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapter/report.h"
#include "listener.h"

/* -- the policy ----------------------------------------------------------- */

void
host_dispatch_watch(struct host *host)
{
    mayrelay_report *report;
    enum mayrelay_reload outcome =
        mayrelay_watch_dispatch(host->watch, &report);
    report_print_reload(outcome, report);
}

bool
host_take_signal(struct host *host)
{
    struct signalfd_siginfo signal;
    mayrelay_report *report;
    if (read(host->signals, &signal, sizeof signal) != sizeof signal)
        return true;
    if (signal.ssi_signo != SIGHUP)
        return false;
    enum mayrelay_reload outcome = mayrelay_watch_reload(host->watch, &report);
    report_print_reload(outcome, report);
    return true;
}

/* -- clients -------------------------------------------------------------- */

/* Left in the queue, a client would keep the listener readable, and the loop
 * would spin: so the spare descriptor takes it, and lets it go. */
static void
turn_away(struct host *host)
{
    static const char sorry[] = "421 4.3.2 Too many clients\r\n";
    close(host->spare);
    int socket =
        accept4(host->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
        send(socket, sorry, strlen(sorry), MSG_NOSIGNAL);
        close(socket);
    }
    host->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

struct connection *
host_accept(struct host *host)
{
    int socket =
        accept4(host->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
        if (errno == EMFILE || errno == ENFILE)
            turn_away(host);
        return NULL;
    }
    mayrelay_policy *policy = mayrelay_watch_ref_policy(host->watch);
    struct connection *client = connection_new(socket, policy);
    mayrelay_policy_unref(policy);
    if (!client)
        return NULL;
    client->host = host;
    client->next = host->clients;
    if (client->next)
        client->next->previous = client;
    host->clients = client;
    return client;
}

void
host_drop(struct connection *client)
{
    if (client->next)
        client->next->previous = client->previous;
    if (client->previous)
        client->previous->next = client->next;
    else
        client->host->clients = client->next;
    connection_free(client);
}

bool
host_go_on(struct connection *client)
{
    mayrelay_resolver *resolver = client->host->resolver;
    while (client->state == CONNECTION_ASKS) {
        if (mayrelay_resolver_ask(resolver, client->client,
                                  (uintptr_t)client) == MAYRELAY_OK)
            return false;
        connection_take(client, NULL); /* the names stay unknown: 451 */
    }
    if (client->state == CONNECTION_READS)
        return true;
    host_drop(client);
    return false;
}

struct connection *
host_next_answered(struct host *host)
{
    uint64_t token;
    mayrelay_resolver_dispatch(host->resolver);
    mayrelay_dns_answer *answer =
        mayrelay_resolver_next(host->resolver, &token);
    if (!answer)
        return NULL;
    struct connection *client = (struct connection *)(uintptr_t)token;
    connection_take(client, answer);
    mayrelay_dns_answer_free(answer);
    return client;
}

/* -- all of it ------------------------------------------------------------ */

/* Signals come as input, so that they wait their turn in the loop. */
static int
open_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

bool
host_open(struct host *host, int argc, char **argv)
{
    mayrelay_report *report;
    *host = (struct host){.listener = -1,
                          .signals = open_signals(),
                          .spare = open("/dev/null", O_RDONLY | O_CLOEXEC)};
    if (argc < 3) {
        fprintf(stderr, "usage: %s POLICY ADDRESS:PORT [DNS-SERVERS]\n",
                argv[0]);
        return false;
    }
    host->watch = mayrelay_watch_new(argv[1], 0, &report);
    report_print(report);
    if (!host->watch)
        return false;
    host->resolver = mayrelay_resolver_new();
    if (argc > 3 &&
        mayrelay_resolver_set_servers(host->resolver, argv[3]) != MAYRELAY_OK) {
        fprintf(stderr, "cannot ask %s\n", argv[3]);
        return false;
    }
    host->listener = listener_open(argv[2]);
    return host->listener >= 0;
}

void
host_close(struct host *host)
{
    while (host->clients)
        host_drop(host->clients);
    mayrelay_watch_free(host->watch);
    mayrelay_resolver_free(host->resolver);
    if (host->listener >= 0)
        close(host->listener);
    close(host->signals);
    close(host->spare);
}
