/* Pairs of random policies, and random transactions on each: the diff must say
 * just those that the two decide differently, and how. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"
#include "edit.h"
#include "extents.h"
#include "generate.h"
#include "options.h"
#include "pools.h"
#include "probe.h"

enum {
    OLD,
    NEW,
    SIDES,
    MISMATCHES_MOST = 3,
    RECIPIENTS = 6, /* for each sender */
    UNIVERSE_SENDERS = 24,
    UNIVERSE_RECIPIENTS = 80
};

/* Facts of which the sender or the recipient alone is looked at. */
struct universe {
    struct facts senders[UNIVERSE_SENDERS];
    struct facts recipients[UNIVERSE_RECIPIENTS];
};

struct run {
    unsigned long pairs, transactions, universe_wanted, seed;
    struct random random;
    struct policy *policies[SIDES];
    char *texts[SIDES];
    mayrelay_policy *loaded[SIDES];
    mayrelay_session *sessions[SIDES];
    struct probe *probe;
    struct probe_witnesses witnesses;
    struct universe universe;
    unsigned long compared, in_universe;
    unsigned long incomplete, unloaded, nil_pairs, nil_edits, extents;
    unsigned long answers[PROBE_BROKEN + 1];
    unsigned long passed, failed;
};

static bool
goes_on(const struct run *run)
{
    return run->failed < MISMATCHES_MOST;
}

static void
print_policies(const struct run *run)
{
    printf("OLD: %s\nNEW: %s\n", run->texts[OLD], run->texts[NEW]);
}

/* -- one transaction ------------------------------------------------------ */

/* What one policy decides, whoever has found out. */
struct judged {
    enum verdict verdict;
    enum reason reason;
    enum kind kind;
    int code;
    bool is_relay;
    const char *enhanced, *recipient, *text;
};

static struct judged
judged_fast(const mayrelay_session *session)
{
    const mayrelay_decision *said = mayrelay_session_get_decision(session);
    const char *recipient = mayrelay_decision_get_recipient(said);
    return (struct judged){(enum verdict)mayrelay_decision_get_verdict(said),
                           (enum reason)mayrelay_decision_get_reason(said),
                           (enum kind)mayrelay_decision_get_kind(said),
                           mayrelay_decision_get_code(said),
                           mayrelay_decision_get_is_relay(said),
                           mayrelay_decision_get_enhanced(said),
                           recipient ? recipient : "",
                           mayrelay_decision_get_text(said)};
}

/* The text is the library's: the slow evaluator knows none. */
static struct judged
judged_slow(const struct decision *slow, const mayrelay_session *session)
{
    const mayrelay_decision *said = mayrelay_session_get_decision(session);
    return (struct judged){slow->verdict,   slow->reason,
                           slow->kind,      slow->code,
                           slow->is_relay,  slow->enhanced,
                           slow->recipient, mayrelay_decision_get_text(said)};
}

static bool
is_same(const struct judged judged[SIDES])
{
    const struct judged *a = &judged[OLD];
    const struct judged *b = &judged[NEW];
    bool accepts = a->verdict == VERDICT_ACCEPT;
    return a->verdict == b->verdict && a->code == b->code &&
           strcmp(a->enhanced, b->enhanced) == 0 && a->reason == b->reason &&
           a->kind == b->kind &&
           (!accepts || (a->is_relay == b->is_relay &&
                         strcmp(a->recipient, b->recipient) == 0)) &&
           strcmp(a->text, b->text) == 0;
}

static bool
is_said(const struct judged *judged, const struct probe_decision *said)
{
    return (int)judged->verdict == (int)said->verdict &&
           (int)judged->reason == (int)said->reason &&
           (int)judged->kind == (int)said->kind && judged->code == said->code &&
           strcmp(judged->enhanced, said->enhanced) == 0;
}

