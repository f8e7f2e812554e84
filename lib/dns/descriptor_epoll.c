/* Linux: a descriptor of epoll is itself one that can be polled. */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "dns/descriptor.h"

struct descriptor
descriptor_closed(void)
{
    return (struct descriptor){-1, -1, UINT64_MAX};
}

void
descriptor_close(struct descriptor *descriptor)
{
    if (descriptor->timer >= 0)
        close(descriptor->timer);
    if (descriptor->fd >= 0)
        close(descriptor->fd);
    *descriptor = descriptor_closed();
}

bool
descriptor_open(struct descriptor *descriptor)
{
    if (descriptor->fd >= 0)
        return true;
    descriptor->fd = epoll_create1(EPOLL_CLOEXEC);
    descriptor->timer =
        timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN,
                                .data.fd = descriptor->timer};
    if (descriptor->fd >= 0 && descriptor->timer >= 0 &&
        epoll_ctl(descriptor->fd, EPOLL_CTL_ADD, descriptor->timer, &event) ==
            0)
        return true;
    descriptor_close(descriptor);
    return false;
}

/* What cannot be watched is found by the timer: every dispatch looks at all
 * sockets. */
void
descriptor_watch(struct descriptor *descriptor, int fd, short events)
{
    struct epoll_event event = {.data.fd = fd};
    if (descriptor->fd < 0)
        return;
    if (events & POLLIN)
        event.events |= EPOLLIN;
    if (events & POLLOUT)
        event.events |= EPOLLOUT;
    if (!event.events)
        epoll_ctl(descriptor->fd, EPOLL_CTL_DEL, fd, &event);
    else if (epoll_ctl(descriptor->fd, EPOLL_CTL_ADD, fd, &event) != 0)
        epoll_ctl(descriptor->fd, EPOLL_CTL_MOD, fd, &event);
}

static void
set_timer(struct descriptor *descriptor, uint64_t now_ms, uint64_t wake_ms)
{
    uint64_t delay = wake_ms > now_ms ? wake_ms - now_ms : 0;
    /* A timer of zero would be none. */
    struct itimerspec when = {.it_value = {(time_t)(delay / 1000),
                                           (long)(delay % 1000) * 1000000 + 1}};
    if (wake_ms == UINT64_MAX)
        when = (struct itimerspec){0};
    timerfd_settime(descriptor->timer, 0, &when, NULL);
    descriptor->wake_ms = wake_ms;
}

void
descriptor_wake(struct descriptor *descriptor, uint64_t now_ms,
                uint64_t wake_ms)
{
    uint64_t set_ms = descriptor->wake_ms;
    if (descriptor->fd < 0)
        return;
    bool fired = set_ms <= now_ms;
    bool due = wake_ms <= now_ms;
    /* Most calls end here: to be woken once too early costs less than to set
     * the timer anew for every look-up. */
    if (fired ? due : set_ms <= wake_ms)
        return;
    set_timer(descriptor, now_ms, wake_ms);
}
