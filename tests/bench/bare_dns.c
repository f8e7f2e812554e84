#include "bare_dns.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <unistd.h>

#include "measure.h"

enum {
    NAMES_MOST = 10
};

struct run {
    ares_channel channel;
    int epoll;
    size_t checks, started, done, confirmed;
};

struct job {
    struct run *run;
    struct in_addr client;
    char *names[NAMES_MOST];
    int count, at;
};

static void start(struct run *run);
static void next_forward(struct job *job);

void
client_text(char out[CLIENT_TEXT_SIZE], size_t number)
{
    snprintf(out, CLIENT_TEXT_SIZE, "10.%zu.%zu.%zu", number >> 16 & 255,
             number >> 8 & 255, number & 255);
}

static void
finish(struct job *job, bool confirmed)
{
    struct run *run = job->run;
    for (int i = 0; i < job->count; i++)
        free(job->names[i]);
    free(job);
    run->done++;
    run->confirmed += confirmed;
    if (run->started < run->checks)
        start(run);
}

static void
on_forward(void *context, int status, int timeouts, struct ares_addrinfo *found)
{
    struct job *job = context;
    bool hit = false;
    (void)timeouts;
    if (status == ARES_SUCCESS) {
        for (struct ares_addrinfo_node *n = found->nodes; n; n = n->ai_next) {
            struct sockaddr_in address;
            memcpy(&address, n->ai_addr, sizeof address);
            hit |= address.sin_addr.s_addr == job->client.s_addr;
        }
        ares_freeaddrinfo(found);
    }
    if (hit) {
        finish(job, true);
        return;
    }
    job->at++;
    next_forward(job);
}

static void
next_forward(struct job *job)
{
    static const struct ares_addrinfo_hints hints = {
        .ai_family = AF_INET, .ai_flags = ARES_AI_NOSORT};
    if (job->at < job->count)
        ares_getaddrinfo(job->run->channel, job->names[job->at], NULL, &hints,
                         on_forward, job);
    else
        finish(job, false);
}

static void
on_ptr(void *context, int status, int timeouts, unsigned char *data, int size)
{
    struct job *job = context;
    struct hostent *host = NULL;
    (void)timeouts;
    if (status != ARES_SUCCESS ||
        ares_parse_ptr_reply(data, size, &job->client, sizeof job->client,
                             AF_INET, &host) != ARES_SUCCESS) {
        finish(job, false);
        return;
    }
    for (char **name = host->h_aliases; *name && job->count < NAMES_MOST;
         name++)
        job->names[job->count++] = strdup(*name);
    ares_free_hostent(host);
    next_forward(job);
}

static void
start(struct run *run)
{
    struct job *job = calloc(1, sizeof *job);
    char text[CLIENT_TEXT_SIZE], name[64];
    client_text(text, run->started++);
    job->run = run;
    inet_pton(AF_INET, text, &job->client);
    const unsigned char *octets = (const unsigned char *)&job->client;
    snprintf(name, sizeof name, "%u.%u.%u.%u.in-addr.arpa", octets[3],
             octets[2], octets[1], octets[0]);
    ares_query(run->channel, name, ns_c_in, ns_t_ptr, on_ptr, job);
}

static void
on_socket(void *context, ares_socket_t fd, int readable, int writable)
{
    struct run *run = context;
    struct epoll_event event = {.data.fd = fd};
    event.events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);
    if (!event.events)
        epoll_ctl(run->epoll, EPOLL_CTL_DEL, fd, NULL);
    else if (epoll_ctl(run->epoll, EPOLL_CTL_MOD, fd, &event) != 0)
        epoll_ctl(run->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void
loop(struct run *run)
{
    while (run->done < run->checks) {
        struct epoll_event events[16];
        struct timeval most = {1, 0}, room;
        struct timeval *left = ares_timeout(run->channel, &most, &room);
        int count = epoll_wait(
            run->epoll, events, 16,
            (int)(left->tv_sec * 1000 + (left->tv_usec + 999) / 1000));
        if (count <= 0)
            ares_process_fd(run->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        for (int i = 0; i < count; i++)
            ares_process_fd(run->channel,
                            events[i].events & EPOLLIN ? events[i].data.fd
                                                       : ARES_SOCKET_BAD,
                            events[i].events & EPOLLOUT ? events[i].data.fd
                                                        : ARES_SOCKET_BAD);
    }
}

size_t
bare_dns_run(const char *server, size_t checks, size_t in_flight)
{
    struct run run = {.epoll = epoll_create1(0), .checks = checks};
    char lookups[] = "b";
    struct ares_options options = {
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
                 ARES_FLAG_NOCHECKRESP | ARES_FLAG_STAYOPEN,
        .timeout = 500,
        .tries = 2,
        .lookups = lookups,
        .sock_state_cb = on_socket,
        .sock_state_cb_data = &run,
    };
    if (ares_init_options(&run.channel, &options,
                          ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                              ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB) ||
        ares_set_servers_ports_csv(run.channel, server))
        fail("no bare client");
    for (size_t i = 0; i < in_flight && i < checks; i++)
        start(&run);
    loop(&run);
    ares_destroy(run.channel);
    close(run.epoll);
    return run.confirmed;
}
