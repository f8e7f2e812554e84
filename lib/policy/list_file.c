#include "policy/list_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

/* -- reading ------------------------------------------------------------ */

static int
open_file(const char *path)
{
    int file;
    do /* without O_NONBLOCK a FIFO would wait for its writer */
        file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    while (file < 0 && errno == EINTR);
    return file;
}

/* Reads up to `room` octets, fewer only at the end of the file. */
static bool
read_fully(int file, char *data, size_t room, size_t *size)
{
    for (*size = 0; *size < room;) {
        ssize_t got = read(file, data + *size, room - *size);
        if (got == 0)
            return true;
        if (got > 0)
            *size += (size_t)got;
        else if (errno != EINTR)
            return false;
    }
    return true;
}

/* What fstat says of the size may be old, or nothing at all (/proc), so the
 * file is read up to its end. */
static const char *
read_to_end(int file, size_t expected, struct text *content)
{
    char *data = NULL;
    size_t room = 0;
    size_t size = 0;
    size_t got;
    do {
        size_t need = size ? size + 1 : expected + 1;
        if (need > FILE_MOST + 1 || !memory_grow(&data, &room, need, 1)) {
            memory_free(data);
            return need > FILE_MOST + 1 ? "the file is too large"
                                        : "out of memory";
        }
        if (!read_fully(file, data + size, room - size, &got)) {
            memory_free(data);
            return strerror(errno);
        }
        size += got;
    } while (size == room);
    if (size > FILE_MOST) {
        memory_free(data);
        return "the file is too large";
    }
    *content = (struct text){data, size};
    return NULL;
}

static bool
is_as_before(const struct stat *now, const struct stat *before)
{
    return now->st_size == before->st_size &&
           now->st_mtim.tv_sec == before->st_mtim.tv_sec &&
           now->st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

/* A deny list that is being written in place must not be half of itself.  The
 * files of /proc have no size. */
static const char *
check_unchanged(int file, const struct stat *before, size_t size)
{
    struct stat now;
    if (fstat(file, &now) != 0)
        return strerror(errno);
    bool whole = now.st_size == 0 || (size_t)now.st_size == size;
    return whole && is_as_before(&now, before)
               ? NULL
               : "it was changed while it was read";
}

static const char *
read_open_file(int file, struct text *content)
{
    struct stat status;
    if (fstat(file, &status) != 0)
        return strerror(errno);
    if (S_ISDIR(status.st_mode))
        return "it is a directory";
    if (!S_ISREG(status.st_mode))
        return "it is not a regular file";
    if (status.st_size < 0 || (uint64_t)status.st_size > FILE_MOST)
        return "the file is too large";
    const char *problem = read_to_end(file, (size_t)status.st_size, content);
    return problem ? problem : check_unchanged(file, &status, content->size);
}

bool
file_read(const char *path, struct text *content, const char **problem)
{
    *content = (struct text){NULL, 0};
    int file = open_file(path);
    *problem = file < 0 ? strerror(errno) : read_open_file(file, content);
    if (file >= 0)
        close(file);
    if (!*problem)
        return true;
    memory_free((void *)(uintptr_t)content->data);
    *content = (struct text){NULL, 0};
    return false;
}

void
file_visit(const struct file_visitor *visitor, const char *path)
{
    if (visitor && visitor->visit)
        visitor->visit(visitor->context, path);
}

bool
file_read_edited(const struct file_visitor *visitor, const char *path,
                 struct text *content, const char **problem)
{
    if (!file_read(path, content, problem))
        return false;
    if (!visitor || !visitor->edit ||
        visitor->edit(visitor->context, path, content))
        return true;
    *problem = "out of memory";
    memory_free((void *)(uintptr_t)content->data);
    return false;
}

/* -- splitting ---------------------------------------------------------- */

struct list_file
list_file_of(struct text content)
{
    struct text mark = TEXT("\xef\xbb\xbf");
    if (text_starts(content, mark))
        content = text_from(content, mark.size);
    return (struct list_file){.rest = content};
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct text
without_comment(struct text line)
{
    for (size_t at = 0; at < line.size; at++) {
        size_t next = text_find(text_from(line, at), '#');
        if (next == TEXT_NONE)
            return line;
        at += next;
        if (at == 0 || is_blank(line.data[at - 1]))
            return text_slice(line, 0, at);
    }
    return line;
}

static uint32_t
column_of(struct text line, const char *at)
{
    uint32_t column = 1;
    for (const char *c = line.data; c < at; c++)
        column += ((unsigned char)*c & 0xc0) != 0x80;
    return column;
}

bool
list_file_next(struct list_file *file, struct text *entry)
{
    while (file->rest.size) {
        size_t end = text_find(file->rest, '\n');
        struct text line = text_slice(file->rest, 0, end);
        file->rest = text_from(file->rest, end == TEXT_NONE ? end : end + 1);
        file->line++;
        *entry = text_trim(without_comment(line));
        if (entry->size == 0)
            continue;
        file->column = column_of(line, entry->data);
        return true;
    }
    return false;
}

/* Comments and empty lines must not cost the room of an entry, however many
 * they are. */
size_t
list_file_most(const struct list_file *file)
{
    size_t count = 0;
    for (struct text rest = file->rest; rest.size;) {
        count += rest.data[0] != '\n' && rest.data[0] != '#';
        size_t end = text_find(rest, '\n');
        rest = text_from(rest, end == TEXT_NONE ? end : end + 1);
    }
    return count;
}
