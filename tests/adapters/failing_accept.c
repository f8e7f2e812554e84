/* To be preloaded: accept4(2) has no memory as long as there is a file of the
 * name in FAILING_ACCEPT. */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

typedef int accept_call(int socket, struct sockaddr *address, socklen_t *size,
                        int flags);

int
accept4(int socket, struct sockaddr *address, socklen_t *size, int flags)
{
    const char *name = getenv("FAILING_ACCEPT");
    if (name && access(name, F_OK) == 0) {
        errno = ENOMEM;
        return -1;
    }
    void *next = dlsym(RTLD_NEXT, "accept4");
    accept_call *call;
    *(void **)&call = next;
    return call(socket, address, size, flags);
}
