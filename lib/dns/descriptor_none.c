/* A system without epoll: there is no one descriptor, and the host asks for
 * the sockets and the time. */
#include <errno.h>

#include "dns/descriptor.h"

struct descriptor
descriptor_closed(void)
{
    return (struct descriptor){-1, -1, UINT64_MAX};
}

void
descriptor_close(struct descriptor *descriptor)
{
    (void)descriptor;
}

bool
descriptor_open(struct descriptor *descriptor)
{
    (void)descriptor;
    errno = ENOTSUP;
    return false;
}

void
descriptor_watch(struct descriptor *descriptor, int fd, short events)
{
    (void)descriptor;
    (void)fd;
    (void)events;
}

void
descriptor_wake(struct descriptor *descriptor, uint64_t now_ms,
                uint64_t wake_ms)
{
    (void)descriptor;
    (void)now_ms;
    (void)wake_ms;
}
