/* The functions that Exim calls by ${dlfunc}: mayrelay_connect, mayrelay_mail
 * and mayrelay_rcpt for its ACLs, mayrelay_reroute for a router.
 *
 * The ACL functions return the reply, "550 5.7.1 Unable to relay for ...",
 * and the ACL looks at its first digit.  Whatever goes wrong is an error of
 * the expansion: Exim then defers, and logs why.
 *
 * No call hangs on what an earlier one has been told: each reads all facts
 * anew, so that it does not matter which of the ACLs has been left out. */
#include <stdio.h>
#include <string.h>

#include "adapter.h"
#include "adapter/reroute.h"
#include "expand.h"
#include "facts.h"
#include "lookups.h"
#include "path.h"

#define EXIM_FUNCTION __attribute__((visibility("default")))

/* What Exim takes from a function.  (Its DEFER and FAIL have no use here:
 * there is nothing that a configuration should be able to overlook.) */
enum {
    EXIM_OK = 0,
    EXIM_ERROR = 3
};

EXIM_FUNCTION int mayrelay_connect(unsigned char **yield, int argc,
                                   unsigned char *argv[]);
EXIM_FUNCTION int mayrelay_mail(unsigned char **yield, int argc,
                                unsigned char *argv[]);
EXIM_FUNCTION int mayrelay_rcpt(unsigned char **yield, int argc,
                                unsigned char *argv[]);
EXIM_FUNCTION int mayrelay_reroute(unsigned char **yield, int argc,
                                   unsigned char *argv[]);
EXIM_FUNCTION int mayrelay_preload(unsigned char **yield, int argc,
                                   unsigned char *argv[]);

/* Exim's process serves one connection, with one thread; and what is handed
 * to it must stay when the function returns. */
static struct adapter adapter;
static struct adapter_reply reply;
static struct failure failure;

/* -- deciding -------------------------------------------------------------- */

/* One transaction, as one call sees it. */
struct call {
    enum stage stage;
    struct facts facts;
    struct lookups lookups;
};

static enum mayrelay_verdict
get_verdict(void)
{
    return mayrelay_decision_get_verdict(
        mayrelay_session_get_decision(adapter.session));
}

static void
supply_names(const struct call *call)
{
    if (!(mayrelay_session_needs(adapter.session) & MAYRELAY_FACT_CLIENT_NAME))
        return;
    names_supply(&adapter.names, &adapter.options, call->facts.client,
                 adapter.session);
    mayrelay_session_resume(adapter.session);
}

static enum mayrelay_verdict
judge_recipient(const struct call *call, struct path recipient)
{
    mayrelay_session_rcpt(adapter.session, recipient.text, recipient.size);
    lookups_state_exists(&call->lookups, adapter.session);
    mayrelay_session_resume(adapter.session);
    supply_names(call);
    return get_verdict();
}

/* What the client has written and what Exim will deliver to may differ: source
 * routes, quoting, percent_hack_domains, rewriting.  Both must be allowed, and
 * the last one judged is the one that decides. */
static void
judge_both(const struct call *call)
{
    const char *recipient = call->facts.recipient;
    struct path delivered = {recipient, strlen(recipient)};
    struct path written = path_in_argument(call->facts.argument);
    enum mayrelay_verdict first = judge_recipient(call, written);
    if (first == MAYRELAY_REJECT || path_is(written, recipient))
        return;
    if (judge_recipient(call, delivered) > first)
        judge_recipient(call, written);
}

/* Names and groups decide at RCPT: before that only a sure refusal counts. */
static void
judge(const struct call *call)
{
    facts_state(&call->facts, call->stage, adapter.session);
    if (call->stage == STAGE_CONNECT)
        return;
    lookups_state_groups(&call->lookups, adapter.session);
    mayrelay_session_resume(adapter.session);
    if (call->stage == STAGE_RCPT)
        judge_both(call);
}

/* That nothing is against a connection or a sender is not worth a line. */
static const char *
conclude(enum stage stage)
{
    if (stage != STAGE_RCPT && get_verdict() == MAYRELAY_ACCEPT)
        return mayrelay_decision_get_reply(
            mayrelay_session_get_decision(adapter.session));
    decision_log_write(&adapter.log, adapter.session, &reply);
    return reply.line;
}

/* -- what Exim calls ------------------------------------------------------- */

static bool
decide(enum stage stage, int argc, unsigned char *argv[], const char **line)
{
    char *const *arguments = (char *const *)argv;
    struct call call = {.stage = stage};
    failure.text[0] = '\0';
    if (argc < 1 || (stage == STAGE_CONNECT && argc > 1))
        return fail(&failure, "mayrelay: wrong number of arguments");
    if (!lookups_read(&call.lookups, argc - 1, arguments + 1, &failure) ||
        !adapter_open(&adapter, arguments[0], &failure) ||
        !facts_read(&call.facts, stage, &failure))
        return false;
    judge(&call);
    *line = conclude(stage);
    return true;
}

static int
answer(enum stage stage, int argc, unsigned char *argv[], unsigned char **yield)
{
    const char *line = failure.text;
    int status = decide(stage, argc, argv, &line) ? EXIM_OK : EXIM_ERROR;
    *yield = (unsigned char *)(size_t)line;
    return status;
}

int
mayrelay_connect(unsigned char **yield, int argc, unsigned char *argv[])
{
    return answer(STAGE_CONNECT, argc, argv, yield);
}

int
mayrelay_mail(unsigned char **yield, int argc, unsigned char *argv[])
{
    return answer(STAGE_MAIL, argc, argv, yield);
}

int
mayrelay_rcpt(unsigned char **yield, int argc, unsigned char *argv[])
{
    return answer(STAGE_RCPT, argc, argv, yield);
}

/* Where mail for a domain goes by `reroute:`; "" if it stays. */
static bool
find_domain(int argc, unsigned char *argv[], const char **found)
{
    char mailbox[600];
    failure.text[0] = '\0';
    if (argc != 2)
        return fail(&failure, "mayrelay: wrong number of arguments");
    if (!adapter_open(&adapter, (char *)argv[0], &failure))
        return false;
    snprintf(mailbox, sizeof mailbox, "any@%s", (char *)argv[1]);
    mayrelay_session_rcpt(adapter.session, mailbox, MAYRELAY_ZSTR);
    const char *rerouted = rerouted_to(adapter.session, mailbox);
    const char *at = rerouted ? strrchr(rerouted, '@') : NULL;
    *found = at ? at + 1 : "";
    return true;
}

int
mayrelay_reroute(unsigned char **yield, int argc, unsigned char *argv[])
{
    const char *found = failure.text;
    int status = find_domain(argc, argv, &found) ? EXIM_OK : EXIM_ERROR;
    *yield = (unsigned char *)(size_t)found;
    return status;
}

/* Gives its argument back.  In an option that the daemon expands it makes the
 * daemon load the library, and find what the library needs of Exim, so that its
 * children need not; the policy is still theirs to open. */
int
mayrelay_preload(unsigned char **yield, int argc, unsigned char *argv[])
{
    if (argc == 1) {
        exim_search();
        *yield = argv[0];
        return EXIM_OK;
    }
    fail(&failure, "mayrelay: wrong number of arguments");
    *yield = (unsigned char *)failure.text;
    return EXIM_ERROR;
}
