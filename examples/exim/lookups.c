#include "lookups.h"

#include <string.h>

static bool
is_one_of(const char *text, const char *const *texts)
{
    while (*texts && strcmp(text, *texts) != 0)
        texts++;
    return *texts != NULL;
}

static bool
take(const char *argument, const char *name, const char **value)
{
    size_t size = strlen(name);
    if (*value || strncmp(argument, name, size) != 0)
        return false;
    *value = argument + size;
    return true;
}

bool
lookups_read(struct lookups *lookups, int count, char *const arguments[],
             struct failure *failure)
{
    static const char *const answers[] = {"yes", "no", "tempfail", NULL};
    *lookups = (struct lookups){NULL, NULL};
    for (int i = 0; i < count; i++) {
        if (!take(arguments[i], "groups=", &lookups->groups) &&
            !take(arguments[i], "exists=", &lookups->exists))
            return fail(failure, "mayrelay: argument not understood: %s",
                        arguments[i]);
    }
    if (lookups->exists && !is_one_of(lookups->exists, answers))
        return fail(failure,
                    "mayrelay: exists=%s: wanted is yes, no or "
                    "tempfail",
                    lookups->exists);
    return true;
}

/* -- groups ---------------------------------------------------------------- */

static const char BLANKS[] = " \t\r\n";

static void
add_group(mayrelay_session *session, const char *group, size_t size)
{
    size_t before = strspn(group, BLANKS);
    if (before >= size)
        return;
    group += before;
    size -= before;
    while (strchr(BLANKS, group[size - 1]))
        size--;
    mayrelay_session_add_group(session, group, size);
}

void
lookups_state_groups(const struct lookups *lookups, mayrelay_session *session)
{
    const char *next = lookups->groups;
    char separator[] = ":";
    if (!next)
        return;
    next += strspn(next, BLANKS);
    if (next[0] == '<' && next[1] != '\0') {
        separator[0] = next[1];
        next += 2;
    }
    while (*next) {
        size_t size = strcspn(next, separator);
        add_group(session, next, size);
        next += size;
        next += *next != '\0';
    }
    mayrelay_session_answer(session, MAYRELAY_FACT_GROUPS, MAYRELAY_KNOWN);
}

/* -- the recipient --------------------------------------------------------- */

void
lookups_state_exists(const struct lookups *lookups, mayrelay_session *session)
{
    if (!lookups->exists)
        return;
    if (strcmp(lookups->exists, "tempfail") == 0)
        mayrelay_session_answer(session, MAYRELAY_FACT_RECIPIENT,
                                MAYRELAY_FAILED);
    else
        mayrelay_session_set_recipient_exists(
            session, strcmp(lookups->exists, "yes") == 0);
}
