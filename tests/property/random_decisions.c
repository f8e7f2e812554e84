/* Random policies and transactions: the library and the slow evaluator must
 * say the same, at connect, MAIL and RCPT, with facts early, late or never. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "coverage.h"
#include "drive.h"
#include "generate.h"

enum {
    MISMATCHES_MOST = 3
};

struct run {
    long policies;
    unsigned long decisions;
    uint64_t seed;
    bool quiet, file_image, no_table;
    struct random random;
    struct policy *policy;
    char *text;
    mayrelay_policy *loaded;
    mayrelay_session *sessions[2]; /* of the parsed policy, of its image */
    int session_count;
    struct coverage coverage;
    unsigned long passed, failed;
};

/* -- one decision --------------------------------------------------------- */

static void
print_mismatch(const struct run *run, const struct facts *facts,
               enum stage stage, const struct decision *slow,
               const struct decision *said, const char *reply)
{
    static const char *const STAGES[] = {"connect", "mail", "rcpt"};
    char *text = describe_facts(facts);
    printf("%s\n%sat %s:\n", run->text, text, STAGES[stage]);
    print_decision("expected", slow);
    print_decision("decided ", said);
    printf("reply: %s\n", reply);
    free(text);
}

static const char *
reply_of(const mayrelay_session *session)
{
    return mayrelay_decision_get_reply(mayrelay_session_get_decision(session));
}

static void
compare(struct run *run, const struct facts *facts, enum stage stage)
{
    struct decision slow =
        slow_decide(run->policy, facts, stage, &run->coverage);
    for (int i = 0; i < run->session_count; i++) {
        if (random_chance(&run->random, 1))
            ask_why(run->sessions[i], &run->random);
        struct decision said = decision_of(run->sessions[i]);
        if (decisions_equal(&slow, &said) && reply_is_sound(run->sessions[i])) {
            run->passed++;
            continue;
        }
        run->failed++;
        print_mismatch(run, facts, stage, &slow, &said,
                       reply_of(run->sessions[i]));
    }
}

/* The same question to mayrelay_check, whose texts end at a NUL. */
static void
compare_check(struct run *run, const struct facts *facts)
{
    struct facts bare = facts_for_check(facts);
    if (bare.sender.kind == MAIL_NOT_GIVEN ||
        strlen(bare.sender.argument) != bare.sender.size ||
        strlen(bare.recipient.argument) != bare.recipient.size)
        return;
    int code = say_at_once(run->loaded, &bare);
    struct decision slow = slow_decide(run->policy, &bare, STAGE_RCPT, NULL);
    if (code == slow.code) {
        run->passed++;
        return;
    }
    struct decision said = slow;
    said.code = code;
    run->failed++;
    print_mismatch(run, &bare, STAGE_RCPT, &slow, &said, "(mayrelay_check)");
}

static bool
goes_on(const struct run *run)
{
    return run->failed < MISMATCHES_MOST;
}

/* -- one connection ------------------------------------------------------- */

typedef void teller(mayrelay_session *session, const struct facts *facts);

static void
tell(struct run *run, const struct facts *facts, teller *say)
{
    for (int i = 0; i < run->session_count; i++)
        say(run->sessions[i], facts);
}

static void
resume(struct run *run, const struct facts *facts, enum stage stage)
{
    for (int i = 0; i < run->session_count; i++)
        mayrelay_session_resume(run->sessions[i]);
    compare(run, facts, stage);
}

/* Answers what is not answered yet, by chance; `now` knows what was told. */
static void
answer(struct run *run, struct facts *now, const struct facts *all,
       enum stage stage, int chance)
{
    struct random *random = &run->random;
    bool told = false;
    if (now->names != all->names && random_chance(random, chance)) {
        now->names = all->names;
        tell(run, now, say_names);
        told = true;
    }
    if (told && random_chance(random, 50))
        resume(run, now, stage);
    if (stage != STAGE_CONNECT && now->groups != all->groups &&
        random_chance(random, chance)) {
        now->groups = all->groups;
        tell(run, now, say_groups);
        told = true;
    }
    if (stage == STAGE_RCPT && now->exists != all->exists) {
        now->exists = all->exists;
        tell(run, now, say_exists);
        told = true;
    }
    if (told)
        resume(run, now, stage);
}

static void
try_recipient(struct run *run, struct facts *now, struct facts *all)
{
    generate_recipient(&run->random, all);
    now->recipient = all->recipient;
    now->exists = UNKNOWN_YET;
    now->exists_value = all->exists_value;
    tell(run, now, say_recipient);
    compare(run, now, STAGE_RCPT);
    answer(run, now, all, STAGE_RCPT, 60);
    if (random_chance(&run->random, 5))
        compare_check(run, now);
}

static void
reset_all(struct run *run)
{
    for (int i = 0; i < run->session_count; i++)
        mayrelay_session_reset(run->sessions[i]);
}

static void
try_message(struct run *run, struct facts *now, struct facts *all)
{
    generate_sender(&run->random, all);
    now->sender = all->sender;
    /* MAIL after MAIL without RSET is not for us to refuse. */
    if (now->sender.kind == MAIL_NOT_GIVEN || random_chance(&run->random, 50))
        reset_all(run);
    tell(run, now, say_sender);
    if (now->sender.kind != MAIL_NOT_GIVEN) {
        compare(run, now, STAGE_MAIL);
        answer(run, now, all, STAGE_MAIL, 15);
    }
    for (int i = random_below(&run->random, 4); i >= 0 && goes_on(run); i--)
        try_recipient(run, now, all);
}

