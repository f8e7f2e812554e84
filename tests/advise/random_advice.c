/* Random policies, and random transactions that they refuse: every edit that is
 * advised is made in the policy's text, as its patch says, and must have the
 * evaluator accept the same transaction, and open no relay to strangers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drive.h"
#include "generate.h"
#include "options.h"

enum {
    MISMATCHES_MOST = 3,
    PATH_SIZE = 64,
    RULES_KEPT = 8 /* each edit is audited, and of many rules that is slow */
};

struct run {
    unsigned long policies;
    unsigned long transactions; /* tried for each */
    unsigned long refusals;     /* advised on for each */
    unsigned long seed;
    struct random random;
    struct policy *policy;
    char path[PATH_SIZE];
    char *text;
    mayrelay_policy *loaded;
    mayrelay_audit *audit;
    unsigned long refused, helped, edits, steps, passed, failed;
};

/* -- patches -------------------------------------------------------------- */

static const char *
line_behind(const char *text)
{
    const char *feed = strchr(text, '\n');
    return feed ? feed + 1 : text + strlen(text);
}

static const char *
line_at(const char *text, long line)
{
    for (; line > 1 && *text; line--)
        text = line_behind(text);
    return text;
}

static bool
append(char **out, const char *from, size_t size)
{
    size_t before = *out ? strlen(*out) : 0;
    char *more = realloc(*out, before + size + 1);
    if (!more)
        return false;
    memcpy(more + before, from, size);
    more[before + size] = '\0';
    *out = more;
    return true;
}

/* Applies one hunk, of which *patch is the first line; NULL if what it takes is
 * not there.  It ends behind the hunk. */
static char *
apply_hunk(const char *text, const char **patch, const char *path)
{
    long start, taken, first, come;
    const char *at = *patch;
    char *out = NULL;
    if (strncmp(at, "--- ", 4) != 0 || strncmp(at + 4, path, strlen(path)) != 0)
        return NULL;
    at = line_behind(line_behind(at));
    if (sscanf(at, "@@ -%ld,%ld +%ld,%ld @@", &start, &taken, &first, &come) !=
        4)
        return NULL;
    at = line_behind(at);
    const char *rest = line_at(text, taken ? start : start + 1);
    if (!append(&out, text, (size_t)(rest - text)))
        return NULL;
    while (taken + come > 0 && *at) {
        size_t size = (size_t)(line_behind(at) - at) - 1;
        bool unended = strncmp(line_behind(at), "\\ ", 2) == 0;
        size -= unended;
        if (*at == '-' && strncmp(rest, at + 1, size) == 0) {
            rest += size;
            taken--;
        } else if (*at == '+' && append(&out, at + 1, size)) {
            come--;
        } else {
            free(out);
            return NULL;
        }
        at = line_behind(at);
        if (unended)
            at = line_behind(at);
    }
    *patch = at;
    if (append(&out, rest, strlen(rest)))
        return out;
    free(out);
    return NULL;
}

static char *
apply(const char *text, const char *patch, const char *path,
      unsigned long *hunks)
{
    char *out = NULL;
    append(&out, text, strlen(text));
    while (out && *patch) {
        char *next = apply_hunk(out, &patch, path);
        free(out);
        out = next;
        ++*hunks;
    }
    return out;
}

/* -- edits ---------------------------------------------------------------- */

static void
complain_of(struct run *run, const struct facts *facts, const char *what,
            const char *edit, const char *patch)
{
    char *text = describe_facts(facts);
    printf("%s\n%s\nthe advice: %s: %s\n%s\n", run->text, text, what, edit,
           patch ? patch : "(no patch)");
    free(text);
    run->failed++;
}

/* NULL if it is as it should be. */
static const char *
what_is_wrong(const struct run *run, mayrelay_policy *edited,
              const struct facts *facts, struct random random)
{
    const char *wrong = NULL;
    mayrelay_session *session = mayrelay_session_new(edited);
    mayrelay_audit *audit = mayrelay_policy_audit(edited, NULL, NULL);
    mayrelay_session_rewrites(session, facts->rewrites);
    say_everything(session, &random, facts);
    if (mayrelay_decision_get_verdict(mayrelay_session_get_decision(session)) !=
        MAYRELAY_ACCEPT)
        wrong = "it does not accept";
    else if (mayrelay_audit_get_verdict(audit, MAYRELAY_SOURCE_STRANGER) <
             mayrelay_audit_get_verdict(run->audit, MAYRELAY_SOURCE_STRANGER))
        wrong = "it opens the relay";
    mayrelay_audit_free(audit);
    mayrelay_session_free(session);
    return wrong;
}

