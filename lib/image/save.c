/* Saving an image: a reader sees the old file or the new one, never a part. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
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

/* An image says no more than its policy: readable as policies are. */
enum {
    IMAGE_MODE = 0644
};

static bool
write_file(int fd, const struct image *image)
{
    bool ok = fchmod(fd, IMAGE_MODE) == 0 &&
              write_all(fd, image->data, image->size) && fsync(fd) == 0;
    int problem = errno;
    if (close(fd) != 0 && ok)
        return false;
    errno = problem;
    return ok;
}

static enum mayrelay_status
save_as(const struct image *image, const char *path, char *temporary)
{
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return MAYRELAY_ERR_IO;
    if (!write_file(fd, image) || rename(temporary, path) != 0) {
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
    static const char suffix[] = ".XXXXXX";
    if (!policy || !image_path)
        return MAYRELAY_ERR_ARGUMENT;
    size_t size = strlen(image_path);
    char *temporary = memory_new(size + sizeof suffix, 1);
    if (!temporary)
        return MAYRELAY_ERR_MEMORY;
    memcpy(temporary, image_path, size);
    memcpy(temporary + size, suffix, sizeof suffix);
    enum mayrelay_status status =
        save_as(policy_image(policy), image_path, temporary);
    memory_free(temporary);
    return status;
}
