/* A dialogue in which every fact shows: for the tests of sessions. */
#ifndef TESTS_DIALOGUE_H
#define TESTS_DIALOGUE_H

#include <string.h>

#include "policies.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define Z            MAYRELAY_ZSTR

static const enum mayrelay_fact NAME = MAYRELAY_FACT_CLIENT_NAME;
static const enum mayrelay_fact GROUPS = MAYRELAY_FACT_GROUPS;
static const enum mayrelay_fact RECIPIENT = MAYRELAY_FACT_RECIPIENT;

/* A recipient for each fact: it is relayed to if that fact, and no other, is
 * as the rule wants it. */
#define CERTIFICATE                                                            \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
static const char POLICY[] =
    "mayrelay: 1\n"
    "groups: {Staff: ask}\n"
    "domains:\n"
    "  inbound:\n"
    "    - example.com\n"
    "    - {domain: asks.example, mailboxes: ask}\n"
    "  reroute: {old.example: example.com}\n"
    "connect:\n"
    "  deny:\n"
    "    - {clients: [192.0.2.99], reply: 451 4.7.1 Not now}\n"
    "    - {clients: [192.0.2.98]}\n"
    "relay:\n"
    "  allow:\n"
    "    - {clients: [10.0.0.1], recipients: [address.example]}\n"
    "    - {clients: [.trusted.example], recipients: [name.example]}\n"
    "    - {tls: true, clients: [$all], open-relay: true,\n"
    "       recipients: [tls.example]}\n"
    "    - {certificates: [" CERTIFICATE "],\n"
    "       recipients: [certificate.example]}\n"
    "    - {users: [steven], recipients: [identity.example]}\n"
    "    - {users: [$Staff], recipients: [group.example]}\n"
    "    - {clients: [$all], open-relay: true, senders: [a@sender.example],\n"
    "       recipients: [sender.example]}\n";

static inline mayrelay_session *
start(void)
{
    return session_over(must_parse(POLICY));
}

/* Says every fact there is. */
static inline void
say_all(mayrelay_session *s)
{
    mayrelay_session_connect(s, "10.0.0.1", "192.0.2.25:25");
    mayrelay_session_add_client_name(s, "mx.trusted.example", Z);
    mayrelay_session_answer(s, NAME, MAYRELAY_KNOWN);
    mayrelay_session_tls(s, CERTIFICATE, Z);
    mayrelay_session_auth(s, "steven", Z);
    mayrelay_session_add_group(s, "staff", Z);
    mayrelay_session_answer(s, GROUPS, MAYRELAY_KNOWN);
    mayrelay_session_mail(s, "a@sender.example", Z);
}

enum fact_bit {
    ADDRESS = 1,
    NAMED = 2,
    TLS = 4,
    CERTIFIED = 8,
    IDENTITY = 16,
    GROUP = 32,
    SENDER = 64,
    EVERYTHING = 127
};

static const struct {
    enum fact_bit bit;
    const char *recipient;
} KNOWN_BY[] = {
    {ADDRESS, "x@address.example"},   {NAMED, "x@name.example"},
    {TLS, "x@tls.example"},           {CERTIFIED, "x@certificate.example"},
    {IDENTITY, "x@identity.example"}, {GROUP, "x@group.example"},
    {SENDER, "x@sender.example"},
};

/* The facts that the session still has, told by what it relays. */
static inline unsigned
facts_left(mayrelay_session *s)
{
    unsigned left = 0;
    for (int i = 0; i < COUNT(KNOWN_BY); i++)
        if (mayrelay_session_rcpt(s, KNOWN_BY[i].recipient, Z) == 250)
            left |= KNOWN_BY[i].bit;
    return left;
}

/* One octet more than an identity may have. */
static char long_text[1025];

static inline void
make_long_text(void)
{
    memset(long_text, 'a', sizeof long_text);
}

#endif
