/* mayrelay as an extension of SQLite:
 *
 *     .load ./mayrelay_sqlite
 *     SELECT reason, count(*) FROM mail_log AS log, mayrelay_check(
 *         'policy.yaml', log.client, log.identity, log.sender, log.recipient)
 *     GROUP BY 1;
 *
 * README.md has the columns and the other facts, and mayrelay_rules, a table of
 * the rules.  Also functions: mayrelay_check, of the same arguments, is the
 * reply line alone, mayrelay_audit('policy.yaml') says who may relay where,
 * mayrelay_diff('old.yaml', 'new.yaml') what a change changes,
 * mayrelay_cases('policy.yaml') which cases the policy can tell apart, and
 * mayrelay_reload('policy.yaml') loads a policy anew and returns its digest. */
#include <sqlite3ext.h>
#include <stdbool.h>
#include <string.h>

#include "facts.h"
#include "give.h"
#include "policies.h"
#include "rules.h"
#include "table.h"

SQLITE_EXTENSION_INIT1

enum {
    CHECK_ARGUMENTS = FACT_RECIPIENT + 1,
    ANY_NUMBER = -1
};

static void
fail(sqlite3_context *context, char *error)
{
    if (error && *error)
        sqlite3_result_error(context, error, -1);
    else
        sqlite3_result_error_nomem(context);
    sqlite3_free(error);
}

static void
check(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    sqlite3_value *values[FACTS] = {0};
    char *error = NULL;
    for (int i = 0; i < argc; i++)
        values[i] = argv[i];
    const char *path = facts_policy(values[FACT_POLICY], &error);
    mayrelay_policy *policy = NULL;
    if (path)
        policy = policies_get(sqlite3_user_data(context), path, &error);
    mayrelay_session *session = mayrelay_session_new(policy);
    if (session)
        error = facts_tell(sqlite3_context_db_handle(context), session, values);
    if (!session || error)
        fail(context, error);
    else
        sqlite3_result_text(
            context,
            mayrelay_decision_get_reply(mayrelay_session_get_decision(session)),
            -1, SQLITE_TRANSIENT);
    mayrelay_session_free(session);
}

/* The policy that the first argument names; NULL, and told, if there is none.
 */
static mayrelay_policy *
policy_of(sqlite3_context *context, sqlite3_value **argv,
          mayrelay_policy *open(struct policies *, const char *, char **))
{
    char *error = NULL;
    const char *path = facts_policy(argv[0], &error);
    mayrelay_policy *policy = NULL;
    if (path)
        policy = open(sqlite3_user_data(context), path, &error);
    if (!policy)
        fail(context, error);
    return policy;
}

static void
reload(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    mayrelay_policy *policy = policy_of(context, argv, policies_reload);
    if (policy)
        sqlite3_result_text(context, mayrelay_policy_get_digest(policy), -1,
                            SQLITE_TRANSIENT);
}

static size_t
print_audit(const void *audit, char *buffer, size_t size)
{
    return mayrelay_audit_to_json(audit, buffer, size);
}

/* Who is no stranger: all arguments but the first.  NULL if one is no network.
 */
static mayrelay_audit_options *
trusted(int argc, sqlite3_value **argv)
{
    mayrelay_audit_options *options = mayrelay_audit_options_new();
    for (int i = 1; i < argc; i++) {
        const char *network = (const char *)sqlite3_value_text(argv[i]);
        bool is_whole =
            network && strlen(network) == (size_t)sqlite3_value_bytes(argv[i]);
        if (is_whole && !mayrelay_audit_options_trust(options, network))
            continue;
        mayrelay_audit_options_free(options);
        return NULL;
    }
    return options;
}

static void
give_audit(sqlite3_context *to, mayrelay_policy *policy,
           const mayrelay_audit_options *options)
{
    mayrelay_audit *made = mayrelay_policy_audit(policy, options, NULL);
    if (made)
        give_printed(to, made, print_audit);
    else
        sqlite3_result_error_nomem(to);
    mayrelay_audit_free(made);
}

static void
audit(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    if (argc == 0) {
        fail(context, sqlite3_mprintf("mayrelay_audit wants a policy"));
        return;
    }
    mayrelay_policy *policy = policy_of(context, argv, policies_get);
    if (!policy)
        return;
    mayrelay_audit_options *options = trusted(argc, argv);
    if (options)
        give_audit(context, policy, options);
    else
        fail(context, sqlite3_mprintf("mayrelay_audit: not a network"));
    mayrelay_audit_options_free(options);
}

