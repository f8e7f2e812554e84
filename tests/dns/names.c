/* The confirmed names of the clients on standard input, one a line.
 *
 * usage: names SERVERS DEADLINE-MS */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mayrelay.h"

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
print(const mayrelay_dns_answer *answer)
{
    const char *names[16];
    size_t count = mayrelay_dns_answer_count(answer);
    printf("%s %s", mayrelay_dns_answer_get_client(answer),
           mayrelay_dns_answer_is_known(answer) ? "known" : "unknown");
    for (size_t i = 0; i < count; i++)
        names[i] = mayrelay_dns_answer_get_name(answer, i);
    qsort(names, count, sizeof names[0], by_name);
    for (size_t i = 0; i < count; i++)
        printf(" %s", names[i]);
    printf("\n");
    fflush(stdout);
}

/* As a host does that has no epoll. */
static void
wait_for_sockets(mayrelay_resolver *resolver)
{
    struct pollfd sockets[64];
    int fds[64];
    unsigned events[64];
    size_t count = mayrelay_resolver_get_sockets(resolver, fds, events, 64);
    for (size_t i = 0; i < count; i++) {
        sockets[i] = (struct pollfd){.fd = fds[i]};
        if (events[i] & MAYRELAY_SOCKET_READ)
            sockets[i].events |= POLLIN;
        if (events[i] & MAYRELAY_SOCKET_WRITE)
            sockets[i].events |= POLLOUT;
    }
    poll(sockets, (nfds_t)count, mayrelay_resolver_get_timeout_ms(resolver));
}

static mayrelay_dns_answer *
look_up(mayrelay_resolver *resolver, const char *client, int way)
{
    mayrelay_dns_answer *answer;
    uint64_t token;
    if (way == 0)
        return mayrelay_resolver_resolve(resolver, client, 60000);
    struct pollfd one = {-1, POLLIN, 0};
    if (way == 1)
        one.fd = mayrelay_resolver_get_fd(resolver);
    if (mayrelay_resolver_ask(resolver, client, 7) != MAYRELAY_OK)
        return NULL;
    while (!(answer = mayrelay_resolver_next(resolver, &token))) {
        if (one.fd >= 0)
            poll(&one, 1, -1);
        else
            wait_for_sockets(resolver);
        mayrelay_resolver_dispatch(resolver);
    }
    return token == 7 ? answer : NULL;
}

/* The three ways to wait must come to the same. */
static mayrelay_dns_answer *
look_up_in_all_ways(mayrelay_resolver *resolver, const char *client)
{
    char first[4096], text[4096];
    mayrelay_dns_answer *answer = NULL;
    for (int way = 0; way < 3; way++) {
        mayrelay_dns_answer_free(answer);
        answer = look_up(resolver, client, way);
        bool known = mayrelay_dns_answer_is_known(answer);
        size_t count = mayrelay_dns_answer_count(answer);
        snprintf(way == 0 ? first : text, sizeof text, "%d %zu", known, count);
        if (way > 0 && strcmp(first, text) != 0)
            printf("way %d: %s, not %s\n", way, text, first);
    }
    return answer;
}

int
main(int argc, char **argv)
{
    char line[100];
    mayrelay_resolver *resolver = mayrelay_resolver_new();
    if (argc != 3 ||
        mayrelay_resolver_set_servers(resolver, argv[1]) != MAYRELAY_OK)
        return 2;
    mayrelay_resolver_set_deadline_ms(resolver, (uint32_t)atoi(argv[2]));
    mayrelay_resolver_set_cache(resolver, 0, 0);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        mayrelay_dns_answer *answer = look_up_in_all_ways(resolver, line);
        print(answer);
        mayrelay_dns_answer_free(answer);
    }
    mayrelay_resolver_free(resolver);
    return 0;
}
