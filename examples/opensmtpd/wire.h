/* Lines from smtpd on standard input, and answers on standard output, without
 * ever waiting for either. */
#ifndef OPENSMTPD_WIRE_H
#define OPENSMTPD_WIRE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    INPUT_ROOM = 256 * 1024 /* smtpd's longest line is some 64 KiB */
};

struct wire {
    char input[INPUT_ROOM]; /* read, and from `begin` on not yet taken */
    size_t begin, end;
    char *output; /* said, and not yet written */
    size_t output_size, output_room;
};

bool wire_open(struct wire *wire);
/* Reads once.  False: nothing more will come. */
bool wire_read(struct wire *wire);
/* The next whole line, without its end, good until wire_read; NULL: none. */
char *wire_next_line(struct wire *wire);
/* False if there is no memory. */
__attribute__((format(printf, 2, 3))) bool wire_say(struct wire *wire,
                                                    const char *format, ...);
/* Writes as much as goes at once.  False: nobody reads any more. */
bool wire_write(struct wire *wire);
/* So much waits to be written that no more should be read. */
bool wire_is_full(const struct wire *wire);

#endif
