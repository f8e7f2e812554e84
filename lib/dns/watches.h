/* The sockets that are open, and what each of them waits for. */
#ifndef MAYRELAY_DNS_WATCHES_H
#define MAYRELAY_DNS_WATCHES_H

#include <poll.h>
#include <stddef.h>

#include "dns/descriptor.h"

struct watches {
    struct pollfd *list, *scratch; /* both of `room` */
    size_t count, room, scratch_room;
    struct descriptor descriptor;
};

void watches_init(struct watches *watches);
void watches_clear(struct watches *watches);
/* Opens the descriptor, unless it is open, with every socket behind it; or
 * returns -1, and errno says why. */
int watches_open(struct watches *watches);
/* `events` as poll has them; 0: no longer. */
void watches_set(struct watches *watches, int fd, short events);
/* Asks once, without waiting, or up to `timeout_ms`, which sockets are ready.
 * The result is good until the next call, whatever happens to the list. */
size_t watches_poll(struct watches *watches, int timeout_ms,
                    const struct pollfd **ready);

#endif
