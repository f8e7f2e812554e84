#include "expand.h"

#include <dlfcn.h>
#include <string.h>

/* The same call in Exim 4.96 and before, and in later ones, where the name of
 * the first has become a macro. */
typedef unsigned char *expand_string(unsigned char *text);
typedef const unsigned char *expand_string_2(const unsigned char *text,
                                             int *text_only);

/* What this process' Exim has: searched for once, and no further than need be,
 * as there are many libraries to search through. */
static struct {
    bool searched;
    expand_string *expand;
    expand_string_2 *expand_2;
} exim;

/* NULL if there is no such function. */
static void
find(const char *name, void *function)
{
    void *symbol = dlsym(RTLD_DEFAULT, name);
    memcpy(function, &symbol, sizeof symbol);
}

void
exim_search(void)
{
    if (exim.searched)
        return;
    find("expand_string", &exim.expand);
    if (!exim.expand)
        find("expand_string_2", &exim.expand_2);
    exim.searched = true;
}

const char *
exim_expand(const char *text, struct failure *failure)
{
    const unsigned char *expanded = NULL;
    exim_search();
    if (exim.expand)
        expanded = exim.expand((unsigned char *)(size_t)text);
    else if (exim.expand_2)
        expanded = exim.expand_2((const unsigned char *)text, NULL);
    else
        fail(failure, "mayrelay: this Exim has no expand_string()");
    if (!expanded && failure->text[0] == '\0')
        fail(failure, "mayrelay: Exim cannot expand %s", text);
    return (const char *)expanded;
}
