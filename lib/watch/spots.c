#include "watch/spots.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum {
    LINKS_MOST = 40, /* as many as Linux follows */
    READS_MOST = 64  /* in one go: an endless stream must not hold the host */
};

static const uint32_t ON_THE_WAY = IN_CREATE | IN_DELETE | IN_MOVE;
static const uint32_t IN_ITS_DIRECTORY =
    IN_CREATE | IN_DELETE | IN_MOVE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB;
/* A file that another takes the name of has one name less: an attribute. */
static const uint32_t AT_THE_FILE = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB;

/* -- life --------------------------------------------------------------- */

static void
list_clear(struct spot_list *list)
{
    arena_clear(&list->paths);
    memory_free(list->spots);
    *list = (struct spot_list){.spots = NULL};
}

bool
spots_open(struct spots *spots)
{
    *spots = (struct spots){.inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    return spots->inotify >= 0;
}

void
spots_close(struct spots *spots)
{
    list_clear(&spots->now);
    list_clear(&spots->before);
    if (spots->inotify >= 0)
        close(spots->inotify);
}

/* -- the way to a file -------------------------------------------------- */

struct walk {
    struct spots *spots;
    char done[PATH_MAX]; /* without links */
    size_t size;
    const char *rest;    /* still to go; may lead through links */
    char room[PATH_MAX]; /* for the rest */
    unsigned links;
};

static void
add_spot(struct spots *spots, int watch, struct text path, size_t name)
{
    struct spot_list *list = &spots->now;
    struct text copy = arena_copy(&list->paths, path);
    if (!copy.data || !memory_grow(&list->spots, &list->room, list->count + 1,
                                   sizeof *list->spots)) {
        spots->problem = ENOMEM;
        return;
    }
    list->spots[list->count++] = (struct spot){
        .watch = watch,
        .path = copy.data,
        .name = name < path.size ? copy.data + name : NULL,
    };
}

/* What is gone again, or must not be read, is no problem: its directory, or the
 * file, tells what becomes of it. */
static int
watch_path(struct spots *spots, const char *path, uint32_t events)
{
    int watch = inotify_add_watch(spots->inotify, path, events | IN_MASK_ADD);
    if (watch < 0 && (errno == ENOSPC || errno == ENOMEM))
        spots->problem = errno;
    return watch;
}

static bool
walk_append(struct walk *walk, struct text name)
{
    bool slash = walk->size && walk->done[walk->size - 1] != '/';
    if (walk->size + slash + name.size >= sizeof walk->done)
        return false;
    if (slash)
        walk->done[walk->size++] = '/';
    memcpy(walk->done + walk->size, name.data, name.size);
    walk->size += name.size;
    walk->done[walk->size] = '\0';
    return true;
}

static void
walk_cut(struct walk *walk, size_t size)
{
    walk->size = size;
    walk->done[size] = '\0';
}

/* What is still to go is this path, and then the rest. */
static bool
walk_turn(struct walk *walk, struct text path)
{
    size_t rest_size = strlen(walk->rest) + 1;
    if (path.size + 1 + rest_size > sizeof walk->room)
        return false;
    if (text_starts(path, TEXT("/"))) {
        walk_cut(walk, 0);
        walk_append(walk, TEXT("/"));
    }
    memmove(walk->room + path.size + 1, walk->rest, rest_size);
    memcpy(walk->room, path.data, path.size);
    walk->room[path.size] = '/';
    walk->rest = walk->room;
    return true;
}

/* One component further; false at the end, and where the way breaks off.  The
 * directory is watched before what is in it is looked at, so no change in
 * between is missed. */
static bool
walk_step(struct walk *walk)
{
    struct spots *spots = walk->spots;
    const char *start = walk->rest + strspn(walk->rest, "/");
    struct text name = {start, strcspn(start, "/")};
    walk->rest = start + name.size;
    if (!name.size)
        return false;
    bool last = walk->rest[strspn(walk->rest, "/")] == '\0';
    size_t directory = walk->size;
    int watch = watch_path(spots, directory ? walk->done : ".",
                           IN_ONLYDIR | (last ? IN_ITS_DIRECTORY : ON_THE_WAY));
    if (!walk_append(walk, name))
        return false;
    struct text path = {walk->done, walk->size};
    if (watch >= 0)
        add_spot(spots, watch, path, path.size - name.size);
    char target[PATH_MAX];
    ssize_t size = readlink(walk->done, target, sizeof target);
    if (size >= 0) {
        walk_cut(walk, directory);
        return ++walk->links <= LINKS_MOST &&
               walk_turn(walk, (struct text){target, (size_t)size});
    }
    if (errno != EINVAL) /* not even something that is no link */
        return false;
    if (last && (watch = watch_path(spots, walk->done, AT_THE_FILE)) >= 0)
        add_spot(spots, watch, path, path.size);
    return true;
}

void
spots_add(struct spots *spots, const char *path)
{
    struct walk walk = {.spots = spots, .rest = ""};
    if (!walk_turn(&walk, text_of(path)))
        return; /* nor can it be opened */
    while (walk_step(&walk))
        continue;
}

/* -- finding them anew --------------------------------------------------- */

void
spots_renew(struct spots *spots)
{
    spots->before = spots->now;
    spots->now = (struct spot_list){.spots = NULL};
    spots->problem = 0;
}

static int
by_watch(const void *left, const void *right)
{
    int a = ((const struct spot *)left)->watch;
    int b = ((const struct spot *)right)->watch;
    return (a > b) - (a < b);
}

static bool
is_watched(const struct spot_list *list, const struct spot *spot)
{
    return list->count && bsearch(spot, list->spots, list->count,
                                  sizeof *list->spots, by_watch);
}

void
spots_settle(struct spots *spots)
{
    struct spot_list *now = &spots->now;
    if (now->count)
        qsort(now->spots, now->count, sizeof *now->spots, by_watch);
    for (size_t i = 0; i < spots->before.count; i++)
        if (!is_watched(now, &spots->before.spots[i]))
            inotify_rm_watch(spots->inotify, spots->before.spots[i].watch);
    list_clear(&spots->before);
}

/* -- what happens -------------------------------------------------------- */

/* A new file is still empty; a new link or directory is all there. */
static bool
is_new_file(const struct spot *spot, uint32_t events)
{
    struct stat status;
    return events & IN_CREATE && lstat(spot->path, &status) == 0 &&
           S_ISREG(status.st_mode) && status.st_nlink == 1;
}

static void
note(struct spot *spot, uint32_t events)
{
    if (events & IN_MODIFY || is_new_file(spot, events))
        spot->being_written = true;
    else if (!(events & IN_ATTRIB))
        spot->being_written = false;
}

static bool
concerns(const struct spot *spot, const struct inotify_event *event)
{
    return spot->watch == event->wd &&
           (!event->len ||
            (spot->name && strcmp(spot->name, event->name) == 0));
}

static bool
take_event(struct spots *spots, const struct inotify_event *event)
{
    bool matters = event->mask & IN_Q_OVERFLOW; /* anything may have been */
    for (size_t i = 0; i < spots->now.count; i++)
        if (concerns(&spots->now.spots[i], event)) {
            note(&spots->now.spots[i], event->mask);
            matters = true;
        }
    return matters;
}

bool
spots_read(struct spots *spots)
{
    _Alignas(struct inotify_event) char events[4096];
    bool matters = false;
    for (int i = 0; i < READS_MOST; i++) {
        ssize_t size = read(spots->inotify, events, sizeof events);
        if (size <= 0)
            break;
        for (const char *at = events; at < events + size;) {
            const struct inotify_event *event = (const void *)at;
            matters |= take_event(spots, event);
            at += sizeof *event + event->len;
        }
    }
    return matters;
}

bool
spots_being_written(const struct spots *spots)
{
    for (size_t i = 0; i < spots->now.count; i++)
        if (spots->now.spots[i].being_written)
            return true;
    return false;
}
