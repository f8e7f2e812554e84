#include "drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"

/* -- facts as calls ------------------------------------------------------- */

static void
listener_text(const struct facts *facts, bool mapped, char *out, size_t size)
{
    char address[64];
    ip_text(&facts->listener, address, sizeof address);
    bool brackets = facts->listener.family == 6 || mapped;
    const char *prefix = mapped ? "::ffff:" : "";
    if (facts->listener_unspecified)
        snprintf(out, size, "0.0.0.0:%d",
                 facts->listener_port ? facts->listener_port : 25);
    else if (facts->listener_port)
        snprintf(out, size, "%s%s%s%s:%d", brackets ? "[" : "", prefix, address,
                 brackets ? "]" : "", facts->listener_port);
    else
        snprintf(out, size, "%s%s", prefix, address);
}

/* As the host says it; unreadable if it forgot. */
static void
client_text(const struct facts *facts, char *out, size_t size)
{
    char address[64];
    ip_text(&facts->client, address, sizeof address);
    snprintf(out, size, "%s%s", facts->client_mapped ? "::ffff:" : "",
             facts->client.family ? address : "10.1.2");
}

static void
connect_by_text(mayrelay_session *session, struct random *random,
                const struct facts *facts)
{
    static const char *const UNREADABLE[] = {NULL, "", "010.1.2.3", "a.b.c.d",
                                             "10.1.2"};
    char client[80], listener[80];
    bool mapped = facts->listener.family == 4 && random_chance(random, 10);
    bool forgets = facts->client.family == 0;
    client_text(facts, client, sizeof client);
    listener_text(facts, mapped, listener, sizeof listener);
    mayrelay_session_connect(session,
                             forgets ? *RANDOM_OF(random, UNREADABLE) : client,
                             facts->listener.family ? listener : NULL);
}

static size_t
octets_of(const struct ip *ip, bool mapped, unsigned char out[16])
{
    if (ip->family != 4) {
        memcpy(out, ip->octets, 16);
        return ip->family ? 16 : 0;
    }
    memset(out, 0, 16);
    if (!mapped) {
        memcpy(out, ip->octets, 4);
        return 4;
    }
    out[10] = out[11] = 255;
    memcpy(out + 12, ip->octets, 4);
    return 16;
}

static void
connect_by_octets(mayrelay_session *session, const struct facts *facts)
{
    unsigned char client[16], listener[16];
    size_t client_size =
        octets_of(&facts->client, facts->client_mapped, client);
    size_t listener_size = octets_of(&facts->listener, false, listener);
    if (facts->listener_unspecified)
        memset(listener, 0, sizeof listener);
    mayrelay_session_connect_addr(session, client_size ? client : NULL,
                                  client_size, listener_size ? listener : NULL,
                                  listener_size,
                                  (uint16_t)facts->listener_port);
}

void
say_connect(mayrelay_session *session, struct random *random,
            const struct facts *facts)
{
    mayrelay_session_rewrites(session, facts->rewrites);
    if (random_chance(random, 50))
        connect_by_text(session, random, facts);
    else
        connect_by_octets(session, facts);
}

void
say_names(mayrelay_session *session, const struct facts *facts)
{
    if (facts->names == UNKNOWN_YET)
        return;
    for (int i = 0; facts->names == KNOWN && i < facts->name_count; i++)
        mayrelay_session_add_client_name(session, facts->written[i],
                                         MAYRELAY_ZSTR);
    if (facts->names == KNOWN && facts->name_malformed)
        mayrelay_session_add_client_name(session, "bad..example", 12);
    mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME,
                            facts->names == KNOWN ? MAYRELAY_KNOWN
                                                  : MAYRELAY_FAILED);
}

void
say_tls(mayrelay_session *session, const struct facts *facts)
{
    if (!facts->tls)
        return;
    const char *certificate = facts->certificate[0] ? facts->certificate : NULL;
    mayrelay_session_tls(session, certificate, certificate ? MAYRELAY_ZSTR : 0);
}

void
say_identity(mayrelay_session *session, const struct facts *facts)
{
    mayrelay_session_auth(session, facts->has_identity ? facts->identity : NULL,
                          strlen(facts->identity));
}

void
say_groups(mayrelay_session *session, const struct facts *facts)
{
    if (facts->groups == UNKNOWN_YET)
        return;
    for (int i = 0; facts->groups == KNOWN && i < facts->group_count; i++)
        mayrelay_session_add_group(session, facts->group[i], MAYRELAY_ZSTR);
    mayrelay_session_answer(session, MAYRELAY_FACT_GROUPS,
                            facts->groups == KNOWN ? MAYRELAY_KNOWN
                                                   : MAYRELAY_FAILED);
}

void
say_sender(mayrelay_session *session, const struct facts *facts)
{
    if (facts->sender.kind != MAIL_NOT_GIVEN)
        mayrelay_session_mail(session, facts->sender.argument,
                              facts->sender.size);
}

void
say_recipient(mayrelay_session *session, const struct facts *facts)
{
    mayrelay_session_rcpt(session, facts->recipient.argument,
                          facts->recipient.size);
}

void
say_exists(mayrelay_session *session, const struct facts *facts)
{
    if (facts->exists == KNOWN)
        mayrelay_session_set_recipient_exists(session, facts->exists_value);
    else if (facts->exists == FAILED)
        mayrelay_session_answer(session, MAYRELAY_FACT_RECIPIENT,
                                MAYRELAY_FAILED);
}

