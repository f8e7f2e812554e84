/* Sessions, answers and the resolver, freed in any order; a thousand waiting
 * at one descriptor; forks; memory that runs out.
 *
 * usage: lifetimes PORT, that of the bad server */
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dns/resolver.h"
#include "failing_malloc.h"
#include "mayrelay.h"

#define Z MAYRELAY_ZSTR

/* Places in faults.def. */
enum {
    NO_FAULT = 1,
    SLOW = 2,
    SILENT = 26,
    WRONG_ID = 28,
    WRONG_QUESTION = 29,
    THOUSAND = 1000
};

/* Where everything is answered: no machine is as slow as that. */
enum {
    DEADLINE_MS = 20000
};

static char server[32];
static int passed, failures;

#define EXPECT(condition) expect(condition, __LINE__, #condition)

static void
expect(bool right, int line, const char *what)
{
    passed += right;
    failures += !right;
    if (!right)
        printf("not ok - line %d: %s\n", line, what);
}

static uint64_t time_ms = 1000000;

static uint64_t
test_clock(void)
{
    return time_ms;
}

static mayrelay_resolver *
resolver_with(uint32_t deadline_ms)
{
    mayrelay_resolver *resolver = mayrelay_resolver_new();
    EXPECT(mayrelay_resolver_set_servers(resolver, server) == MAYRELAY_OK);
    mayrelay_resolver_set_deadline_ms(resolver, deadline_ms);
    return resolver;
}

static void
ask(mayrelay_resolver *resolver, int shape, int fault, uint64_t token)
{
    char client[32];
    snprintf(client, sizeof client, "198.18.%d.%d", shape, fault);
    EXPECT(mayrelay_resolver_ask(resolver, client, token) == MAYRELAY_OK);
}

static uint64_t
count(const mayrelay_resolver *resolver, enum mayrelay_resolver_count which)
{
    return mayrelay_resolver_get_count(resolver, which);
}

static void
wait_and_dispatch(mayrelay_resolver *resolver)
{
    struct pollfd one = {mayrelay_resolver_get_fd(resolver), POLLIN, 0};
    EXPECT(poll(&one, 1, 2 * DEADLINE_MS) == 1);
    mayrelay_resolver_dispatch(resolver);
}

/* Waits until nothing is under way; the answers stay where they are.  Returns
 * how often the descriptor woke it. */
static unsigned
settle(mayrelay_resolver *resolver)
{
    unsigned rounds = 0;
    for (; count(resolver, MAYRELAY_COUNT_PENDING) > 0; rounds++)
        wait_and_dispatch(resolver);
    return rounds;
}

static mayrelay_policy *
policy_by_name(void)
{
    return mayrelay_policy_parse(
        "mayrelay: 1\n"
        "domains: {inbound: [example.com]}\n"
        "relay: {allow: [{clients: [.good.example]}]}\n",
        Z, "policy.yaml", NULL);
}

static mayrelay_session *
session_of(mayrelay_policy *policy, const char *client)
{
    mayrelay_session *session = mayrelay_session_new(policy);
    mayrelay_session_connect(session, client, NULL);
    mayrelay_session_mail(session, "<>", Z);
    mayrelay_session_rcpt(session, "x@far.example", Z);
    return session;
}

/* Takes what is there; returns how many answers that was. */
static unsigned
judge(mayrelay_resolver *resolver, mayrelay_session **sessions, int expected)
{
    mayrelay_dns_answer *answer;
    uint64_t token;
    unsigned answers = 0;
    while ((answer = mayrelay_resolver_next(resolver, &token))) {
        mayrelay_session_take(sessions[token], answer);
        EXPECT(mayrelay_session_resume(sessions[token]) == expected);
        EXPECT(mayrelay_session_needs(sessions[token]) == 0);
        mayrelay_dns_answer_free(answer);
        answers++;
    }
    return answers;
}

/* Of four, one is answered.  The deadline of the others is over when we say so,
 * and not when the machine has been slow. */
