#include "listener.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool
print_port(int listener)
{
    struct sockaddr_storage place;
    socklen_t size = sizeof place;
    char port[NI_MAXSERV];
    if (getsockname(listener, (struct sockaddr *)&place, &size) != 0 ||
        getnameinfo((struct sockaddr *)&place, size, NULL, 0, port, sizeof port,
                    NI_NUMERICSERV) != 0)
        return false;
    printf("port %s\n", port);
    return fflush(stdout) == 0;
}

static int
listen_at(const struct addrinfo *place)
{
    int on = 1;
    int listener =
        socket(place->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener >= 0 &&
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(listener, place->ai_addr, place->ai_addrlen) == 0 &&
        listen(listener, SOMAXCONN) == 0 && print_port(listener))
        return listener;
    perror("cannot listen");
    if (listener >= 0)
        close(listener);
    return -1;
}

int
listener_open(const char *place)
{
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char address[100];
    snprintf(address, sizeof address, "%s", place);
    char *colon = strrchr(address, ':');
    if (colon)
        *colon = '\0';
    if (!colon || getaddrinfo(address, colon + 1, &wanted, &found) != 0) {
        fprintf(stderr, "%s is not ADDRESS:PORT\n", place);
        return -1;
    }
    int listener = listen_at(found);
    freeaddrinfo(found);
    return listener;
}
