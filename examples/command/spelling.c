#include "spelling.h"

#include <string.h>

/* Longer names are nobody's typing error. */
enum {
    NAME_MOST = 40
};

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance, one row at a time. */
static size_t
distance_between(const char *from, const char *to)
{
    size_t row[NAME_MOST + 1];
    size_t width = strlen(to);
    for (size_t i = 0; i <= width; i++)
        row[i] = i;
    for (size_t line = 1; *from; from++, line++) {
        size_t diagonal = row[0];
        row[0] = line;
        for (size_t i = 1; i <= width; i++) {
            size_t replaced = diagonal + (*from != to[i - 1]);
            diagonal = row[i];
            row[i] = least(replaced, least(row[i], row[i - 1]) + 1);
        }
    }
    return row[width];
}

struct spelling
spelling_of(const char *wanted)
{
    size_t size = strlen(wanted);
    if (size > NAME_MOST)
        return (struct spelling){0};
    return (struct spelling){.wanted = wanted, .distance = size / 3 + 2};
}

void
spelling_offer(struct spelling *spelling, const char *name)
{
    if (!spelling->wanted || strlen(name) > NAME_MOST)
        return;
    size_t distance = distance_between(spelling->wanted, name);
    if (distance >= spelling->distance)
        return;
    spelling->distance = distance;
    spelling->name = name;
}
