/* The sockets that are open, and what each of them waits for. */
#ifndef MAYRELAY_DNS_SOCKETS_H
#define MAYRELAY_DNS_SOCKETS_H

#include <poll.h>
#include <stddef.h>

#include "dns/descriptor.h"

struct sockets {
    struct pollfd *list, *scratch; /* both of `room` */
    size_t count, room, scratch_room;
    struct descriptor descriptor;
};

void sockets_init(struct sockets *sockets);
void sockets_clear(struct sockets *sockets);
/* Opens the descriptor, unless it is open, with every socket behind it; or
 * returns -1, and errno says why. */
int sockets_open(struct sockets *sockets);
/* `events` as poll has them; 0: no longer. */
void sockets_set(struct sockets *sockets, int fd, short events);
/* Asks once, without waiting, or up to `timeout_ms`, which sockets are ready.
 * The result is good until the next call, whatever happens to the list. */
size_t sockets_poll(struct sockets *sockets, int timeout_ms,
                    const struct pollfd **ready);

#endif
