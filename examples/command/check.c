/* mayrelay check: one decision, or a batch of them. */
#include "batch.h"
#include "command.h"
#include "load.h"
#include "options.h"
#include "scope.h"

static void
print_decision(const struct options *options, const mayrelay_decision *decision)
{
    struct page page = {0};
    if (options->json)
        batch_print_decision(NULL, decision, options->scope, &page);
    else
        printf("%s\n", mayrelay_decision_get_reply(decision));
    if (options->scope && !options->json)
        scope_print(decision);
    page_free(&page);
}

static int
check_one(const struct options *options, mayrelay_policy *policy)
{
    if (!options->facts.client.data)
        complain("no --client: the decision is an internal error");
    mayrelay_session *session = new_session(policy);
    const mayrelay_decision *decision = judge_facts(&options->facts, session);
    print_decision(options, decision);
    int status = decision_exit(decision);
    mayrelay_session_free(session);
    return status;
}

static int
run(const struct command *self, const struct options *options)
{
    if (options->batch && options->has_facts)
        return usage_error(self->name,
                           "with --batch facts come from standard input");
    int status;
    mayrelay_policy *policy = load_policy(options->policy, &status);
    if (!policy)
        return status;
    status = options->batch ? batch_run(policy, options->scope)
                            : check_one(options, policy);
    mayrelay_policy_unref(policy);
    return status;
}

const struct command check_command = {
    .flag = COMMAND_CHECK,
    .name = "check",
    .summary = "one decision, or one for each line of standard input",
    .synopsis = "  mayrelay check POLICY --client IP [FACT]... --recipient R "
                "[--scope]\n"
                "  mayrelay check POLICY --batch [--scope]\n",
    .description =
        "  Answers whether the client may hand us the recipient, and prints\n"
        "  the SMTP reply.  POLICY is a policy in YAML or JSON, or an image\n"
        "  made by `mayrelay compile`.  The check's host rewrites recipients,\n"
        "  so `reroute` works.\n"
        "\n"
        "  With --batch it reads one JSON object a line, and prints one a\n"
        "  line, in the same order.  Keys of the input, all optional:\n"
        "    id                any value; it is echoed\n"
        "    client, listener  strings, as --client and --listener\n"
        "    client_names      a list of strings (all there are), or\n"
        "                      \"tempfail\"; without it nobody has looked\n"
        "    tls               true or false\n"
        "    certificate       a string, or null for none\n"
        "    identity          a string, or null for anonymous\n"
        "    groups            as client_names\n"
        "    sender, recipient strings\n"
        "    recipient_exists  true, false or \"tempfail\"\n"
        "  Keys of the output: id, verdict, code, enhanced, text, reason,\n"
        "  kind, rule, source, connector, recipient, relay, needs.  A line\n"
        "  that is not understood is answered by id and error.\n",
    .options = "  --batch\n"
               "      Facts come from standard input.\n"
               "  --json\n"
               "      Print the decision as --batch does.\n"
               "  --scope\n"
               "      Say, too, which other transactions are decided alike; "
               "in JSON\n"
               "      with a fingerprint, which such as are decided alike for "
               "the\n"
               "      same cause share.\n",
    .exit_status = "   0  accept; --batch: every line was understood\n"
                   "  75  defer: the reply is a 4xx\n"
                   "  77  reject: the reply is a 5xx\n"
                   "  65  --batch: some line was not understood\n",
    .examples =
        "  mayrelay check policy.yaml --client 203.0.113.9 \\\n"
        "      --sender a@b.example --recipient c@d.example\n"
        "  mayrelay check policy.yaml --client 192.0.2.7 --tls \\\n"
        "      --identity steven --groups none --sender '<>' \\\n"
        "      --recipient joe@example.com --json\n"
        "  mayrelay check policy.mrp --batch <facts.jsonl >decisions.jsonl\n",
    .run = run,
};
