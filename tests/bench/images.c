/* What making and opening an image costs, for one list of each kind: reading
 * and compiling the list file, saving, mapping, the first decision, and bytes
 * per entry: those that decisions read, and those that only name the file and
 * line of an entry.
 *
 * usage: images [--quick] [--json]
 *        images --write DIRECTORY [--entries N] [--kind N]
 *
 * The second form leaves policy.yaml and its list file there, for profilers. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "measure.h"
#include "policies.h"

enum {
    LOADS = 3,
    OPENS = 31
};

static const struct column COLUMNS[] = {
    {"compile ms", 1}, {"save ms", 1},      {"open us", 1}, {"+first us", 1},
    {"cold us", 0},    {"B/entry text", 1}, {"lookup", 1},  {"provenance", 1}};

struct image_of_kind {
    struct workshop workshop;
    struct workload workload;
    char path[PATH_ROOM];
};

static void
first_decision(mayrelay_policy *policy)
{
    keep((uint64_t)mayrelay_check(policy, "192.0.2.1", "nobody",
                                  "a@sender.example", "b@recipient.example",
                                  NULL, 0));
}

static double
time_compile(const struct image_of_kind *of, int repetitions)
{
    double times[LOADS];
    for (int i = 0; i < repetitions; i++) {
        double start = cpu_clock();
        mayrelay_policy *policy = workshop_load(&of->workshop, "policy.yaml");
        times[i] = cpu_clock() - start;
        mayrelay_policy_unref(policy);
    }
    return median(times, (size_t)repetitions);
}

/* By the wall clock: most of it is waiting for fsync. */
static double
time_save(const struct image_of_kind *of, int repetitions)
{
    double times[LOADS];
    mayrelay_policy *policy = workshop_load(&of->workshop, "policy.yaml");
    for (int i = 0; i < repetitions; i++) {
        double start = wall_clock();
        if (mayrelay_policy_save(policy, of->path) != MAYRELAY_OK)
            fail("cannot save %s", of->path);
        times[i] = wall_clock() - start;
    }
    mayrelay_policy_unref(policy);
    return median(times, (size_t)repetitions);
}

static double
time_open(const struct image_of_kind *of, bool decide)
{
    double times[OPENS];
    for (int i = 0; i < OPENS; i++) {
        double start = cpu_clock();
        mayrelay_policy *policy = mayrelay_policy_load(of->path, 0, NULL);
        if (decide)
            first_decision(policy);
        times[i] = cpu_clock() - start;
        mayrelay_policy_unref(policy);
    }
    return median(times, OPENS);
}

/* Opening and the first decision by the wall clock, when the page cache has
 * been asked to forget the file; the disk below may still remember it. */
static double
time_cold(const struct image_of_kind *of)
{
    double times[LOADS];
    for (int i = 0; i < LOADS; i++) {
        int file = open(of->path, O_RDONLY);
        if (file < 0 || posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) != 0)
            fail("cannot make %s cold", of->path);
        close(file);
        double start = wall_clock();
        mayrelay_policy *policy = mayrelay_policy_load(of->path, 0, NULL);
        first_decision(policy);
        times[i] = wall_clock() - start;
        mayrelay_policy_unref(policy);
    }
    return median(times, LOADS);
}

static double
text_bytes(const struct workload *workload)
{
    char text[TEXT_ROOM];
    double bytes = 0;
    for (size_t i = 0; i < workload->count; i++)
        bytes += (double)workload_entry(workload, i, text) + 1;
    return bytes;
}

static void
image_make(struct image_of_kind *of, enum kind kind, size_t entries)
{
    workshop_open(&of->workshop);
    workshop_path(&of->workshop, "policy.mrp", of->path);
    workload_make(&of->workload, kind, entries);
    workshop_write_one(&of->workshop, &of->workload);
}

static void
image_free(struct image_of_kind *of)
{
    workload_free(&of->workload);
    workshop_close(&of->workshop);
}

/* Of an image with one entry: what does not come from entries. */
static struct image_bytes
bytes_without_entries(enum kind kind)
{
    struct image_of_kind one;
    image_make(&one, kind, 1);
    time_save(&one, 1);
    struct image_bytes bytes = image_bytes_of(one.path);
    image_free(&one);
    return bytes;
}

static void
add_row(struct table *table, enum kind kind, size_t entries)
{
    struct image_of_kind of;
    struct image_bytes base = bytes_without_entries(kind);
    double each = (double)entries;
    image_make(&of, kind, entries);
    table_row(table, "%zu %s", entries, KIND_NAMES[kind]);
    table_number(table, time_compile(&of, LOADS) / 1e6);
    table_number(table, time_save(&of, LOADS) / 1e6);
    table_number(table, time_open(&of, false) / 1e3);
    table_number(table, time_open(&of, true) / 1e3);
    table_number(table, time_cold(&of) / 1e3);
    struct image_bytes bytes = image_bytes_of(of.path);
    table_number(table, text_bytes(&of.workload) / each);
    table_number(table, (bytes.lookup - base.lookup) / each);
    table_number(table, (bytes.provenance - base.provenance) / each);
    image_free(&of);
}

static void
print_table(bool quick, bool json)
{
    static const size_t ENTRIES[] = {1000, 100000, 1000000};
    struct table table = {
        .title = "one list; CPU time (save, cold: wall clock); medians; "
                 "B/entry: text of the list file, then image",
        .label = "list",
        .columns = COLUMNS,
        .count = sizeof COLUMNS / sizeof *COLUMNS,
        .json = json};
    table_start(&table);
    for (size_t i = 0; i < (quick ? 1 : sizeof ENTRIES / sizeof *ENTRIES); i++)
        for (int kind = 0; kind < KIND_COUNT; kind++)
            add_row(&table, (enum kind)kind, ENTRIES[i]);
    table_end(&table);
}

static void
write_policy(const struct options *options, const char *directory)
{
    struct workshop workshop;
    struct workload workload;
    snprintf(workshop.directory, sizeof workshop.directory, "%s", directory);
    workload_make(&workload,
                  (enum kind)options_number(options, "--kind", KIND_IPV4),
                  options_number(options, "--entries", 1000));
    workshop_write_one(&workshop, &workload);
    workload_free(&workload);
}

int
main(int count, char **arguments)
{
    struct options options = options_read(count, arguments);
    const char *directory = options_text(&options, "--write", NULL);
    if (directory)
        write_policy(&options, directory);
    else
        print_table(options.quick, options.json);
    return 0;
}
