/* The cases of random policies: the chart that they are picked from says of
 * every way what the evaluator says, and what random transactions come to,
 * some case shows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"
#include "generate.h"
#include "options.h"
#include "pools.h"
#include "ways.h"

enum {
    FAILURES_MOST = 3,
    WAYS = 400, /* of a policy */
    TRANSACTIONS = 300
};

struct run {
    unsigned long policies;
    unsigned long seed;
    struct random random;
    struct policy *policy;
    char *text;
    mayrelay_policy *loaded;
    mayrelay_session *session;
    mayrelay_cases *cases;
    unsigned long extents[MAYRELAY_CASES_COMBINATIONS + 1];
    unsigned long too_large, ways, shown, beyond, written;
    unsigned long passed, failed;
};

static void
expect(struct run *run, bool good, const char *what)
{
    if (good) {
        run->passed++;
        return;
    }
    run->failed++;
    printf("%s\n%s\n", run->text, what);
}

static uint64_t
next_number(void *context)
{
    return random_next(context);
}

/* False if the policy is too large for a chart. */
static bool
try_ways(struct run *run)
{
    struct ways *ways = ways_new(run->loaded);
    expect(run, ways != NULL, "no chart");
    bool known = ways && ways_are_known(ways);
    bool good = known;
    for (int i = 0; i < WAYS && good; i++) {
        good = ways_try(ways, next_number, &run->random);
        expect(run, good, "a wrong way");
        run->ways++;
    }
    ways_free(ways);
    return known;
}

/* -- what transactions come to --------------------------------------------- */

/* Its members, behind the id and up to the text: "verdict" to "enhanced"; and
 * from the reason to the kind and rule. */
static const char *
member(const char *line, const char *key)
{
    const char *found = strstr(line, key);
    return found ? found : "";
}

static bool
is_alike(const char *a, const char *b, const char *from, const char *to)
{
    const char *first = member(a, from);
    const char *second = member(b, from);
    size_t size = (size_t)(member(first, to) - first);
    return (size_t)(member(second, to) - second) == size &&
           memcmp(first, second, size) == 0;
}

static bool
is_shown(const struct run *run, const char *decision)
{
    for (size_t i = 0; i < mayrelay_cases_count(run->cases); i++) {
        const char *line = mayrelay_cases_get_decision(run->cases, i);
        if (is_alike(line, decision, "\"verdict\":", "\"text\":") &&
            is_alike(line, decision, "\"reason\":", "\"source\":"))
            return true;
    }
    return false;
}

static void
answer(enum knowledge *what)
{
    if (*what == UNKNOWN_YET)
        *what = KNOWN;
}

static void
keep_first(int *count)
{
    if (*count > 1)
        *count = 1;
}

/* Cases have no look-up without an answer, and no two names or groups. */
static void
generate_facts(struct run *run, struct facts *facts)
{
    generate_connection(&run->random, facts);
    facts->rewrites = true;
    generate_sender(&run->random, facts);
    generate_recipient(&run->random, facts);
    answer(&facts->names);
    answer(&facts->groups);
    answer(&facts->exists);
    keep_first(&facts->name_count);
    keep_first(&facts->group_count);
}

/* Cases leave out patterns that give up, too. */
static bool
is_beyond(const struct facts *facts)
{
    return facts->name_malformed || strstr(facts->sender.argument, ENDLESS) ||
           strstr(facts->recipient.argument, ENDLESS) ||
           (facts->name_count && strstr(facts->name[0], ENDLESS));
}

static void
try_transaction(struct run *run)
{
    char line[8192];
    struct facts facts;
    generate_facts(run, &facts);
    say_everything(run->session, &run->random, &facts);
    const mayrelay_decision *decision =
        mayrelay_session_get_decision(run->session);
    mayrelay_decision_to_json(decision, line, sizeof line);
    if (is_beyond(&facts) || mayrelay_decision_get_needs(decision) ||
        mayrelay_decision_get_reason(decision) ==
            MAYRELAY_REASON_INTERNAL_ERROR) {
        run->beyond++;
        return;
    }
    run->shown++;
    if (is_shown(run, line)) {
        run->passed++;
        return;
    }
    char *text = describe_facts(&facts);
    printf("%s\n%s\nno case comes to\n%s\n", run->text, text, line);
    free(text);
    run->failed++;
}

/* -- policies -------------------------------------------------------------- */

static bool
goes_on(const struct run *run)
{
    return run->failed < FAILURES_MOST;
}

static void
try_cases(struct run *run)
{
    run->session = mayrelay_session_new(run->loaded);
    run->cases = mayrelay_policy_cases(run->loaded, 0);
    expect(run, run->session && run->cases, "no cases");
    mayrelay_session_rewrites(run->session, true);
    enum mayrelay_cases_extent extent = mayrelay_cases_get_extent(run->cases);
    run->extents[extent]++;
    run->written += mayrelay_cases_count(run->cases);
    for (int i = 0; i < TRANSACTIONS && goes_on(run) &&
                    extent == MAYRELAY_CASES_COMBINATIONS;
         i++)
        try_transaction(run);
    mayrelay_cases_free(run->cases);
    mayrelay_session_free(run->session);
}

static void
try_policy(struct run *run)
{
    generate_policy(&run->random, run->policy);
    run->loaded = load_generated(&run->random, run->policy, &run->text);
    if (try_ways(run))
        try_cases(run);
    else
        run->too_large++;
    mayrelay_policy_unref(run->loaded);
    free(run->text);
}

int
main(int argument_count, char **arguments)
{
    static struct policy policy;
    struct run run = {.policies = 100, .seed = 11, .policy = &policy};
    const struct number_option options[] = {
        {"--policies", &run.policies}, {"--seed", &run.seed}, {NULL, NULL}};
    if (!options_read(options, argument_count, arguments))
        return 2;
    for (unsigned long i = 0; i < run.policies && goes_on(&run); i++) {
        /* Each policy has its own seed, so that one alone can be repeated. */
        run.random.state = run.seed + (uint64_t)i * 1000003;
        try_policy(&run);
    }
    printf(
        "%lu cases: %lu policies whole, %lu by classes, %lu in part, %lu too "
        "large; %lu ways; %lu transactions shown, %lu beyond\n",
        run.written, run.extents[MAYRELAY_CASES_COMBINATIONS],
        run.extents[MAYRELAY_CASES_CLASSES],
        run.extents[MAYRELAY_CASES_PARTIAL], run.too_large, run.ways, run.shown,
        run.beyond);
    printf("%lu passed, %lu failed\n", run.passed, run.failed);
    return run.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
