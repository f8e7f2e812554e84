/* mayrelay_check as a table: one row, the decision, for facts that are its
 * arguments. */
#ifndef MAYRELAY_SQL_TABLE_H
#define MAYRELAY_SQL_TABLE_H

#include "policies.h"

#include <sqlite3ext.h>

/* SQLite's status; the connection is one more owner of the policies. */
int table_register(sqlite3 *db, struct policies *policies);

#endif
