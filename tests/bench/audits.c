/* What an audit costs, and a diff with the policy that has a rule more: the
 * time of it and of its text, and the memory of the process at its peak, the
 * mapped images included, as times the images.
 *
 * usage: audits [--quick]
 *        audits --audit IMAGE
 *        audits --old IMAGE --new IMAGE
 *
 * The other forms look at one image, or at two, and say milliseconds, peak KiB,
 * and whether it is complete: in a process of its own, which has no other
 * memory. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"
#include "policies.h"

static const struct column COLUMNS[] = {
    {"image KiB", 0},    {"audit ms", 0}, {"peak KiB", 0},
    {"x image", 1},      {"complete", 0}, {"diff ms", 0},
    {"its peak KiB", 0}, {"x images", 1}, {"it is complete", 0}};

static void
say_costs(double start, bool complete)
{
    double time = cpu_clock() - start;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%.1f %ld %d\n", time / 1e6, usage.ru_maxrss, complete);
}

static void
audit_image(const char *path)
{
    mayrelay_policy *policy = mayrelay_policy_load(path, 0, NULL);
    double start = cpu_clock();
    mayrelay_report *report = NULL;
    mayrelay_audit *audit = mayrelay_policy_audit(policy, NULL, &report);
    if (!audit)
        fail("no audit of %s", path);
    size_t size = mayrelay_audit_to_text(audit, NULL, 0);
    char *text = new_array(size + 1, 1);
    keep(mayrelay_audit_to_text(audit, text, size + 1));
    say_costs(start,
              mayrelay_audit_get_verdict(audit, MAYRELAY_SOURCE_STRANGER) !=
                  MAYRELAY_AUDIT_INCOMPLETE);
    free(text);
    mayrelay_report_free(report);
    mayrelay_audit_free(audit);
    mayrelay_policy_unref(policy);
}

static void
compare_images(const char *old_path, const char *new_path)
{
    mayrelay_policy *old_policy = mayrelay_policy_load(old_path, 0, NULL);
    mayrelay_policy *new_policy = mayrelay_policy_load(new_path, 0, NULL);
    double start = cpu_clock();
    mayrelay_diff *diff = mayrelay_policy_diff(old_policy, new_policy);
    if (!diff)
        fail("no diff of %s and %s", old_path, new_path);
    size_t size = mayrelay_diff_to_text(diff, 20, NULL, 0);
    char *text = new_array(size + 1, 1);
    keep(mayrelay_diff_to_text(diff, 20, text, size + 1));
    say_costs(start,
              mayrelay_diff_get_verdict(diff) != MAYRELAY_DIFF_INCOMPLETE);
    free(text);
    mayrelay_diff_free(diff);
    mayrelay_policy_unref(old_policy);
    mayrelay_policy_unref(new_policy);
}

static double
size_of(const char *path)
{
    struct stat file;
    if (stat(path, &file) != 0)
        fail("cannot find %s", path);
    return (double)file.st_size;
}

/* This program, for another process's costs; `bytes` is the size of what it
 * maps. */
static void
add_costs(struct table *table, const char *options, double bytes)
{
    char self[PATH_ROOM] = "", command[4 * PATH_ROOM];
    double time = -1, peak = -1;
    int complete = 0;
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        fail("cannot find this program");
    snprintf(command, sizeof command, "'%s' %s", self, options);
    FILE *child = popen(command, "r");
    if (!child || fscanf(child, "%lf %lf %d", &time, &peak, &complete) != 3 ||
        pclose(child) != 0)
        fail("cannot run %s", command);
    table_number(table, time);
    table_number(table, peak);
    table_number(table, peak * 1024 / bytes);
    table_number(table, complete);
}

static void
add_rule(const struct workshop *workshop)
{
    char path[PATH_ROOM];
    workshop_path(workshop, "policy.yaml", path);
    FILE *out = fopen(path, "a");
    if (!out || fprintf(out, "    - {clients: [203.0.113.9]}\n") < 0 ||
        fclose(out) != 0)
        fail("cannot write %s", path);
}

static void
add_numbers(struct table *table, const struct workshop *workshop)
{
    char path[PATH_ROOM], old[PATH_ROOM], options[3 * PATH_ROOM];
    workshop_path(workshop, "policy.mrp", path);
    workshop_path(workshop, "old.mrp", old);
    mayrelay_policy_unref(workshop_map(workshop));
    double size = size_of(path);
    table_number(table, size / 1024);
    snprintf(options, sizeof options, "--audit '%s'", path);
    add_costs(table, options, size);
    if (rename(path, old) != 0)
        fail("cannot rename %s", path);
    add_rule(workshop);
    mayrelay_policy_unref(workshop_map(workshop));
    snprintf(options, sizeof options, "--old '%s' --new '%s'", old, path);
    add_costs(table, options, size + size_of(path));
}

