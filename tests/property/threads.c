/* Eight threads share one policy, each with sessions of its own, while it is
 * reloaded, now from text and now from an image, by turns as one of two that
 * differ.  Every answer is the one that a single thread got from the policy
 * that the session began with.  Meant for ThreadSanitizer; with a number, so
 * many decisions are made. */
#include <inttypes.h>
#include <mayrelay.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "random.h"

enum {
    THREADS = 8,
    DECISIONS = 200000, /* of all threads together */
    PER_SESSION = 500,
    KINDS = 2,
    MICROSECOND = 1000 /* in nanoseconds */
};

#define POLICY                                                                 \
    "mayrelay: 1\n"                                                            \
    "lists: {branches: [10.1.0.0/16, '2001:db8:1::/48', .trusted.example]}\n"  \
    "groups: {Staff: ask, Team: [steven, alice]}\n"                            \
    "domains:\n"                                                               \
    "  inbound:\n"                                                             \
    "    - {domain: example.com, mailboxes: [joe, '/team-[a-z]+/']}\n"         \
    "    - {domain: asks.example, mailboxes: ask}\n"                           \
    "  always-relay: [partner.example]\n"                                      \
    "  reroute: {old.example: example.com}\n"                                  \
    "owners: {steven@example.com: [steven], .example.com: [$Team]}\n"          \
    "connect: {deny: [{clients: [192.0.2.66, '/.*\\.bad\\.example/']}]}\n"     \
    "submit: {deny: [{sender-owned: false, reply: 451}]}\n"                    \
    "relay:\n"                                                                 \
    "  allow:\n"                                                               \
    "    - {clients: [$branches, '/mx[0-9]+\\.pool\\.example/']}\n"            \
    "    - {users: [$Staff, '/s.*n/'], senders: ['/.*@example\\.com/']}\n"     \
    "    - {users: [$Team], recipients: ['/[a-z]+@far\\.example/']}\n"         \
    "  deny:\n"                                                                \
    "    - {users: [mallory], senders: ['/.*@(a|b)+\\.example/']}\n"           \
    "    - {recipients: ['/spam.*/'], clients: [$all, not 10.1.2.3]}\n"
static const char *const POLICIES[KINDS] = {
    POLICY,
    POLICY "    - {clients: [10.1.0.0/16, '2001:db8:1::/48']}\n"
           "    - {users: [alice], senders: ['/x@.*/']}\n",
};

static const char *const CLIENTS[] = {"10.1.2.3", "10.1.9.9", "192.0.2.66",
                                      "203.0.113.9", "2001:db8:1::7"};
static const char *const NAMES[] = {NULL, "h.trusted.example", "a.bad.example",
                                    "mx12.pool.example", "other.example"};
static const char *const IDENTITIES[] = {NULL, "steven", "alice", "mallory",
                                         "simon"};
static const char *const SENDERS[] = {"<>", "steven@example.com", "x@a.example",
                                      "joe@sub.example.com", "x@c.example"};