static void
a_thousand_wait(void)
{
    static const int faults[] = {NO_FAULT, SILENT, WRONG_ID, WRONG_QUESTION};
    static mayrelay_session *sessions[THOUSAND];
    mayrelay_resolver *resolver = resolver_with(DEADLINE_MS);
    resolver_set_clock(resolver, test_clock);
    mayrelay_policy *policy = policy_by_name();
    for (unsigned i = 0; i < THOUSAND; i++) {
        char client[32];
        snprintf(client, sizeof client, "198.18.%u.%d", i / 4 + 1,
                 faults[i % 4]);
        sessions[i] = session_of(policy, client);
        EXPECT(mayrelay_resolver_ask(resolver, client, i) == MAYRELAY_OK);
    }
    EXPECT(count(resolver, MAYRELAY_COUNT_PENDING) == THOUSAND);
    unsigned answers = 0;
    while (answers < THOUSAND / 4) {
        wait_and_dispatch(resolver);
        answers += judge(resolver, sessions, 250);
    }
    time_ms += DEADLINE_MS;
    mayrelay_resolver_dispatch(resolver);
    EXPECT(answers + judge(resolver, sessions, 451) == THOUSAND);
    mayrelay_policy_unref(policy);
    for (unsigned i = 0; i < THOUSAND; i++)
        mayrelay_session_free(sessions[i]);
    mayrelay_resolver_free(resolver);
}

/* Nor is the host woken before there is something to do, again and again. */
static void
waiting_is_not_spinning(void)
{
    mayrelay_resolver *resolver = resolver_with(400);
    ask(resolver, 1, SILENT, 1);
    EXPECT(settle(resolver) < 50);
    mayrelay_resolver_free(resolver);
}

static void
any_order(void)
{
    mayrelay_policy *policy = policy_by_name();
    /* The session is gone before its answer comes. */
    mayrelay_session *session = session_of(policy, "198.18.1.1");
    mayrelay_resolver *resolver = resolver_with(DEADLINE_MS);
    ask(resolver, 1, NO_FAULT, 1);
    mayrelay_session_free(session);
    settle(resolver);
    mayrelay_dns_answer *answer = mayrelay_resolver_next(resolver, NULL);
    /* The resolver is gone, with a question under way and an answer that
     * nobody has taken, before the answer is read. */
    ask(resolver, 2, NO_FAULT, 2);
    settle(resolver);
    ask(resolver, 1, SILENT, 3);
    mayrelay_resolver_free(resolver);
    EXPECT(mayrelay_dns_answer_count(answer) == 1);
    EXPECT(strcmp(mayrelay_dns_answer_get_name(answer, 0),
                  "f1.s1.good.example") == 0);
    session = session_of(policy, "198.18.1.1");
    mayrelay_policy_unref(policy);
    EXPECT(mayrelay_session_take(session, answer) == MAYRELAY_OK);
    mayrelay_dns_answer_free(answer);
    EXPECT(mayrelay_session_resume(session) == 250);
    mayrelay_session_free(session);
    mayrelay_resolver_free(NULL);
}

static void
one_address_is_looked_up_once(void)
{
    mayrelay_resolver *resolver = resolver_with(DEADLINE_MS);
    uint64_t token, sum = 0;
    mayrelay_dns_answer *answer;
    for (uint64_t i = 1; i <= 10; i++)
        ask(resolver, 1, SLOW, i);
    /* Of those, three are no longer wanted. */
    for (uint64_t i = 1; i <= 3; i++)
        mayrelay_resolver_cancel(resolver, i);
    EXPECT(count(resolver, MAYRELAY_COUNT_LOOKUPS) == 1);
    EXPECT(count(resolver, MAYRELAY_COUNT_SHARED) == 9);
    settle(resolver);
    mayrelay_resolver_cancel(resolver, 4);
    mayrelay_resolver_cancel(resolver, 10);
    ask(resolver, 1, SLOW, 100);
    while ((answer = mayrelay_resolver_next(resolver, &token))) {
        EXPECT(mayrelay_dns_answer_count(answer) == 1);
        mayrelay_dns_answer_free(answer);
        sum += token;
    }
    EXPECT(sum == 5 + 6 + 7 + 8 + 9 + 100);
    EXPECT(count(resolver, MAYRELAY_COUNT_CACHE_HITS) == 1);
    EXPECT(count(resolver, MAYRELAY_COUNT_QUERIES) == 2);
    mayrelay_resolver_free(resolver);
}

