/* Asks a policy service as many times as it is told, over many connections at
 * once, each of which waits for its answer before it asks again: as the
 * processes of Postfix do.
 *
 * usage: policy_load PATH CONNECTIONS REQUESTS
 *
 * Prints requests a second, and the latency that half and 99 in 100 of them had
 * at most; fails if a request is not answered. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "measure.h"

enum {
    REQUEST_SIZE = 1024,
    ANSWER_SIZE = 1024,
    KINDS = 4,
    EVENTS = 64
};

struct connection {
    int socket;
    double asked; /* when */
    size_t size;
    char answer[ANSWER_SIZE];
};

struct load {
    const char *path;
    size_t connections, requests;
    size_t begun, ended;
    double *latencies; /* in ns */
    int epoll;
    char texts[KINDS][REQUEST_SIZE];
};

/* -- requests ------------------------------------------------------------- */

/* All that Postfix says: mail for us, a relay that is refused, one that is
 * granted, and a user. */
static void
write_requests(struct load *load)
{
    static const struct {
        const char *client, *identity, *recipient;
    } kinds[KINDS] = {
        {"198.51.100.7", "", "joe@corp.example"},
        {"198.51.100.7", "", "victim@external.test"},
        {"127.0.2.1", "", "victim@external.test"},
        {"198.51.100.8", "carol@corp.example", "victim@external.test"},
    };
    for (int i = 0; i < KINDS; i++)
        snprintf(load->texts[i], REQUEST_SIZE,
                 "request=smtpd_access_policy\nprotocol_state=RCPT\n"
                 "protocol_name=ESMTP\nclient_address=%s\n"
                 "client_name=unknown\nclient_port=38237\n"
                 "reverse_client_name=unknown\nserver_address=127.0.0.1\n"
                 "server_port=25\nhelo_name=client.example\n"
                 "sender=carol@corp.example\nrecipient=%s\nrecipient_count=0\n"
                 "queue_id=\ninstance=9d.6b06dce9.2bf8.0\nsize=0\n"
                 "etrn_domain=\nstress=\nsasl_method=\nsasl_username=%s\n"
                 "sasl_sender=\nccert_subject=\nccert_issuer=\n"
                 "ccert_fingerprint=\nccert_pubkey_fingerprint=\n"
                 "encryption_protocol=\nencryption_cipher=\n"
                 "encryption_keysize=0\npolicy_context=\n\n",
                 kinds[i].client, kinds[i].recipient, kinds[i].identity);
}

static void
ask(struct load *load, struct connection *connection)
{
    if (load->begun == load->requests)
        return;
    const char *text = load->texts[load->begun++ % KINDS];
    connection->asked = wall_clock();
    connection->size = 0;
    if (send(connection->socket, text, strlen(text), MSG_NOSIGNAL) !=
        (ssize_t)strlen(text))
        fail("request %zu cannot be sent", load->begun);
}

static void
take_answer(struct load *load, struct connection *connection)
{
    ssize_t size =
        recv(connection->socket, connection->answer + connection->size,
             ANSWER_SIZE - connection->size, 0);
    if (size <= 0)
        fail("request %zu is not answered", load->ended);
    connection->size += (size_t)size;
    if (!memmem(connection->answer, connection->size, "\n\n", 2))
        return;
    if (memcmp(connection->answer, "action=", strlen("action=")) != 0)
        fail("no action: %.*s", (int)connection->size, connection->answer);
    load->latencies[load->ended++] = wall_clock() - connection->asked;
    ask(load, connection);
}

/* -- connections ---------------------------------------------------------- */

static struct connection *
open_connections(struct load *load)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    struct connection *all =
        new_array(load->connections, sizeof(struct connection));
    snprintf(place.sun_path, sizeof place.sun_path, "%s", load->path);
    for (size_t i = 0; i < load->connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
        all[i].socket = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(all[i].socket, (struct sockaddr *)&place, sizeof place) !=
                0 ||
            epoll_ctl(load->epoll, EPOLL_CTL_ADD, all[i].socket, &event) != 0)
            fail("%s: %s", load->path, strerror(errno));
    }
    return all;
}

static void
run(struct load *load)
{
    load->epoll = epoll_create1(0);
    struct connection *all = open_connections(load);
    double start = wall_clock();
    for (size_t i = 0; i < load->connections; i++)
        ask(load, &all[i]);
    while (load->ended < load->requests) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(load->epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++)
            take_answer(load, events[i].data.ptr);
    }
    double seconds = (wall_clock() - start) / 1e9;
    for (size_t i = 0; i < load->connections; i++)
        close(all[i].socket);
    free(all);
    close(load->epoll);
    printf("%.0f requests/s, ", (double)load->requests / seconds);
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void
print_latencies(struct load *load)
{
    qsort(load->latencies, load->requests, sizeof *load->latencies, compare);
    printf("p50 %.0f us, p99 %.0f us\n",
           load->latencies[load->requests / 2] / 1e3,
           load->latencies[load->requests * 99 / 100] / 1e3);
}

int
main(int argc, char **argv)
{
    if (argc != 4)
        fail("usage: policy_load PATH CONNECTIONS REQUESTS");
    struct load load = {.path = argv[1],
                        .connections = strtoul(argv[2], NULL, 10),
                        .requests = strtoul(argv[3], NULL, 10)};
    if (load.connections == 0 || load.requests == 0)
        fail("neither can be 0");
    load.latencies = new_array(load.requests, sizeof *load.latencies);
    write_requests(&load);
    run(&load);
    print_latencies(&load);
    free(load.latencies);
}
