#include "rules.h"

#include "facts.h"
#include "vtab.h"

SQLITE_EXTENSION_INIT3

enum column {
    COLUMN_NAME,
    COLUMN_FILE,
    COLUMN_LINE,
    COLUMN_POLICY /* the argument */
};

static const char SCHEMA[] = "CREATE TABLE mayrelay_rules("
                             "name TEXT, file TEXT, line INTEGER, "
                             "policy HIDDEN)";

struct cursor {
    sqlite3_vtab_cursor base;
    mayrelay_policy *policy; /* a reference: it may be reloaded meanwhile */
    size_t index;
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

static int
table_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    (void)base;
    for (int i = 0; i < info->nConstraint; i++) {
        if (info->aConstraint[i].iColumn != COLUMN_POLICY ||
            info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        if (!info->aConstraint[i].usable)
            return SQLITE_CONSTRAINT; /* not before it is known */
        info->aConstraintUsage[i].argvIndex = 1;
        info->aConstraintUsage[i].omit = 1;
    }
    info->estimatedCost = 100;
    info->estimatedRows = 100;
    return SQLITE_OK;
}

/* -- its rows -------------------------------------------------------------- */

static int
cursor_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    (void)table;
    struct cursor *cursor = sqlite3_malloc(sizeof *cursor);
    if (!cursor)
        return SQLITE_NOMEM;
    *cursor = (struct cursor){.index = 0};
    *out = &cursor->base;
    return SQLITE_OK;
}

static int
cursor_close(sqlite3_vtab_cursor *base)
{
    mayrelay_policy_unref(((struct cursor *)base)->policy);
    sqlite3_free(base);
    return SQLITE_OK;
}

static int
cursor_filter(sqlite3_vtab_cursor *base, int plan, const char *name, int argc,
              sqlite3_value **argv)
{
    struct cursor *cursor = (struct cursor *)base;
    struct vtab *table = (struct vtab *)base->pVtab;
    char *error = NULL;
    (void)plan;
    (void)name;
    if (argc == 0)
        return vtab_fail(table,
                         sqlite3_mprintf("mayrelay_rules wants a policy"));
    const char *path = facts_policy(argv[0], &error);
    mayrelay_policy *policy = NULL;
    if (path)
        policy = policies_get(table->policies, path, &error);
    if (!policy)
        return vtab_fail(table, error);
    mayrelay_policy_ref(policy);
    mayrelay_policy_unref(cursor->policy);
    cursor->policy = policy;
    cursor->index = 0;
    return SQLITE_OK;
}

static int
cursor_next(sqlite3_vtab_cursor *base)
{
    ((struct cursor *)base)->index++;
    return SQLITE_OK;
}

static int
cursor_eof(sqlite3_vtab_cursor *base)
{
    const struct cursor *cursor = (const struct cursor *)base;
    return cursor->index >= mayrelay_policy_count_rules(cursor->policy);
}

static int
cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *row)
{
    *row = (sqlite3_int64)((struct cursor *)base)->index;
    return SQLITE_OK;
}

/* The argument itself is not kept: it reads as NULL. */
static int
cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *to, int column)
{
    const struct cursor *it = (const struct cursor *)base;
    switch ((enum column)column) {
    case COLUMN_NAME:
        sqlite3_result_text(to, mayrelay_policy_get_rule(it->policy, it->index),
                            -1, SQLITE_TRANSIENT);
        break;
    case COLUMN_FILE:
        sqlite3_result_text(
            to, mayrelay_policy_get_rule_file(it->policy, it->index), -1,
            SQLITE_TRANSIENT);
        break;
    case COLUMN_LINE:
        sqlite3_result_int64(
            to, mayrelay_policy_get_rule_line(it->policy, it->index));
        break;
    case COLUMN_POLICY: break;
    }
    return SQLITE_OK;
}

int
rules_register(sqlite3 *db, struct policies *policies)
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
    return vtab_register(db, "mayrelay_rules", &MODULE, policies);
}