/* Whether the next look-up asks the server. */
static bool
asks(mayrelay_resolver *resolver, const char *client)
{
    uint64_t before = count(resolver, MAYRELAY_COUNT_QUERIES);
    mayrelay_resolver_ask(resolver, client, 0);
    settle(resolver);
    mayrelay_dns_answer_free(mayrelay_resolver_next(resolver, NULL));
    return count(resolver, MAYRELAY_COUNT_QUERIES) != before;
}

/* The server says 60 s; failed look-ups hold for five. */
static void
the_cache_keeps_what_holds(void)
{
    mayrelay_resolver *resolver = resolver_with(DEADLINE_MS);
    resolver_set_clock(resolver, test_clock);
    EXPECT(asks(resolver, "198.18.1.1"));
    EXPECT(!asks(resolver, "198.18.1.1"));
    EXPECT(asks(resolver, "198.18.1.22")); /* servfail */
    EXPECT(!asks(resolver, "198.18.1.22"));
    time_ms += 5000;
    EXPECT(asks(resolver, "198.18.1.22"));
    time_ms += 54999;
    EXPECT(!asks(resolver, "198.18.1.1"));
    time_ms += 1;
    EXPECT(asks(resolver, "198.18.1.1"));
    mayrelay_resolver_set_cache(resolver, 10, 1);
    EXPECT(asks(resolver, "198.18.1.1"));
    time_ms += 1000;
    EXPECT(asks(resolver, "198.18.1.1"));
    mayrelay_resolver_set_cache(resolver, 0, 3600);
    EXPECT(asks(resolver, "198.18.1.1"));
    EXPECT(asks(resolver, "198.18.1.1"));
    EXPECT(count(resolver, MAYRELAY_COUNT_CACHED) == 0);
    /* The deadline goes by the same clock. */
    ask(resolver, 1, SILENT, 9);
    time_ms += DEADLINE_MS;
    mayrelay_resolver_dispatch(resolver);
    EXPECT(count(resolver, MAYRELAY_COUNT_EXPIRED) == 1);
    mayrelay_resolver_free(resolver);
}

/* The next answer has this token and knows nothing. */
static bool
next_is_lost(mayrelay_resolver *resolver, uint64_t expected)
{
    uint64_t token = 0;
    mayrelay_dns_answer *lost = mayrelay_resolver_next(resolver, &token);
    bool right = lost && token == expected &&
                 !mayrelay_dns_answer_is_known(lost) &&
                 mayrelay_dns_answer_count(lost) == 0;
    mayrelay_dns_answer_free(lost);
    return right;
}

static bool
next_is_known(mayrelay_resolver *resolver, uint64_t expected)
{
    uint64_t token = 0;
    mayrelay_dns_answer *answer = mayrelay_resolver_next(resolver, &token);
    bool right = token == expected && mayrelay_dns_answer_count(answer) == 1;
    mayrelay_dns_answer_free(answer);
    return right;
}

/* The parent's two that are finished and the one under way come once each, as
 * failed ones, even if there is no memory for that at first. */
