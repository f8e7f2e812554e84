/* Random policies, and transactions on each: what the audit's diagrams say of a
 * transaction must be what an evaluator says, both ways.
 *
 * Random transactions are judged by the slow evaluator.  Then every sender and
 * every recipient of a small universe, from some connections, are judged by the
 * library's own, which is fast enough for very many. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"
#include "generate.h"
#include "options.h"
#include "pools.h"
#include "probe.h"

enum {
    MISMATCHES_MOST = 3,
    RECIPIENTS = 6, /* random ones, for each sender */
    UNIVERSE_SENDERS = 24,
    UNIVERSE_RECIPIENTS = 80
};

/* Whom mail is from and for, once for a policy. */
struct universe {
    struct facts senders[UNIVERSE_SENDERS];
    struct facts recipients[UNIVERSE_RECIPIENTS];
};

struct run {
    unsigned long policies;
    unsigned long transactions;    /* for the slow evaluator */
    unsigned long universe_wanted; /* for the fast one, at least */
    unsigned long seed;
    struct random random;
    struct policy *policy;
    char *text;
    mayrelay_policy *loaded;
    mayrelay_session *session;
    struct probe *probe;
    mayrelay_audit *audit;
    bool stranger; /* the client is one */
    struct universe universe;
    struct probe_witnesses witnesses;
    unsigned long verdicts[MAYRELAY_AUDIT_CLOSED + 1];
    unsigned long answers[PROBE_BROKEN + 1];
    unsigned long compared, in_universe; /* relay requests, judged by both */
    unsigned long passed, failed;
};

static void
print_mismatch(const struct run *run, const struct facts *facts,
               const struct decision *decision, enum probe_answer answer,
               const char *rule)
{
    static const char *const ANSWERS[] = {"refused", "accepted", "certain",
                                          "open", "broken"};
    char *text = describe_facts(facts);
    printf("%s\n%s\n", run->text, text);
    print_decision("expected", decision);
    printf("the audit: %s by %s\n", ANSWERS[answer], rule ? rule : "-");
    free(text);
}

/* Some pattern gives up on it. */
static bool
is_endless(const struct facts *facts)
{
    bool endless = strstr(facts->sender.argument, ENDLESS) ||
                   strstr(facts->recipient.argument, ENDLESS);
    for (int i = 0; i < facts->name_count; i++)
        endless |= strstr(facts->name[i], ENDLESS) != NULL;
    return endless;
}

/* Look-ups that have failed, or patterns that give up. */
static bool
lacks_facts(const struct facts *facts)
{
    return is_endless(facts) || facts->names != KNOWN ||
           facts->name_malformed || facts->groups != KNOWN;
}

/* A missing fact never accepts what it could refuse; where it could refuse
 * nothing, the evaluator may wait for it all the same. */
