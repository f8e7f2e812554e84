/* Many sockets and a timer behind one descriptor, where the system has that:
 * descriptor_epoll.c, or descriptor_none.c. */
#ifndef MAYRELAY_DNS_DESCRIPTOR_H
#define MAYRELAY_DNS_DESCRIPTOR_H

#include <stdbool.h>
#include <stdint.h>

struct descriptor {
    int fd; /* for the host; -1: not open */
    int timer;
    uint64_t wake_ms; /* what the timer is set to; UINT64_MAX: to nothing */
};

/* Its state before it is opened and after it is closed. */
struct descriptor descriptor_closed(void);
/* False if it cannot be had: errno says why. */
bool descriptor_open(struct descriptor *descriptor);
void descriptor_close(struct descriptor *descriptor);
/* `events` as poll has them; 0: no longer. */
void descriptor_watch(struct descriptor *descriptor, int fd, short events);
/* Readable from then on, or somewhat earlier (whoever is woken looks at the
 * clock) but not now, unless it is due; UINT64_MAX: no need. */
void descriptor_wake(struct descriptor *descriptor, uint64_t now_ms,
                     uint64_t wake_ms);

#endif
