#include "dialogue.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/reroute.h"
#include "macros.h"
#include "negotiation.h"
#include "replacements.h"

enum {
    IDENTITY_SIZE = 1024,
    MAILBOX_SIZE = 600 /* mayrelay takes 512 at most */
};

/* One SMTP connection; used by one thread at a time. */
struct dialogue {
    mayrelay_session *session;
    char client[NI_MAXHOST];
    struct replacement *replacements; /* of the message under way */
};

static struct keeper *keeper;

/* -- answers -------------------------------------------------------------- */

/* sendmail takes the text for a format, and Postfix does as if. */
static void
double_percents(const char *text, char *doubled, size_t size)
{
    size_t length = 0;
    for (; *text && length + 3 <= size; text++) {
        if (*text == '%')
            doubled[length++] = '%';
        doubled[length++] = *text;
    }
    doubled[length] = '\0';
}

/* Says the last decision. */
static sfsistat
answer(SMFICTX *context, const struct dialogue *dialogue)
{
    struct adapter_reply reply;
    char code[8], text[2 * sizeof reply.text];
    decision_log_write(&keeper->log, dialogue->session, &reply);
    if (reply.code == 250)
        return SMFIS_CONTINUE;
    snprintf(code, sizeof code, "%d", reply.code);
    double_percents(reply.text, text, sizeof text);
    smfi_setreply(context, code, reply.enhanced, text);
    return reply.code / 100 == 5 ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

/* Looks up what the decision lacks, and returns the code it comes to. */
static int
complete(struct dialogue *dialogue, int code)
{
    mayrelay_session *session = dialogue->session;
    if (!(mayrelay_session_needs(session) & MAYRELAY_FACT_CLIENT_NAME))
        return code;
    mayrelay_dns_answer *found = keeper_ask(keeper, dialogue->client);
    mayrelay_session_take(session, found);
    mayrelay_dns_answer_free(found);
    return mayrelay_session_resume(session);
}

/* -- connect -------------------------------------------------------------- */

/* The address without a zone ("%eth0"); none is an error of the session, and
 * all that comes is deferred. */
static void
write_client(struct dialogue *dialogue, const struct sockaddr *address)
{
    socklen_t size = address && address->sa_family == AF_INET6
                         ? sizeof(struct sockaddr_in6)
                         : sizeof(struct sockaddr_in);
    if (!address ||
        getnameinfo(address, size, dialogue->client, sizeof dialogue->client,
                    NULL, 0, NI_NUMERICHOST) != 0)
        dialogue->client[0] = '\0';
    dialogue->client[strcspn(dialogue->client, "%")] = '\0';
}

/* Refuses nobody: a milter cannot say why before HELO.  Whom the policy does
 * not let in hears it at MAIL, and so does everybody if there is no memory. */
static sfsistat
on_connect(SMFICTX *context, char *host, struct sockaddr *address)
{
    char place[PLACE_SIZE];
    struct dialogue *dialogue = calloc(1, sizeof *dialogue);
    (void)host;
    if (!dialogue)
        return SMFIS_NOREPLY;
    mayrelay_policy *policy = mayrelay_watch_ref_policy(keeper->watch);
    dialogue->session = mayrelay_session_new(policy); /* NULL only defers */
    mayrelay_policy_unref(policy);
    write_client(dialogue, address);
    mayrelay_session_rewrites(dialogue->session, true);
    mayrelay_session_connect(dialogue->session, dialogue->client,
                             macros_listener(context, place));
    smfi_setpriv(context, dialogue);
    return SMFIS_NOREPLY;
}

static sfsistat
on_close(SMFICTX *context)
{
    struct dialogue *dialogue = smfi_getpriv(context);
    if (!dialogue)
        return SMFIS_CONTINUE;
    smfi_setpriv(context, NULL);
    replacements_clear(&dialogue->replacements);
    mayrelay_session_free(dialogue->session);
    free(dialogue);
    return SMFIS_CONTINUE;
}

/* -- MAIL ----------------------------------------------------------------- */

/* TLS and AUTH have no callbacks of their own; what they came to is in the
 * macros of MAIL, and all of it is stated anew. */
static bool
state_facts(SMFICTX *context, mayrelay_session *session)
{
    char buffer[IDENTITY_SIZE];
    const char *identity;
    if (!macros_identity(context, buffer, sizeof buffer, &identity))
        return false;
    if (macros_encrypted(context))
        mayrelay_session_tls(session, macros_fingerprint(context),
                             MAYRELAY_ZSTR);
    mayrelay_session_auth(session, identity, MAYRELAY_ZSTR);
    return true;
}

static sfsistat
on_mail(SMFICTX *context, char **arguments)
{
    struct dialogue *dialogue = smfi_getpriv(context);
    if (!dialogue || !state_facts(context, dialogue->session))
        return SMFIS_TEMPFAIL;
    replacements_clear(&dialogue->replacements);
    int code =
        complete(dialogue, mayrelay_session_mail(dialogue->session,
                                                 arguments[0], MAYRELAY_ZSTR));
    return code == 250 ? SMFIS_CONTINUE : answer(context, dialogue);
}

/* -- RCPT ----------------------------------------------------------------- */

static int
judge(struct dialogue *dialogue, const char *recipient)
{
    return complete(dialogue, mayrelay_session_rcpt(dialogue->session,
                                                    recipient, MAYRELAY_ZSTR));
}

/* `argument` is the name by which the mail server knows it. */
static bool
note_reroute(struct dialogue *dialogue, const char *argument,
             const char *judged)
{
    char new[MAILBOX_SIZE + 2];
    const char *recipient = rerouted_to(dialogue->session, judged);
    if (!recipient)
        return true;
    int size = snprintf(new, sizeof new, "<%s>", recipient);
    return size < (int)sizeof new &&replacements_add(&dialogue->replacements,
                                                     argument, new);
}

/* The mail server says where it would really send this, say "a@far.example"
 * for "a%far.example@example.com": both must be permitted.  The decision that
 * is left, and said, is the one on where it goes. */
static sfsistat
on_rcpt(SMFICTX *context, char **arguments)
{
    struct dialogue *dialogue = smfi_getpriv(context);
    char address[ADDRESS_SIZE];
    enum route route = macros_route(context, address);
    const char *judged = arguments[0];
    if (!dialogue || route == ROUTE_UNKNOWN)
        return SMFIS_TEMPFAIL;
    int code = judge(dialogue, judged);
    if (code == 250 && route == ROUTE_ADDRESS) {
        judged = address;
        code = judge(dialogue, judged);
    }
    if (code == 250 && !note_reroute(dialogue, arguments[0], judged))
        return SMFIS_TEMPFAIL;
    return answer(context, dialogue);
}

/* -- the message ---------------------------------------------------------- */

static sfsistat
on_message(SMFICTX *context)
{
    struct dialogue *dialogue = smfi_getpriv(context);
    if (!dialogue)
        return SMFIS_TEMPFAIL;
    bool good = replacements_make(dialogue->replacements, context);
    replacements_clear(&dialogue->replacements);
    mayrelay_session_reset(dialogue->session);
    return good ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
}

static sfsistat
on_abort(SMFICTX *context)
{
    struct dialogue *dialogue = smfi_getpriv(context);
    if (dialogue) {
        replacements_clear(&dialogue->replacements);
        mayrelay_session_reset(dialogue->session);
    }
    return SMFIS_CONTINUE;
}

/* -- libmilter ------------------------------------------------------------ */

struct smfiDesc
dialogue_callbacks(struct keeper *first_thread)
{
    static char name[] = "mayrelay";
    keeper = first_thread;
    return (struct smfiDesc){.xxfi_name = name,
                             .xxfi_version = SMFI_VERSION,
                             .xxfi_flags = NEGOTIATION_ACTIONS,
                             .xxfi_connect = on_connect,
                             .xxfi_envfrom = on_mail,
                             .xxfi_envrcpt = on_rcpt,
                             .xxfi_eom = on_message,
                             .xxfi_abort = on_abort,
                             .xxfi_close = on_close,
                             .xxfi_negotiate = negotiation_agree};
}
