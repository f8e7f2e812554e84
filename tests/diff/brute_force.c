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
    RECIPIENTS = 6 /* for each sender */
};

struct run {
    unsigned long pairs, transactions, seed;
    struct random random;
    struct policy *policies[SIDES];
    char *texts[SIDES];
    mayrelay_policy *loaded[SIDES];
    mayrelay_session *sessions[SIDES];
    struct probe *probe;
    struct probe_witnesses witnesses;
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

/* What the slow evaluator says of both, and the replies of the library. */
struct judged {
    struct decision slow[SIDES];
    const mayrelay_decision *fast[SIDES];
};

static bool
is_same(const struct judged *judged)
{
    const struct decision *a = &judged->slow[OLD];
    const struct decision *b = &judged->slow[NEW];
    bool accepts = a->verdict == VERDICT_ACCEPT;
    return a->verdict == b->verdict && a->code == b->code &&
           strcmp(a->enhanced, b->enhanced) == 0 && a->reason == b->reason &&
           a->kind == b->kind &&
           (!accepts || (a->is_relay == b->is_relay &&
                         strcmp(a->recipient, b->recipient) == 0)) &&
           strcmp(mayrelay_decision_get_text(judged->fast[OLD]),
                  mayrelay_decision_get_text(judged->fast[NEW])) == 0;
}

static bool
is_said(const struct decision *slow, const struct probe_decision *said)
{
    return (int)slow->verdict == (int)said->verdict &&
           (int)slow->reason == (int)said->reason &&
           (int)slow->kind == (int)said->kind && slow->code == said->code &&
           strcmp(slow->enhanced, said->enhanced) == 0;
}

static void
print_mismatch(const struct run *run, const struct facts *facts,
               const struct judged *judged, enum probe_answer answer,
               const struct probe_decision said[SIDES])
{
    static const char *const ANSWERS[] = {
        "the same", "a change", "a value it does not know", "several answers"};
    char *text = describe_facts(facts);
    print_policies(run);
    printf("%s\n", text);
    for (int s = 0; s < SIDES; s++) {
        print_decision(s == OLD ? "old" : "new", &judged->slow[s]);
        printf("  %s\n", mayrelay_decision_get_reply(judged->fast[s]));
    }
    printf("the diff: %s\n", ANSWERS[answer]);
    for (int s = 0; s < SIDES && answer == PROBE_CHANGED; s++)
        printf("  %d %s %s\n", said[s].code, said[s].enhanced,
               mayrelay_reason_name(said[s].reason));
    free(text);
}

/* `recipient` NULL: at MAIL. */
static void
compare(struct run *run, const struct facts *facts, const char *recipient)
{
    enum stage stage = recipient ? STAGE_RCPT : STAGE_MAIL;
    struct probe_said said = {
        .certificate = facts->certificate[0] ? facts->certificate : NULL,
        .group_count = facts->group_count,
        .sender = facts->sender.argument,
        .recipient = recipient,
        .rewrites = facts->rewrites};
    struct probe_decision claimed[SIDES] = {0};
    struct judged judged;
    for (int i = 0; i < facts->group_count; i++)
        said.groups[i] = facts->group[i];
    for (int s = 0; s < SIDES; s++) {
        judged.slow[s] = slow_decide(run->policies[s], facts, stage, NULL);
        judged.fast[s] = mayrelay_session_get_decision(run->sessions[s]);
        if (judged.slow[s].reason == REASON_INTERNAL_ERROR)
            return; /* the host forgot the listener */
    }
    enum probe_answer answer =
        probe_ask(run->probe, run->sessions, &said, claimed);
    run->answers[answer]++;
    bool same = is_same(&judged);
    bool right = answer == PROBE_SAME
                     ? same
                     : answer == PROBE_CHANGED && !same &&
                           is_said(&judged.slow[OLD], &claimed[OLD]) &&
                           is_said(&judged.slow[NEW], &claimed[NEW]);
    if (right) {
        run->passed++;
        return;
    }
    run->failed++;
    print_mismatch(run, facts, &judged, answer, claimed);
}

static bool
is_a_string(const struct mail *mail)
{
    return mail->kind != MAIL_NOT_GIVEN && strlen(mail->argument) == mail->size;
}

static void
say_up_to_mail(struct run *run, const struct facts *facts)
{
    for (int s = 0; s < SIDES; s++) {
        mayrelay_session *session = run->sessions[s];
        struct random random = {7}; /* the same words to both */
        say_connect(session, &random, facts);
        say_names(session, facts);
        say_tls(session, facts);
        say_identity(session, facts);
        say_groups(session, facts);
        say_sender(session, facts);
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
    say_up_to_mail(run, &facts);
    facts.recipient = (struct mail){.kind = MAIL_NOT_GIVEN};
    compare(run, &facts, NULL);
    for (int i = 0; i < RECIPIENTS && goes_on(run); i++) {
        generate_recipient(&run->random, &facts);
        if (!is_a_string(&facts.recipient))
            continue;
        for (int s = 0; s < SIDES; s++) {
            say_recipient(run->sessions[s], &facts);
            say_exists(run->sessions[s], &facts);
            mayrelay_session_resume(run->sessions[s]);
        }
        compare(run, &facts, facts.recipient.argument);
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
    enum extents_answer answer =
        extents_check(run->loaded[OLD], run->loaded[NEW]);
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

static void
try_pair(struct run *run, uint64_t seed)
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
    struct run run = {.pairs = 500,
                      .transactions = 700000,
                      .seed = 7,
                      .policies = {&policies[OLD], &policies[NEW]}};
    const struct number_option options[] = {
        {"--pairs", &run.pairs},
        {"--transactions", &run.transactions},
        {"--seed", &run.seed},
        {0}};
    if (!options_read(options, argument_count, arguments))
        return 2;
    for (unsigned long i = 0; i < run.pairs && goes_on(&run); i++)
        try_pair(&run, run.seed + i * 1000003);
    printf("%lu the same, %lu changed; pairs: %lu without a change, %lu of "
           "them edited so; %lu incomplete, %lu did not load\n",
           run.answers[PROBE_SAME], run.answers[PROBE_CHANGED], run.nil_pairs,
           run.nil_edits, run.incomplete, run.unloaded);
    printf("witnesses: %lu shown, %lu hidden, %lu broken\n",
           run.witnesses.shown, run.witnesses.hidden, run.witnesses.broken);
    printf("extents of %lu pairs were held against all boxes\n", run.extents);
    printf("%lu passed, %lu failed\n", run.passed, run.failed);
    return run.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
