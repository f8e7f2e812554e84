#include "table.h"

#include "facts.h"
#include "give.h"
#include "vtab.h"

#include <stdbool.h>
#include <string.h>

SQLITE_EXTENSION_INIT3

enum column {
    COLUMN_VERDICT,
    COLUMN_CODE,
    COLUMN_ENHANCED,
    COLUMN_TEXT,
    COLUMN_REPLY,
    COLUMN_REASON,
    COLUMN_KIND,
    COLUMN_RULE,
    COLUMN_FILE,
    COLUMN_LINE,
    COLUMN_CONNECTOR,
    COLUMN_DELIVER_TO,
    COLUMN_IS_RELAY,
    COLUMN_NEEDS,
    COLUMN_JSON,
    COLUMN_EXPLANATION,
    COLUMN_EXPLANATION_JSON,
    COLUMN_SCOPE,
    COLUMN_SCOPE_JSON,
    COLUMN_FINGERPRINT,
    COLUMN_ADVICE,
    COLUMN_ADVICE_JSON,
    COLUMN_FACTS /* the arguments, in the order of enum fact */
};

static const char SCHEMA[] =
    "CREATE TABLE mayrelay_check("
    "verdict TEXT, code INTEGER, enhanced TEXT, text TEXT, reply TEXT, "
    "reason TEXT, kind TEXT, rule TEXT, file TEXT, line INTEGER, "
    "connector TEXT, deliver_to TEXT, is_relay INTEGER, needs TEXT, json TEXT, "
    "explanation TEXT, explanation_json TEXT, scope TEXT, scope_json TEXT, "
    "fingerprint TEXT, advice TEXT, advice_json TEXT, "
    "policy HIDDEN, client HIDDEN, identity HIDDEN, sender HIDDEN, "
    "recipient HIDDEN, listener HIDDEN, client_names HIDDEN, groups HIDDEN, "
    "tls HIDDEN, certificate HIDDEN, recipient_exists HIDDEN, "
    "rewrites HIDDEN)";

/* A session of its own: two cursors of a statement may take turns. */
struct cursor {
    sqlite3_vtab_cursor base;
    mayrelay_session *session;
    mayrelay_policy *policy; /* the session's; a reference */
    char *path;              /* the policy's, which advice reads again */
    bool at_end;
};

/* -- the table ------------------------------------------------------------- */

static int
table_connect(sqlite3 *db, void *policies, int argc, const char *const *argv,
              sqlite3_vtab **out, char **error)
{
    (void)argc;
    (void)argv;
    (void)error;
    return vtab_connect(db, policies, SCHEMA, out);
}

/* Every fact that is given becomes an argument of the filter, which gets them
 * in the order of the columns; the plan's number says which ones there are. */
static int
table_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    int place[FACTS], given = 0, count = 0;
    (void)base;
    for (int i = 0; i < info->nConstraint; i++) {
        int fact = info->aConstraint[i].iColumn - COLUMN_FACTS;
        if (fact < 0 || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        if (!info->aConstraint[i].usable)
            return SQLITE_CONSTRAINT; /* not before its facts are known */
        place[fact] = i;
        given |= 1 << fact;
    }
    for (int fact = 0; fact < FACTS; fact++) {
        if (!(given & 1 << fact))
            continue;
        info->aConstraintUsage[place[fact]].argvIndex = ++count;
        info->aConstraintUsage[place[fact]].omit = 1;
    }
    info->idxNum = given;
    info->estimatedCost = 1;
    info->estimatedRows = 1;
    return SQLITE_OK;
}

/* -- the row --------------------------------------------------------------- */

static int
cursor_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    (void)table;
    struct cursor *cursor = sqlite3_malloc(sizeof *cursor);
    if (!cursor)
        return SQLITE_NOMEM;
    *cursor = (struct cursor){.at_end = true};
    *out = &cursor->base;
    return SQLITE_OK;
}

static void
cursor_forget(struct cursor *cursor)
{
    mayrelay_session_free(cursor->session);
    mayrelay_policy_unref(cursor->policy);
    sqlite3_free(cursor->path);
    cursor->session = NULL;
    cursor->policy = NULL;
    cursor->path = NULL;
}

