#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE_ROOM = 2048, /* what smtpd takes */
    MOST_OUTPUT = 1024 * 1024
};

static bool
never_wait(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

bool
wire_open(struct wire *wire)
{
    wire->begin = wire->end = wire->output_size = wire->output_room = 0;
    wire->output = NULL;
    return never_wait(STDIN_FILENO) && never_wait(STDOUT_FILENO);
}

static bool
is_later(int error)
{
    return error == EAGAIN || error == EINTR;
}

bool
wire_read(struct wire *wire)
{
    wire->end -= wire->begin;
    memmove(wire->input, wire->input + wire->begin, wire->end);
    wire->begin = 0;
    ssize_t size =
        read(STDIN_FILENO, wire->input + wire->end, INPUT_ROOM - wire->end);
    if (size < 0)
        return is_later(errno);
    wire->end += (size_t)size;
    return size > 0; /* 0 also if one line has filled all of it */
}

char *
wire_next_line(struct wire *wire)
{
    char *line = wire->input + wire->begin;
    char *end = memchr(line, '\n', wire->end - wire->begin);
    if (!end)
        return NULL;
    *end = '\0';
    wire->begin = (size_t)(end - wire->input) + 1;
    return line;
}

static bool
make_room(struct wire *wire)
{
    size_t room = wire->output_room ? wire->output_room : LINE_ROOM;
    while (room < wire->output_size + LINE_ROOM)
        room *= 2;
    if (room == wire->output_room)
        return true;
    char *output = realloc(wire->output, room);
    if (!output)
        return false;
    wire->output = output;
    wire->output_room = room;
    return true;
}

bool
wire_say(struct wire *wire, const char *format, ...)
{
    va_list arguments;
    if (!make_room(wire))
        return false;
    va_start(arguments, format);
    int size = vsnprintf(wire->output + wire->output_size, LINE_ROOM, format,
                         arguments);
    va_end(arguments);
    if (size < 0 || size >= LINE_ROOM)
        return false;
    wire->output_size += (size_t)size;
    return true;
}

bool
wire_write(struct wire *wire)
{
    if (wire->output_size == 0)
        return true;
    ssize_t size = write(STDOUT_FILENO, wire->output, wire->output_size);
    if (size < 0)
        return is_later(errno);
    wire->output_size -= (size_t)size;
    memmove(wire->output, wire->output + size, wire->output_size);
    return true;
}

bool
wire_is_full(const struct wire *wire)
{
    return wire->output_size > MOST_OUTPUT;
}
