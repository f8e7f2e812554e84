#include "clients.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* Nodes, and keys, are what begins with an id. */
static int
compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

struct client *
clients_find(const struct clients *clients, const char *id)
{
    struct client **node = tfind(id, &clients->tree, compare);
    return node ? *node : NULL;
}

void
clients_drop(struct clients *clients, struct client *client)
{
    tdelete(client, &clients->tree, compare);
    mayrelay_session_free(client->session);
    free(client);
}

struct client *
clients_add(struct clients *clients, const char *id)
{
    struct client *old = clients_find(clients, id);
    if (old)
        clients_drop(clients, old);
    size_t size = strlen(id);
    if (size >= ID_SIZE)
        return NULL;
    struct client *client = calloc(1, sizeof *client);
    if (!client)
        return NULL;
    memcpy(client->id, id, size + 1); /* with its NUL */
    if (!tsearch(client, &clients->tree, compare)) {
        free(client);
        return NULL;
    }
    return client;
}
