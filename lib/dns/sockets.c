#include "dns/sockets.h"

#include <string.h>

#include "base/memory.h"

void
sockets_init(struct sockets *sockets)
{
    *sockets = (struct sockets){.descriptor = descriptor_closed()};
}

void
sockets_clear(struct sockets *sockets)
{
    descriptor_close(&sockets->descriptor);
    memory_free(sockets->list);
    memory_free(sockets->scratch);
    sockets_init(sockets);
}

int
sockets_open(struct sockets *sockets)
{
    bool open = sockets->descriptor.fd >= 0;
    if (open || !descriptor_open(&sockets->descriptor))
        return sockets->descriptor.fd;
    for (size_t i = 0; i < sockets->count; i++)
        descriptor_watch(&sockets->descriptor, sockets->list[i].fd,
                         sockets->list[i].events);
    return sockets->descriptor.fd;
}

static struct pollfd *
find(const struct sockets *sockets, int fd)
{
    for (size_t i = 0; i < sockets->count; i++)
        if (sockets->list[i].fd == fd)
            return &sockets->list[i];
    return NULL;
}

static bool
make_room(struct sockets *sockets)
{
    size_t need = sockets->count + 1;
    return memory_grow(&sockets->list, &sockets->room, need,
                       sizeof *sockets->list) &&
           memory_grow(&sockets->scratch, &sockets->scratch_room, need,
                       sizeof *sockets->scratch);
}

/* A socket that there is no memory for is not listened to; what was asked
 * through it then comes to its deadline. */
void
sockets_set(struct sockets *sockets, int fd, short events)
{
    struct pollfd *watch = find(sockets, fd);
    descriptor_watch(&sockets->descriptor, fd, events);
    if (watch && !events) {
        *watch = sockets->list[--sockets->count];
    } else if (watch) {
        watch->events = events;
    } else if (events && make_room(sockets)) {
        sockets->list[sockets->count++] =
            (struct pollfd){.fd = fd, .events = events};
    }
}

size_t
sockets_poll(struct sockets *sockets, int timeout_ms,
             const struct pollfd **ready)
{
    size_t count = sockets->count;
    if (count)
        memcpy(sockets->scratch, sockets->list, count * sizeof *sockets->list);
    *ready = sockets->scratch;
    return poll(sockets->scratch, (nfds_t)count, timeout_ms) > 0 ? count : 0;
}
