/* What must hold of the library whatever the policy says, without a second
 * opinion (policy.md §2, §8):
 *  - the order of rules and entries never changes a verdict;
 *  - one more deny rule never opens anything;
 *  - an accept with unknown or failed facts stays one whatever they turn out to
 *    be, and a sure refusal stays a refusal;
 *  - answering just what is asked for ends, and where a full answer does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"
#include "generate.h"
#include "options.h"

enum {
    FAILURES_MOST = 3,
    ANSWERS = 6
};

struct run {
    unsigned long policies, transactions;
    unsigned long seed;
    struct random random;
    unsigned long passed, failed;
};

/* A policy with all that hangs on it. */
struct variant {
    struct policy *policy;
    char *text;
    mayrelay_session *session;
};

static bool
variant_open(struct run *run, struct variant *variant)
{
    mayrelay_policy *policy =
        load_generated(&run->random, variant->policy, &variant->text);
    variant->session = mayrelay_session_new(policy);
    mayrelay_policy_unref(policy);
    if (!variant->session)
        run->failed++;
    return variant->session != NULL;
}

static void
variant_close(struct variant *variant)
{
    mayrelay_session_free(variant->session);
    free(variant->text);
    variant->session = NULL;
    variant->text = NULL;
}

static struct decision
judge(struct run *run, const struct variant *variant, const struct facts *facts)
{
    /* The same way to say it, so that only the facts differ. */
    struct random ways = {run->seed};
    say_everything(variant->session, &ways, facts);
    return decision_of(variant->session);
}

static void
expect(struct run *run, bool holds, const char *property,
       const struct variant *variant, const struct facts *facts,
       const struct decision *before, const struct decision *after)
{
    if (holds) {
        run->passed++;
        return;
    }
    char *text = describe_facts(facts);
    run->failed++;
    printf("%s\n%sviolated: %s\n", variant->text, text, property);
    print_decision("one  ", before);
    print_decision("other", after);
    free(text);
}

static bool
accepts(const struct decision *decision)
{
    return decision->verdict == VERDICT_ACCEPT;
}

static bool
refuses_surely(const struct decision *decision)
{
    return !accepts(decision) && decision->reason != REASON_LOOKUP_FAILED;
}

/* -- the order of the file ------------------------------------------------ */

static void
swap(void *a, void *b, void *spare, size_t size)
{
    memcpy(spare, a, size);
    memcpy(a, b, size);
    memcpy(b, spare, size);
}

static void
shuffle_list(struct random *random, struct list *list)
{
    static struct entry spare;
    for (int i = list->count - 1; i > 0; i--)
        swap(&list->entries[i], &list->entries[random_below(random, i + 1)],
             &spare, sizeof spare);
}

static void
shuffle_policy(struct random *random, struct policy *policy)
{
    static struct rule spare;
    for (int i = policy->rule_count - 1; i > 0; i--)
        swap(&policy->rules[i], &policy->rules[random_below(random, i + 1)],
             &spare, sizeof spare);
    for (int i = 0; i < policy->rule_count; i++)
        for (int k = 0; k < LIST_CONDITIONS; k++)
            shuffle_list(random, &policy->rules[i].lists[k]);
    for (int i = 0; i < policy->list_count; i++)
        shuffle_list(random, &policy->lists[i]);
}

static void
check_order(struct run *run, const struct variant *variant,
            const struct variant *shuffled, const struct facts *facts)
{
    struct decision a = judge(run, variant, facts);
    struct decision b = judge(run, shuffled, facts);
    bool same = a.verdict == b.verdict && a.needs == b.needs &&
                a.is_relay == b.is_relay;
    expect(run, same, "order does not matter", variant, facts, &a, &b);
}

/* -- one more deny rule --------------------------------------------------- */

static void
check_deny(struct run *run, const struct variant *variant,
           const struct variant *stricter, const struct facts *facts)
{
    struct decision a = judge(run, variant, facts);
    struct decision b = judge(run, stricter, facts);
    expect(run, accepts(&a) || !accepts(&b), "a deny rule never opens",
           stricter, facts, &a, &b);
}

/* -- more facts ----------------------------------------------------------- */

static void
forget(struct run *run, struct facts *facts)
{
    enum knowledge unknown[] = {UNKNOWN_YET, UNKNOWN_YET, FAILED};
    if (random_chance(&run->random, 70))
        facts->names = *RANDOM_OF(&run->random, unknown);
    if (random_chance(&run->random, 70))
        facts->groups = *RANDOM_OF(&run->random, unknown);
    if (random_chance(&run->random, 70))
        facts->exists = *RANDOM_OF(&run->random, unknown);
}

