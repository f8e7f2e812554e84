#include "vtab.h"

SQLITE_EXTENSION_INIT3

int
vtab_connect(sqlite3 *db, struct policies *policies, const char *schema,
             sqlite3_vtab **out)
{
    int status = sqlite3_declare_vtab(db, schema);
    if (status != SQLITE_OK)
        return status;
    struct vtab *vtab = sqlite3_malloc(sizeof *vtab);
    if (!vtab)
        return SQLITE_NOMEM;
    *vtab = (struct vtab){.db = db, .policies = policies};
    /* It reads files: nothing for a schema that somebody else wrote. */
    sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    *out = &vtab->base;
    return SQLITE_OK;
}

int
vtab_disconnect(sqlite3_vtab *vtab)
{
    sqlite3_free(vtab);
    return SQLITE_OK;
}

int
vtab_fail(struct vtab *vtab, char *error)
{
    if (!error || !*error) {
        sqlite3_free(error);
        return SQLITE_NOMEM;
    }
    sqlite3_free(vtab->base.zErrMsg);
    vtab->base.zErrMsg = error;
    return SQLITE_ERROR;
}

int
vtab_register(sqlite3 *db, const char *name, const sqlite3_module *module,
              struct policies *policies)
{
    return sqlite3_create_module_v2(db, name, module, policies_ref(policies),
                                    policies_free);
}