/* Entries of one kind. */
static void
add_one(struct table *table, enum kind kind, size_t entries, size_t rules)
{
    struct workshop workshop;
    struct workload workload;
    workshop_open(&workshop);
    workload_make(&workload, kind, entries);
    workshop_write_one(&workshop, &workload, rules);
    table_row(table, "%zu %s, %zu rules", entries, KIND_NAMES[kind], rules);
    add_numbers(table, &workshop);
    workload_free(&workload);
    workshop_close(&workshop);
}

/* A sixth of the entries of each kind. */
static void
add_all(struct table *table, size_t entries, size_t rules)
{
    struct workshop workshop;
    struct workload workloads[KIND_COUNT];
    workshop_open(&workshop);
    workloads_make(workloads, entries / KIND_COUNT);
    workshop_write(&workshop, workloads, rules);
    table_row(table, "%zu of all kinds, %zu rules", entries, rules);
    add_numbers(table, &workshop);
    workloads_free(workloads);
    workshop_close(&workshop);
}

/* Every list holds half of all values, at random, and every rule looks at a
 * list of each condition: what no diagram makes small. */
static void
add_dense(struct table *table, size_t rules, size_t values)
{
    enum {
        CONDITIONS = 4
    };
    static const char *const NAMES[CONDITIONS] = {"clients", "users", "senders",
                                                  "recipients"};
    static const char *const VALUES[CONDITIONS] = {
        "198.51.%zu.7", "u%zu", "s%zu.example", "r%zu.example"};
    struct workshop workshop;
    struct random random = {7};
    char path[PATH_ROOM];
    workshop_open(&workshop);
    workshop_path(&workshop, "policy.yaml", path);
    FILE *out = fopen(path, "w");
    if (!out)
        fail("cannot write %s", path);
    fprintf(out, "mayrelay: 1\ndomains: {inbound: [inbound.example]}\n"
                 "relay:\n  allow:\n");
    for (size_t rule = 0; rule < rules; rule++) {
        fprintf(out, "    - {");
        for (size_t c = 0; c < CONDITIONS && VALUES[c]; c++) {
            fprintf(out, "%s%s: [", c ? ", " : "", NAMES[c]);
            fprintf(out, VALUES[c], (size_t)random_below(&random, values));
            for (size_t i = 0; i < values; i++) {
                if (!random_below(&random, 2))
                    continue;
                fprintf(out, ", ");
                fprintf(out, VALUES[c], i);
            }
            fprintf(out, "]");
        }
        fprintf(out, "}\n");
    }
    if (ferror(out) || fclose(out) != 0)
        fail("cannot write %s", path);
    table_row(table, "%zu rules, all lists overlap", rules);
    add_numbers(table, &workshop);
    workshop_close(&workshop);
}

int
main(int count, char **arguments)
{
    struct options options = options_read(count, arguments);
    const char *image = options_text(&options, "--audit", NULL);
    const char *old = options_text(&options, "--old", NULL);
    const char *new = options_text(&options, "--new", NULL);
    size_t entries = options.quick ? 1200 : 1000000;
    size_t few = options.quick ? 20 : 100;
    size_t many = options.quick ? 40 : 1000;
    struct table table = {
        .title = "audits and diffs of mapped images, with their text; "
                 "peak: of the whole process",
        .label = "policy",
        .columns = COLUMNS,
        .count = sizeof COLUMNS / sizeof *COLUMNS};
    if (image)
        audit_image(image);
    else if (old && new)
        compare_images(old, new);
    if (image || (old && new))
        return 0;
    table_start(&table);
    for (int kind = 0; kind < KIND_COUNT; kind++)
        if (kind != KIND_CLIENT_NAME || !options.quick) /* always INCOMPLETE */
            add_one(&table, (enum kind)kind, entries, few);
    add_all(&table, entries, few);
    for (int kind = 0; kind < KIND_COUNT; kind++)
        if (kind != KIND_CLIENT_NAME || !options.quick)
            add_one(&table, (enum kind)kind, entries / 10, many);
    add_all(&table, entries / 10, many);
    add_dense(&table, many, options.quick ? 10 : 100);
    return 0;
}
