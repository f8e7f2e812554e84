/* Scopes against all there is: of each pair of transactions of a random policy,
 * the one decides as the other if it lies in its scope, and if they have the
 * same fingerprint. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"
#include "generate.h"
#include "options.h"
#include "probe.h"

enum {
    TRANSACTIONS = 64 /* of a policy: all pairs are looked at */
};

struct run {
    struct random random;
    unsigned long policies;
    unsigned long pairs, inside, equal_prints, boxes, alone;
    unsigned long bad;
};

struct judged {
    struct facts facts;
    mayrelay_session *session;
    struct probe *probe;
    struct decision decision;
    uint64_t fingerprint;
};

static bool
are_alike(const struct judged *a, const struct judged *b)
{
    const struct decision *x = &a->decision;
    const struct decision *y = &b->decision;
    const mayrelay_decision *d = mayrelay_session_get_decision(a->session);
    const mayrelay_decision *e = mayrelay_session_get_decision(b->session);
    return x->verdict == y->verdict && x->code == y->code &&
           strcmp(x->enhanced, y->enhanced) == 0 && x->reason == y->reason &&
           x->kind == y->kind && x->rule == y->rule &&
           x->connector == y->connector && x->needs == y->needs &&
           mayrelay_decision_get_line(d) == mayrelay_decision_get_line(e);
}

static void
complain(struct run *run, const char *text, const struct judged *a,
         const struct judged *b, const char *why)
{
    static char scope[1 << 16];
    run->bad++;
    if (run->bad > 3)
        return;
    mayrelay_decision_scope(mayrelay_session_get_decision(a->session),
                            MAYRELAY_TEXT, scope, sizeof scope);
    char *one = describe_facts(&a->facts);
    char *other = describe_facts(&b->facts);
    printf("%s\n\nviolated: %s\nscope: %s\n\n%s\n\n%s\n", text, why, scope, one,
           other);
    print_decision("one", &a->decision);
    print_decision("other", &b->decision);
    free(one);
    free(other);
}

static void
compare(struct run *run, const char *text, const struct judged *a,
        const struct judged *b)
{
    bool inside = probe_holds(a->probe, b->session);
    bool same = a->fingerprint && a->fingerprint == b->fingerprint;
    run->pairs++;
    run->inside += inside;
    run->equal_prints += same;
    if ((inside || same) && !are_alike(a, b))
        complain(run, text, a, b,
                 inside ? "in the scope, and decided otherwise"
                        : "the same fingerprint, decided otherwise");
    if (a == b && !inside && a->fingerprint)
        complain(run, text, a, b, "not in its own scope");
}

/* -- transactions ---------------------------------------------------------- */

/* New, or one before with a part or two that are new. */
static void
make_facts(struct random *random, struct judged *all, int index)
{
    struct facts *facts = &all[index].facts;
    bool fresh = index == 0 || random_chance(random, 25);
    memset(facts, 0, sizeof *facts);
    if (!fresh)
        *facts = all[random_below(random, index)].facts;
    if (fresh || random_chance(random, 30)) {
        generate_connection(random, facts);
        generate_names(random, facts);
        generate_groups(random, facts);
    }
    if (fresh || random_chance(random, 30))
        generate_sender(random, facts);
    if (fresh || random_chance(random, 40))
        generate_recipient(random, facts);
    if (!fresh && random_chance(random, 20))
        generate_names(random, facts);
    if (!fresh && random_chance(random, 20))
        generate_groups(random, facts);
    if (!fresh && random_chance(random, 30))
        facts->client =
            ip_neighbour(facts->client, random_chance(random, 50) ? 1 : -1);
}

static void
judge(struct run *run, mayrelay_policy *policy, struct judged *all, int index)
{
    struct judged *judged = &all[index];
    make_facts(&run->random, all, index);
    judged->session = mayrelay_session_new(policy);
    int stage = random_below(&run->random, 10);
    if (stage > 1) {
        say_everything(judged->session, &run->random, &judged->facts);
    } else {
        say_connection(judged->session, &run->random, &judged->facts);
        if (stage)
            say_sender(judged->session, &judged->facts);
        /* Else the decision would be older than the facts. */
        mayrelay_session_resume(judged->session);
    }
    judged->probe = probe_new(judged->session);
    judged->decision = decision_of(judged->session);
    judged->fingerprint = mayrelay_decision_get_fingerprint(
        mayrelay_session_get_decision(judged->session));
}

static void
try_policy(struct run *run)
{
    static struct policy plain;
    static struct judged all[TRANSACTIONS];
    char *text = NULL;
    generate_policy(&run->random, &plain);
    mayrelay_policy *policy = load_generated(&run->random, &plain, &text);
    if (!policy) {
        run->bad++;
        return;
    }
    for (int i = 0; i < TRANSACTIONS; i++)
        judge(run, policy, all, i);
    for (int i = 0; i < TRANSACTIONS; i++) {
        unsigned long before = run->inside;
        for (int j = 0; j < TRANSACTIONS; j++)
            compare(run, text, &all[i], &all[j]);
        run->boxes += all[i].fingerprint != 0;
        run->alone += run->inside == before + 1;
    }
    for (int i = 0; i < TRANSACTIONS; i++) {
        probe_free(all[i].probe);
        mayrelay_session_free(all[i].session);
    }
    mayrelay_policy_unref(policy);
    free(text);
}

int
main(int count, char **arguments)
{
    struct run run = {.policies = 500};
    unsigned long seed = 1;
    const struct number_option options[] = {
        {"--policies", &run.policies}, {"--seed", &seed}, {NULL, NULL}};
    if (!options_read(options, count, arguments))
        return 2;
    run.random.state = seed;
    for (unsigned long i = 0; i < run.policies && run.bad == 0; i++)
        try_policy(&run);
    printf("%lu policies, %lu pairs: %lu in the scope, %lu of the same "
           "fingerprint, %lu decided otherwise; %lu scopes, %lu with nobody "
           "else in it\n",
           run.policies, run.pairs, run.inside, run.equal_prints, run.bad,
           run.boxes, run.alone);
    /* A scope that holds one transaction alone would be sound, too. */
    bool useful = run.inside > 4 * run.boxes && run.equal_prints > run.boxes;
    if (!useful && !run.bad)
        puts("violated: too few transactions share a scope");
    return run.bad || !useful;
}
