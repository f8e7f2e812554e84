/* What prints into a buffer, as a result of SQL. */
#ifndef MAYRELAY_SQL_GIVE_H
#define MAYRELAY_SQL_GIVE_H

#include <sqlite3ext.h>
#include <stddef.h>

/* Returns the length it needs, as snprintf does. */
typedef size_t printer(const void *object, char *buffer, size_t size);

void give_printed(sqlite3_context *to, const void *object, printer *print);

#endif
