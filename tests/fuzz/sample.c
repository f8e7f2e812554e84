#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define FINGERPRINT                                                            \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define Z MAYRELAY_ZSTR

const char SAMPLE_POLICY[] =
    "mayrelay: 1\n"
    "lists:\n"
    "  offices: [10.1.0.0/16, 2001:db8:1::/48, 10.3.0.5-10.3.0.77]\n"
    "  drop: [192.0.2.66, 198.51.100.0/24]\n"
    "  partners: [partner.example, .partner.example]\n"
    "groups:\n"
    "  approved: [steven, printer-3f]\n"
    "  all-approved: [$approved, ann]\n"
    "  Domain Admins: ask\n"
    "domains:\n"
    "  inbound:\n"
    "    - our.example\n"
    "    - .branch.our.example\n"
    "    - domain: virtual.example\n"
    "      mailboxes: [joe, ann@virtual.example, '/list-.*/']\n"
    "    - domain: ldap.example\n"
    "      mailboxes: ask\n"
    "      delimiter: '-'\n"
    "  always-relay: [always.example, .always.example]\n"
    "  reroute: {old.example: our.example, .old.example: far.example}\n"
    "  literals: [192.0.2.25, 2001:db8::25]\n"
    "owners:\n"
    "  steven@our.example: [steven]\n"
    "  our.example: [ann]\n"
    "  .branch.our.example: [printer-3f, $approved]\n"
    "anonymous-identities: [nobody]\n"
    "audit: {accept: [{id: MR301, reason: a VPN}]}\n"
    "connect: {deny: [{clients: [$drop]}, {name: named, clients: "
    "[.bad.example], reply: 450 4.7.1 Later}]}\n"
    "never-route: [10.1.9.66]\n"
    "relay: {deny: [{name: odd, senders: ['/.*bulk.*/', '<>'], recipients: "
    "[$always-relay], reply: '550 5.7.9 No %{sender} %{rule}'}]}\n"
    "connectors:\n"
    "  - name: internet\n"
    "    listen: ['192.0.2.25:25', '[2001:db8::25]:25']\n"
    "    relay: {}\n"
    "  - name: submission\n"
    "    listen: ['*:587']\n"
    "    submit:\n"
    "      allow: [{authenticated: true, tls: true}]\n"
    "      deny: [{sender-owned: false, reply: '553 5.7.1 Not yours, "
    "%{identity}'}]\n"
    "    relay: {allow: {users: [$all]}}\n"
    "  - name: application\n"
    "    listen: ['192.0.2.25:25']\n"
    "    clients: [10.0.0.0/8, 2001:db8:1::/48]\n"
    "    submit:\n"
    "      deny:\n"
    "        - senders: [$inbound, not boss@our.example]\n"
    "          authenticated: false\n"
    "          clients: [$all, not 10.1.0.0/16]\n"
    "    relay:\n"
    "      allow:\n"
    "        - users: [$all-approved, $Domain Admins, helpdesk, not guest2]\n"
    "        - clients: [$offices, 192.0.2.7, .branch.our.example]\n"
    "        - {certificates: [" FINGERPRINT "], tls: true}\n"
    "        - {listeners: ['10.0.0.1:25'], recipients: [$partners]}\n"
    "        - name: printer\n"
    "          clients: [10.2.3.4, '/mx[0-9]+\\.our\\.example/']\n"
    "          senders: [scanner@our.example, info@, .branch.our.example]\n"
    "          recipients: [partner.example, '/invoice\\+.*/', billing@]\n"
    "      deny:\n"
    "        - {users: [former], reply: '550 5.7.1 No more %{client}'}\n"
    "        - {clients: [10.9.0.0/16], reply: 451}\n"
    "replies:\n"
    "  relay-denied: 550 5.7.1 Unable to relay for %{recipient}\n"
    "default-domain: our.example\n";

