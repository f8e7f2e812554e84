#include "policies.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/format.h"
#include "measure.h"

void
workshop_open(struct workshop *workshop)
{
    const char *place = getenv("TMPDIR");
    snprintf(workshop->directory, sizeof workshop->directory,
             "%.200s/mayrelay-bench-XXXXXX", place ? place : "/tmp");
    if (!mkdtemp(workshop->directory))
        fail("cannot make %s", workshop->directory);
}

void
workshop_use(struct workshop *workshop, const char *directory)
{
    int size = snprintf(workshop->directory, sizeof workshop->directory, "%s",
                        directory);
    if (size < 0 || (size_t)size >= sizeof workshop->directory)
        fail("a path is too long");
}

void
workshop_path(const struct workshop *workshop, const char *name,
              char out[PATH_ROOM])
{
    int size =
        snprintf(out, PATH_ROOM, "%.230s/%.20s", workshop->directory, name);
    if (size < 0 || size >= PATH_ROOM)
        fail("a path is too long");
}

void
workshop_close(struct workshop *workshop)
{
    char path[PATH_ROOM];
    DIR *directory = opendir(workshop->directory);
    if (!directory)
        return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        workshop_path(workshop, entry->d_name, path);
        unlink(path);
    }
    closedir(directory);
    rmdir(workshop->directory);
}

static FILE *
create(const struct workshop *workshop, const char *name)
{
    char path[PATH_ROOM];
    workshop_path(workshop, name, path);
    FILE *file = fopen(path, "w");
    if (!file)
        fail("cannot write %s", path);
    return file;
}

static void
done(FILE *file)
{
    if (ferror(file) || fclose(file) != 0)
        fail("cannot write a file");
}

/* The entries first, first + step, ...; at least one. */
static void
write_list(const struct workshop *workshop, const struct workload *workload,
           const char *name, size_t first, size_t step)
{
    char text[TEXT_ROOM];
    FILE *file = create(workshop, name);
    for (size_t i = first % workload->count; i < workload->count; i += step) {
        workload_entry(workload, i, text);
        fprintf(file, "%s\n", text);
    }
    done(file);
}

/* One rule being written: the kinds that are its turn, and its share of each
 * list. */
struct rule_draft {
    FILE *out;
    const struct workshop *workshop;
    const struct workload *workloads; /* by kind */
    int turn, turns;
    size_t share, shares;
};

struct rule_place {
    const char *name;
    int from, end; /* kinds */
};

static const struct rule_place CONDITIONS[] = {
    {"clients", KIND_IPV4, KIND_SENDER},
    {"senders", KIND_SENDER, KIND_RECIPIENT},
    {"recipients", KIND_RECIPIENT, KIND_IDENTITY},
    {"users", KIND_IDENTITY, KIND_COUNT}};

static void
write_condition(const struct rule_draft *draft,
                const struct rule_place *condition)
{
    const char *separator = "";
    char name[32];
    for (int kind = condition->from; kind < condition->end; kind++) {
        if (kind % draft->turns != draft->turn)
            continue;
        snprintf(name, sizeof name, "%d-%zu.txt", kind, draft->share);
        write_list(draft->workshop, &draft->workloads[kind], name, draft->share,
                   draft->shares);
        if (!*separator)
            fprintf(draft->out, ", %s: [", condition->name);
        fprintf(draft->out, "%s'file:%s'", separator, name);
        separator = ", ";
    }
    if (*separator)
        fprintf(draft->out, "]");
}

/* Senders and recipients alone authorise nobody. */
static void
write_rule(const struct rule_draft *draft, size_t number)
{
    fprintf(draft->out, "    - {name: rule-%zu, authenticated: true", number);
    for (size_t i = 0; i < sizeof CONDITIONS / sizeof *CONDITIONS; i++)
        write_condition(draft, &CONDITIONS[i]);
    fprintf(draft->out, "}\n");
}

static bool
denies(const struct rule_draft *draft)
{
    return draft->turns == KIND_COUNT && draft->turn == KIND_RECIPIENT;
}

