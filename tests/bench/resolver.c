/* Forward-confirmed look-ups: the resolver beside a bare client of c-ares that
 * does as much as it must, against one small name server, in turns; and what a
 * hit of the cache costs.
 *
 * usage: resolver [--quick] */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bare_dns.h"
#include "mayrelay.h"
#include "measure.h"

/* -- the name server ------------------------------------------------------ */

/* 10.1.2.3 is 3.2.1.10.h.test, and back. */
static size_t
answer(unsigned char *packet, size_t size)
{
    static const unsigned char name[] = {1, 'h', 4, 't', 'e', 's', 't', 0};
    unsigned char data[64];
    unsigned char octets[4] = {0};
    size_t at = 12, data_size = 0;
    for (unsigned label = 0; label < 4 && at < size; label++) {
        for (unsigned i = 1; i <= packet[at]; i++)
            octets[3 - label] =
                (unsigned char)(octets[3 - label] * 10 + packet[at + i] - '0');
        memcpy(data + data_size, packet + at, packet[at] + 1u);
        data_size += packet[at] + 1u;
        at += packet[at] + 1u;
    }
    while (at < size && packet[at])
        at += packet[at] + 1u;
    bool is_ptr = packet[at + 2] == 12;
    size_t end = at + 5;
    if (is_ptr) {
        memcpy(data + data_size, name, sizeof name);
        data_size += sizeof name;
    } else {
        memcpy(data, octets, 4);
        data_size = 4;
    }
    unsigned char head[] = {0xc0, 12, 0, (unsigned char)(is_ptr ? 12 : 1),
                            0,    1,  0, 0,
                            0,    60, 0, (unsigned char)data_size};
    packet[2] = 0x81;
    packet[3] = 0x80;
    memset(packet + 4, 0, 8);
    packet[5] = packet[7] = 1;
    memcpy(packet + end, head, sizeof head);
    memcpy(packet + end + sizeof head, data, data_size);
    return end + sizeof head + data_size;
}

static _Noreturn void
serve(int fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        unsigned char packet[1024];
        struct sockaddr_in who;
        socklen_t who_size = sizeof who;
        ssize_t size =
            recvfrom(fd, packet, 512, 0, (struct sockaddr *)&who, &who_size);
        if (size > 17)
            sendto(fd, packet, answer(packet, (size_t)size), 0,
                   (struct sockaddr *)&who, who_size);
    }
}

static pid_t
start_server(char address[32])
{
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(fd, (struct sockaddr *)&here, size) != 0 ||
        getsockname(fd, (struct sockaddr *)&here, &size) != 0)
        fail("no socket for the name server");
    pid_t child = fork();
    if (child == 0)
        serve(fd);
    close(fd);
    snprintf(address, 32, "127.0.0.1:%u", ntohs(here.sin_port));
    return child;
}

/* -- ours ------------------------------------------------------------------ */

struct load {
    const char *server;
    size_t checks, in_flight;
};

static void
ask(mayrelay_resolver *resolver, size_t number)
{
    char client[CLIENT_TEXT_SIZE];
    client_text(client, number);
    if (mayrelay_resolver_ask(resolver, client, number) != MAYRELAY_OK)
        fail("ask");
}

static mayrelay_resolver *
new_resolver(const struct load *load)
{
    mayrelay_resolver *resolver = mayrelay_resolver_new();
    if (mayrelay_resolver_set_servers(resolver, load->server) != MAYRELAY_OK)
        fail("no resolver");
    return resolver;
}

static void
run_ours(const struct load *load)
{
    mayrelay_resolver *resolver = new_resolver(load);
    mayrelay_resolver_set_cache(resolver, 0, 0);
    struct pollfd one = {mayrelay_resolver_get_fd(resolver), POLLIN, 0};
    size_t asked = 0, done = 0;
    for (; asked < load->in_flight; asked++)
        ask(resolver, asked);
    while (done < load->checks) {
        mayrelay_dns_answer *found;
        poll(&one, 1, -1);
        mayrelay_resolver_dispatch(resolver);
        while ((found = mayrelay_resolver_next(resolver, NULL))) {
            if (mayrelay_dns_answer_count(found) != 1)
                fail("a look-up failed");
            mayrelay_dns_answer_free(found);
            done++;
            if (asked < load->checks)
                ask(resolver, asked++);
        }
    }
    mayrelay_resolver_free(resolver);
}

static void
run_bare(const struct load *load)
{
    size_t confirmed =
        bare_dns_run(load->server, load->checks, load->in_flight);
    if (confirmed != load->checks)
        fail("the bare client lost %zu", load->checks - confirmed);
}

/* -- tables ---------------------------------------------------------------- */

enum {
    ROUNDS = 5,
    CACHED = 1000
};

static double
rate(void (*run)(const struct load *load), const struct load *load)
{
    double start = wall_clock();
    run(load);
    return (double)load->checks / (wall_clock() - start) * 1e9;
}

static void
compare(struct table *table, const struct load *load)
{
    double bare[ROUNDS], ours[ROUNDS], ratios[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        bare[i] = rate(run_bare, load);
        ours[i] = rate(run_ours, load);
        ratios[i] = ours[i] / bare[i];
    }
    table_row(table, "%zu", load->in_flight);
    table_number(table, median(bare, ROUNDS));
    table_number(table, median(ours, ROUNDS));
    table_number(table, median(ratios, ROUNDS));
}

static void
hit_all(void *context)
{
    for (size_t i = 0; i < CACHED; i++) {
        ask(context, i);
        mayrelay_dns_answer *found = mayrelay_resolver_next(context, NULL);
        if (!found)
            fail("not in the cache");
        mayrelay_dns_answer_free(found);
    }
}

static void
measure_hits(struct table *table, const struct load *load, bool with_fd)
{
    mayrelay_resolver *resolver = new_resolver(load);
    for (size_t i = 0; i < CACHED; i++) {
        char client[CLIENT_TEXT_SIZE];
        client_text(client, i);
        mayrelay_dns_answer_free(
            mayrelay_resolver_resolve(resolver, client, 10000));
    }
    if (with_fd)
        mayrelay_resolver_get_fd(resolver);
    table_row(table, with_fd ? "with a descriptor" : "without");
    table_number(table, measure(hit_all, resolver, 9) / CACHED);
    mayrelay_resolver_free(resolver);
}

int
main(int count, char **arguments)
{
    struct options options = options_read(count, arguments);
    char server[32];
    pid_t child = start_server(server);
    struct load one = {server, options.quick ? 200 : 20000, 1};
    struct load many = {server, options.quick ? 500 : 60000, 100};
    static const struct column rates[] = {
        {"bare c-ares, checks/s", 0}, {"ours, checks/s", 0}, {"ratio", 2}};
    struct table compared = {"forward-confirmed look-ups", "in flight", rates,
                             3, 0};
    table_start(&compared);
    compare(&compared, &one);
    compare(&compared, &many);
    static const struct column hits[] = {{"ns a hit", 0}};
    struct table cached = {"ask and next, from the cache", "resolver", hits, 1,
                           0};
    table_start(&cached);
    measure_hits(&cached, &one, false);
    measure_hits(&cached, &one, true);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return 0;
}
