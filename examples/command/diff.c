/* mayrelay diff: what a change of the policy changes, exactly. */
#include <string.h>
#include <sysexits.h>

#include "command.h"
#include "load.h"
#include "options.h"

enum {
    EX_NOT_SO = 1,
    LIMIT = 20 /* of changes that are printed, if none is given */
};

static bool
is_as_required(const char *required, const mayrelay_diff *diff)
{
    enum mayrelay_diff_verdict verdict = mayrelay_diff_get_verdict(diff);
    if (!required)
        return verdict != MAYRELAY_DIFF_INCOMPLETE;
    return verdict == MAYRELAY_DIFF_EQUIVALENT ||
           (strcmp(required, "stricter") == 0 &&
            (verdict == MAYRELAY_DIFF_STRICTER ||
             verdict == MAYRELAY_DIFF_REPLIES));
}

static void
print_diff(const mayrelay_diff *diff, size_t limit, bool json)
{
    struct page page = {0};
    while (!page_holds(
        &page, json ? mayrelay_diff_to_json(diff, limit, page.data, page.room)
                    : mayrelay_diff_to_text(diff, limit, page.data, page.room)))
        continue;
    fputs(page.data, stdout);
    fputs(json ? "\n" : "", stdout);
    page_free(&page);
}

static int
compare(const struct options *options, size_t limit, mayrelay_policy *before,
        mayrelay_policy *after)
{
    mayrelay_diff *diff = mayrelay_policy_diff(before, after);
    if (!diff)
        out_of_memory();
    print_diff(diff, limit, options->json);
    const char *bug = mayrelay_diff_get_bug(diff);
    int status = is_as_required(options->require, diff) ? EX_OK : EX_NOT_SO;
    if (bug) {
        complain("this is a bug in mayrelay: the evaluator decides otherwise "
                 "than the diff says; trust neither, and report this:");
        print_indented(stderr, as_text(bug));
        status = EX_SOFTWARE;
    }
    mayrelay_diff_free(diff);
    return status;
}

static int
run(const struct command *self, const struct options *options)
{
    size_t limit = options->limit ? options->limit : LIMIT;
    int status;
    (void)self;
    mayrelay_policy *before = load_policy(options->policy, &status);
    if (!before)
        return status;
    mayrelay_policy *after = load_policy(options->second, &status);
    if (after)
        status = compare(options, limit, before, after);
    mayrelay_policy_unref(before);
    mayrelay_policy_unref(after);
    return status;
}

const struct command diff_command = {
    .flag = COMMAND_DIFF,
    .name = "diff",
    .summary = "what a change of the policy changes, exactly",
    .second = "new policy",
    .requirements = "equivalent|stricter",
    .synopsis = "  mayrelay diff OLD NEW [--require equivalent|stricter] "
                "[--limit N]\n"
                "      [--json]\n",
    .description =
        "  Looks at all transactions at once, and says which of them the two\n"
        "  policies decide differently: by verdict, code, enhanced code, text\n"
        "  or reason, by where accepted mail goes, or by whether it is\n"
        "  relayed.  Each change is a box, the client networks and whatever\n"
        "  else it hangs on, with a transaction that both policies have\n"
        "  decided so.\n"
        "\n"
        "  The verdict:\n"
        "    EQUIVALENT    no transaction is decided differently: proven\n"
        "    REPLIES       the same mail is accepted; replies differ\n"
        "    STRICTER      some mail is lost, none is gained\n"
        "    LOOSER        some mail is gained, none is lost\n"
        "    INCOMPARABLE  some is gained, some is lost\n"
        "    INCOMPLETE    too large to compare: nothing is proven\n"
        "\n"
        "  The changes, in this order:\n"
        "    gained  accepted now, and not before\n"
        "    moved   accepted for another recipient, or now relayed, or no\n"
        "            longer so; counts as gained and as lost\n"
        "    lost    accepted before, and not now\n"
        "    answer  another reply or reason\n"
        "\n"
        "  Behind the verdict stands how far each of them reaches: clients,\n"
        "  identities, recipients, and where they matter senders and other\n"
        "  conditions.  Each names all that is in some change, so together\n"
        "  they may say more than changes, never less.\n"
        "\n"
        "  \"like X\" stands for all that no list tells apart from X.  What\n"
        "  hangs on patterns may be uncertain, and counts all the same.  A\n"
        "  host that does not say its listener, where a policy asks for it,\n"
        "  is left out.\n",
    .options = "  --require equivalent|stricter\n"
               "      Exit status 1 unless the policies are equivalent; or\n"
               "      unless no mail is gained or moved.\n"
               "  --limit N\n"
               "      Print N changes at most; 20 if not given.\n"
               "  --json\n"
               "      Print one JSON object: verdict, count, extents and\n"
               "      changes.\n",
    .exit_status = "   0  the change is as required\n"
                   "   1  it is not, or nothing is proven\n"
                   "  70  a bug in mayrelay: the evaluator contradicts\n",
    .examples =
        "  mayrelay diff policy.yaml new.yaml\n"
        "  mayrelay diff policy.mrp new.yaml --require stricter --json\n",
    .run = run,
};