static bool
child_begins_anew(mayrelay_resolver *resolver)
{
    count_anew(1, SIZE_MAX);
    bool right = !mayrelay_resolver_next(resolver, NULL);
    count_anew(0, 0);
    right = right && next_is_lost(resolver, 1) && next_is_lost(resolver, 2) &&
            next_is_lost(resolver, 3) &&
            !mayrelay_resolver_next(resolver, NULL);
    mayrelay_dns_answer *own =
        mayrelay_resolver_resolve(resolver, "198.18.2.1", DEADLINE_MS);
    right = right && mayrelay_dns_answer_count(own) == 1 &&
            mayrelay_resolver_get_fd(resolver) >= 0;
    mayrelay_dns_answer_free(own);
    /* What is in the cache is as true as before. */
    ask(resolver, 1, NO_FAULT, 4);
    return right && next_is_known(resolver, 4);
}

static void
children_begin_anew(void)
{
    size_t live = memory_live();
    mayrelay_resolver *resolver = resolver_with(DEADLINE_MS);
    ask(resolver, 1, NO_FAULT, 1);
    settle(resolver);
    ask(resolver, 1, NO_FAULT, 2);
    ask(resolver, 1, SLOW, 3);
    mayrelay_resolver_get_fd(resolver);
    pid_t child = fork();
    if (child == 0) {
        bool right = child_begins_anew(resolver);
        mayrelay_resolver_free(resolver);
        _exit(right && memory_live() == live ? 0 : 1);
    }
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT(status == 0);
    settle(resolver);
    for (uint64_t token = 1; token <= 3; token++)
        EXPECT(next_is_known(resolver, token));
    EXPECT(!mayrelay_resolver_next(resolver, NULL));
    mayrelay_resolver_free(resolver);
}

/* -- a load that never ends ----------------------------------------------- */

enum {
    QUICK = 40, /* under way at any time, of those that are answered, */
    HUNG = 10,  /* and of those that are not */
    PORTS = 5,
    ASKS_MOST = 60000,
    /* So that one that hangs comes to its end every fifty rounds. */
    STEP_MS = DEADLINE_MS / (HUNG * 50)
};

struct load {
    mayrelay_resolver *resolver;
    uint64_t asks, answers, hung;
    uint64_t oldest; /* that will be answered, and has not been */
    struct {
        uint64_t at_ms;
        bool hangs, answered;
    } asked[ASKS_MOST];
    in_port_t ports[PORTS];
    int port_count;
};

static void
load_ask(struct load *load, int fault)
{
    uint64_t token = load->asks++;
    load->asked[token].at_ms = time_ms;
    load->asked[token].hangs = fault == SILENT;
    load->hung += fault == SILENT;
    ask(load->resolver, (int)(token % 250 + 1), fault, token);
}

static void
load_take(struct load *load, mayrelay_dns_answer *answer, uint64_t token)
{
    bool hangs = load->asked[token].hangs;
    EXPECT(token < load->asks && !load->asked[token].answered);
    load->asked[token].answered = true;
    load->answers++;
    load->hung -= hangs;
    EXPECT(mayrelay_dns_answer_count(answer) == !hangs);
    EXPECT(time_ms - load->asked[token].at_ms <= DEADLINE_MS + STEP_MS);
    mayrelay_dns_answer_free(answer);
}

/* The ports of the sockets that are open now. */
static void
note_ports(struct load *load)
{
    int fds[8];
    unsigned events[8];
    size_t open = mayrelay_resolver_get_sockets(load->resolver, fds, events, 8);
    EXPECT(open >= 1 && open <= 2); /* the old one, and the new one */
    for (size_t i = 0; i < open && i < 8; i++) {
        struct sockaddr_in here = {.sin_port = 0};
        socklen_t size = sizeof here;
        getsockname(fds[i], (struct sockaddr *)&here, &size);
        int known = 0;
        while (known < load->port_count && load->ports[known] != here.sin_port)
            known++;
        if (known == load->port_count && known < PORTS)
            load->ports[load->port_count++] = here.sin_port;
    }
}

/* The clock waits for what is answered, so that only the hung ones come to
 * their deadline, however slow or fast the machine is. */
