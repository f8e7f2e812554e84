/* Random policies, and random transactions on each: what the audit's diagrams
 * say of a transaction must be what the slow evaluator says, both ways. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"
#include "generate.h"
#include "pools.h"
#include "probe.h"

enum {
    MISMATCHES_MOST = 3,
    RECIPIENTS = 6 /* for each sender */
};

struct run {
    long policies;
    unsigned long transactions;
    uint64_t seed;
    struct random random;
    struct policy *policy;
    char *text;
    mayrelay_policy *loaded;
    mayrelay_session *session;
    struct probe *probe;
    mayrelay_audit *audit;
    struct probe_witnesses witnesses;
    unsigned long verdicts[MAYRELAY_AUDIT_CLOSED + 1];
    unsigned long answers[PROBE_BROKEN + 1];
    unsigned long passed, failed;
};

static void
print_mismatch(const struct run *run, const struct facts *facts,
               const struct decision *slow, enum probe_answer answer,
               const char *rule)
{
    static const char *const ANSWERS[] = {"refused", "accepted", "certain",
                                          "open", "broken"};
    char *text = describe_facts(facts);
    printf("%s\n%s\n", run->text, text);
    print_decision("expected", slow);
    printf("the audit: %s by %s\n", ANSWERS[answer], rule ? rule : "-");
    free(text);
}

/* Look-ups that have failed, or patterns that give up on what is endless. */
static bool
lacks_facts(const struct facts *facts)
{
    bool endless = strstr(facts->sender.argument, ENDLESS) ||
                   strstr(facts->recipient.argument, ENDLESS);
    for (int i = 0; i < facts->name_count; i++)
        endless |= strstr(facts->name[i], ENDLESS) != NULL;
    return endless || facts->names != KNOWN || facts->name_malformed ||
           facts->groups != KNOWN;
}

/* A missing fact never accepts what it could refuse; where it could refuse
 * nothing, the evaluator may wait for it all the same. */
static bool
is_right(const struct facts *facts, const struct decision *slow,
         enum probe_answer answer, const char *rule)
{
    bool accepted = slow->verdict == VERDICT_ACCEPT;
    bool waits = slow->reason == REASON_LOOKUP_FAILED && lacks_facts(facts);
    switch (answer) {
    case PROBE_ACCEPTED:
        return waits ||
               (accepted && slow->rule && strcmp(slow->rule, rule) == 0);
    case PROBE_CERTAIN: return accepted || waits;
    case PROBE_REFUSED:
    case PROBE_OPEN: return !accepted;
    case PROBE_BROKEN: break;
    }
    return false;
}

/* -- verdicts ------------------------------------------------------------- */

#define TRUSTED "10.0.0.0/8"