static void
print_mismatch(const struct run *run, const struct facts *facts,
               const struct judged judged[SIDES], enum probe_answer answer,
               const struct probe_decision said[SIDES])
{
    static const char *const ANSWERS[] = {
        "the same", "a change", "a value it does not know", "several answers"};
    char *text = describe_facts(facts);
    print_policies(run);
    printf("%s\n", text);
    for (int s = 0; s < SIDES; s++)
        printf("%s: %d %s %s, %s%s\n  %s\n", s == OLD ? "old" : "new",
               judged[s].code, judged[s].enhanced,
               mayrelay_reason_name((enum mayrelay_reason)judged[s].reason),
               judged[s].recipient, judged[s].is_relay ? ", relayed" : "",
               mayrelay_decision_get_reply(
                   mayrelay_session_get_decision(run->sessions[s])));
    printf("the diff: %s\n", ANSWERS[answer]);
    for (int s = 0; s < SIDES && answer == PROBE_CHANGED; s++)
        printf("  %d %s %s\n", said[s].code, said[s].enhanced,
               mayrelay_reason_name(said[s].reason));
    free(text);
}

/* `recipient` NULL: at MAIL. */
static void
compare(struct run *run, const struct facts *facts, const char *recipient,
        const struct judged judged[SIDES])
{
    struct probe_said said = {
        .certificate = facts->certificate[0] ? facts->certificate : NULL,
        .group_count = facts->group_count,
        .sender = facts->sender.argument,
        .recipient = recipient,
        .rewrites = facts->rewrites};
    struct probe_decision claimed[SIDES] = {0};
    for (int i = 0; i < facts->group_count; i++)
        said.groups[i] = facts->group[i];
    for (int s = 0; s < SIDES; s++)
        if (judged[s].reason == REASON_INTERNAL_ERROR)
            return; /* the host forgot the listener */
    enum probe_answer answer =
        probe_ask(run->probe, run->sessions, &said, claimed);
    run->answers[answer]++;
    run->compared++;
    bool same = is_same(judged);
    bool right = answer == PROBE_SAME
                     ? same
                     : answer == PROBE_CHANGED && !same &&
                           is_said(&judged[OLD], &claimed[OLD]) &&
                           is_said(&judged[NEW], &claimed[NEW]);
    if (right) {
        run->passed++;
        return;
    }
    run->failed++;
    print_mismatch(run, facts, judged, answer, claimed);
}

static void
compare_slow(struct run *run, const struct facts *facts, const char *recipient)
{
    struct decision slow[SIDES];
    struct judged judged[SIDES];
    for (int s = 0; s < SIDES; s++) {
        slow[s] = slow_decide(run->policies[s], facts,
                              recipient ? STAGE_RCPT : STAGE_MAIL, NULL);
        judged[s] = judged_slow(&slow[s], run->sessions[s]);
    }
    compare(run, facts, recipient, judged);
}

static void
compare_fast(struct run *run, const struct facts *facts, const char *recipient)
{
    struct judged judged[SIDES];
    for (int s = 0; s < SIDES; s++)
        judged[s] = judged_fast(run->sessions[s]);
    compare(run, facts, recipient, judged);
}

static bool
is_a_string(const struct mail *mail)
{
    return mail->kind != MAIL_NOT_GIVEN && strlen(mail->argument) == mail->size;
}

static void
say_client(struct run *run, const struct facts *facts)
{
    for (int s = 0; s < SIDES; s++) {
        struct random random = {7}; /* the same words to both */
        say_connection(run->sessions[s], &random, facts);
    }
}

static void
say_who_writes(struct run *run, const struct facts *facts)
{
    for (int s = 0; s < SIDES; s++)
        say_sender(run->sessions[s], facts);
}

static void
say_to_whom(struct run *run, const struct facts *facts)
{
    for (int s = 0; s < SIDES; s++) {
        say_recipient(run->sessions[s], facts);
        say_exists(run->sessions[s], facts);
        mayrelay_session_resume(run->sessions[s]);
    }
}

