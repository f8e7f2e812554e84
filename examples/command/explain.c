/* mayrelay explain: a decision with its whole why. */
#include <sysexits.h>

#include "command.h"
#include "load.h"
#include "options.h"
#include "recorded.h"
#include "scope.h"
#include "smtp.h"

/* What to change in the policy, so that it accepts; in JSON a member. */
static int
print_advice(const struct options *options, const mayrelay_session *session)
{
    mayrelay_report *report = NULL;
    mayrelay_advice *advice =
        mayrelay_session_advise(session, options->policy, &report);
    struct page page = {0};
    if (!advice) {
        findings_print(report, MAYRELAY_ERROR);
        int status = load_failure(options->policy, report);
        mayrelay_report_free(report);
        return status;
    }
    while (!page_holds(
        &page, options->json
                   ? mayrelay_advice_to_json(advice, page.data, page.room)
                   : mayrelay_advice_to_text(advice, page.data, page.room)))
        continue;
    printf(options->json ? ",\"advice\":%s" : "%s", page.data);
    page_free(&page);
    mayrelay_advice_free(advice);
    mayrelay_report_free(report);
    return EX_OK;
}

/* What a log has recorded, the answers of DNS, the scope, and advice come last:
 * in JSON, as the last members.  EX_OK, or the exit status without the advice.
 */
static int
print_why(const struct options *options, const mayrelay_session *session,
          const struct recorded *recorded)
{
    const mayrelay_decision *decision = mayrelay_session_get_decision(session);
    struct page page = {0};
    int status = EX_OK;
    enum mayrelay_format format = options->json ? MAYRELAY_JSON : MAYRELAY_TEXT;
    while (!page_holds(&page, mayrelay_decision_explain(decision, format,
                                                        page.data, page.room)))
        continue;
    if (options->json) {
        printf("%.*s", (int)page.size - 1, page.data);
        recorded_print_member(recorded);
        dns_print_member(options->facts.dns);
        scope_print_member(decision);
    } else {
        struct page dns = dns_page(options->facts.dns, MAYRELAY_TEXT);
        printf("%s%s", page.data, dns.size ? dns.data : "");
        recorded_print(recorded);
        scope_print(decision);
        page_free(&dns);
    }
    page_free(&page);
    if (options->want_accept)
        status = print_advice(options, session);
    if (options->json)
        fputs("}\n", stdout);
    return status;
}

static int
explain_one(const struct options *options, mayrelay_policy *policy)
{
    mayrelay_session *session = new_session(policy);
    const mayrelay_decision *decision = judge_facts(&options->facts, session);
    int failure = print_why(options, session, NULL);
    int status = failure ? failure : decision_exit(decision);
    mayrelay_session_free(session);
    return status;
}

/* What a line of the log has recorded, under the policy of now. */
static int
explain_log(const struct options *options, mayrelay_policy *policy)
{
    struct recorded recorded;
    int status = recorded_read(&recorded, options->log);
    if (!status) {
        mayrelay_session *session = new_session(policy);
        mayrelay_session_rewrites(session, recorded.line.rewrites);
        const mayrelay_decision *decision =
            judge_facts(&recorded.line.facts, session);
        recorded_compare(&recorded, policy, decision);
        int failure = print_why(options, session, &recorded);
        status = failure ? failure : decision_exit(decision);
        mayrelay_session_free(session);
    }
    recorded_free(&recorded);
    return status;
}

static int
run(const struct command *self, const struct options *options)
{
    const struct facts *facts = &options->facts;
    if (options->smtp && (facts->sender.data || facts->recipient.data))
        return usage_error(self->name,
                           "with --smtp sender and recipient come from the "
                           "dialogue");
    if (options->smtp && options->want_accept)
        return usage_error(self->name,
                           "--want is about one decision, not a dialogue");
    if (options->log && (options->has_facts || options->smtp))
        return usage_error(self->name,
                           "with --log every fact comes from the line");
    if (!options->log && !facts->client.data)
        complain("no --client: the decision is an internal error");
    int status;
    mayrelay_policy *policy = load_policy(options->policy, &status);
    if (!policy)
        return status;
    status = options->log    ? explain_log(options, policy)
             : options->smtp ? smtp_run(policy, facts, options->json)
                             : explain_one(options, policy);
    mayrelay_policy_unref(policy);
    return status;
}

const struct command explain_command = {
    .flag = COMMAND_EXPLAIN,
    .name = "explain",
    .summary = "a decision or an SMTP dialogue, with the whole why",
    .synopsis =
        "  mayrelay explain POLICY --client IP [FACT]... --recipient R\n"
        "  mayrelay explain POLICY --smtp --client IP [FACT]...\n"
        "  mayrelay explain POLICY --log LINE\n",
    .description =
        "  Judges as `mayrelay check` does, and says why: the connector, each\n"
        "  right and rule that was tried, the list entries that matched, the\n"
        "  nearest misses, the facts that are missing, and the scope: the\n"
        "  clients, identities, senders and recipients around this one that "
        "are\n"
        "  decided alike.\n"
        "\n"
        "  With --smtp it reads the client's side of an SMTP dialogue from\n"
        "  standard input and answers each line as a server with this policy\n"
        "  would, with the why behind the greeting and the replies to MAIL "
        "and\n"
        "  RCPT.  It knows HELO, EHLO, LHLO, STARTTLS, AUTH, MAIL, RCPT, "
        "DATA,\n"
        "  RSET, NOOP, VRFY, HELP and QUIT.  `AUTH MECHANISM IDENTITY` says "
        "who\n"
        "  the client is, without a password; for PLAIN the initial response\n"
        "  in base64 is understood too.  The facts of the connection come "
        "from\n"
        "  the options, and hold from the start: with --tls or --identity\n"
        "  there is nothing left to STARTTLS or AUTH.\n"
        "\n"
        "  With --want accept it also says which edits of the policy would\n"
        "  have it accepted, the least harmful first: what to write and\n"
        "  where, the rule that then grants, and what else that opens.  Each\n"
        "  has been tried on a copy of the policy.  Edits that would open the\n"
        "  relay to strangers are not told; those that make another verdict\n"
        "  of `mayrelay audit` worse stand last, with a warning.\n"
        "\n"
        "  With --log it judges the facts of a line of the decision log\n"
        "  again, and says whether the policy of now decides as was "
        "recorded.\n",
    .options = "  --smtp\n"
               "      Judge an SMTP dialogue from standard input.\n"
               "  --log LINE\n"
               "      Judge a line of the decision log, logfmt or JSON; what\n"
               "      stands before it (a time, a host) does not matter.  '-'\n"
               "      reads it from standard input.\n"
               "  --want accept\n"
               "      Say what would have to change for an accept.\n"
               "  --json\n"
               "      Print the explanation as a JSON object; with --smtp one\n"
               "      object a step: client, server, explanation.\n",
    .exit_status = "   0  accept; --smtp: the dialogue is over\n"
                   "  75  defer: the reply is a 4xx\n"
                   "  77  reject: the reply is a 5xx\n",
    .examples =
        "  mayrelay explain policy.yaml --client 203.0.113.9 \\\n"
        "      --sender a@b.example --recipient c@d.example\n"
        "  mayrelay explain policy.yaml --want accept --client 10.4.2.7 \\\n"
        "      --sender a@b.example --recipient c@d.example\n"
        "  printf 'EHLO x\\nMAIL FROM:<a@b.example>\\nRCPT "
        "TO:<c@d.example>\\n' |\n"
        "      mayrelay explain policy.yaml --smtp --client 203.0.113.9\n",
    .run = run,
};