/* Neither trusted nor private, loopback or link-local. */
static bool
is_stranger(const struct ip *ip)
{
    static const struct {
        const char *first, *last;
    } INSIDE[] = {{"10.0.0.0", "10.255.255.255"},
                  {"127.0.0.0", "127.255.255.255"},
                  {"172.16.0.0", "172.31.255.255"},
                  {"192.168.0.0", "192.168.255.255"},
                  {"169.254.0.0", "169.254.255.255"},
                  {"::1", "::1"},
                  {"fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
                  {"fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}};
    for (size_t i = 0; i < sizeof INSIDE / sizeof *INSIDE; i++) {
        struct ip first = ip_of(INSIDE[i].first);
        struct ip last = ip_of(INSIDE[i].last);
        if (ip_compare(&first, ip) <= 0 && ip_compare(ip, &last) <= 0)
            return false;
    }
    return true;
}

static void
expect_not_closed(struct run *run, const struct facts *facts,
                  enum mayrelay_audit_source source)
{
    if (mayrelay_audit_get_verdict(run->audit, source) !=
        MAYRELAY_AUDIT_CLOSED) {
        run->passed++;
        return;
    }
    char *text = describe_facts(facts);
    printf("%s\n%s\n%s is CLOSED, and yet it may relay\n", run->text, text,
           mayrelay_audit_source_name(source));
    free(text);
    run->failed++;
}

/* Whoever has just relayed shows what is not closed. */
static void
check_verdicts(struct run *run, const struct facts *facts,
               const struct decision *slow)
{
    bool nameless =
        facts->names == KNOWN && !facts->name_count && !facts->name_malformed;
    if (slow->reason != REASON_RELAY_ALLOWED || !is_stranger(&facts->client))
        return;
    if (nameless)
        expect_not_closed(run, facts, MAYRELAY_SOURCE_ACCOUNT);
    if (facts->has_identity || facts->certificate[0])
        return;
    expect_not_closed(run, facts, MAYRELAY_SOURCE_DNS);
    if (nameless)
        expect_not_closed(run, facts, MAYRELAY_SOURCE_STRANGER);
}

/* What is open is shown. */
static void
check_audit(struct run *run)
{
    for (int i = 0; i <= MAYRELAY_SOURCE_HOST; i++) {
        enum mayrelay_audit_source source = (enum mayrelay_audit_source)i;
        enum mayrelay_audit_verdict verdict =
            mayrelay_audit_get_verdict(run->audit, source);
        run->verdicts[verdict]++;
        if (verdict != MAYRELAY_AUDIT_OPEN ||
            mayrelay_audit_get_witness(run->audit, source)) {
            run->passed++;
            continue;
        }
        printf("%s\n%s is OPEN, and nothing shows it\n", run->text,
               mayrelay_audit_source_name(source));
        run->failed++;
    }
    if (!mayrelay_audit_unknown_is_closed(run->audit)) {
        printf("%s\nan unknown fact is not proven to open nothing\n",
               run->text);
        run->failed++;
    }
    unsigned long refused = run->witnesses.refused;
    probe_replay(run->probe, run->loaded, &run->witnesses);
    if (run->witnesses.refused == refused)
        return;
    printf("%s\na witness is refused\n", run->text);
    run->failed++;
}

static void
audit(struct run *run)
{
    mayrelay_audit_options *options = mayrelay_audit_options_new();
    mayrelay_audit_options_trust(options, TRUSTED);
    run->audit = mayrelay_policy_audit(run->loaded, options, NULL);
    mayrelay_audit_options_free(options);
}

/* -- transactions --------------------------------------------------------- */

static void
compare(struct run *run, const struct facts *facts)
{
    struct decision slow = slow_decide(run->policy, facts, STAGE_RCPT, NULL);
    const char *rule;
    if (!slow.is_relay || slow.reason == REASON_CANNOT_REWRITE ||
        slow.reason == REASON_BAD_SENDER ||
        slow.reason == REASON_INTERNAL_ERROR)
        return;
    enum probe_answer answer = probe_ask(run->probe, run->session, &rule);
    run->answers[answer]++;
    check_verdicts(run, facts, &slow);
    if (is_right(facts, &slow, answer, rule)) {
        run->passed++;
        return;
    }
    run->failed++;
    print_mismatch(run, facts, &slow, answer, rule);
}

static bool
goes_on(const struct run *run)
{
    return run->failed < MISMATCHES_MOST;
}

static void
try_connection(struct run *run)
{
    struct facts facts;
    generate_connection(&run->random, &facts);
    facts.rewrites = true;
    generate_sender(&run->random, &facts);
    for (int i = 0; i < RECIPIENTS && goes_on(run); i++) {
        generate_recipient(&run->random, &facts);
        if (i == 0)
            say_everything(run->session, &run->random, &facts);
        else
            say_recipient(run->session, &facts);
        compare(run, &facts);
    }
}

static void
try_policy(struct run *run, unsigned long transactions)
{
    generate_policy(&run->random, run->policy);
    run->loaded = load_generated(&run->random, run->policy, &run->text);
    run->session = mayrelay_session_new(run->loaded);
    audit(run);
    run->probe = probe_new(run->audit);
    if (!run->session || !run->probe || !run->audit) {
        puts("a policy, its session or its audit could not be had");
        run->failed++;
    } else {
        mayrelay_session_rewrites(run->session, true);
        check_audit(run);
    }
    for (unsigned long done = 0;
         run->probe && goes_on(run) && done < transactions; done += RECIPIENTS)
        try_connection(run);
    probe_free(run->probe);
    mayrelay_audit_free(run->audit);
    mayrelay_session_free(run->session);
    mayrelay_policy_unref(run->loaded);
    free(run->text);
}

static bool
read_options(struct run *run, int count, char **options)
{
    for (int i = 1; i + 1 < count; i += 2)
        if (strcmp(options[i], "--policies") == 0)
            run->policies = strtol(options[i + 1], NULL, 10);
        else if (strcmp(options[i], "--transactions") == 0)
            run->transactions = strtoul(options[i + 1], NULL, 10);
        else if (strcmp(options[i], "--seed") == 0)
            run->seed = strtoull(options[i + 1], NULL, 10);
        else
            return false;
    return count % 2 == 1;
}

int
main(int argument_count, char **arguments)
{
    static struct policy policy;
    struct run run = {
        .policies = 600, .transactions = 1500000, .seed = 7, .policy = &policy};
    if (!read_options(&run, argument_count, arguments)) {
        fputs("usage: brute_force [--policies N] [--transactions M] "
              "[--seed S]\n",
              stderr);
        return 2;
    }
    for (long i = 0; i < run.policies && goes_on(&run); i++) {
        /* Each policy has its own seed, so that one alone can be repeated. */
        run.random.state = run.seed + (uint64_t)i * 1000003;
        try_policy(&run, run.transactions / (unsigned long)run.policies);
    }
    printf("%lu accepted, %lu refused; facts missing: %lu accepted whatever "
           "they are, %lu open\n",
           run.answers[PROBE_ACCEPTED], run.answers[PROBE_REFUSED],
           run.answers[PROBE_CERTAIN], run.answers[PROBE_OPEN]);
    printf("verdicts: %lu INCOMPLETE, %lu OPEN, %lu CONDITIONAL, %lu CLOSED; "
           "witnesses: %lu replayed, %lu not made, %lu refused\n",
           run.verdicts[0], run.verdicts[1], run.verdicts[2], run.verdicts[3],
           run.witnesses.shown, run.witnesses.hidden, run.witnesses.refused);
    printf("%lu passed, %lu failed\n", run.passed, run.failed);
    return run.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