void
say_connection(mayrelay_session *session, struct random *random,
               const struct facts *facts)
{
    say_connect(session, random, facts);
    say_names(session, facts);
    say_tls(session, facts);
    say_identity(session, facts);
    say_groups(session, facts);
}

int
say_everything(mayrelay_session *session, struct random *random,
               const struct facts *facts)
{
    say_connection(session, random, facts);
    say_sender(session, facts);
    say_recipient(session, facts);
    if (facts->exists == UNKNOWN_YET)
        return decision_of(session).code;
    say_exists(session, facts);
    return mayrelay_session_resume(session);
}

struct facts
facts_for_check(const struct facts *facts)
{
    struct facts bare = {.client = facts->client,
                         .client_mapped = facts->client_mapped,
                         .has_identity = facts->has_identity,
                         .sender = facts->sender,
                         .recipient = facts->recipient};
    memcpy(bare.identity, facts->identity, sizeof bare.identity);
    return bare;
}

int
say_at_once(mayrelay_policy *policy, const struct facts *facts)
{
    char client[80];
    client_text(facts, client, sizeof client);
    return mayrelay_check(
        policy, client, facts->has_identity ? facts->identity : NULL,
        facts->sender.argument, facts->recipient.argument, NULL, 0);
}

/* -- decisions ------------------------------------------------------------ */

struct decision
decision_of(const mayrelay_session *session)
{
    const mayrelay_decision *said = mayrelay_session_get_decision(session);
    const char *recipient = mayrelay_decision_get_recipient(said);
    struct decision decision = {
        .verdict = (enum verdict)mayrelay_decision_get_verdict(said),
        .code = mayrelay_decision_get_code(said),
        .reason = (enum reason)mayrelay_decision_get_reason(said),
        .kind = (enum kind)mayrelay_decision_get_kind(said),
        .rule = mayrelay_decision_get_rule(said),
        .connector = mayrelay_decision_get_connector(said),
        .is_relay = mayrelay_decision_get_is_relay(said),
        .needs = mayrelay_decision_get_needs(said),
    };
    snprintf(decision.enhanced, sizeof decision.enhanced, "%s",
             mayrelay_decision_get_enhanced(said));
    snprintf(decision.recipient, sizeof decision.recipient, "%s",
             recipient ? recipient : "");
    return decision;
}

bool
reply_is_sound(const mayrelay_session *session)
{
    const mayrelay_decision *said = mayrelay_session_get_decision(session);
    const char *reply = mayrelay_decision_get_reply(said);
    char start[32];
    int size = snprintf(start, sizeof start, "%d %s ",
                        mayrelay_decision_get_code(said),
                        mayrelay_decision_get_enhanced(said));
    if (strncmp(reply, start, (size_t)size) != 0 || strlen(reply) > 510)
        return false;
    for (; *reply; reply++)
        if (*reply < ' ' || *reply > '~')
            return false;
    return true;
}

void
ask_why(const mayrelay_session *session, struct random *random)
{
    static char buffer[1 << 16];
    const mayrelay_decision *said = mayrelay_session_get_decision(session);
    size_t size = (size_t)random_below(random, (int)sizeof buffer);
    enum mayrelay_format format =
        random_chance(random, 50) ? MAYRELAY_TEXT : MAYRELAY_JSON;
    mayrelay_decision_to_json(said, buffer, size);
    mayrelay_decision_explain(said, format, buffer, size);
}

static bool
names_equal(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool
decisions_equal(const struct decision *a, const struct decision *b)
{
    return a->verdict == b->verdict && a->code == b->code &&
           a->reason == b->reason && a->kind == b->kind &&
           a->is_relay == b->is_relay && a->needs == b->needs &&
           strcmp(a->enhanced, b->enhanced) == 0 &&
           strcmp(a->recipient, b->recipient) == 0 &&
           names_equal(a->rule, b->rule) &&
           names_equal(a->connector, b->connector);
}

void
print_decision(const char *who, const struct decision *decision)
{
    printf("%s: %d %s verdict=%d reason=%s kind=%s rule=%s connector=%s "
           "recipient=%s relay=%d needs=%u\n",
           who, decision->code, decision->enhanced, (int)decision->verdict,
           mayrelay_reason_name((enum mayrelay_reason)decision->reason),
           mayrelay_kind_name((enum mayrelay_kind)decision->kind),
           decision->rule ? decision->rule : "-",
           decision->connector ? decision->connector : "-",
           decision->recipient[0] ? decision->recipient : "-",
           decision->is_relay, decision->needs);
}

/* -- policies ------------------------------------------------------------- */

static void
print_report(const mayrelay_report *report)
{
    char line[1024];
    for (size_t i = 0; i < mayrelay_report_count(report); i++) {
        if (mayrelay_report_get_severity(report, i) != MAYRELAY_ERROR)
            continue;
        mayrelay_report_to_text(report, i, line, sizeof line);
        printf("%s\n", line);
    }
}

mayrelay_policy *
load_generated(struct random *random, struct policy *policy, char **text)
{
    mayrelay_report *report = NULL;
    *text = write_policy(random, policy);
    mayrelay_policy *loaded =
        mayrelay_policy_parse(*text, strlen(*text), "generated.json", &report);
    if (!loaded) {
        printf("%s\nA generated policy does not load:\n", *text);
        print_report(report);
    }
    mayrelay_report_free(report);
    return loaded;
}
