/* Every fault of a name server against every shape of rules.
 *
 * What DNS does to a session must be what the same facts do that a host states
 * itself; a fault never accepts what is refused without it; a failed look-up
 * is a 451 exactly where the name matters; and where it does not, nothing is
 * asked.  All sessions wait at the same time, at one descriptor. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mayrelay.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define Z            MAYRELAY_ZSTR

enum expected {
    SAME,
    NONE,
    FAILED
};

static const struct {
    const char *name;
    enum expected expected;
} FAULTS[] = {
#define FAULT(name, expected) {#name, expected},
#include "faults.def"
#undef FAULT
};

#define HEAD                                                                   \
    "mayrelay: 1\n"                                                            \
    "domains: {inbound: [example.com], always-relay: [partner.example]}\n"

/* Clients are 198.18.SHAPE.FAULT, and their name fFAULT.sSHAPE.good.example. */
static const struct {
    const char *policy, *identity, *recipient;
    bool asks;
} SHAPES[] = {
    {"relay: {allow: [{clients: [.good.example]}]}", NULL, "x@far.example",
     true},
    {"relay: {allow: [{clients: [.other.example]}]}", NULL, "x@far.example",
     true},
    {"relay: {allow: [{clients: ['/f[0-9]+\\.s[0-9]+\\.good\\.example/']}]}",
     NULL, "x@far.example", true},
    {"relay: {allow: [{clients: [.good.example, not 10.0.0.1]}]}", NULL,
     "x@far.example", true},
    {"relay: {allow: [{clients: [198.18.0.0/15, not .good.example]}]}", NULL,
     "x@far.example", true},
    {"relay: {allow: [{clients: [198.18.0.0/15]}],\n"
     "        deny: [{clients: [.good.example]}]}",
     NULL, "x@far.example", true},
    {"relay: {allow: [{clients: [198.18.0.0/15]}],\n"
     "        deny: [{clients: [.other.example]}]}",
     NULL, "x@far.example", true},
    {"relay: {allow: [{authenticated: true}],\n"
     "        deny: [{clients: [.good.example]}]}",
     "steven", "x@far.example", true},
    {"connect: {deny: [{clients: [.good.example]}]}", NULL, "joe@example.com",
     true},
    {"submit: {deny: [{clients: [.good.example]}]}", NULL, "joe@example.com",
     true},
    {"submit: {allow: [{clients: [.good.example]}]}", NULL, "joe@example.com",
     true},
    {"never-route: [.good.example]\n"
     "relay: {allow: [{clients: [198.18.0.0/15]}]}",
     NULL, "x@far.example", true},
    {"never-route: [.good.example]", NULL, "x@partner.example", true},
    {"relay: {allow: [{clients: [.good.example], users: [steven]}]}", "steven",
     "x@far.example", true},
    {"relay: {allow: [{clients: [.good.example]}],\n"
     "        deny: [{clients: ['/.*\\.other\\.example/']}]}",
     NULL, "x@far.example", true},
    {"relay: {allow: [{clients: [.good.example]}],\n"
     "        deny: [{clients: [bad.good.example], reply: 451}]}",
     NULL, "x@far.example", true},
    /* From here on the name cannot matter. */
    {"relay: {allow: [{clients: [.good.example]}, {authenticated: true}]}",
     "steven", "x@far.example", false},
    {"relay: {allow: [{clients: [.good.example]}]}", NULL, "joe@example.com",
     false},
    {"relay: {allow: [{clients: [.good.example, 198.18.0.0/15]}]}", NULL,
     "x@far.example", false},
    {"relay: {allow: [{clients: [.good.example, not 198.18.0.0/15]}]}", NULL,
     "x@far.example", false},
    {"relay: {allow: [{clients: [.good.example]}],\n"
     "        deny: [{clients: [198.18.0.0/15]}]}",
     NULL, "x@far.example", false},
    {"relay: {allow: [{clients: [.good.example], users: [steven]}]}", NULL,
     "x@far.example", false},
    {"relay: {allow: [{clients: [.good.example]}]}", NULL, "not an address",
     false},
    {"relay: {allow: [{clients: [.good.example]}]}", NULL, "x@partner.example",
     false},
    {"never-route: [.good.example]", NULL, "x@far.example", false},
    {"connect: {deny: [{clients: [198.18.0.0/15]}]}\n"
     "relay: {allow: [{clients: [.good.example]}]}",
     NULL, "x@far.example", false},
};

struct
try {
    mayrelay_session *session;
    int code; /* before anything was asked */
    bool asked, answered;
};

static struct try tries[COUNT(SHAPES)][COUNT(FAULTS)];
static mayrelay_policy *policies[COUNT(SHAPES)];
static int passed, failures;

static void
expect(bool right, int shape, int fault, const char *what)
{
    passed += right;
    failures += !right;
    if (!right)
        printf("not ok - shape %d, %s: %s\n", shape + 1, FAULTS[fault].name,
               what);
}

static void
client_text(char out[32], int shape, int fault)
{
    snprintf(out, 32, "198.18.%d.%d", shape + 1, fault + 1);
}

/* A session up to RCPT. */
static mayrelay_session *
begin(int shape, int fault)
{
    char client[32];
    mayrelay_session *session = mayrelay_session_new(policies[shape]);
    client_text(client, shape, fault);
    mayrelay_session_connect(session, client, NULL);
    if (SHAPES[shape].identity)
        mayrelay_session_auth(session, SHAPES[shape].identity, Z);
    mayrelay_session_mail(session, "<a@sender.example>", Z);
    mayrelay_session_rcpt(session, SHAPES[shape].recipient, Z);
    return session;
}

