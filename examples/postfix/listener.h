/* Where Postfix finds us: sockets of our own, and those of systemd. */
#ifndef LISTENER_H
#define LISTENER_H

#include <stdbool.h>

struct listener {
    int socket;       /* -1 if there is none */
    const char *path; /* of a Unix socket that is ours to remove, or NULL */
};

/* "unix:PATH", "inet:ADDRESS:PORT", "inet:[ADDRESS]:PORT"; port 0 is any that
 * is free.  Says where it listens, or why it does not. */
bool listener_open(struct listener *listener, const char *place);
void listener_close(struct listener *listener);
/* How many sockets systemd has left us, from descriptor 3 on (sd_listen_fds);
 * to be called once. */
int listener_count_inherited(void);
/* Number `index` of these. */
bool listener_inherit(struct listener *listener, int index);

#endif