static int
cursor_close(sqlite3_vtab_cursor *base)
{
    cursor_forget((struct cursor *)base);
    sqlite3_free(base);
    return SQLITE_OK;
}

/* Rows of one log have one policy: its session is used again. */
static int
cursor_begin(struct cursor *cursor, struct vtab *table, const char *path)
{
    char *error = NULL;
    mayrelay_policy *policy = policies_get(table->policies, path, &error);
    if (!policy)
        return vtab_fail(table, error);
    if (policy == cursor->policy)
        return SQLITE_OK;
    cursor_forget(cursor);
    cursor->session = mayrelay_session_new(policy);
    cursor->policy = mayrelay_policy_ref(policy);
    cursor->path = sqlite3_mprintf("%s", path);
    return cursor->session && cursor->path ? SQLITE_OK : SQLITE_NOMEM;
}

static int
cursor_filter(sqlite3_vtab_cursor *base, int given, const char *name, int argc,
              sqlite3_value **argv)
{
    struct cursor *cursor = (struct cursor *)base;
    struct vtab *table = (struct vtab *)base->pVtab;
    sqlite3_value *values[FACTS] = {0};
    char *error = NULL;
    (void)name;
    (void)argc;
    for (int fact = 0; fact < FACTS; fact++)
        if (given & 1 << fact)
            values[fact] = *argv++;
    cursor->at_end = true;
    if (!values[FACT_POLICY])
        return vtab_fail(table,
                         sqlite3_mprintf("mayrelay_check wants a policy"));
    const char *path = facts_policy(values[FACT_POLICY], &error);
    if (!path)
        return vtab_fail(table, error);
    int status = cursor_begin(cursor, table, path);
    if (status != SQLITE_OK)
        return status;
    error = facts_tell(table->db, cursor->session, values);
    if (error)
        return vtab_fail(table, error);
    cursor->at_end = false;
    return SQLITE_OK;
}

static int
cursor_next(sqlite3_vtab_cursor *base)
{
    ((struct cursor *)base)->at_end = true;
    return SQLITE_OK;
}

static int
cursor_eof(sqlite3_vtab_cursor *base)
{
    return ((struct cursor *)base)->at_end;
}

static int
cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *row)
{
    (void)base;
    *row = 1;
    return SQLITE_OK;
}

/* -- its columns ----------------------------------------------------------- */

static void
give_text(sqlite3_context *to, const char *text)
{
    sqlite3_result_text(to, text, -1, SQLITE_TRANSIENT);
}

/* "client-name groups"; empty if nothing is missing. */
static void
give_needs(sqlite3_context *to, unsigned needs)
{
    char text[64] = "";
    for (unsigned fact = 1; fact <= MAYRELAY_FACT_RECIPIENT; fact *= 2) {
        if (!(needs & fact))
            continue;
        size_t size = strlen(text);
        sqlite3_snprintf((int)(sizeof text - size), text + size, "%s%s",
                         size ? " " : "",
                         mayrelay_fact_name((enum mayrelay_fact)fact));
    }
    give_text(to, text);
}

static size_t
print_text(const void *decision, char *buffer, size_t size)
{
    return mayrelay_decision_explain(decision, MAYRELAY_TEXT, buffer, size);
}

static size_t
print_json(const void *decision, char *buffer, size_t size)
{
    return mayrelay_decision_explain(decision, MAYRELAY_JSON, buffer, size);
}

static size_t
print_alone(const void *decision, char *buffer, size_t size)
{
    return mayrelay_decision_to_json(decision, buffer, size);
}

static size_t
print_scope(const void *decision, char *buffer, size_t size)
{
    return mayrelay_decision_scope(decision, MAYRELAY_TEXT, buffer, size);
}

static size_t
print_scope_json(const void *decision, char *buffer, size_t size)
{
    return mayrelay_decision_scope(decision, MAYRELAY_JSON, buffer, size);
}

/* As in the JSON of the scope: 64 bits do not fit into a number of SQL's. */
static void
give_fingerprint(sqlite3_context *to, const mayrelay_decision *decision)
{
    char digits[17];
    sqlite3_snprintf(
        sizeof digits, digits, "%016llx",
        (sqlite3_uint64)mayrelay_decision_get_fingerprint(decision));
    give_text(to, digits);
}

