#include "advise/advice.h"

#include "advise/patch.h"
#include "advise/quest.h"
#include "base/memory.h"
#include "image/image.h"

enum {
    PATCH_SIZE = 4 * PATCH_LINE_MOST,
    NOTE_SIZE = 1024
};

/* -- texts -------------------------------------------------------------- */

static const char *
keep(struct mayrelay_advice *advice, bool *failed, struct text text)
{
    struct text copy = arena_copy(&advice->arena, text);
    *failed |= !copy.data;
    return copy.data;
}

/* The file of a step as it is before it, with those before it made. */
static struct text
text_before(const struct quest *quest, const struct found *found, size_t step)
{
    struct draft draft = {.path = quest->path,
                          .text = quest->text,
                          .steps = found->steps,
                          .count = step};
    struct text file = found->steps[step].edit.file;
    return file.size ? draft_list_file(&draft, file)
                     : draft_policy_text(&draft);
}

/* Adds a step to the patch; false if memory ran out, or the file is gone. */
static bool
add_step(const struct quest *quest, const struct found *found, size_t step,
         struct advised *advised, struct output *patch, bool *is_long)
{
    const struct edit *edit = &found->steps[step].edit;
    struct text file = edit->file.size ? edit->file : text_of(quest->path);
    struct text text = text_before(quest, found, step);
    struct hunk hunk;
    bool good = text.data && hunk_of(edit, text, &hunk);
    if (good) {
        *is_long |= hunk_is_long(&hunk);
        if (step == 0)
            advised->line = hunk.line;
        hunk_write(patch, &hunk, file);
        hunk_clear(&hunk);
    }
    memory_free((void *)(uintptr_t)text.data);
    return good;
}

static bool
describe(struct mayrelay_advice *advice, const struct quest *quest,
         const struct found *found, struct advised *advised)
{
    char *room = memory_new(PATCH_SIZE, 1);
    bool failed = !room;
    bool is_long = false;
    struct output out = output_to(room, PATCH_SIZE);
    struct text file = found->steps[0].edit.file;
    for (size_t i = 0; i < found->count && !failed; i++)
        failed = !add_step(quest, found, i, advised, &out, &is_long);
    if (!failed && !is_long && out.size < PATCH_SIZE)
        advised->patch = keep(advice, &failed, output_written(&out));
    out = output_to(room, PATCH_SIZE);
    for (size_t i = 0; i < found->count; i++) {
        output_string(&out, i ? "; then " : "");
        output_printable(&out, found->steps[i].says);
    }
    advised->text = keep(advice, &failed, output_written(&out));
    advised->file =
        keep(advice, &failed, file.size ? file : text_of(quest->path));
    advised->radius = keep(advice, &failed, text_of(found->radius.text));
    if (found->radius.warning[0])
        advised->warning =
            keep(advice, &failed, text_of(found->radius.warning));
    advised->rule = found->rule;
    memory_free(room);
    return !failed;
}

/* -- notes -------------------------------------------------------------- */

static void
say_missing(struct output *out, unsigned needs)
{
    output_string(out, "undecided: ");
    if (!needs)
        output_string(out, "a look-up has failed, or a pattern hit its limits");
    else
        output_string(out, "nobody has looked up");
    for (unsigned fact = 1; fact <= MAYRELAY_FACT_RECIPIENT; fact <<= 1)
        if (needs & fact)
            output_format(out, " %s",
                          mayrelay_fact_name((enum mayrelay_fact)fact));
}

/* What no edit can help with. */
static void
say_why_none(struct output *out, const mayrelay_decision *decision)
{
    if (decision->verdict == MAYRELAY_ACCEPT)
        output_string(out, "it is accepted as it is");
    else if (decision->reason == MAYRELAY_REASON_CANNOT_REWRITE)
        output_string(out, "the server has not said that it rewrites "
                           "recipients, and the recipient is rerouted");
    else if (decision->kind == MAYRELAY_KIND_UNDETERMINED)
        say_missing(out, decision->needs);
    else if (decision->kind == MAYRELAY_KIND_MALFORMED)
        output_string(out, "the address is malformed, which no policy accepts");
    else if (decision->kind == MAYRELAY_KIND_INTERNAL)
        output_string(out, "the server did not say what a decision needs");
    else
        output_string(out, "no edit of one, two or three steps was found");
}

static void
say_left_out(struct output *out, const struct quest *quest)
{
    if (quest->refused)
        output_format(out,
                      "%s%zu more would open the relay to strangers, and so "
                      "are not told",
                      out->size ? "; " : "", quest->refused);
    if (quest->cut)
        output_format(out, "%snot all edits were tried, as the budget ran out",
                      out->size ? "; " : "");
}

static bool
write_note(struct mayrelay_advice *advice, const struct quest *quest)
{
    char room[NOTE_SIZE];
    struct output out = output_to(room, sizeof room);
    bool failed = false;
    if (!quest->count)
        say_why_none(&out, &quest->session->decision);
    say_left_out(&out, quest);
    if (out.size)
        advice->note = keep(advice, &failed, output_written(&out));
    return !failed;
}

