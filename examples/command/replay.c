/* mayrelay replay: old traffic, judged by two policies. */
#include <string.h>
#include <sysexits.h>

#include "command.h"
#include "input.h"
#include "load.h"
#include "options.h"
#include "replay_print.h"
#include "traffic.h"

enum {
    COMPLAINTS_MOST = 10,
    EXIT_CHANGES = 1
};

/* What --require asks for. */
enum required {
    REQUIRED_NOTHING, /* but the exit status says whether something changes */
    REQUIRED_SAME,
    REQUIRED_STRICTER
};

struct judges {
    mayrelay_session *before, *after;
};

static enum required
required_by(const char *word)
{
    if (!word)
        return REQUIRED_NOTHING;
    return strcmp(word, "same") == 0 ? REQUIRED_SAME : REQUIRED_STRICTER;
}

static const mayrelay_decision *
judge(mayrelay_session *session, const struct log_line *line)
{
    mayrelay_session_rewrites(session, line->rewrites);
    return judge_facts(&line->facts, session);
}

/* NULL, or what is wrong with the line. */
static const char *
judge_line(struct replay *replay, const struct judges *judges,
           const struct log_line *line, size_t number)
{
    const mayrelay_decision *before = judge(judges->before, line);
    const mayrelay_decision *after = judge(judges->after, line);
    const char *problem = unreadable_behind(before, &line->facts);
    if (!problem)
        changes_add(&replay->changes, before, after, line, number);
    return problem;
}

static void
complain_of_line(struct replay *replay, size_t number, const char *problem)
{
    if (replay->bad_lines++ < COMPLAINTS_MOST)
        complain("line %zu: %s", number, problem);
    else if (replay->bad_lines == COMPLAINTS_MOST + 1)
        complain("more such lines are counted only");
}

static void
replay_line(struct replay *replay, const struct judges *judges,
            struct text text, size_t number)
{
    struct log_line line = {0};
    struct line_error error = {""};
    const char *problem = error.text;
    if (traffic_read(&line, text, &error))
        problem = judge_line(replay, judges, &line, number);
    if (problem)
        complain_of_line(replay, number, problem);
    else
        replay->transactions++;
    log_line_free(&line);
}

static bool
replay_input(struct replay *replay, const struct judges *judges)
{
    struct input input = input_begin();
    struct text line;
    while (input_next(&input, &line))
        replay_line(replay, judges, line, input.lines);
    changes_sort(&replay->changes);
    return input_end(&input);
}

/* Only what was accepted before may be accepted, and as it was.  What lacks a
 * fact may still become an accept. */
static bool
is_stricter(const struct change *change)
{
    switch (change->kind) {
    case CHANGE_GAINED:
    case CHANGE_RECIPIENT: return false;
    case CHANGE_UNDECIDED: return change->before.verdict == MAYRELAY_ACCEPT;
    case CHANGE_LOST:
    case CHANGE_REFUSAL:
    case CHANGE_REPLY:
    case CHANGE_CAUSE:
    case CHANGE_NONE: break;
    }
    return true;
}

static bool
is_as_required(const struct change *change, enum required required)
{
    switch (required) {
    case REQUIRED_STRICTER: return is_stricter(change);
    case REQUIRED_SAME: return change->kind == CHANGE_CAUSE;
    case REQUIRED_NOTHING: break;
    }
    return false;
}

static int
outcome_status(const struct changes *changes, enum required required)
{
    bool good = required == REQUIRED_NOTHING || !changes->unknown;
    for (size_t i = 0; i < changes->count; i++)
        good = good && is_as_required(changes->items[i], required);
    return good ? EX_OK : EXIT_CHANGES;
}

static int
replay_run(mayrelay_policy *before, mayrelay_policy *after,
           const struct options *options)
{
    struct replay replay = {.changes.reroutes =
                                mayrelay_policy_has_reroute(before) ||
                                mayrelay_policy_has_reroute(after)};
    struct judges judges = {new_session(before), new_session(after)};
    int status = EX_IOERR;
    if (replay_input(&replay, &judges)) {
        if (options->json)
            replay_print_json(&replay);
        else
            replay_print_text(&replay);
        status = replay.bad_lines
                     ? EX_DATAERR
                     : outcome_status(&replay.changes,
                                      required_by(options->require));
    }
    changes_free(&replay.changes);
    mayrelay_session_free(judges.before);
    mayrelay_session_free(judges.after);
    return status;
}

static int
run(const struct command *self, const struct options *options)
{
    (void)self;
    int status;
    mayrelay_policy *before = load_policy(options->policy, &status);
    if (!before)
        return status;
    mayrelay_policy *after = load_policy(options->second, &status);
    if (after)
        status = replay_run(before, after, options);
    mayrelay_policy_unref(before);
    mayrelay_policy_unref(after);
    return status;
}

const struct command replay_command = {
    .flag = COMMAND_REPLAY,
    .name = "replay",
    .summary = "old traffic, judged by the old policy and by a new one",
    .second = "new policy",
    .requirements = "same|stricter",
    .synopsis = "  mayrelay replay OLD NEW [--require same|stricter] "
                "<transactions\n",
    .description =
        "  Judges every transaction of standard input by both policies, and\n"
        "  says how many change: the most dangerous changes first, counted by\n"
        "  what the decisions come from, with a few examples each.  It speaks\n"
        "  of this traffic alone; what nobody has sent yet is not in it.\n"
        "\n"
        "  A line is a JSON object as `mayrelay check --batch` reads it, or a\n"
        "  line of the decision log, logfmt or JSON, with whatever a log puts\n"
        "  before it; they may be mixed.  What a log has recorded of the\n"
        "  decision is not looked at.  Behind each example stand its line's\n"
        "  number and id, and the facts as arguments of `mayrelay check`, if\n"
        "  they can say it: where policies reroute, lines of a host that does\n"
        "  not rewrite recipients want `mayrelay explain --log`.\n"
        "\n"
        "  The changes, in this order:\n"
        "    gained     accepted now, and not before\n"
        "    undecided  the new policy asks for facts that the line does not\n"
        "               have: state them, be it as [] or \"tempfail\"\n"
        "    recipient  accepted as ever, but for another recipient\n"
        "    lost       accepted before, and not now\n"
        "    refusal    refused with another code: for good or for now\n"
        "    reply      the same code with another enhanced code or text\n"
        "    cause      the same reply for another reason, or by another rule\n"
        "               or connector\n",
    .options =
        "  --require same|stricter\n"
        "      same: success if no client gets another answer and no\n"
        "      mail goes elsewhere; only causes may change.  stricter:\n"
        "      success if nothing is gained, nor could be (undecided),\n"
        "      and no recipient changes.  Neither succeeds if some\n"
        "      transaction is undecided by both policies.\n"
        "  --json\n"
        "      Print one JSON object: transactions, changed, undecided\n"
        "      (by both), not_understood, and the list of changes, each\n"
        "      with change, count, old, new and examples.\n",
    .exit_status = "   0  nothing changes, or only what --require allows\n"
                   "   1  something else changes\n"
                   "  65  some line was not understood\n",
    .examples =
        "  mayrelay replay policy.yaml new.yaml </var/log/mayrelay.log\n"
        "  mayrelay replay policy.mrp new.yaml --require stricter <log\n",
    .run = run,
};