static void
give_decision(sqlite3_context *to, const mayrelay_decision *d,
              enum column column)
{
    switch (column) {
    case COLUMN_VERDICT:
        give_text(to, mayrelay_verdict_name(mayrelay_decision_get_verdict(d)));
        break;
    case COLUMN_CODE:
        sqlite3_result_int(to, mayrelay_decision_get_code(d));
        break;
    case COLUMN_ENHANCED:
        give_text(to, mayrelay_decision_get_enhanced(d));
        break;
    case COLUMN_TEXT: give_text(to, mayrelay_decision_get_text(d)); break;
    case COLUMN_REPLY: give_text(to, mayrelay_decision_get_reply(d)); break;
    case COLUMN_REASON:
        give_text(to, mayrelay_reason_name(mayrelay_decision_get_reason(d)));
        break;
    case COLUMN_KIND:
        give_text(to, mayrelay_kind_name(mayrelay_decision_get_kind(d)));
        break;
    case COLUMN_RULE: give_text(to, mayrelay_decision_get_rule(d)); break;
    case COLUMN_FILE: give_text(to, mayrelay_decision_get_file(d)); break;
    case COLUMN_LINE:
        sqlite3_result_int64(to, mayrelay_decision_get_line(d));
        break;
    case COLUMN_CONNECTOR:
        give_text(to, mayrelay_decision_get_connector(d));
        break;
    case COLUMN_DELIVER_TO:
        give_text(to, mayrelay_decision_get_recipient(d));
        break;
    case COLUMN_IS_RELAY:
        sqlite3_result_int(to, mayrelay_decision_get_is_relay(d));
        break;
    case COLUMN_NEEDS: give_needs(to, mayrelay_decision_get_needs(d)); break;
    case COLUMN_JSON: give_printed(to, d, print_alone); break;
    case COLUMN_EXPLANATION: give_printed(to, d, print_text); break;
    case COLUMN_EXPLANATION_JSON: give_printed(to, d, print_json); break;
    case COLUMN_SCOPE: give_printed(to, d, print_scope); break;
    case COLUMN_SCOPE_JSON: give_printed(to, d, print_scope_json); break;
    case COLUMN_FINGERPRINT: give_fingerprint(to, d); break;
    case COLUMN_ADVICE:
    case COLUMN_ADVICE_JSON:
    case COLUMN_FACTS: break;
    }
}

static size_t
print_advice(const void *advice, char *buffer, size_t size)
{
    return mayrelay_advice_to_text(advice, buffer, size);
}

static size_t
print_advice_json(const void *advice, char *buffer, size_t size)
{
    return mayrelay_advice_to_json(advice, buffer, size);
}

/* About the file as it is now, which may be another than was loaded. */
static void
give_advice(sqlite3_context *to, const struct cursor *cursor, printer *print)
{
    mayrelay_advice *advice =
        mayrelay_session_advise(cursor->session, cursor->path, NULL);
    if (advice)
        give_printed(to, advice, print);
    else
        sqlite3_result_error(
            to, "mayrelay: the policy cannot be read for advice", -1);
    mayrelay_advice_free(advice);
}

/* The arguments themselves are not kept: they read as NULL. */
static int
cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *to, int column)
{
    const struct cursor *cursor = (const struct cursor *)base;
    if (column == COLUMN_ADVICE)
        give_advice(to, cursor, print_advice);
    else if (column == COLUMN_ADVICE_JSON)
        give_advice(to, cursor, print_advice_json);
    else if (column < COLUMN_FACTS)
        give_decision(to, mayrelay_session_get_decision(cursor->session),
                      (enum column)column);
    return SQLITE_OK;
}

int
table_register(sqlite3 *db, struct policies *policies)
{
    /* Without xCreate, as there is one such table. */
    static const sqlite3_module MODULE = {
        .xConnect = table_connect,
        .xBestIndex = table_best_index,
        .xDisconnect = vtab_disconnect,
        .xOpen = cursor_open,
        .xClose = cursor_close,
        .xFilter = cursor_filter,
        .xNext = cursor_next,
        .xEof = cursor_eof,
        .xColumn = cursor_column,
        .xRowid = cursor_rowid,
    };
    return vtab_register(db, "mayrelay_check", &MODULE, policies);
}
