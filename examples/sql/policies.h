/* The policies of one database connection: each is loaded when it is first
 * asked for, and stays until it is reloaded or the connection closes. */
#ifndef MAYRELAY_SQL_POLICIES_H
#define MAYRELAY_SQL_POLICIES_H

#include <mayrelay.h>

struct policies;

struct policies *policies_new(void);
/* One owner more; each frees (as a callback of SQLite, hence void). */
struct policies *policies_ref(struct policies *policies);
void policies_free(void *data);

/* Borrowed until it is reloaded, hence: make a session at once.  NULL if it
 * does not load; *error (may be NULL if there is no memory) says why, and is to
 * be freed by sqlite3_free. */
mayrelay_policy *policies_get(struct policies *policies, const char *path,
                              char **error);
/* Loads it anew; the old one stays if that fails. */
mayrelay_policy *policies_reload(struct policies *policies, const char *path,
                                 char **error);

#endif