static void
try_connection(struct run *run)
{
    struct facts facts;
    generate_connection(&run->random, &facts);
    if (random_chance(&run->random, 80))
        facts.rewrites = true;
    generate_sender(&run->random, &facts);
    if (!is_a_string(&facts.sender) || facts.client.family == 0)
        return;
    say_client(run, &facts);
    say_who_writes(run, &facts);
    facts.recipient = (struct mail){.kind = MAIL_NOT_GIVEN};
    compare_slow(run, &facts, NULL);
    for (int i = 0; i < RECIPIENTS && goes_on(run); i++) {
        generate_recipient(&run->random, &facts);
        if (!is_a_string(&facts.recipient))
            continue;
        say_to_whom(run, &facts);
        compare_slow(run, &facts, facts.recipient.argument);
    }
}

/* -- universes: every sender to every recipient --------------------------- */

typedef void make_facts(struct random *random, struct facts *facts);

/* What patterns give up on takes too long for so many. */
static bool
is_simple(const struct facts *facts, const struct mail *mail)
{
    bool simple = is_a_string(mail) && !strstr(mail->argument, ENDLESS) &&
                  !strstr(facts->identity, ENDLESS);
    for (int i = 0; i < facts->name_count; i++)
        simple &= !strstr(facts->name[i], ENDLESS);
    return simple;
}

static void
make_universe(struct run *run)
{
    struct universe *u = &run->universe;
    for (int i = 0; i < UNIVERSE_SENDERS; i++)
        do
            generate_sender(&run->random, &u->senders[i]);
        while (!is_simple(&u->senders[i], &u->senders[i].sender));
    for (int i = 0; i < UNIVERSE_RECIPIENTS; i++)
        do
            generate_recipient(&run->random, &u->recipients[i]);
        while (!is_simple(&u->recipients[i], &u->recipients[i].recipient));
}

static void
try_universe(struct run *run)
{
    const struct universe *u = &run->universe;
    struct facts facts;
    do
        generate_connection(&run->random, &facts);
    while (facts.client.family == 0 ||
           !is_simple(&facts, &u->senders[0].sender));
    say_client(run, &facts);
    for (int i = 0; i < UNIVERSE_SENDERS; i++) {
        facts.sender = u->senders[i].sender;
        say_who_writes(run, &facts);
        for (int j = 0; j < UNIVERSE_RECIPIENTS && goes_on(run); j++) {
            say_to_whom(run, &u->recipients[j]);
            compare_fast(run, &facts, u->recipients[j].recipient.argument);
        }
    }
}

/* Connection by connection; what some pairs, as they are incomplete, do not
 * have to offer the next ones make up. */
static void
try_universes(struct run *run, unsigned long wanted)
{
    make_universe(run);
    while (goes_on(run) && run->in_universe < wanted) {
        unsigned long before = run->compared;
        try_universe(run);
        run->in_universe += run->compared - before;
        if (run->compared == before)
            return;
    }
}

/* -- one pair ------------------------------------------------------------- */

static void
check_witnesses(struct run *run)
{
    unsigned long broken = run->witnesses.broken;
    probe_replay(run->probe, &run->witnesses);
    if (run->witnesses.broken == broken)
        return;
    print_policies(run);
    puts("a witness does not decide as the diff says");
    run->failed++;
}

/* What is said of all boxes at once is what they say one by one. */
static void
check_extents(struct run *run)
{
    enum extents_answer answer = extents_check(probe_difference(run->probe));
    run->extents += answer != EXTENTS_UNKNOWN;
    if (answer != EXTENTS_BROKEN) {
        run->passed++;
        return;
    }
    print_policies(run);
    puts("what is said of all boxes is not what they say");
    run->failed++;
}

/* What cannot matter, does not. */
static void
check_nil(struct run *run, enum edit edit)
{
    if (edit != EDIT_NOTHING)
        return;
    run->nil_edits++;
    if (!probe_has_changes(run->probe)) {
        run->passed++;
        return;
    }
    print_policies(run);
    puts("nothing was changed, and yet there are differences");
    run->failed++;
}

/* What cannot matter: everything stands a line lower. */
static char *
move_down(char *text)
{
    size_t size = strlen(text);
    char *lower = malloc(size + 2);
    lower[0] = '\n';
    memcpy(lower + 1, text, size + 1);
    free(text);
    return lower;
}

