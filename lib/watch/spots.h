/* Where a change of a file shows: at the file itself, and in each directory
 * that the way to it leads through, links followed.
 *
 * Watching the file alone would miss what is renamed over it or comes back;
 * watching its directory alone, a link on the way that is turned elsewhere, and
 * a write by another name of the file. */
#ifndef MAYRELAY_WATCH_SPOTS_H
#define MAYRELAY_WATCH_SPOTS_H

#include "base/arena.h"

struct spot {
    int watch;        /* of inotify: a directory, or the file itself */
    const char *path; /* what changes */
    const char *name; /* its name in the directory; NULL: the file itself */
    bool being_written;
};

struct spot_list {
    struct arena paths;
    struct spot *spots;
    size_t count, room;
};

struct spots {
    int inotify;
    struct spot_list now, before; /* before: while they are found anew */
    int problem; /* errno of what kept a spot from being watched, or 0 */
};

/* False (see errno) if inotify cannot be had.  Close it anyway. */
bool spots_open(struct spots *spots);
void spots_close(struct spots *spots);

/* To find the spots anew: renew, add each file before it is read, and settle.
 * Whatever was watched before stays so until then. */
void spots_renew(struct spots *spots);
void spots_add(struct spots *spots, const char *path);
void spots_settle(struct spots *spots);

/* Takes what has happened since; true if any of it was at a spot. */
bool spots_read(struct spots *spots);
/* A file is open and half-way: changed, but not closed yet. */
bool spots_being_written(const struct spots *spots);

#endif