mayrelay_policy *
sample_load(void)
{
    mayrelay_report *report = NULL;
    mayrelay_policy *policy = mayrelay_policy_parse(
        SAMPLE_POLICY, MAYRELAY_ZSTR, "sample.yaml", &report);
    for (size_t i = 0; !policy && i < mayrelay_report_count(report); i++)
        fprintf(stderr, "%u: %s\n", mayrelay_report_get_line(report, i),
                mayrelay_report_get_text(report, i));
    mayrelay_report_free(report);
    REQUIRE(policy);
    return policy;
}

/* -- what must hold of a decision ----------------------------------------- */

static void
check_reply(const mayrelay_decision *decision)
{
    char start[32];
    const char *reply = mayrelay_decision_get_reply(decision);
    int code = mayrelay_decision_get_code(decision);
    enum mayrelay_verdict verdict = mayrelay_decision_get_verdict(decision);
    int size = snprintf(start, sizeof start, "%d %s ", code,
                        mayrelay_decision_get_enhanced(decision));
    REQUIRE(code == 250 || (code >= 400 && code < 600));
    REQUIRE((verdict == MAYRELAY_ACCEPT) == (code == 250));
    REQUIRE((verdict == MAYRELAY_DEFER) == (code / 100 == 4));
    REQUIRE(start[4] == (char)('0' + code / 100));
    REQUIRE(strncmp(reply, start, (size_t)size) == 0);
    REQUIRE(strlen(reply) <= 510 && is_printable_string(reply));
    REQUIRE(strcmp(reply + size, mayrelay_decision_get_text(decision)) == 0);
}

static void
check_reason(const mayrelay_decision *decision)
{
    enum mayrelay_verdict verdict = mayrelay_decision_get_verdict(decision);
    bool granted =
        mayrelay_decision_get_kind(decision) == MAYRELAY_KIND_GRANTED;
    REQUIRE((verdict == MAYRELAY_ACCEPT) == granted);
    REQUIRE(!granted || mayrelay_decision_get_reason(decision) <=
                            MAYRELAY_REASON_RELAY_ALLOWED);
    if (mayrelay_decision_get_reason(decision) ==
        MAYRELAY_REASON_INTERNAL_ERROR)
        REQUIRE(verdict == MAYRELAY_DEFER);
}

void
decision_check(const mayrelay_session *session)
{
    const mayrelay_decision *decision = mayrelay_session_get_decision(session);
    check_reply(decision);
    check_reason(decision);
}

void
decision_check_pages(const mayrelay_session *session)
{
    const mayrelay_decision *decision = mayrelay_session_get_decision(session);
    static char page[1 << 16];
    size_t size = mayrelay_decision_to_json(decision, page, sizeof page);
    REQUIRE(size < sizeof page && strlen(page) == size);
    REQUIRE(is_printable_line(page, size));
    mayrelay_decision_explain(decision, MAYRELAY_JSON, page, sizeof page);
    REQUIRE(is_printable_line(page, strlen(page)));
    mayrelay_decision_explain(decision, MAYRELAY_TEXT, page, sizeof page);
    REQUIRE(is_printable_page(page, strlen(page)));
    mayrelay_decision_scope(decision, MAYRELAY_JSON, page, sizeof page);
    REQUIRE(is_printable_line(page, strlen(page)));
    mayrelay_decision_scope(decision, MAYRELAY_TEXT, page, sizeof page);
    REQUIRE(is_printable_page(page, strlen(page)));
}

/* -- transactions --------------------------------------------------------- */

