#include "image/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/output.h"
#include "image/policy.h"

static bool
write_all(int fd, struct text bytes)
{
    while (bytes.size > 0) {
        ssize_t written = write(fd, bytes.data, bytes.size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written == 0) /* says nothing, and would say it for ever */
            errno = EIO;
        if (written <= 0)
            return false;
        bytes = text_from(bytes, (size_t)written);
    }
    return true;
}

static int
open_again(const char *path, int flags, mode_t mode)
{
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static bool
sync_to_disk(int fd)
{
    int failed;
    do
        failed = fsync(fd);
    while (failed && errno == EINTR);
    return !failed;
}

/* A closed descriptor is gone even where close was interrupted, and what was
 * written has been synced before. */
static bool
close_synced(int fd)
{
    return close(fd) == 0 || errno == EINTR;
}

/* A new file gets the mode that the process gives files; one that replaces
 * another keeps that one's. */
static bool
keep_mode(int fd, const char *path)
{
    struct stat old;
    if (stat(path, &old) != 0)
        return errno == ENOENT;
    if (S_ISREG(old.st_mode))
        return fchmod(fd, old.st_mode & 0777) == 0;
    /* Renaming would put a file in the place of /dev/null. */
    errno = S_ISDIR(old.st_mode) ? EISDIR : EINVAL;
    return false;
}

static bool
write_file(int fd, struct text image, const char *path)
{
    bool ok = keep_mode(fd, path) && write_all(fd, image) && sync_to_disk(fd);
    int problem = errno;
    if (ok)
        return close_synced(fd);
    close(fd);
    errno = problem;
    return false;
}

/* Room for a dot, a process number, a dot, a number, and the NUL. */
enum {
    SUFFIX_SIZE = 32,
    ATTEMPTS = 100
};

/* Not mkstemp, whose files nobody else may read: an MTA's processes may run as
 * another user than who compiles its policy. */
static int
open_temporary(const char *path, char *temporary, size_t size)
{
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        struct output out = output_to(temporary, size);
        output_format(&out, "%s.%ld.%u", path, (long)getpid(), i);
        int fd = open_again(temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

static bool
replace_file(struct text image, const char *path, char *temporary, size_t size)
{
    int fd = open_temporary(path, temporary, size);
    if (fd < 0)
        return false;
    if (write_file(fd, image, path) && rename(temporary, path) == 0)
        return true;
    int problem = errno;
    unlink(temporary);
    errno = problem;
    return false;
}

/* The folder of `path`, by a name made in `room`. */
static int
open_folder(const char *path, char *room, size_t size)
{
    const char *slash = strrchr(path, '/');
    struct output out = output_to(room, size);
    output_text(&out, slash ? (struct text){path, (size_t)(slash - path) + 1}
                            : TEXT("."));
    return open_again(room, O_RDONLY | O_DIRECTORY, 0);
}

/* Makes the new name last: a rename is durable once its folder is synced.  The
 * folder is opened before anything is replaced, as that may fail. */
static bool
save_as(struct text image, const char *path, char *temporary, size_t size)
{
    int folder = open_folder(path, temporary, size);
    if (folder < 0)
        return false;
    bool ok = replace_file(image, path, temporary, size) &&
              (sync_to_disk(folder) ||
               errno == EINVAL); /* some file systems cannot */
    int problem = errno;
    close(folder);
    errno = problem;
    return ok;
}

enum mayrelay_status
image_save(struct text image, const char *path)
{
    size_t size = strlen(path) + SUFFIX_SIZE;
    char *temporary = memory_new(size, 1);
    if (!temporary)
        return MAYRELAY_ERR_MEMORY;
    bool ok = save_as(image, path, temporary, size);
    memory_free(temporary);
    return ok ? MAYRELAY_OK : MAYRELAY_ERR_IO;
}

enum mayrelay_status
mayrelay_policy_save(const mayrelay_policy *policy, const char *image_path)
{
    if (!policy || !image_path)
        return MAYRELAY_ERR_ARGUMENT;
    const struct image *image = policy_image(policy);
    return image_save((struct text){(const char *)image->data, image->size},
                      image_path);
}