static void
step(struct load *load)
{
    while (load->oldest < load->asks && (load->asked[load->oldest].hangs ||
                                         load->asked[load->oldest].answered))
        load->oldest++;
    if (time_ms - load->asked[load->oldest].at_ms < DEADLINE_MS / 2)
        time_ms += STEP_MS;
}

/* One comes, one goes. */
static void
load_once(struct load *load)
{
    mayrelay_dns_answer *answer;
    uint64_t token;
    wait_and_dispatch(load->resolver);
    EXPECT(count(load->resolver, MAYRELAY_COUNT_PENDING) >= HUNG / 2);
    while ((answer = mayrelay_resolver_next(load->resolver, &token))) {
        load_take(load, answer, token);
        if (load->hung < HUNG)
            load_ask(load, SILENT);
        else
            load_ask(load, load->asks % 10 == 0 ? SLOW : NO_FAULT);
        note_ports(load);
    }
    step(load);
}

/* There is always something under way, some of it until its deadline; and yet
 * no port is used for long, and no answer is lost for that. */
static void
ports_change_under_load(void)
{
    static struct load load;
    load.resolver = resolver_with(DEADLINE_MS);
    resolver_set_clock(load.resolver, test_clock);
    mayrelay_resolver_set_cache(load.resolver, 0, 0);
    for (int i = 0; i < QUICK; i++)
        load_ask(&load, NO_FAULT);
    for (int i = 0; i < HUNG; i++, time_ms += DEADLINE_MS / HUNG / 2)
        load_ask(&load, SILENT);
    while (load.port_count < PORTS && load.asks < ASKS_MOST - QUICK - HUNG)
        load_once(&load);
    EXPECT(load.port_count == PORTS);
    time_ms += DEADLINE_MS;
    mayrelay_resolver_dispatch(load.resolver);
    EXPECT(count(load.resolver, MAYRELAY_COUNT_PENDING) == 0);
    mayrelay_dns_answer *answer;
    uint64_t token;
    while ((answer = mayrelay_resolver_next(load.resolver, &token))) {
        EXPECT(!load.asked[token].answered);
        load.asked[token].answered = true;
        load.answers++;
        mayrelay_dns_answer_free(answer);
    }
    EXPECT(load.answers == load.asks);
    mayrelay_resolver_free(load.resolver);
    printf("ports:");
    for (int i = 0; i < load.port_count; i++)
        printf(" %u", ntohs(load.ports[i]));
    printf("\n");
}

