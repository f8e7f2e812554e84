/* One policy, many threads: decisions, references and reloads at once, and a
 * policy that was opened before fork.  Says TAP; run under ThreadSanitizer. */
#include <mayrelay.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    THREADS = 4,
    ROUNDS = 500
};

static const char POLICY[] = "mayrelay: 1\n"
                             "domains: {inbound: [example.com]}\n"
                             "relay:\n"
                             "  allow:\n"
                             "    - {name: office, clients: [10.0.0.0/8]}\n"
                             "    - {name: invoices, clients: [192.0.2.7],\n"
                             "       recipients: ['/invoice\\+[0-9]+@.*/']}\n";

static mayrelay_policy *
parse_policy(void)
{
    return mayrelay_policy_parse(POLICY, sizeof POLICY - 1, "policy", NULL);
}

static int
rcpt(mayrelay_session *session, const char *client, const char *recipient)
{
    mayrelay_session_connect(session, client, NULL);
    mayrelay_session_mail(session, "a@b.example", MAYRELAY_ZSTR);
    return mayrelay_session_rcpt(session, recipient, MAYRELAY_ZSTR);
}

/* The number of wrong decisions.  The pattern is compiled by whichever thread
 * meets it first. */
static int
judge(mayrelay_session *session)
{
    int wrong = 0;
    wrong += rcpt(session, "10.1.2.3", "c@far.example") != 250;
    wrong += rcpt(session, "203.0.113.9", "c@far.example") != 550;
    wrong += rcpt(session, "192.0.2.7", "invoice+12@far.example") != 250;
    wrong += rcpt(session, "192.0.2.7", "invoice+x@far.example") != 550;
    return wrong;
}

/* What the host of a reloading policy keeps: the one in force. */
struct host {
    pthread_mutex_t lock;
    mayrelay_policy *policy;
};

static mayrelay_policy *
host_take(struct host *host)
{
    pthread_mutex_lock(&host->lock);
    mayrelay_policy *policy = mayrelay_policy_ref(host->policy);
    pthread_mutex_unlock(&host->lock);
    return policy;
}

static void
host_reload(struct host *host)
{
    mayrelay_policy *fresh = parse_policy();
    if (!fresh)
        return; /* the old one stays in force */
    pthread_mutex_lock(&host->lock);
    mayrelay_policy *old = host->policy;
    host->policy = fresh;
    pthread_mutex_unlock(&host->lock);
    mayrelay_policy_unref(old);
}

static void *
serve(void *argument)
{
    struct host *host = argument;
    int wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        mayrelay_policy *policy = host_take(host);
        mayrelay_session *session = mayrelay_session_new(policy);
        mayrelay_policy_unref(policy);
        wrong += !session || judge(session);
        mayrelay_session_free(session);
    }
    return wrong ? host : NULL;
}

static bool
threads_agree(bool reloading)
{
    struct host host = {.policy = parse_policy()};
    pthread_mutex_init(&host.lock, NULL);
    pthread_t threads[THREADS];
    bool good = host.policy;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, serve, &host);
    for (int i = 0; reloading && i < ROUNDS / 10; i++)
        host_reload(&host);
    for (int i = 0; i < THREADS; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        good = good && !wrong;
    }
    mayrelay_policy_unref(host.policy);
    pthread_mutex_destroy(&host.lock);
    return good;
}

static bool
child_decides(void)
{
    mayrelay_policy *policy = parse_policy();
    mayrelay_session *session = mayrelay_session_new(policy);
    fflush(stdout); /* or the child says it again */
    pid_t child = fork();
    if (child == 0)
        _exit(session && judge(session) == 0 ? 0 : 1);
    int status = 1;
    bool good = child > 0 && waitpid(child, &status, 0) == child &&
                WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
                judge(session) == 0;
    mayrelay_session_free(session);
    mayrelay_policy_unref(policy);
    return good;
}

static int
result(int number, bool good, const char *name)
{
    printf("%sok %d - %s\n", good ? "" : "not ", number, name);
    return good ? 0 : 1;
}

int
main(void)
{
    puts("1..3");
    int failed = result(1, threads_agree(false), "threads share a policy");
    failed += result(2, threads_agree(true), "a reload while others decide");
    failed += result(3, child_decides(), "a policy opened before fork");
    return failed ? 1 : 0;
}