/* NEW is another policy, or OLD with an edit. */
static enum edit
make_pair(struct run *run, uint64_t seed)
{
    struct random first = {seed};
    struct random second = {seed};
    enum edit edit = random_chance(&run->random, 25) ? EDIT_EVERYTHING
                                                     : edit_pick(&run->random);
    if (edit == EDIT_EVERYTHING)
        second.state += 500009;
    generate_policy(&first, run->policies[OLD]);
    generate_policy(&second, run->policies[NEW]);
    edit_policy(&run->random, run->policies[NEW], edit);
    for (int s = 0; s < SIDES; s++) {
        struct random writing = {seed};
        run->texts[s] = write_policy(&writing, run->policies[s]);
        if (edit == EDIT_NOTHING && s == NEW)
            run->texts[s] = move_down(run->texts[s]);
        run->loaded[s] = mayrelay_policy_parse(run->texts[s], MAYRELAY_ZSTR,
                                               "generated", NULL);
    }
    return edit;
}

/* `universe`: how many are to be compared in universes up to now. */
static void
try_pair(struct run *run, uint64_t seed, unsigned long universe)
{
    run->random.state = seed;
    enum edit edit = make_pair(run, seed);
    bool loads = run->loaded[OLD] && run->loaded[NEW];
    run->probe = loads ? probe_new(run->loaded[OLD], run->loaded[NEW]) : NULL;
    run->unloaded += !loads;
    run->incomplete += loads && !run->probe;
    for (int s = 0; s < SIDES; s++)
        run->sessions[s] = mayrelay_session_new(run->loaded[s]);
    if (run->probe) {
        check_nil(run, edit);
        check_witnesses(run);
        check_extents(run);
        run->nil_pairs += !probe_has_changes(run->probe);
    }
    unsigned long tries = run->transactions / run->pairs;
    for (unsigned long done = 0; run->probe && goes_on(run) && done < tries;
         done += RECIPIENTS + 1)
        try_connection(run);
    if (run->probe)
        try_universes(run, universe);
    probe_free(run->probe);
    for (int s = 0; s < SIDES; s++) {
        mayrelay_session_free(run->sessions[s]);
        mayrelay_policy_unref(run->loaded[s]);
        free(run->texts[s]);
    }
}

int
main(int argument_count, char **arguments)
{
    static struct policy policies[SIDES];
    static struct run run = {.pairs = 500,
                             .transactions = 700000,
                             .universe_wanted = 10000000,
                             .seed = 7,
                             .policies = {&policies[OLD], &policies[NEW]}};
    const struct number_option options[] = {
        {"--pairs", &run.pairs},
        {"--transactions", &run.transactions},
        {"--universe", &run.universe_wanted},
        {"--seed", &run.seed},
        {0}};
    if (!options_read(options, argument_count, arguments))
        return 2;
    for (unsigned long i = 0; i < run.pairs && goes_on(&run); i++)
        try_pair(&run, run.seed + i * 1000003,
                 run.universe_wanted / run.pairs * (i + 1) +
                     run.universe_wanted % run.pairs);
    printf("%lu the same, %lu changed; pairs: %lu without a change, %lu of "
           "them edited so; %lu incomplete, %lu did not load\n",
           run.answers[PROBE_SAME], run.answers[PROBE_CHANGED], run.nil_pairs,
           run.nil_edits, run.incomplete, run.unloaded);
    printf("witnesses: %lu shown, %lu hidden, %lu broken\n",
           run.witnesses.shown, run.witnesses.hidden, run.witnesses.broken);
    printf("compared: %lu transactions, %lu of them in whole universes\n",
           run.compared, run.in_universe);
    printf("extents of %lu pairs were held against all boxes\n", run.extents);
    if (run.failed == 0 && run.in_universe < run.universe_wanted) {
        puts("too few are compared");
        run.failed++;
    }
    printf("%lu passed, %lu failed\n", run.passed, run.failed);
    return run.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