static size_t
print_diff(const void *diff, char *buffer, size_t size)
{
    return mayrelay_diff_to_json(diff, SIZE_MAX, buffer, size);
}

static void
diff(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    mayrelay_policy *older = policy_of(context, argv, policies_get);
    mayrelay_policy *newer =
        older ? policy_of(context, argv + 1, policies_get) : NULL;
    if (!newer)
        return;
    mayrelay_diff *made = mayrelay_policy_diff(older, newer);
    if (made)
        give_printed(context, made, print_diff);
    else
        sqlite3_result_error_nomem(context);
    mayrelay_diff_free(made);
}

/* An array of facts and decisions, which are JSON already. */
static void
give_cases(sqlite3_context *to, const mayrelay_cases *all)
{
    sqlite3_str *text = sqlite3_str_new(sqlite3_context_db_handle(to));
    for (size_t i = 0; i < mayrelay_cases_count(all); i++)
        sqlite3_str_appendf(text, "%c{\"facts\":%s,\"decision\":%s}",
                            i ? ',' : '[', mayrelay_cases_get_facts(all, i),
                            mayrelay_cases_get_decision(all, i));
    sqlite3_str_appendall(text, mayrelay_cases_count(all) ? "]" : "[]");
    int status = sqlite3_str_errcode(text);
    char *whole = sqlite3_str_finish(text);
    if (status == SQLITE_OK)
        sqlite3_result_text(to, whole, -1, sqlite3_free);
    else
        sqlite3_result_error_code(to, status);
}

static void
cases(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    if (argc != 1 && argc != 2) {
        fail(context, sqlite3_mprintf("mayrelay_cases wants a policy"));
        return;
    }
    sqlite3_int64 limit = argc == 2 ? sqlite3_value_int64(argv[1]) : 0;
    if (limit < 0 ||
        (argc == 2 && sqlite3_value_type(argv[1]) != SQLITE_INTEGER)) {
        fail(context, sqlite3_mprintf("mayrelay_cases: not a limit"));
        return;
    }
    mayrelay_policy *policy = policy_of(context, argv, policies_get);
    if (!policy)
        return;
    mayrelay_cases *all = mayrelay_policy_cases(policy, (size_t)limit);
    if (all)
        give_cases(context, all);
    else
        sqlite3_result_error_nomem(context);
    mayrelay_cases_free(all);
}

typedef void function(sqlite3_context *context, int argc, sqlite3_value **argv);

static int
add_function(sqlite3 *db, const char *name, int arguments, function *call,
             struct policies *policies)
{
    /* They read files: nothing for triggers and views of somebody else's. */
    return sqlite3_create_function_v2(
        db, name, arguments, SQLITE_UTF8 | SQLITE_DIRECTONLY,
        policies_ref(policies), call, NULL, NULL, policies_free);
}

__attribute__((visibility("default"))) int
sqlite3_mayrelaysqlite_init(sqlite3 *db, char **error,
                            const sqlite3_api_routines *api);

int
sqlite3_mayrelaysqlite_init(sqlite3 *db, char **error,
                            const sqlite3_api_routines *api)
{
    SQLITE_EXTENSION_INIT2(api);
    (void)error;
    struct policies *policies = policies_new();
    if (!policies)
        return SQLITE_NOMEM;
    int status = table_register(db, policies);
    if (status == SQLITE_OK)
        status = add_function(db, "mayrelay_check", CHECK_ARGUMENTS, check,
                              policies);
    if (status == SQLITE_OK)
        status = rules_register(db, policies);
    if (status == SQLITE_OK)
        status =
            add_function(db, "mayrelay_audit", ANY_NUMBER, audit, policies);
    if (status == SQLITE_OK)
        status = add_function(db, "mayrelay_diff", 2, diff, policies);
    if (status == SQLITE_OK)
        status =
            add_function(db, "mayrelay_cases", ANY_NUMBER, cases, policies);
    if (status == SQLITE_OK)
        status = add_function(db, "mayrelay_reload", 1, reload, policies);
    policies_free(policies);
    return status;
}