static const struct transaction {
    const char *client, *listener, *name, *identity, *group, *sender,
        *recipient;
    bool tls;
} TRANSACTIONS[] = {
    {"203.0.113.9", "192.0.2.25:25", "mx.bad.example", NULL, NULL,
     "a@far.example", "joe@our.example", false},
    {"10.2.3.4", "192.0.2.25:25", "mx1.our.example", NULL, NULL,
     "info@far.example", "invoice+1@partner.example", false},
    {"10.1.2.3", "192.0.2.25:25", NULL, "STEVEN", "Domain Admins",
     "steven@our.example", "kate@far.example", true},
    {"10.8.0.1", "192.0.2.25:25", "a.branch.our.example", "corp\\helpdesk",
     "Domain Admins", "<>", "x@sub.always.example", true},
    {"198.51.100.7", "192.0.2.26:587", NULL, "ann", NULL, "ann@our.example",
     "joe@old.example", true},
    {"198.50.100.7", "192.0.2.26:587", "mx.our.example", "printer-3f", NULL,
     "bulk@x.branch.our.example", "list-a@virtual.example", true},
    {"2001:db8:1::7", "[2001:db8::25]:25", NULL, "nobody", NULL,
     "boss@our.example", "a%b@our.example", false},
    {"192.0.2.7", "[2001:db8::25]:25", "x.example", NULL, NULL, "x",
     "joe-tag@ldap.example", false},
    {"10.3.0.50", "10.0.0.1:25", NULL, NULL, NULL, "a@b.example",
     "user@[192.0.2.25]", false},
    {"10.9.1.1", "192.0.2.25:25", "z.example", "former", "Domain Admins",
     "x@y.z.old.example", "y@q.old.example", true},
    {"10.1.9.66", "192.0.2.25:25", NULL, NULL, NULL, "", "Postmaster", false},
    {"8.8.8.8", "192.0.2.25:25", NULL, "guest", NULL, "a@[IPv6:2001:db8::25]",
     "b@[IPv6:2001:db8::26]", false},
};

enum {
    TRANSACTION_COUNT = sizeof TRANSACTIONS / sizeof *TRANSACTIONS
};

static void
answer_all(mayrelay_session *session, const struct transaction *transaction)
{
    if (transaction->name)
        mayrelay_session_add_client_name(session, transaction->name, Z);
    mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_KNOWN);
    if (transaction->group)
        mayrelay_session_add_group(session, transaction->group, Z);
    mayrelay_session_answer(session, MAYRELAY_FACT_GROUPS, MAYRELAY_KNOWN);
    mayrelay_session_set_recipient_exists(session, true);
}

/* The steps of a transaction; explaining takes most of the time, so one step
 * is explained, the next one behind all transactions. */
enum step {
    STEP_CONNECT,
    STEP_MAIL,
    STEP_RCPT,
    STEP_ANSWERS,
    STEPS,
    STEP_NONE
};

static void
check(const mayrelay_session *session, bool explain)
{
    decision_check(session);
    if (explain)
        decision_check_pages(session);
}

static void
decide_one(mayrelay_session *session, const struct transaction *transaction,
           enum step explained)
{
    mayrelay_session_connect(session, transaction->client,
                             transaction->listener);
    check(session, explained == STEP_CONNECT);
    if (transaction->tls)
        mayrelay_session_tls(session, FINGERPRINT, Z);
    mayrelay_session_auth(session, transaction->identity, Z);
    mayrelay_session_mail(session, transaction->sender, Z);
    check(session, explained == STEP_MAIL);
    mayrelay_session_rcpt(session, transaction->recipient, Z);
    check(session, explained == STEP_RCPT);
    answer_all(session, transaction);
    mayrelay_session_resume(session);
    check(session, explained == STEP_ANSWERS);
}

void
sample_decide(mayrelay_policy *policy, struct sample_choice choice)
{
    mayrelay_session *session = mayrelay_session_new(policy);
    REQUIRE(session);
    mayrelay_session_rewrites(session, true);
    for (unsigned i = choice.first; i < choice.first + choice.count; i++)
        decide_one(session, &TRANSACTIONS[i % TRANSACTION_COUNT],
                   choice.explain ? i / TRANSACTION_COUNT % STEPS : STEP_NONE);
    mayrelay_session_free(session);
}