/* Answers those facts that are not known. */
static void
find_out(struct run *run, struct facts *facts)
{
    if (facts->names != KNOWN) {
        generate_names(&run->random, facts);
        facts->names = KNOWN;
        facts->name_malformed = false;
    }
    if (facts->groups != KNOWN) {
        generate_groups(&run->random, facts);
        facts->groups = KNOWN;
    }
    if (facts->exists != KNOWN) {
        facts->exists = KNOWN;
        facts->exists_value = random_chance(&run->random, 50);
    }
}

static bool
some_failed(const struct facts *facts)
{
    return facts->names == FAILED || facts->groups == FAILED ||
           facts->exists == FAILED;
}

/* Tells the session what it asks for, and nothing else. */
static struct decision
answer_needs(struct run *run, const struct variant *variant,
             const struct facts *unknown, const struct facts *known)
{
    struct decision decision = judge(run, variant, unknown);
    for (int rounds = 0; decision.needs != 0 && rounds < 4; rounds++) {
        if (decision.needs & NEED_CLIENT_NAME)
            say_names(variant->session, known);
        if (decision.needs & NEED_GROUPS)
            say_groups(variant->session, known);
        if (decision.needs & NEED_RECIPIENT)
            say_exists(variant->session, known);
        mayrelay_session_resume(variant->session);
        decision = decision_of(variant->session);
    }
    return decision;
}

static void
check_answer(struct run *run, const struct variant *variant,
             const struct facts *unknown, const struct facts *known)
{
    struct decision before = judge(run, variant, unknown);
    struct decision after = judge(run, variant, known);
    expect(run, !accepts(&before) || accepts(&after),
           "an accept stays one when more is known", variant, known, &before,
           &after);
    expect(run, !refuses_surely(&before) || refuses_surely(&after),
           "a sure refusal stays one when more is known", variant, known,
           &before, &after);
    if (some_failed(unknown))
        return;
    expect(run,
           before.needs != 0 || before.reason != REASON_LOOKUP_FAILED ||
               after.reason == REASON_LOOKUP_FAILED,
           "a failure that asks for nothing is final", variant, known, &before,
           &after);
    struct decision asked = answer_needs(run, variant, unknown, known);
    expect(run, asked.needs == 0 && accepts(&asked) == accepts(&after),
           "answering what is asked for is enough", variant, known, &asked,
           &after);
}

static void
check_answers(struct run *run, const struct variant *variant,
              const struct facts *facts)
{
    struct facts unknown = *facts;
    forget(run, &unknown);
    for (int i = 0; i < ANSWERS && run->failed < FAILURES_MOST; i++) {
        struct facts known = unknown;
        find_out(run, &known);
        check_answer(run, variant, &unknown, &known);
    }
}

/* -- the run -------------------------------------------------------------- */

static void
try_transactions(struct run *run, const struct variant *variant,
                 const struct variant *shuffled, const struct variant *stricter)
{
    struct facts facts;
    for (unsigned long i = 0;
         i < run->transactions && run->failed < FAILURES_MOST; i++) {
        generate_connection(&run->random, &facts);
        generate_sender(&run->random, &facts);
        generate_recipient(&run->random, &facts);
        check_order(run, variant, shuffled, &facts);
        check_deny(run, variant, stricter, &facts);
        check_answers(run, variant, &facts);
    }
}

static void
try_policy(struct run *run)
{
    static struct policy policies[3];
    struct variant variants[3] = {{.policy = &policies[0]},
                                  {.policy = &policies[1]},
                                  {.policy = &policies[2]}};
    generate_policy(&run->random, &policies[0]);
    policies[1] = policies[2] = policies[0];
    shuffle_policy(&run->random, &policies[1]);
    generate_deny(&run->random, &policies[2]);
    bool open = true;
    for (int i = 0; i < 3 && open; i++)
        open = variant_open(run, &variants[i]);
    if (open)
        try_transactions(run, &variants[0], &variants[1], &variants[2]);
    for (int i = 0; i < 3; i++)
        variant_close(&variants[i]);
}

int
main(int argument_count, char **arguments)
{
    struct run run = {.policies = 200, .transactions = 200, .seed = 1};
    const struct number_option options[] = {
        {"--policies", &run.policies},
        {"--transactions", &run.transactions},
        {"--seed", &run.seed},
        {NULL, NULL}};
    if (!options_read(options, argument_count, arguments))
        return 2;
    for (unsigned long i = 0; i < run.policies && run.failed < FAILURES_MOST;
         i++) {
        run.random.state = run.seed + (uint64_t)i * 1000003;
        try_policy(&run);
    }
    printf("%lu passed, %lu failed\n", run.passed, run.failed);
    return run.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