static const char *const RECIPIENTS[] = {
    "joe@example.com",    "team-x@example.com", "none@example.com",
    "joe@asks.example",   "joe@old.example",    "x@partner.example",
    "abc@far.example",    "a1@far.example",     "spam@far.example",
    "x%y@partner.example"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define CASES                                                                  \
    (COUNT(CLIENTS) * COUNT(NAMES) * COUNT(IDENTITIES) * COUNT(SENDERS) *      \
     COUNT(RECIPIENTS))

/* Takes the next factor out of the number of a case. */
static size_t
take(size_t *number, size_t count)
{
    size_t index = *number % count;
    *number /= count;
    return index;
}

/* The answer of a case: code, reason and needs in one number. */
static unsigned
answer(mayrelay_session *s, size_t number)
{
    const char *name = NAMES[take(&number, COUNT(NAMES))];
    mayrelay_session_connect(s, CLIENTS[take(&number, COUNT(CLIENTS))], NULL);
    if (name) {
        mayrelay_session_add_client_name(s, name, MAYRELAY_ZSTR);
        mayrelay_session_answer(s, MAYRELAY_FACT_CLIENT_NAME, MAYRELAY_KNOWN);
    }
    mayrelay_session_auth(s, IDENTITIES[take(&number, COUNT(IDENTITIES))],
                          MAYRELAY_ZSTR);
    mayrelay_session_mail(s, SENDERS[take(&number, COUNT(SENDERS))],
                          MAYRELAY_ZSTR);
    int code = mayrelay_session_rcpt(s, RECIPIENTS[number], MAYRELAY_ZSTR);
    const mayrelay_decision *d = mayrelay_session_get_decision(s);
    return (unsigned)code << 16 |
           (unsigned)mayrelay_decision_get_reason(d) << 8 |
           mayrelay_decision_get_needs(d);
}

/* -- the policy in force --------------------------------------------------- */

struct host {
    pthread_mutex_t lock;
    mayrelay_policy *policy;
    unsigned kind; /* of POLICIES */
};

static mayrelay_policy *
host_take(struct host *host, unsigned *kind)
{
    pthread_mutex_lock(&host->lock);
    mayrelay_policy *policy = mayrelay_policy_ref(host->policy);
    *kind = host->kind;
    pthread_mutex_unlock(&host->lock);
    return policy;
}

static void
host_put(struct host *host, mayrelay_policy *policy, unsigned kind)
{
    pthread_mutex_lock(&host->lock);
    mayrelay_policy *old = host->policy;
    host->policy = policy;
    host->kind = kind;
    pthread_mutex_unlock(&host->lock);
    mayrelay_policy_unref(old);
}

static mayrelay_policy *
parse(unsigned kind)
{
    return mayrelay_policy_parse(POLICIES[kind], MAYRELAY_ZSTR, "policy", NULL);
}

/* NULL if it cannot be saved and loaded. */
static mayrelay_policy *
through_an_image(unsigned kind)
{
    char path[] = "/tmp/mayrelay-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0)
        return NULL;
    close(fd);
    mayrelay_policy *policy = parse(kind);
    mayrelay_policy *loaded = NULL;
    if (mayrelay_policy_save(policy, path) == MAYRELAY_OK)
        loaded = mayrelay_policy_load(path, 0, NULL);
    mayrelay_policy_unref(policy);
    remove(path);
    return loaded;
}

/* -- those who decide ------------------------------------------------------ */

struct work {
    struct host *host;
    unsigned (*expected)[CASES];
    atomic_uint *running;
    unsigned number;
    uint64_t decisions, wrong;
};

/* By the policy in force now. */
static mayrelay_session *
session_anew(mayrelay_session *old, struct host *host, unsigned *kind)
{
    mayrelay_session_free(old);
    mayrelay_policy *policy = host_take(host, kind);
    mayrelay_session *s = mayrelay_session_new(policy);
    mayrelay_policy_unref(policy);
    return s;
}

static void *
decide_many(void *argument)
{
    struct work *work = argument;
    struct random random = {work->number};
    mayrelay_session *s = NULL;
    unsigned kind = 0;
    for (uint64_t i = 0; i < work->decisions; i++) {
        if (i % PER_SESSION == 0)
            s = session_anew(s, work->host, &kind);
        size_t number = random_next(&random) % CASES;
        work->wrong += answer(s, number) != work->expected[kind][number];
    }
    mayrelay_session_free(s);
    atomic_fetch_sub(work->running, 1);
    return NULL;
}

/* Reloads as long as anyone decides; how often. */
static uint64_t
reload(struct host *host, atomic_uint *running)
{
    static const struct timespec pause = {0, 500 * MICROSECOND};
    uint64_t reloads = 0;
    for (; atomic_load(running) > 0; reloads++) {
        unsigned kind = (unsigned)(reloads + 1) % KINDS;
        mayrelay_policy *fresh =
            reloads / KINDS % 2 ? through_an_image(kind) : parse(kind);
        if (!fresh)
            return 0;
        host_put(host, fresh, kind);
        nanosleep(&pause, NULL);
    }
    return reloads;
}

/* True if all is as expected. */
static bool
decide_while_reloading(unsigned expected[KINDS][CASES], uint64_t decisions)
{
    struct work work[THREADS];
    pthread_t threads[THREADS];
    struct host host = {.policy = parse(0)};
    atomic_uint running = THREADS;
    uint64_t wrong = 0;
    pthread_mutex_init(&host.lock, NULL);
    for (unsigned i = 0; i < THREADS; i++) {
        work[i] =
            (struct work){&host, expected, &running, i, decisions / THREADS, 0};
        pthread_create(&threads[i], NULL, decide_many, &work[i]);
    }
    uint64_t reloads = reload(&host, &running);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        wrong += work[i].wrong;
    }
    mayrelay_policy_unref(host.policy);
    pthread_mutex_destroy(&host.lock);
    printf("%" PRIu64 " decisions by %d threads, %" PRIu64 " reloads: %" PRIu64
           " wrong\n",
           decisions / THREADS * THREADS, THREADS, reloads, wrong);
    return wrong == 0 && reloads >= KINDS;
}

/* -- what is expected ------------------------------------------------------ */

/* Every case by one thread. */
static bool
expect(unsigned kind, unsigned expected[CASES])
{
    mayrelay_policy *policy = parse(kind);
    mayrelay_session *s = mayrelay_session_new(policy);
    for (size_t i = 0; s && i < CASES; i++)
        expected[i] = answer(s, i);
    mayrelay_session_free(s);
    mayrelay_policy_unref(policy);
    return s;
}

static size_t
count_differences(unsigned expected[KINDS][CASES])
{
    size_t count = 0;
    for (size_t i = 0; i < CASES; i++)
        count += expected[0][i] != expected[1][i];
    return count;
}

int
main(int count, char **arguments)
{
    static unsigned expected[KINDS][CASES];
    uint64_t decisions =
        count > 1 ? strtoull(arguments[1], NULL, 10) : DECISIONS;
    if (count > 2 || decisions < THREADS) {
        fputs("usage: property_threads [DECISIONS]\n", stderr);
        return 2;
    }
    if (!expect(0, expected[0]) || !expect(1, expected[1]) ||
        count_differences(expected) < CASES / 20) {
        puts("both policies answer alike: the cases show nothing");
        return EXIT_FAILURE;
    }
    printf("%zu of %zu cases differ\n", count_differences(expected), CASES);
    return decide_while_reloading(expected, decisions) ? EXIT_SUCCESS
                                                       : EXIT_FAILURE;
}
