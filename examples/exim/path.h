/* The path in the argument of RCPT TO:, without the parameters behind it. */
#ifndef EXIM_PATH_H
#define EXIM_PATH_H

#include <stdbool.h>
#include <stddef.h>

struct path {
    const char *text;
    size_t size;
};

/* "<a@b.example> NOTIFY=NEVER" to "<a@b.example>".  What does not look like a
 * path and parameters is given back whole: too much, and so malformed, rather
 * than a part that might pass. */
struct path path_in_argument(const char *argument);
/* Both name the same mailbox, letter for letter, with or without <>. */
bool path_is(struct path path, const char *mailbox);

#endif
