#include "dns/watches.h"

#include <string.h>

#include "base/memory.h"

void
watches_init(struct watches *watches)
{
    *watches = (struct watches){.descriptor = descriptor_closed()};
}

void
watches_clear(struct watches *watches)
{
    descriptor_close(&watches->descriptor);
    memory_free(watches->list);
    memory_free(watches->scratch);
    watches_init(watches);
}

int
watches_open(struct watches *watches)
{
    bool open = watches->descriptor.fd >= 0;
    if (open || !descriptor_open(&watches->descriptor))
        return watches->descriptor.fd;
    for (size_t i = 0; i < watches->count; i++)
        descriptor_watch(&watches->descriptor, watches->list[i].fd,
                         watches->list[i].events);
    return watches->descriptor.fd;
}

static struct pollfd *
find(const struct watches *watches, int fd)
{
    for (size_t i = 0; i < watches->count; i++)
        if (watches->list[i].fd == fd)
            return &watches->list[i];
    return NULL;
}

static bool
make_room(struct watches *watches)
{
    size_t need = watches->count + 1;
    return memory_grow(&watches->list, &watches->room, need,
                       sizeof *watches->list) &&
           memory_grow(&watches->scratch, &watches->scratch_room, need,
                       sizeof *watches->scratch);
}

/* A socket that there is no memory for is not listened to; what was asked
 * through it then comes to its deadline. */
void
watches_set(struct watches *watches, int fd, short events)
{
    struct pollfd *watch = find(watches, fd);
    descriptor_watch(&watches->descriptor, fd, events);
    if (watch && !events) {
        *watch = watches->list[--watches->count];
    } else if (watch) {
        watch->events = events;
    } else if (events && make_room(watches)) {
        watches->list[watches->count++] =
            (struct pollfd){.fd = fd, .events = events};
    }
}

size_t
watches_poll(struct watches *watches, int timeout_ms,
             const struct pollfd **ready)
{
    size_t count = watches->count;
    if (count)
        memcpy(watches->scratch, watches->list, count * sizeof *watches->list);
    *ready = watches->scratch;
    return poll(watches->scratch, (nfds_t)count, timeout_ms) > 0 ? count : 0;
}
