/* What the administrator lets Exim look up for us: arguments behind the first,
 *
 *     {groups=staff : printers}    {exists=yes}
 */
#ifndef EXIM_LOOKUPS_H
#define EXIM_LOOKUPS_H

#include <mayrelay.h>

#include "failure.h"

/* NULL: not said. */
struct lookups {
    const char *groups;
    const char *exists;
};

/* An argument that is unknown or there twice is an error. */
bool lookups_read(struct lookups *lookups, int count, char *const arguments[],
                  struct failure *failure);
/* The groups of the identity, as an Exim list: separated by colons, or as in
 * "<; a; b" by what stands behind the "<".  An empty list is an answer: none.
 */
void lookups_state_groups(const struct lookups *lookups,
                          mayrelay_session *session);
/* Whether the recipient exists: yes, no, or tempfail. */
void lookups_state_exists(const struct lookups *lookups,
                          mayrelay_session *session);

#endif
