/* What making and opening an image costs, for one list of each kind: reading
 * and compiling the list file, saving, mapping, the first decision, and bytes
 * per entry: those that decisions read, and those that only name the file and
 * line of an entry; and the memory that each process has of it for itself.
 *
 * usage: images [--quick]
 *        images --write DIRECTORY [--entries N] [--kind N]
 *        images --private IMAGE
 *
 * The second form leaves policy.yaml and its list file there, for profilers;
 * the third says how much memory a process with that image does not share. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "measure.h"
#include "policies.h"

enum {
    LOADS = 3,
    OPENS = 31,
    MANY_LISTS = 200,
    DECISIONS = 256 /* of many clients, to touch what decisions touch */
};

static const struct column COLUMNS[] = {
    {"compile ms", 1},   {"save ms", 1}, {"open us", 1},
    {"+first us", 1},    {"cold us", 0}, {"private KiB", 0},
    {"B/entry text", 1}, {"lookup", 1},  {"provenance", 1}};

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

/* Memory that this process has written to. */
static double
dirty_kib(void)
{
    char line[128];
    double kib = -1;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    while (file && fgets(line, sizeof line, file))
        sscanf(line, "Private_Dirty: %lf", &kib);
    if (!file || fclose(file) != 0 || kib < 0)
        fail("cannot tell the memory of this process");
    return kib;
}

static void
print_private(const char *path)
{
    double before = dirty_kib();
    mayrelay_policy *policy = mayrelay_policy_load(path, 0, NULL);
    for (int i = 0; i < DECISIONS; i++) {
        char client[16];
        snprintf(client, sizeof client, "192.0.%d.1", i);
        keep((uint64_t)mayrelay_check(policy, client, "nobody",
                                      "a@sender.example", "b@recipient.example",
                                      NULL, 0));
    }
    printf("%.0f\n", dirty_kib() - before);
    mayrelay_policy_unref(policy);
}

/* In a process of its own, which has nothing to use again. */
static double
private_kib(const struct image_of_kind *of)
{
    char self[PATH_ROOM] = "", command[2 * PATH_ROOM + 32];
    double kib = -1;
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        fail("cannot find this program");
    snprintf(command, sizeof command, "'%s' --private '%s'", self, of->path);
    FILE *child = popen(command, "r");
    if (!child || fscanf(child, "%lf", &kib) != 1 || pclose(child) != 0)
        fail("cannot run %s", command);
    return kib;
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
image_make(struct image_of_kind *of, enum kind kind, size_t entries,
           size_t lists)
{
    workshop_open(&of->workshop);
    workshop_path(&of->workshop, "policy.mrp", of->path);
    workload_make(&of->workload, kind, entries);
    workshop_write_one(&of->workshop, &of->workload, lists);
}

static void
image_free(struct image_of_kind *of)
{
    workload_free(&of->workload);
    workshop_close(&of->workshop);
}

/* Of an image with one entry a list: what does not come from entries. */
static struct image_bytes
bytes_without_entries(enum kind kind, size_t lists)
{
    struct image_of_kind one;
    image_make(&one, kind, lists, lists);
    time_save(&one, 1);
    struct image_bytes bytes = image_bytes_of(one.path);
    image_free(&one);
    return bytes;
}

static void
add_row(struct table *table, enum kind kind, size_t entries, size_t lists)
{
    struct image_of_kind of;
    struct image_bytes base = bytes_without_entries(kind, lists);
    double each = (double)(entries > lists ? entries - lists : entries);
    image_make(&of, kind, entries, lists);
    if (lists == 1)
        table_row(table, "%zu %s", entries, KIND_NAMES[kind]);
    else
        table_row(table, "%zu %s, %zu lists", entries, KIND_NAMES[kind], lists);
    table_number(table, time_compile(&of, LOADS) / 1e6);
    table_number(table, time_save(&of, LOADS) / 1e6);
    table_number(table, time_open(&of, false) / 1e3);
    table_number(table, time_open(&of, true) / 1e3);
    table_number(table, time_cold(&of) / 1e3);
    table_number(table, private_kib(&of));
    struct image_bytes bytes = image_bytes_of(of.path);
    table_number(table, text_bytes(&of.workload) / (double)entries);
    table_number(table, (bytes.lookup - base.lookup) / each);
    table_number(table, (bytes.provenance - base.provenance) / each);
    image_free(&of);
}

static void
print_table(bool quick)
{
    static const size_t ENTRIES[] = {10, 1000, 100000, 1000000};
    size_t sizes = quick ? 1 : sizeof ENTRIES / sizeof *ENTRIES;
    struct table table = {
        .title = "images of one list, or of many, a rule each; medians of CPU "
                 "time (save, cold: wall clock); +first, cold: with the first "
                 "decision",
        .label = "list",
        .columns = COLUMNS,
        .count = sizeof COLUMNS / sizeof *COLUMNS};
    table_start(&table);
    for (size_t i = 0; i < sizes; i++)
        for (int kind = 0; kind < KIND_COUNT; kind++)
            add_row(&table, (enum kind)kind, ENTRIES[i], 1);
    for (int kind = 0; kind < KIND_COUNT; kind++)
        add_row(&table, (enum kind)kind, quick ? 1000 : 1000000, MANY_LISTS);
}

static void
write_policy(const struct options *options, const char *directory)
{
    struct workshop workshop;
    struct workload workload;
    workshop_use(&workshop, directory);
    workload_make(&workload,
                  (enum kind)options_number(options, "--kind", KIND_IPV4),
                  options_number(options, "--entries", 1000));
    workshop_write_one(&workshop, &workload, 1);
    workload_free(&workload);
}

int
main(int count, char **arguments)
{
    struct options options = options_read(count, arguments);
    const char *directory = options_text(&options, "--write", NULL);
    const char *image = options_text(&options, "--private", NULL);
    if (directory)
        write_policy(&options, directory);
    else if (image)
        print_private(image);
    else
        print_table(options.quick);
    return 0;
}
