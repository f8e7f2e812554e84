#include "policies.h"

#include <sqlite3ext.h>
#include <string.h>

SQLITE_EXTENSION_INIT3

struct entry {
    struct entry *next;
    mayrelay_policy *policy;
    char *path;
};

struct policies {
    struct entry *first;
    int owners;
};

struct policies *
policies_new(void)
{
    struct policies *policies = sqlite3_malloc(sizeof *policies);
    if (policies)
        *policies = (struct policies){.owners = 1};
    return policies;
}

struct policies *
policies_ref(struct policies *policies)
{
    policies->owners++;
    return policies;
}

static void
entry_free(struct entry *entry)
{
    mayrelay_policy_unref(entry->policy);
    sqlite3_free(entry->path);
    sqlite3_free(entry);
}

void
policies_free(void *data)
{
    struct policies *policies = data;
    if (!policies || --policies->owners > 0)
        return;
    while (policies->first) {
        struct entry *entry = policies->first;
        policies->first = entry->next;
        entry_free(entry);
    }
    sqlite3_free(policies);
}

static struct entry *
find(const struct policies *policies, const char *path)
{
    struct entry *entry = policies->first;
    while (entry && strcmp(entry->path, path) != 0)
        entry = entry->next;
    return entry;
}

/* Errors alone, one a line, as `mayrelay lint` prints them. */
static char *
describe(const char *path, const mayrelay_report *report)
{
    char *text = NULL, line[1024];
    for (size_t i = 0; i < mayrelay_report_count(report); i++) {
        if (mayrelay_report_get_severity(report, i) != MAYRELAY_ERROR)
            continue;
        mayrelay_report_to_text(report, i, line, sizeof line);
        char *longer =
            sqlite3_mprintf("%s%s%s", text ? text : "", text ? "\n" : "", line);
        sqlite3_free(text);
        text = longer;
    }
    return text ? text : sqlite3_mprintf("%s: does not load", path);
}

static mayrelay_policy *
load(const char *path, char **error)
{
    mayrelay_report *report = NULL;
    mayrelay_policy *policy = mayrelay_policy_load(path, 0, &report);
    if (!policy)
        *error = describe(path, report);
    mayrelay_report_free(report);
    return policy;
}

static struct entry *
add(struct policies *policies, const char *path)
{
    struct entry *entry = sqlite3_malloc(sizeof *entry);
    char *copy = sqlite3_mprintf("%s", path);
    if (!entry || !copy) {
        sqlite3_free(entry);
        sqlite3_free(copy);
        return NULL;
    }
    *entry = (struct entry){.next = policies->first, .path = copy};
    policies->first = entry;
    return entry;
}

mayrelay_policy *
policies_reload(struct policies *policies, const char *path, char **error)
{
    mayrelay_policy *policy = load(path, error);
    if (!policy)
        return NULL;
    struct entry *entry = find(policies, path);
    if (!entry)
        entry = add(policies, path);
    if (!entry) {
        mayrelay_policy_unref(policy);
        return NULL;
    }
    mayrelay_policy_unref(entry->policy);
    entry->policy = policy;
    return policy;
}

mayrelay_policy *
policies_get(struct policies *policies, const char *path, char **error)
{
    struct entry *entry = find(policies, path);
    return entry ? entry->policy : policies_reload(policies, path, error);
}
