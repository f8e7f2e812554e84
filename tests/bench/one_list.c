/* Our side of a comparison with others: one list, bare and in a whole decision.
 *
 * usage: one_list [--quick] --kind N --entries N --queries N --write DIRECTORY
 *
 * Leaves `keys`, an entry a line, and `queries`, the first of those that are
 * timed, in the directory, and prints one JSON object.  bare: the set alone,
 * queries parsed before; decision: mayrelay_check from texts to the reply, of a
 * policy that allows what the list has; hits: of the queries written, which
 * both must agree on.  Half of them hit. */
#include <stdio.h>
#include <string.h>

#include "bare_set.h"
#include "measure.h"
#include "policies.h"

enum {
    REPETITIONS = 5,
    BUILDS = 3,
    OPENS = 31,
    /* So many distinct ones that the caches do not know them from the last
     * time. */
    QUERIES = 1 << 18
};

struct one_list {
    struct workshop workshop;
    char image[PATH_ROOM];
    struct bare_set set;
    mayrelay_policy *policy;
};

static void
write_line(FILE *file, const char *text)
{
    if (fprintf(file, "%s\n", text) < 0)
        fail("cannot write a line");
}

static FILE *
create(const struct one_list *list, const char *name)
{
    char path[PATH_ROOM];
    workshop_path(&list->workshop, name, path);
    FILE *file = fopen(path, "w");
    if (!file)
        fail("cannot write %s", path);
    return file;
}

static void
write_files(const struct one_list *list, const struct workload *workload,
            size_t queries)
{
    char text[TEXT_ROOM];
    FILE *file = create(list, "keys");
    for (size_t i = 0; i < workload->count; i++) {
        workload_entry(workload, i, text);
        write_line(file, text);
    }
    fclose(file);
    file = create(list, "queries");
    for (size_t i = 0; i < queries; i++)
        write_line(file, texts_data(&list->set.queries, i));
    fclose(file);
}

static int
check(const struct one_list *list, size_t number)
{
    char reply[512];
    const char *query = texts_data(&list->set.queries, number);
    bool address = list->set.kind <= KIND_IPV6;
    int code = mayrelay_check(
        list->policy, address ? query : "192.0.2.1", "user", "a@sender.example",
        address ? "b@recipient.example" : query, reply, sizeof reply);
    return code + (reply[0] == '\0');
}

static void
run_bare(void *context)
{
    const struct one_list *list = context;
    uint64_t sum = 0;
    for (size_t i = 0; i < list->set.count; i++)
        sum += bare_set_look_up(&list->set, i);
    keep(sum);
}

static void
run_decisions(void *context)
{
    const struct one_list *list = context;
    uint64_t sum = 0;
    for (size_t i = 0; i < list->set.count; i++)
        sum += (uint64_t)check(list, i);
    keep(sum);
}

/* Both ways, for they must agree. */
static size_t
count_hits(const struct one_list *list, size_t queries)
{
    size_t hits = 0;
    for (size_t i = 0; i < queries; i++) {
        bool hit = bare_set_look_up(&list->set, i) != 0;
        if (check(list, i) != (hit ? 250 : 550))
            fail("%s: the set and the decision differ",
                 texts_data(&list->set.queries, i));
        hits += hit;
    }
    return hits;
}

/* From the list file to the image on disk. */
static double
time_build(const struct one_list *list)
{
    double times[BUILDS];
    for (int i = 0; i < BUILDS; i++) {
        double start = cpu_clock();
        mayrelay_policy *policy = workshop_load(&list->workshop, "policy.yaml");
        if (mayrelay_policy_save(policy, list->image) != MAYRELAY_OK)
            fail("cannot save %s", list->image);
        times[i] = cpu_clock() - start;
        mayrelay_policy_unref(policy);
    }
    return median(times, BUILDS);
}

static double
time_open(const struct one_list *list)
{
    double times[OPENS];
    for (int i = 0; i < OPENS; i++) {
        double start = cpu_clock();
        mayrelay_policy *policy = mayrelay_policy_load(list->image, 0, NULL);
        times[i] = cpu_clock() - start;
        mayrelay_policy_unref(policy);
    }
    return median(times, OPENS);
}

int
main(int count, char **arguments)
{
    struct options options = options_read(count, arguments);
    size_t queries = options_number(&options, "--queries", 1000);
    struct workload workload;
    struct one_list list;
    workload_make(&workload,
                  (enum kind)options_number(&options, "--kind", KIND_IPV4),
                  options_number(&options, "--entries", 1000));
    workshop_use(&list.workshop, options_text(&options, "--write", "."));
    workshop_path(&list.workshop, "policy.mrp", list.image);
    bare_set_make(&list.set, &workload);
    bool enough = options.quick || queries > QUERIES;
    bare_set_ask(&list.set, &workload, enough ? queries : QUERIES, MIX_UNIFORM);
    write_files(&list, &workload, queries);
    workshop_write_one(&list.workshop, &workload, 1);
    double build = time_build(&list), open = time_open(&list);
    list.policy = workshop_load(&list.workshop, "policy.mrp");
    double each = (double)list.set.count;
    printf("{\"hits\": %zu, ", count_hits(&list, queries));
    printf("\"bare\": %.1f, ", measure(run_bare, &list, REPETITIONS) / each);
    printf("\"decision\": %.1f, ",
           measure(run_decisions, &list, REPETITIONS) / each);
    printf("\"build\": %.0f, \"start\": %.0f}\n", build, open);
    mayrelay_policy_unref(list.policy);
    bare_set_forget(&list.set);
    bare_set_free(&list.set);
    workload_free(&workload);
    return 0;
}
