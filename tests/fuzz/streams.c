#include "streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static struct {
    struct input input;
    char *output;
    size_t size, room;
    FILE *own_input, *own_output;
} streams;

static ssize_t
read_input(void *cookie, char *buffer, size_t size)
{
    (void)cookie;
    struct input part = input_part(&streams.input, size);
    if (part.size > 0)
        memcpy(buffer, part.data, part.size);
    return (ssize_t)part.size;
}

static ssize_t
write_output(void *cookie, const char *data, size_t size)
{
    (void)cookie;
    if (streams.room - streams.size <= size) {
        streams.room = 2 * (streams.size + size) + 1;
        streams.output = realloc(streams.output, streams.room);
        REQUIRE(streams.output);
    }
    memcpy(streams.output + streams.size, data, size);
    streams.size += size;
    return (ssize_t)size;
}

/* glibc's streams are variables. */
void
streams_open(const void *input, size_t size)
{
    streams.input = (struct input){input, size};
    streams.size = 0;
    streams.own_input = stdin;
    streams.own_output = stdout;
    stdin = fopencookie(NULL, "r", (cookie_io_functions_t){.read = read_input});
    stdout =
        fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_output});
    REQUIRE(stdin && stdout);
}

const char *
streams_close(size_t *size)
{
    fclose(stdin);
    fclose(stdout);
    stdin = streams.own_input;
    stdout = streams.own_output;
    write_output(NULL, "", 1);
    *size = streams.size - 1;
    return streams.output;
}
