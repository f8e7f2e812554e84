#include "replacements.h"

#include <stdlib.h>
#include <string.h>

struct replacement {
    struct replacement *next;
    char *old, *new;
};

static void
replacement_free(struct replacement *replacement)
{
    free(replacement->old);
    free(replacement->new);
    free(replacement);
}

bool
replacements_add(struct replacement **list, const char *old, const char *new)
{
    struct replacement *added = calloc(1, sizeof *added);
    if (!added)
        return false;
    added->old = strdup(old);
    added->new = strdup(new);
    if (!added->old || !added->new) {
        replacement_free(added);
        return false;
    }
    added->next = *list;
    *list = added;
    return true;
}

bool
replacements_make(const struct replacement *list, SMFICTX *context)
{
    for (; list; list = list->next)
        if (smfi_delrcpt(context, list->old) != MI_SUCCESS ||
            smfi_addrcpt(context, list->new) != MI_SUCCESS)
            return false;
    return true;
}

void
replacements_clear(struct replacement **list)
{
    struct replacement *next;
    for (; *list; *list = next) {
        next = (*list)->next;
        replacement_free(*list);
    }
}
