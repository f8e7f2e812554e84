#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
read_option(const struct number_option *options, const char *name,
            const char *number)
{
    char *end;
    while (options->name && strcmp(options->name, name) != 0)
        options++;
    if (!options->name)
        return false;
    *options->value = strtoul(number, &end, 10);
    return end != number && !*end;
}

bool
options_read(const struct number_option *options, int count, char **arguments)
{
    bool good = count % 2 == 1;
    for (int i = 1; good && i < count; i += 2)
        good = read_option(options, arguments[i], arguments[i + 1]);
    if (good)
        return true;
    fprintf(stderr, "usage: %s", arguments[0]);
    for (; options->name; options++)
        fprintf(stderr, " [%s N]", options->name);
    fputs("\n", stderr);
    return false;
}