static bool
is_right(const struct facts *facts, const struct decision *decision,
         enum probe_answer answer, const char *rule)
{
    bool accepted = decision->verdict == VERDICT_ACCEPT;
    bool waits = decision->reason == REASON_LOOKUP_FAILED && lacks_facts(facts);
    switch (answer) {
    case PROBE_ACCEPTED:
        return waits || (accepted && decision->rule &&
                         strcmp(decision->rule, rule) == 0);
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
               const struct decision *decision)
{
    bool nameless =
        facts->names == KNOWN && !facts->name_count && !facts->name_malformed;
    if (decision->reason != REASON_RELAY_ALLOWED || !run->stranger)
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
    if (mayrelay_audit_get_disagreement(run->audit)) {
        printf("%s\n%s\nthe audit and the evaluator disagree\n", run->text,
               mayrelay_audit_get_disagreement(run->audit));
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
    mayrelay_report *findings = NULL;
    mayrelay_audit_options *options = mayrelay_audit_options_new();
    mayrelay_audit_options_trust(options, TRUSTED);
    run->audit = mayrelay_policy_audit(run->loaded, options, &findings);
    mayrelay_audit_options_free(options);
    mayrelay_report_free(findings);
}

/* -- transactions --------------------------------------------------------- */

static void
compare(struct run *run, const struct facts *facts,
        const struct decision *decision)
{
    const char *rule;
    if (!decision->is_relay || decision->reason == REASON_CANNOT_REWRITE ||
        decision->reason == REASON_BAD_SENDER ||
        decision->reason == REASON_INTERNAL_ERROR)
        return;
    enum probe_answer answer = probe_ask(run->probe, run->session, &rule);
    run->compared++;
    run->answers[answer]++;
    check_verdicts(run, facts, decision);
    if (is_right(facts, decision, answer, rule)) {
        run->passed++;
        return;
    }
    run->failed++;
    print_mismatch(run, facts, decision, answer, rule);
}

static bool
goes_on(const struct run *run)
{
    return run->failed < MISMATCHES_MOST;
}

static void
connect_client(struct run *run, struct facts *facts)
{
    facts->rewrites = true;
    run->stranger = is_stranger(&facts->client);
}

static void
try_connection(struct run *run)
{
    struct facts facts;
    generate_connection(&run->random, &facts);
    connect_client(run, &facts);
    generate_sender(&run->random, &facts);
    for (int i = 0; i < RECIPIENTS && goes_on(run); i++) {
        generate_recipient(&run->random, &facts);
        if (i == 0)
            say_everything(run->session, &run->random, &facts);
        else
            say_recipient(run->session, &facts);
        struct decision slow =
            slow_decide(run->policy, &facts, STAGE_RCPT, NULL);
        compare(run, &facts, &slow);
    }
}

typedef void make_facts(struct random *random, struct facts *facts);

/* What patterns give up on takes too long for so many. */
static void
generate_simple(struct run *run, make_facts *make, struct facts *facts)
{
    do
        make(&run->random, facts);
    while (is_endless(facts) || strstr(facts->identity, ENDLESS));
}

static void
make_universe(struct run *run)
{
    for (int i = 0; i < UNIVERSE_SENDERS; i++)
        generate_simple(run, generate_sender, &run->universe.senders[i]);
    for (int i = 0; i < UNIVERSE_RECIPIENTS; i++)
        generate_simple(run, generate_recipient, &run->universe.recipients[i]);
}

/* No more of a session's decision than is compared. */
static struct decision
fast_decision(const mayrelay_session *session)
{
    const mayrelay_decision *said = mayrelay_session_get_decision(session);
    return (struct decision){
        .verdict = (enum verdict)mayrelay_decision_get_verdict(said),
        .reason = (enum reason)mayrelay_decision_get_reason(said),
        .rule = mayrelay_decision_get_rule(said),
        .is_relay = mayrelay_decision_get_is_relay(said),
    };
}

static void
try_recipients(struct run *run, struct facts *facts)
{
    for (int i = 0; i < UNIVERSE_RECIPIENTS && goes_on(run); i++) {
        facts->recipient = run->universe.recipients[i].recipient;
        say_recipient(run->session, facts);
        struct decision fast = fast_decision(run->session);
        compare(run, facts, &fast);
    }
}

static void
try_universe(struct run *run)
{
    struct facts facts = {0};
    generate_simple(run, generate_connection, &facts);
    connect_client(run, &facts);
    say_connection(run->session, &run->random, &facts);
    for (int i = 0; i < UNIVERSE_SENDERS && goes_on(run); i++) {
        facts.sender = run->universe.senders[i].sender;
        mayrelay_session_reset(run->session);
        say_sender(run->session, &facts);
        try_recipients(run, &facts);
    }
}

/* Connection by connection, until enough are compared; of a policy that has too
 * few relay requests to offer the next ones make up. */
static void
try_universes(struct run *run, unsigned long wanted)
{
    enum {
        CONNECTIONS_MOST = 200
    };
    unsigned long before = run->compared;
    make_universe(run);
    for (int i = 0;
         i < CONNECTIONS_MOST && goes_on(run) && run->in_universe < wanted;
         i++) {
        try_universe(run);
        run->in_universe += run->compared - before;
        before = run->compared;
    }
}

static void
try_policy(struct run *run, unsigned long transactions, unsigned long universe)
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
    if (run->probe)
        try_universes(run, universe);
    probe_free(run->probe);
    mayrelay_audit_free(run->audit);
    mayrelay_session_free(run->session);
    mayrelay_policy_unref(run->loaded);
    free(run->text);
}

int
main(int argument_count, char **arguments)
{
    static struct policy policy;
    static struct run run = {.policies = 600,
                             .transactions = 600000,
                             .universe_wanted = 10000000,
                             .seed = 7};
    run.policy = &policy;
    /* Sessions come and go, each as large as what malloc gives back. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    const struct number_option options[] = {
        {"--policies", &run.policies},
        {"--transactions", &run.transactions},
        {"--universe", &run.universe_wanted},
        {"--seed", &run.seed},
        {NULL, NULL}};
    if (!options_read(options, argument_count, arguments))
        return 2;
    for (unsigned long i = 0; i < run.policies && goes_on(&run); i++) {
        /* Each policy has its own seed, so that one alone can be repeated. */
        run.random.state = run.seed + (uint64_t)i * 1000003;
        unsigned long part = i + 1;
        unsigned long whole = run.policies;
        try_policy(&run, run.transactions / whole,
                   run.universe_wanted / whole * part +
                       run.universe_wanted % whole * part / whole);
    }
    printf("%lu accepted, %lu refused; facts missing: %lu accepted whatever "
           "they are, %lu open\n",
           run.answers[PROBE_ACCEPTED], run.answers[PROBE_REFUSED],
           run.answers[PROBE_CERTAIN], run.answers[PROBE_OPEN]);
    printf("verdicts: %lu INCOMPLETE, %lu OPEN, %lu CONDITIONAL, %lu CLOSED; "
           "witnesses: %lu replayed, %lu not made, %lu refused\n",
           run.verdicts[0], run.verdicts[1], run.verdicts[2], run.verdicts[3],
           run.witnesses.shown, run.witnesses.hidden, run.witnesses.refused);
    printf("compared: %lu relay requests, %lu of them in whole universes\n",
           run.compared, run.in_universe);
    if (run.failed == 0 && run.in_universe < run.universe_wanted) {
        puts("too few are compared");
        run.failed++;
    }
    printf("%lu passed, %lu failed\n", run.passed, run.failed);
    return run.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