static void
write_rules(struct rule_draft *draft, size_t rules, bool deny)
{
    bool any = false;
    for (size_t rule = 0; rule < rules; rule++) {
        draft->turn = (int)(rule % (size_t)draft->turns);
        draft->share = rule / (size_t)draft->turns;
        if (denies(draft) != deny)
            continue;
        if (!any)
            fprintf(draft->out, "  %s:\n", deny ? "deny" : "allow");
        write_rule(draft, rule);
        any = true;
    }
}

static void
begin_policy(FILE *out)
{
    fprintf(out, "mayrelay: 1\n"
                 "domains: {inbound: [inbound.example]}\n"
                 "relay:\n");
}

void
workshop_write(const struct workshop *workshop,
               const struct workload workloads[KIND_COUNT], size_t rules)
{
    size_t turns = rules < KIND_COUNT ? rules : KIND_COUNT;
    struct rule_draft draft = {.out = create(workshop, "policy.yaml"),
                               .workshop = workshop,
                               .workloads = workloads,
                               .turns = (int)turns,
                               .shares = (rules + turns - 1) / turns};
    begin_policy(draft.out);
    write_rules(&draft, rules, false);
    write_rules(&draft, rules, true);
    done(draft.out);
}

void
workshop_write_one(const struct workshop *workshop,
                   const struct workload *workload, size_t rules)
{
    static const char *const PLACES[KIND_COUNT] = {
        "clients", "clients", "clients", "senders", "recipients", "users"};
    FILE *out = create(workshop, "policy.yaml");
    char name[32];
    begin_policy(out);
    fprintf(out, "  allow:\n");
    for (size_t i = 0; i < rules; i++) {
        snprintf(name, sizeof name, "list-%zu.txt", i);
        write_list(workshop, workload, name, i, rules);
        fprintf(out, "    - {authenticated: true, %s: ['file:%s']}\n",
                PLACES[workload->kind], name);
    }
    done(out);
}

static _Noreturn void
fail_with(mayrelay_report *report, const char *path)
{
    char text[512] = "no report";
    for (size_t i = 0; i < mayrelay_report_count(report); i++)
        if (mayrelay_report_get_severity(report, i) == MAYRELAY_ERROR) {
            mayrelay_report_to_text(report, i, text, sizeof text);
            break;
        }
    fail("cannot load %s: %s", path, text);
}

mayrelay_policy *
workshop_load(const struct workshop *workshop, const char *name)
{
    char path[PATH_ROOM];
    mayrelay_report *report = NULL;
    workshop_path(workshop, name, path);
    mayrelay_policy *policy = mayrelay_policy_load(path, 0, &report);
    if (!policy)
        fail_with(report, path);
    mayrelay_report_free(report);
    return policy;
}

mayrelay_policy *
workshop_map(const struct workshop *workshop)
{
    char path[PATH_ROOM];
    workshop_path(workshop, "policy.mrp", path);
    mayrelay_policy *policy = workshop_load(workshop, "policy.yaml");
    if (mayrelay_policy_save(policy, path) != MAYRELAY_OK)
        fail("cannot save %s", path);
    mayrelay_policy_unref(policy);
    return workshop_load(workshop, "policy.mrp");
}

static bool
is_provenance(int section)
{
    return section == SECTION_FILES || section == SECTION_LISTS ||
           section == SECTION_ENTRIES;
}

struct image_bytes
image_bytes_of(const char *path)
{
    struct image_bytes bytes = {0, 0, 0};
    struct image_header header;
    FILE *file = fopen(path, "rb");
    if (!file || fread(&header, sizeof header, 1, file) != 1)
        fail("cannot read %s", path);
    fclose(file);
    for (int i = 0; i < SECTION_COUNT; i++)
        if (is_provenance(i))
            bytes.provenance += (double)header.sections[i].size;
        else
            bytes.lookup += (double)header.sections[i].size;
    for (int i = ATTRIBUTE_RECIPIENT; i < ATTRIBUTE_COUNT; i++)
        bytes.recipient += (double)header.sections[SECTION_FIRST_SET + i].size;
    return bytes;
}
