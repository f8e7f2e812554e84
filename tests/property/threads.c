/* Eight threads share one policy, each with sessions of its own, from the first
 * use of its patterns on: every answer is the one that a single thread got.
 * Meant for ThreadSanitizer. */
#include <mayrelay.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "random.h"

enum {
    THREADS = 8,
    DECISIONS = 200000, /* of all threads together */
    PER_SESSION = 500
};

static const char POLICY[] =
    "mayrelay: 1\n"
    "lists: {branches: [10.1.0.0/16, '2001:db8:1::/48', .trusted.example]}\n"
    "groups: {Staff: ask, Team: [steven, alice]}\n"
    "domains:\n"
    "  inbound:\n"
    "    - {domain: example.com, mailboxes: [joe, '/team-[a-z]+/']}\n"
    "    - {domain: asks.example, mailboxes: ask}\n"
    "  always-relay: [partner.example]\n"
    "  reroute: {old.example: example.com}\n"
    "owners: {steven@example.com: [steven], .example.com: [$Team]}\n"
    "connect: {deny: [{clients: [192.0.2.66, '/.*\\.bad\\.example/']}]}\n"
    "submit: {deny: [{sender-owned: false, reply: 451}]}\n"
    "relay:\n"
    "  allow:\n"
    "    - {clients: [$branches, '/mx[0-9]+\\.pool\\.example/']}\n"
    "    - {users: [$Staff, '/s.*n/'], senders: ['/.*@example\\.com/']}\n"
    "    - {users: [$Team], recipients: ['/[a-z]+@far\\.example/']}\n"
    "  deny:\n"
    "    - {users: [mallory], senders: ['/.*@(a|b)+\\.example/']}\n"
    "    - {recipients: ['/spam.*/'], clients: [$all, not 10.1.2.3]}\n";

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

struct work {
    mayrelay_policy *policy;
    const unsigned *expected;
    unsigned number;
    size_t wrong;
};

static mayrelay_session *
session_anew(mayrelay_session *old, mayrelay_policy *policy)
{
    mayrelay_policy *mine = mayrelay_policy_ref(policy);
    mayrelay_session_free(old);
    mayrelay_session *s = mayrelay_session_new(mine);
    mayrelay_policy_unref(mine);
    return s;
}

static void *
decide_many(void *argument)
{
    struct work *work = argument;
    struct random random = {work->number};
    mayrelay_session *s = NULL;
    for (int i = 0; i < DECISIONS / THREADS; i++) {
        if (i % PER_SESSION == 0)
            s = session_anew(s, work->policy);
        size_t number = random_next(&random) % CASES;
        work->wrong += answer(s, number) != work->expected[number];
    }
    mayrelay_session_free(s);
    mayrelay_policy_unref(work->policy);
    return NULL;
}

/* Each thread owns a reference; the last to end frees the policy. */
static size_t
wrong_answers(mayrelay_policy *policy, const unsigned *expected)
{
    struct work work[THREADS];
    pthread_t threads[THREADS];
    size_t wrong = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        work[i] = (struct work){mayrelay_policy_ref(policy), expected, i, 0};
        pthread_create(&threads[i], NULL, decide_many, &work[i]);
    }
    mayrelay_policy_unref(policy);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        wrong += work[i].wrong;
    }
    return wrong;
}

static mayrelay_policy *
parse(void)
{
    return mayrelay_policy_parse(POLICY, sizeof POLICY - 1, "policy", NULL);
}

/* NULL if it cannot be saved and loaded. */
static mayrelay_policy *
through_an_image(void)
{
    char path[] = "/tmp/mayrelay-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0)
        return NULL;
    close(fd);
    mayrelay_policy *policy = parse();
    mayrelay_policy *loaded = NULL;
    if (mayrelay_policy_save(policy, path) == MAYRELAY_OK)
        loaded = mayrelay_policy_load(path, 0, NULL);
    mayrelay_policy_unref(policy);
    remove(path);
    return loaded;
}

/* Every case by one thread; false if they all get the same answer. */
static bool
expect(unsigned *expected)
{
    mayrelay_policy *policy = parse();
    mayrelay_session *s = mayrelay_session_new(policy);
    bool differ = false;
    for (size_t i = 0; s && i < CASES; i++) {
        expected[i] = answer(s, i);
        differ |= expected[i] != expected[0];
    }
    mayrelay_session_free(s);
    mayrelay_policy_unref(policy);
    return differ;
}

static bool
judge(const char *what, mayrelay_policy *policy, const unsigned *expected)
{
    if (!policy) {
        printf("no policy %s\n", what);
        return false;
    }
    size_t wrong = wrong_answers(policy, expected);
    printf("%d decisions %s by %d threads: %zu wrong\n", DECISIONS, what,
           THREADS, wrong);
    return wrong == 0;
}

int
main(void)
{
    static unsigned expected[CASES];
    if (!expect(expected)) {
        puts("every answer is the same: the cases show nothing");
        return EXIT_FAILURE;
    }
    bool right = judge("from text", parse(), expected);
    right &= judge("from an image", through_an_image(), expected);
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