static int
code_of(const mayrelay_session *session)
{
    return mayrelay_decision_get_code(mayrelay_session_get_decision(session));
}

/* The decision when the host itself states the facts. */
static int
stated(int shape, int fault, enum expected facts)
{
    char name[64];
    mayrelay_session *session = begin(shape, fault);
    snprintf(name, sizeof name, "f%d.s%d.good.example", fault + 1, shape + 1);
    if (facts == SAME)
        mayrelay_session_add_client_name(session, name, Z);
    mayrelay_session_answer(session, MAYRELAY_FACT_CLIENT_NAME,
                            facts == FAILED ? MAYRELAY_FAILED : MAYRELAY_KNOWN);
    int code = mayrelay_session_resume(session);
    mayrelay_session_free(session);
    return code;
}

static void
ask(mayrelay_resolver *resolver, int shape, int fault)
{
    char client[32];
    struct try *try = &tries[shape][fault];
    try->session = begin(shape, fault);
    try->code = code_of(try->session);
    try->asked =
        mayrelay_session_needs(try->session) & MAYRELAY_FACT_CLIENT_NAME;
    expect(try->asked == SHAPES[shape].asks, shape, fault, "asks for the name");
    client_text(client, shape, fault);
    if (try->asked)
        expect(mayrelay_resolver_ask(resolver, client,
                                     (uint64_t)shape << 32 | (unsigned)fault) ==
                   MAYRELAY_OK,
               shape, fault, "ask");
}

static void
take_all(mayrelay_resolver *resolver)
{
    uint64_t token;
    mayrelay_dns_answer *answer;
    while ((answer = mayrelay_resolver_next(resolver, &token))) {
        int shape = (int)(token >> 32);
        int fault = (int)(token & 0xffff);
        struct try *try = &tries[shape][fault];
        expect(try->asked && !try->answered, shape, fault, "one answer");
        try->answered = true;
        mayrelay_session_take(try->session, answer);
        mayrelay_session_resume(try->session);
        mayrelay_dns_answer_free(answer);
    }
}

static void
judge(int shape, int fault)
{
    struct try *try = &tries[shape][fault];
    enum expected expected = FAULTS[fault].expected;
    int code = code_of(try->session);
    int truth = stated(shape, fault, SAME);
    expect(try->answered == try->asked, shape, fault, "is answered");
    expect(code == stated(shape, fault, expected), shape, fault,
           "decides as if the host had said so");
    if (expected == FAILED) {
        expect((code == 451) == try->asked || truth == 451, shape, fault,
               "451 exactly where the name matters");
        expect(truth == 250 || code != 250, shape, fault,
               "a fault never accepts");
    }
    if (!try->asked)
        for (enum expected facts = SAME; facts <= FAILED; facts++)
            expect(stated(shape, fault, facts) == try->code, shape, fault,
                   "what is not asked for does not matter");
    mayrelay_session_free(try->session);
}

static bool
load_policies(void)
{
    char text[2000];
    for (int i = 0; i < COUNT(SHAPES); i++) {
        snprintf(text, sizeof text, "%s%s\n", HEAD, SHAPES[i].policy);
        policies[i] = mayrelay_policy_parse(text, Z, "policy.yaml", NULL);
        if (!policies[i]) {
            printf("not ok - policy %d does not load\n", i + 1);
            return false;
        }
    }
    return true;
}

static uint64_t
pending(const mayrelay_resolver *resolver)
{
    return mayrelay_resolver_get_count(resolver, MAYRELAY_COUNT_PENDING);
}

/* A server that hangs up costs every question under way a try: what is to go
 * well is not asked at the same time. */
static bool
hangs_up(int fault)
{
    return strcmp(FAULTS[fault].name, "truncated_without_tcp") == 0;
}

static void
run_wave(mayrelay_resolver *resolver, bool wave)
{
    struct pollfd one = {mayrelay_resolver_get_fd(resolver), POLLIN, 0};
    for (int shape = 0; shape < COUNT(SHAPES); shape++)
        for (int fault = 0; fault < COUNT(FAULTS); fault++)
            if (hangs_up(fault) == wave)
                ask(resolver, shape, fault);
    while (pending(resolver) && poll(&one, 1, 10000) > 0) {
        mayrelay_resolver_dispatch(resolver);
        take_all(resolver);
    }
}

static void
run(mayrelay_resolver *resolver)
{
    run_wave(resolver, false);
    run_wave(resolver, true);
    for (int shape = 0; shape < COUNT(SHAPES); shape++)
        for (int fault = 0; fault < COUNT(FAULTS); fault++)
            judge(shape, fault);
}

int
main(int argc, char **argv)
{
    char server[32];
    mayrelay_resolver *resolver = mayrelay_resolver_new();
    if (argc < 2 || !load_policies())
        return 1;
    snprintf(server, sizeof server, "127.0.0.1:%s", argv[1]);
    mayrelay_resolver_set_servers(resolver, server);
    /* Long enough for what is answered, on a slow machine too, and shorter than
     * what is late. */
    mayrelay_resolver_set_deadline_ms(resolver, 4000);
    run(resolver);
    mayrelay_resolver_free(resolver);
    printf("asked:");
    for (int shape = 0; shape < COUNT(SHAPES); shape++) {
        if (SHAPES[shape].asks)
            printf(" %d", shape + 1);
        mayrelay_policy_unref(policies[shape]);
    }
    printf("\n%d faults, %d shapes\n%d passed, %d failed\n", COUNT(FAULTS),
           COUNT(SHAPES), passed, failures);
    return failures > 0;
}
