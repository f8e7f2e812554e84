#include "path.h"

#include <string.h>

/* Behind the first `end` that is neither in quotes nor behind a backslash in
 * them; NULL if there is none. */
static const char *
skip_to(const char *text, const char *end)
{
    bool quoted = false;
    for (; *text; text++) {
        if (*text == '"')
            quoted = !quoted;
        else if (quoted && *text == '\\' && text[1])
            text++;
        else if (!quoted && strchr(end, *text))
            return text;
    }
    return NULL;
}

struct path
path_in_argument(const char *argument)
{
    const char *end;
    if (argument[0] == '<') {
        end = skip_to(argument, ">");
        end = end ? end + 1 : end;
        if (end && *end != '\0' && *end != ' ' && *end != '\t')
            end = NULL;
    } else {
        end = skip_to(argument, " \t");
    }
    if (!end)
        end = argument + strlen(argument);
    return (struct path){argument, (size_t)(end - argument)};
}

bool
path_is(struct path path, const char *mailbox)
{
    if (path.size >= 2 && path.text[0] == '<') {
        path.text++;
        path.size -= 2;
    }
    return strlen(mailbox) == path.size &&
           memcmp(mailbox, path.text, path.size) == 0;
}
