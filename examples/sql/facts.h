/* The facts of one decision as SQL has them, told to a session. */
#ifndef MAYRELAY_SQL_FACTS_H
#define MAYRELAY_SQL_FACTS_H

#include <mayrelay.h>
#include <sqlite3ext.h>

/* In the order of the function's arguments. */
enum fact {
    FACT_POLICY,
    FACT_CLIENT,
    FACT_IDENTITY,
    FACT_SENDER,
    FACT_RECIPIENT,
    FACT_LISTENER,
    FACT_CLIENT_NAMES,
    FACT_GROUPS,
    FACT_TLS,
    FACT_CERTIFICATE,
    FACT_RECIPIENT_EXISTS,
    FACT_REWRITES,
    FACTS
};

/* What a look-up of several texts, or of a truth, says that has failed. */
#define TEMPFAIL "tempfail"

/* A value of a fact that is not given is NULL, or SQL's NULL.  Odd texts are
 * for the session to refuse; NULL if all could be told, else what is wrong
 * (free it by sqlite3_free), or an empty text if memory ran out. */
char *facts_tell(sqlite3 *db, mayrelay_session *session,
                 sqlite3_value *const values[FACTS]);
/* The path of the policy; NULL and *error if it is none. */
const char *facts_policy(sqlite3_value *value, char **error);

#endif
