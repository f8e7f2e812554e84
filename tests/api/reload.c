/* A watch reloads while threads decide: every session is judged by exactly one
 * generation of the policy, whatever else stands in its files meanwhile.  Says
 * TAP; run under ThreadSanitizer.
 *
 * usage: reload GENERATIONS */
#include <mayrelay.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    THREADS = 4,
    PAUSE_US = 300,    /* between sessions, so that reloading gets its turn */
    DOMAINS = 7,       /* one of them is allowed, by generation */
    BAD_EVERY = 10,    /* of so many reloads one finds bad files */
    NOTICE_EVERY = 400 /* ... and one is left to be noticed */
};

static char folder[] = "/tmp/mayrelay-XXXXXX";
static char policy_path[64], list_path[64];

struct test {
    mayrelay_watch *watch;
    atomic_uint generation; /* the newest that may be in force */
    atomic_bool over;
};

/* -- generations ---------------------------------------------------------- */

/* Says which it is in the name of its rule, in its reply, and in its list. */
static const char POLICY[] =
    "mayrelay: 1\n"
    "domains: {inbound: [example.com]}\n"
    "replies: {relay-denied: '550 5.7.1 generation %u'}\n"
    "relay:\n"
    "  allow:\n"
    "    - {name: generation-%u, clients: [10.0.0.0/8],\n"
    "       recipients: ['file:list.txt', "
    "'/generation-%u@exact\\.example/']}\n";

static bool
write_file(const char *path, const char *text, size_t size)
{
    char temporary[80];
    snprintf(temporary, sizeof temporary, "%s.tmp", path);
    FILE *file = fopen(temporary, "w");
    bool good = file && fwrite(text, 1, size, file) == size;
    return file && fclose(file) == 0 && good && rename(temporary, path) == 0;
}

static bool
write_generation(unsigned generation)
{
    char text[1024];
    char list[64];
    snprintf(text, sizeof text, POLICY, generation, generation, generation);
    snprintf(list, sizeof list, "d%u.example\n", generation % DOMAINS);
    return write_file(list_path, list, strlen(list)) &&
           write_file(policy_path, text, strlen(text));
}

/* -- a session and its generation ------------------------------------------ */

static int
rcpt(mayrelay_session *session, const char *format, unsigned number)
{
    char recipient[64];
    snprintf(recipient, sizeof recipient, format, number);
    return mayrelay_session_rcpt(session, recipient, MAYRELAY_ZSTR);
}

static bool
says(const char *text, const char *format, unsigned generation)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, format, generation);
    return text && strcmp(text, wanted) == 0;
}

/* The generation by its reply to what none of them allows; 0 if wrong. */
static unsigned
generation_of(mayrelay_session *session)
{
    static const char start[] = "550 5.7.1 generation ";
    if (rcpt(session, "x@far.example", 0) != 550)
        return 0;
    const char *reply =
        mayrelay_decision_get_reply(mayrelay_session_get_decision(session));
    if (strncmp(reply, start, sizeof start - 1) != 0)
        return 0;
    return (unsigned)strtoul(reply + sizeof start - 1, NULL, 10);
}

/* Every decision is the one of that generation. */
static bool
is_of(mayrelay_session *session, unsigned generation)
{
    const mayrelay_decision *d = mayrelay_session_get_decision(session);
    for (unsigned i = 0; i < DOMAINS; i++) {
        int code = rcpt(session, "x@d%u.example", i);
        if (i == generation % DOMAINS
                ? code != 250 || !says(mayrelay_decision_get_rule(d),
                                       "generation-%u", generation)
                : code != 550 || !says(mayrelay_decision_get_reply(d),
                                       "550 5.7.1 generation %u", generation))
            return false;
    }
    return rcpt(session, "generation-%u@exact.example", generation) == 250 &&
           rcpt(session, "generation-%u@exact.example", generation + 1) == 550;
}

/* The generation of a new session, 0 if a decision is wrong.  It may be none
 * that came to be after the session began. */
static unsigned
judge(struct test *test)
{
    mayrelay_policy *policy = mayrelay_watch_ref_policy(test->watch);
    unsigned newest = atomic_load(&test->generation);
    mayrelay_session *session = mayrelay_session_new(policy);
    mayrelay_policy_unref(policy);
    mayrelay_session_connect(session, "10.1.2.3", NULL);
    mayrelay_session_mail(session, "a@b.example", MAYRELAY_ZSTR);
    unsigned generation = generation_of(session);
    bool right = generation && generation <= newest &&
                 is_of(session, generation) && is_of(session, generation);
    mayrelay_session_free(session);
    return right ? generation : 0;
}

