/* What our virtual tables have in common: they read a policy, and there is one
 * of each, which need not be made. */
#ifndef MAYRELAY_SQL_VTAB_H
#define MAYRELAY_SQL_VTAB_H

#include "policies.h"

#include <sqlite3ext.h>

struct vtab {
    sqlite3_vtab base;
    sqlite3 *db;
    struct policies *policies;
};

/* For xConnect and xDisconnect; SQLite's status. */
int vtab_connect(sqlite3 *db, struct policies *policies, const char *schema,
                 sqlite3_vtab **out);
int vtab_disconnect(sqlite3_vtab *vtab);
/* The status of what went wrong: takes over the error, which is absent or empty
 * if memory ran out. */
int vtab_fail(struct vtab *vtab, char *error);
/* The connection is one more owner of the policies. */
int vtab_register(sqlite3 *db, const char *name, const sqlite3_module *module,
                  struct policies *policies);

#endif