/* STARTTLS or AUTH once more: each forgets what hangs on it. */
static void
change_identity(struct run *run, struct facts *now, struct facts *all)
{
    struct facts other;
    generate_connection(&run->random, &other);
    all->has_identity = other.tls ? false : other.has_identity;
    memcpy(all->identity, other.identity, sizeof all->identity);
    if (other.tls) {
        all->tls = true;
        memcpy(all->certificate, other.certificate, sizeof all->certificate);
    }
    enum knowledge names = now->names;
    *now = *all;
    now->names = names;
    now->groups = UNKNOWN_YET;
    now->sender.kind = now->recipient.kind = MAIL_NOT_GIVEN;
    tell(run, now, other.tls ? say_tls : say_identity);
}

static void
connect_all(struct run *run, const struct facts *facts)
{
    struct random ways = {random_next(&run->random)};
    for (int i = 0; i < run->session_count; i++) {
        struct random same = ways;
        say_connect(run->sessions[i], &same, facts);
    }
}

static void
try_connection(struct run *run)
{
    struct facts all;
    generate_connection(&run->random, &all);
    struct facts now = all;
    now.names = now.groups = UNKNOWN_YET;
    connect_all(run, &now);
    compare(run, &now, STAGE_CONNECT);
    answer(run, &now, &all, STAGE_CONNECT, 30);
    tell(run, &now, say_tls);
    tell(run, &now, say_identity);
    if (random_chance(&run->random, 30)) {
        now.groups = all.groups;
        tell(run, &now, say_groups);
    }
    for (int i = random_below(&run->random, 3); i >= 0 && goes_on(run); i--) {
        try_message(run, &now, &all);
        if (random_chance(&run->random, 30))
            change_identity(run, &now, &all);
    }
}

/* -- one policy ----------------------------------------------------------- */

static bool
open_image(struct run *run, const mayrelay_policy *policy)
{
    char path[] = "/tmp/mayrelay-image-XXXXXX";
    int descriptor = mkstemp(path);
    if (descriptor < 0)
        return false;
    close(descriptor);
    mayrelay_report *report = NULL;
    mayrelay_policy *image = NULL;
    if (mayrelay_policy_save(policy, path) == MAYRELAY_OK)
        image = mayrelay_policy_load(path, MAYRELAY_LOAD_VERIFY, &report);
    unlink(path);
    mayrelay_report_free(report);
    run->sessions[1] = mayrelay_session_new(image);
    mayrelay_policy_unref(image);
    run->session_count = 2;
    return run->sessions[1] != NULL;
}

static bool
open_policy(struct run *run)
{
    generate_policy(&run->random, run->policy);
    run->loaded = load_generated(&run->random, run->policy, &run->text);
    run->sessions[0] = mayrelay_session_new(run->loaded);
    run->session_count = 1;
    bool open = run->sessions[0] != NULL;
    if (open && run->file_image)
        open = open_image(run, run->loaded);
    return open;
}

static void
close_policy(struct run *run)
{
    for (int i = 0; i < run->session_count; i++)
        mayrelay_session_free(run->sessions[i]);
    mayrelay_policy_unref(run->loaded);
    free(run->text);
    run->text = NULL;
}

static unsigned long
count_decisions(const struct run *run)
{
    unsigned long count = 0;
    for (int i = 0; i < REASONS; i++)
        count += run->coverage.reasons[i];
    return count;
}

static void
try_policy(struct run *run, unsigned long decisions)
{
    if (!open_policy(run)) {
        puts("a policy, its image or its session could not be had");
        run->failed++;
    }
    while (goes_on(run) && run->sessions[0] && count_decisions(run) < decisions)
        try_connection(run);
    close_policy(run);
}

static void
try_all(struct run *run)
{
    unsigned long policies = (unsigned long)run->policies;
    for (unsigned long i = 0; i < policies && goes_on(run); i++) {
        /* Each policy has its own seed, so that one alone can be repeated. */
        run->random.state = run->seed + i * 1000003;
        try_policy(run, run->decisions * (i + 1) / policies);
    }
}

/* -- the program ---------------------------------------------------------- */

static bool
read_option(struct run *run, const char *option, const char *value)
{
    if (strcmp(option, "--quiet") == 0)
        run->quiet = true;
    else if (strcmp(option, "--file-image") == 0)
        run->file_image = true;
    else if (strcmp(option, "--no-table") == 0)
        run->no_table = true;
    else if (!value)
        return false;
    else if (strcmp(option, "--policies") == 0)
        run->policies = strtol(value, NULL, 10);
    else if (strcmp(option, "--decisions") == 0)
        run->decisions = strtoul(value, NULL, 10);
    else if (strcmp(option, "--seed") == 0)
        run->seed = strtoull(value, NULL, 10);
    else
        return false;
    return true;
}

static bool
takes_value(const char *option)
{
    return strcmp(option, "--policies") == 0 ||
           strcmp(option, "--decisions") == 0 || strcmp(option, "--seed") == 0;
}

static bool
read_options(struct run *run, int count, char **options)
{
    for (int i = 1; i < count; i++) {
        if (!read_option(run, options[i], options[i + 1]))
            return false;
        i += takes_value(options[i]);
    }
    return run->policies > 0;
}

int
main(int argument_count, char **arguments)
{
    static struct policy policy;
    struct run run = {
        .policies = 600, .decisions = 1200000, .seed = 1, .policy = &policy};
    if (!read_options(&run, argument_count, arguments)) {
        fputs("usage: random_decisions [--policies N] [--decisions M] "
              "[--seed S] [--quiet] [--file-image] [--no-table]\n",
              stderr);
        return 2;
    }
    try_all(&run);
    if (!run.no_table && goes_on(&run))
        coverage_check(&run.coverage, run.quiet, &run.passed, &run.failed);
    printf("%lu passed, %lu failed\n", run.passed, run.failed);
    return run.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