static void
settings_are_checked(void)
{
    static const char *const bad[] = {
        "",
        "localhost",
        "*:53",
        "127.0.0.1:0",
        "127.0.0.1,,::1",
        "127.0.0.1 ::1",
        ("1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,"
         "1.1.1.1,1.1.1.1,1.1.1.1")};
    mayrelay_resolver *resolver = resolver_with(0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        EXPECT(mayrelay_resolver_set_servers(resolver, bad[i]) ==
               MAYRELAY_ERR_TEXT);
    EXPECT(mayrelay_resolver_set_servers(resolver, "127.0.0.1, [::1]:5353") ==
           MAYRELAY_OK);
    EXPECT(mayrelay_resolver_set_servers(resolver, NULL) == MAYRELAY_OK);
    EXPECT(mayrelay_resolver_set_servers(resolver, server) == MAYRELAY_OK);
    EXPECT(mayrelay_resolver_ask(resolver, "mx.example.com", 1) ==
           MAYRELAY_ERR_TEXT);
    EXPECT(mayrelay_resolver_ask(resolver, NULL, 1) == MAYRELAY_ERR_ARGUMENT);
    EXPECT(!mayrelay_resolver_resolve(resolver, "mx.example.com", 1));
    mayrelay_resolver_set_deadline_ms(resolver, UINT32_MAX);
    ask(resolver, 1, SILENT, 1);
    EXPECT(mayrelay_resolver_set_servers(resolver, server) ==
           MAYRELAY_ERR_STAGE);
    mayrelay_dns_answer *answer =
        mayrelay_resolver_resolve(resolver, "198.18.1.26", 50);
    EXPECT(answer && !mayrelay_dns_answer_is_known(answer));
    EXPECT(mayrelay_dns_answer_get_result(answer) == MAYRELAY_DNS_TIMEOUT);
    mayrelay_dns_answer_free(answer);
    mayrelay_resolver_free(resolver);
}

static void
null_is_accepted(void)
{
    EXPECT(mayrelay_resolver_get_fd(NULL) == -1);
    EXPECT(mayrelay_resolver_get_sockets(NULL, NULL, NULL, 0) == 0);
    EXPECT(mayrelay_resolver_get_timeout_ms(NULL) == -1);
    EXPECT(mayrelay_resolver_dispatch(NULL) == MAYRELAY_ERR_ARGUMENT);
    EXPECT(mayrelay_resolver_ask(NULL, "::1", 0) == MAYRELAY_ERR_ARGUMENT);
    EXPECT(!mayrelay_resolver_next(NULL, NULL));
    EXPECT(!mayrelay_resolver_resolve(NULL, "::1", 0));
    EXPECT(mayrelay_resolver_set_servers(NULL, "::1") == MAYRELAY_ERR_ARGUMENT);
    EXPECT(mayrelay_resolver_set_deadline_ms(NULL, 1) == MAYRELAY_ERR_ARGUMENT);
    EXPECT(mayrelay_resolver_set_cache(NULL, 1, 1) == MAYRELAY_ERR_ARGUMENT);
    EXPECT(mayrelay_resolver_get_count(NULL, MAYRELAY_COUNT_ASKED) == 0);
    mayrelay_resolver_cancel(NULL, 0);
}

/* The client would be refused: by its name, which is what memory may lose. */
static bool
dialogue(mayrelay_policy *policy)
{
    mayrelay_resolver *resolver = mayrelay_resolver_new();
    mayrelay_resolver_set_servers(resolver, server);
    mayrelay_resolver_set_deadline_ms(resolver, 150);
    mayrelay_session *session = session_of(policy, "198.18.1.1");
    mayrelay_resolver_get_fd(resolver);
    mayrelay_resolver_ask(resolver, "198.18.1.8", 1);
    mayrelay_dns_answer *answer =
        mayrelay_resolver_resolve(resolver, "198.18.1.1", 150);
    mayrelay_session_take(session, answer);
    bool right = mayrelay_session_resume(session) >= 400;
    mayrelay_session_free(session);
    mayrelay_resolver_free(resolver);
    mayrelay_dns_answer_free(answer);
    return right;
}

static void
memory_runs_out(void)
{
    mayrelay_policy *policy = mayrelay_policy_parse(
        "mayrelay: 1\n"
        "domains: {inbound: [example.com]}\n"
        "relay:\n"
        "  allow: [{clients: [198.18.0.0/15, not .good.example]}]\n",
        Z, "policy.yaml", NULL);
    for (int rest = 0; rest < 2; rest++) {
        size_t at = 1, live = memory_live();
        bool reached = true;
        for (; reached; at++) {
            count_anew(at, rest ? SIZE_MAX : at);
            bool right = dialogue(policy);
            reached = counting.calls >= at;
            count_anew(0, 0);
            EXPECT(right);
            EXPECT(memory_live() == live);
        }
        EXPECT(at > 20);
    }
    mayrelay_policy_unref(policy);
}

int
main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    snprintf(server, sizeof server, "127.0.0.1:%s", argv[1]);
    null_is_accepted();
    settings_are_checked();
    any_order();
    one_address_is_looked_up_once();
    the_cache_keeps_what_holds();
    children_begin_anew();
    a_thousand_wait();
    waiting_is_not_spinning();
    ports_change_under_load();
    memory_runs_out();
    printf("%d passed, %d failed\n", passed, failures);
    return failures > 0;
}
