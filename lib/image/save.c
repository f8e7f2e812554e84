/* Saving an image: a reader sees the old file or the new one, never a part. */
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
write_all(int fd, const unsigned char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return true;
}

/* Makes the new name last: a rename is durable once its folder is synced. */
static bool
sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t size = slash ? (size_t)(slash - path) + 1 : 0;
    char *folder = memory_new(size + 2, 1);
    if (!folder)
        return false;
    if (size)
        memcpy(folder, path, size);
    else
        folder[0] = '.';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    memory_free(folder);
    if (fd < 0)
        return false;
    bool ok = fsync(fd) == 0 || errno == EINVAL; /* some file systems cannot */
    close(fd);
    return ok;
}

/* A new file gets the mode that the process gives files; one that replaces
 * another keeps that one's. */
static bool
keep_mode(int fd, const char *path)
{
    struct stat old;
    if (stat(path, &old) != 0 || !S_ISREG(old.st_mode))
        return true;
    return fchmod(fd, old.st_mode & 0777) == 0;
}

static bool
write_file(int fd, const struct image *image, const char *path)
{
    bool ok = keep_mode(fd, path) && write_all(fd, image->data, image->size) &&
              fsync(fd) == 0;
    int problem = errno;
    if (close(fd) != 0 && ok)
        return false;
    errno = problem;
    return ok;
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
    int fd = -1;
    for (unsigned i = 0; i < ATTEMPTS && fd < 0; i++) {
        struct output out = output_to(temporary, size);
        output_format(&out, "%s.%ld.%u", path, (long)getpid(), i);
        fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            return fd;
    }
    return fd;
}

static enum mayrelay_status
save_as(const struct image *image, const char *path, char *temporary,
        size_t size)
{
    int fd = open_temporary(path, temporary, size);
    if (fd < 0)
        return MAYRELAY_ERR_IO;
    if (!write_file(fd, image, path) || rename(temporary, path) != 0) {
        int problem = errno;
        unlink(temporary);
        errno = problem;
        return MAYRELAY_ERR_IO;
    }
    return sync_folder(path) ? MAYRELAY_OK : MAYRELAY_ERR_IO;
}

enum mayrelay_status
mayrelay_policy_save(const mayrelay_policy *policy, const char *image_path)
{
    if (!policy || !image_path)
        return MAYRELAY_ERR_ARGUMENT;
    size_t size = strlen(image_path) + SUFFIX_SIZE;
    char *temporary = memory_new(size, 1);
    if (!temporary)
        return MAYRELAY_ERR_MEMORY;
    enum mayrelay_status status =
        save_as(policy_image(policy), image_path, temporary, size);
    memory_free(temporary);
    return status;
}
