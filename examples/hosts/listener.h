/* A listening socket of the example hosts. */
#ifndef LISTENER_H
#define LISTENER_H

/* At "192.0.2.25:25" or "::1:25"; with port 0 at any that is free.  Prints the
 * port.  -1 if it cannot be had; that has been said then. */
int listener_open(const char *place);

#endif