static void
check_edit(struct run *run, const mayrelay_advice *advice, size_t index,
           const struct facts *facts, struct random random)
{
    const char *patch = mayrelay_advice_get_patch(advice, index);
    const char *says = mayrelay_advice_get_text(advice, index);
    char *text = patch ? apply(run->text, patch, run->path, &run->steps) : NULL;
    mayrelay_policy *edited =
        text ? mayrelay_policy_parse(text, MAYRELAY_ZSTR, run->path, NULL)
             : NULL;
    const char *wrong = !text     ? "the patch does not fit"
                        : !edited ? "it does not load"
                                  : what_is_wrong(run, edited, facts, random);
    run->edits++;
    if (wrong)
        complain_of(run, facts, wrong, says, patch);
    else
        run->passed++;
    mayrelay_policy_unref(edited);
    free(text);
}

/* Of a transaction that some rule refuses, or none grants. */
static bool
is_a_reason(const char *note)
{
    return note && (strstr(note, "no edit of") || strstr(note, "more would"));
}

static void
advise_on(struct run *run, const mayrelay_session *session,
          const struct facts *facts, struct random random)
{
    mayrelay_advice *advice = mayrelay_session_advise(session, run->path, NULL);
    size_t count = mayrelay_advice_count(advice);
    run->refused++;
    run->helped += count > 0;
    const char *note = mayrelay_advice_get_note(advice);
    if (!count && !is_a_reason(note))
        complain_of(run, facts, "there is none, and no reason", "-", note);
    for (size_t i = 0; i < count && run->failed < MISMATCHES_MOST; i++)
        check_edit(run, advice, i, facts, random);
    mayrelay_advice_free(advice);
}

/* -- policies ------------------------------------------------------------- */

/* True if it was refused. */
static bool
try_transaction(struct run *run, mayrelay_session *session)
{
    struct facts facts;
    generate_connection(&run->random, &facts);
    generate_sender(&run->random, &facts);
    generate_recipient(&run->random, &facts);
    struct random random = run->random;
    mayrelay_session_rewrites(session, facts.rewrites);
    say_everything(session, &run->random, &facts);
    const mayrelay_decision *decision = mayrelay_session_get_decision(session);
    enum mayrelay_kind kind = mayrelay_decision_get_kind(decision);
    if (kind != MAYRELAY_KIND_FORBIDDEN && kind != MAYRELAY_KIND_NOT_PERMITTED)
        return false;
    advise_on(run, session, &facts, random);
    return true;
}

static bool
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    bool good = file && fputs(text, file) >= 0;
    return file && fclose(file) == 0 && good;
}

static void
try_policy(struct run *run)
{
    generate_policy(&run->random, run->policy);
    if (run->policy->rule_count > RULES_KEPT)
        run->policy->rule_count = RULES_KEPT;
    run->loaded = load_generated(&run->random, run->policy, &run->text);
    run->audit = mayrelay_policy_audit(run->loaded, NULL, NULL);
    mayrelay_session *session = mayrelay_session_new(run->loaded);
    if (!session || !run->audit || !write_file(run->path, run->text)) {
        puts("a policy, its session or its file could not be had");
        run->failed++;
    }
    unsigned long refused = run->refused;
    for (unsigned long i = 0;
         i < run->transactions && run->refused - refused < run->refusals &&
         run->failed < MISMATCHES_MOST;
         i++)
        try_transaction(run, session);
    mayrelay_session_free(session);
    mayrelay_audit_free(run->audit);
    mayrelay_policy_unref(run->loaded);
    free(run->text);
}

int
main(int argument_count, char **arguments)
{
    static struct policy policy;
    struct run run = {.policies = 150,
                      .transactions = 40,
                      .refusals = 3,
                      .seed = 11,
                      .policy = &policy,
                      .path = "/tmp/mayrelay-advice-XXXXXX"};
    int file = mkstemp(run.path);
    const struct number_option options[] = {
        {"--policies", &run.policies}, {"--seed", &run.seed}, {NULL, NULL}};
    if (file < 0 || !options_read(options, argument_count, arguments))
        return 2;
    close(file);
    for (unsigned long i = 0; i < run.policies && run.failed < MISMATCHES_MOST;
         i++) {
        run.random.state = run.seed + (uint64_t)i * 1000003;
        try_policy(&run);
    }
    unlink(run.path);
    printf("%lu refused, %lu of them helped by %lu edits of %lu steps\n",
           run.refused, run.helped, run.edits, run.steps);
    printf("%lu passed, %lu failed\n", run.passed, run.failed);
    return run.failed == 0 && run.helped > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
