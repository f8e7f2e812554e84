/* mayrelay_rules as a table: the rules of the policy that is its argument. */
#ifndef MAYRELAY_SQL_RULES_H
#define MAYRELAY_SQL_RULES_H

#include "policies.h"

#include <sqlite3ext.h>

/* SQLite's status; the connection is one more owner of the policies. */
int rules_register(sqlite3 *db, struct policies *policies);

#endif