/* -- making ------------------------------------------------------------- */

/* No more often than that much is read, but often enough for small ones. */
static size_t
tries_for(size_t octets)
{
    size_t tries = OCTETS_MOST / (octets + 1);
    return tries > TRIES_MOST    ? TRIES_MOST
           : tries < TRIES_LEAST ? TRIES_LEAST
                                 : tries;
}

static bool
write_down(struct mayrelay_advice *advice, const struct quest *quest)
{
    advice->edits =
        arena_new(&advice->arena, quest->count, sizeof *advice->edits);
    advice->count = quest->count;
    bool good = advice->edits != NULL;
    for (size_t i = 0; i < quest->count && good; i++)
        good = describe(advice, quest, &quest->found[i], &advice->edits[i]);
    return good && write_note(advice, quest);
}

/* Judges the session's facts by the policy as it is now, and goes on from
 * there. */
static bool
quest_from(struct mayrelay_advice *advice, struct quest *quest,
           mayrelay_policy *policy, const mayrelay_session *given)
{
    struct mayrelay_session *session = mayrelay_session_new(policy);
    mayrelay_audit *audit = mayrelay_policy_audit(policy, NULL, NULL);
    bool good = audit && session && session_tell(session, given);
    if (good) {
        quest->session = session;
        quest->audit = audit;
        quest->arena = &advice->arena;
        if (session->decision.verdict != MAYRELAY_ACCEPT)
            quest_run(quest);
        good = !quest->failed && write_down(advice, quest);
    }
    mayrelay_audit_free(audit);
    mayrelay_session_free(session);
    return good;
}

static struct mayrelay_advice *
advise(struct text text, const char *path, const mayrelay_session *session,
       struct mayrelay_report *report)
{
    struct draft draft = {.path = path, .text = text};
    struct mayrelay_advice *advice = memory_new(1, sizeof *advice);
    struct quest *quest = memory_new(1, sizeof *quest);
    mayrelay_policy *policy =
        advice && quest ? draft_load(&draft, report) : NULL;
    bool good = false;
    if (policy) {
        quest->path = path;
        quest->text = text;
        quest->tries = tries_for(draft.octets);
        good = quest_from(advice, quest, policy, session);
    }
    mayrelay_policy_unref(policy);
    memory_free(quest);
    if (good)
        return advice;
    mayrelay_advice_free(advice);
    return NULL;
}

mayrelay_advice *
mayrelay_session_advise(const mayrelay_session *session, const char *path,
                        mayrelay_report **report)
{
    struct text text = {NULL, 0};
    const char *problem = "no file named";
    if (report)
        *report = NULL;
    struct mayrelay_report *found = session ? report_new() : NULL;
    if (!found)
        return NULL;
    bool read = path && file_read(path, &text, &problem);
    if (read && image_is_one(text.data, text.size)) {
        problem = "an image has no text to edit: name the policy that it was "
                  "compiled from";
        read = false;
    }
    if (!read)
        report_add(found, FINDING_FILE_UNREADABLE,
                   (struct place){path ? path : "policy", 0, 0}, NULL,
                   "cannot read the policy: %s", problem);
    struct mayrelay_advice *advice =
        read ? advise(text, path, session, found) : NULL;
    memory_free((void *)(uintptr_t)text.data);
    report_hand_out(found, report);
    return advice;
}

void
mayrelay_advice_free(mayrelay_advice *advice)
{
    if (!advice)
        return;
    arena_clear(&advice->arena);
    memory_free(advice);
}

/* -- reading ------------------------------------------------------------ */

static const struct advised *
advised_at(const mayrelay_advice *advice, size_t index)
{
    static const struct advised NOTHING = {.line = 0};
    return index < mayrelay_advice_count(advice) ? &advice->edits[index]
                                                 : &NOTHING;
}

size_t
mayrelay_advice_count(const mayrelay_advice *advice)
{
    return advice ? advice->count : 0;
}

const char *
mayrelay_advice_get_note(const mayrelay_advice *advice)
{
    return advice ? advice->note : NULL;
}

const char *
mayrelay_advice_get_text(const mayrelay_advice *advice, size_t index)
{
    return advised_at(advice, index)->text;
}

const char *
mayrelay_advice_get_file(const mayrelay_advice *advice, size_t index)
{
    return advised_at(advice, index)->file;
}

uint32_t
mayrelay_advice_get_line(const mayrelay_advice *advice, size_t index)
{
    return advised_at(advice, index)->line;
}

const char *
mayrelay_advice_get_patch(const mayrelay_advice *advice, size_t index)
{
    return advised_at(advice, index)->patch;
}

const char *
mayrelay_advice_get_rule(const mayrelay_advice *advice, size_t index)
{
    return advised_at(advice, index)->rule;
}

const char *
mayrelay_advice_get_radius(const mayrelay_advice *advice, size_t index)
{
    return advised_at(advice, index)->radius;
}

const char *
mayrelay_advice_get_warning(const mayrelay_advice *advice, size_t index)
{
    return advised_at(advice, index)->warning;
}