/* Returns how many sessions there were, 0 if one was wrong. */
static void *
decide(void *argument)
{
    struct test *test = argument;
    uintptr_t sessions = 0;
    unsigned last = 0;
    while (!atomic_load(&test->over)) {
        unsigned generation = judge(test);
        if (generation < last || generation == 0)
            return NULL;
        last = generation;
        sessions++;
        usleep(PAUSE_US);
    }
    return (void *)sessions;
}

/* -- reloading --------------------------------------------------------------
 */

static enum mayrelay_reload
reload(struct test *test)
{
    mayrelay_report *report;
    enum mayrelay_reload outcome = mayrelay_watch_reload(test->watch, &report);
    bool said = mayrelay_report_count(report) > 0;
    mayrelay_report_free(report);
    /* Only a failure has something to say, and it must. */
    return said == (outcome == MAYRELAY_RELOAD_FAILED) ? outcome
                                                       : MAYRELAY_RELOAD_NONE;
}

static bool
reload_next(struct test *test)
{
    unsigned next = atomic_load(&test->generation) + 1;
    atomic_store(&test->generation, next);
    return write_generation(next) && reload(test) == MAYRELAY_RELOAD_DONE &&
           judge(test) == next;
}

/* Broken, half of it, or gone: the policy in force stays. */
static bool
reload_bad(struct test *test, int kind)
{
    unsigned generation = atomic_load(&test->generation);
    bool good = true;
    switch (kind % 5) {
    case 0: good = write_file(policy_path, "mayrelay: [", 11); break;
    case 1: good = write_file(policy_path, POLICY, sizeof POLICY / 2); break;
    case 2: good = write_file(list_path, "not a list\n", 11); break;
    case 3: good = unlink(list_path) == 0; break;
    case 4: good = unlink(policy_path) == 0; break;
    }
    return good && reload(test) == MAYRELAY_RELOAD_FAILED &&
           judge(test) == generation && write_generation(generation) &&
           reload(test) == MAYRELAY_RELOAD_NONE;
}

/* Nobody says that it has changed. */
static bool
notice_next(struct test *test)
{
    unsigned next = atomic_load(&test->generation) + 1;
    struct pollfd poll_for = {mayrelay_watch_get_fd(test->watch), POLLIN, 0};
    enum mayrelay_reload outcome = MAYRELAY_RELOAD_NONE;
    atomic_store(&test->generation, next);
    if (!write_generation(next))
        return false;
    while (outcome == MAYRELAY_RELOAD_NONE && poll(&poll_for, 1, 10000) == 1)
        outcome = mayrelay_watch_dispatch(test->watch, NULL);
    return outcome == MAYRELAY_RELOAD_DONE && judge(test) == next;
}

static bool
reload_often(struct test *test, int reloads)
{
    for (int i = 1; atomic_load(&test->generation) <= (unsigned)reloads; i++) {
        bool good = i % NOTICE_EVERY == 0 ? notice_next(test)
                    : i % BAD_EVERY == 0  ? reload_bad(test, i / BAD_EVERY)
                                          : reload_next(test);
        if (!good) {
            printf("# wrong at reload %d\n", i);
            return false;
        }
    }
    return true;
}

/* -- all of it ---------------------------------------------------------------
 */

static bool
make_files(void)
{
    if (!mkdtemp(folder))
        return false;
    snprintf(policy_path, sizeof policy_path, "%s/policy.yaml", folder);
    snprintf(list_path, sizeof list_path, "%s/list.txt", folder);
    return write_generation(1);
}

static bool
remove_files(void)
{
    return unlink(policy_path) == 0 && unlink(list_path) == 0 &&
           rmdir(folder) == 0;
}

static bool
run(struct test *test, int reloads)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, decide, test);
    bool good = reload_often(test, reloads);
    atomic_store(&test->over, true);
    for (int i = 0; i < THREADS; i++) {
        void *sessions;
        pthread_join(threads[i], &sessions);
        printf("# a thread with %zu sessions\n", (size_t)sessions);
        good = good && sessions;
    }
    return good;
}

int
main(int argc, char **argv)
{
    int reloads = argc > 1 ? atoi(argv[1]) : 10000;
    struct test test = {.generation = 1};
    bool good = make_files() &&
                (test.watch = mayrelay_watch_new(policy_path, 0, NULL)) &&
                run(&test, reloads);
    mayrelay_watch_free(test.watch);
    good = remove_files() && good;
    printf("1..1\n%sok 1 - %d reloads while %d threads decide\n",
           good ? "" : "not ", reloads, THREADS);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
