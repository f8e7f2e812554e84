#include "keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "adapter/policy_watch.h"

/* It lives on the stack of the thread that asks. */
struct question {
    const char *client;
    mayrelay_dns_answer *answer;
    bool answered;
    pthread_cond_t changed;
    struct question *next;
};

/* A handler has nothing but globals. */
static int wake_fd = -1;
static volatile sig_atomic_t hangup, end;

static void
wake(void)
{
    /* It fails only if the first thread has been woken often enough. */
    if (eventfd_write(wake_fd, 1) != 0)
        return;
}

static void
take_signal(int number)
{
    int error = errno;
    if (number == SIGHUP)
        hangup = 1;
    else
        end = 1;
    wake();
    errno = error;
}

/* -- questions ------------------------------------------------------------ */

mayrelay_dns_answer *
keeper_ask(struct keeper *keeper, const char *client)
{
    struct question question = {.client = client,
                                .changed = PTHREAD_COND_INITIALIZER};
    if (!keeper->resolver)
        return NULL;
    pthread_mutex_lock(&keeper->lock);
    question.next = keeper->questions;
    keeper->questions = &question;
    wake();
    while (!question.answered)
        pthread_cond_wait(&question.changed, &keeper->lock);
    pthread_mutex_unlock(&keeper->lock);
    return question.answer;
}

static void
answer(struct keeper *keeper, struct question *question,
       mayrelay_dns_answer *found)
{
    pthread_mutex_lock(&keeper->lock);
    question->answer = found;
    question->answered = true;
    pthread_cond_signal(&question->changed);
    pthread_mutex_unlock(&keeper->lock);
}

static void
put_questions(struct keeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    struct question *next, *question = keeper->questions;
    keeper->questions = NULL;
    pthread_mutex_unlock(&keeper->lock);
    for (; question; question = next) {
        next = question->next; /* answered, it may be gone */
        if (mayrelay_resolver_ask(keeper->resolver, question->client,
                                  (uintptr_t)question) != MAYRELAY_OK)
            answer(keeper, question, NULL);
    }
}

static void
take_answers(struct keeper *keeper)
{
    mayrelay_dns_answer *found;
    uint64_t token;
    mayrelay_resolver_dispatch(keeper->resolver);
    while ((found = mayrelay_resolver_next(keeper->resolver, &token)))
        answer(keeper, (struct question *)(uintptr_t)token, found);
}

/* -- all of it ------------------------------------------------------------ */

static sigset_t
our_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

/* libmilter has a thread that waits for the same signals: SIGHUP would end the
 * program, and the end is not free of races between its threads.  But Linux
 * gives a signal that is for the process to the first thread if that one wants
 * it; and it does, from now on. */
static void
expect_signals(void)
{
    struct sigaction action = {.sa_handler = take_signal,
                               .sa_flags = SA_RESTART};
    sigset_t signals = our_signals();
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

static void
reload(struct keeper *keeper)
{
    hangup = 0;
    decision_log_reopen(&keeper->log);
    policy_watch_reload(keeper->watch, keeper->settings);
}

static bool
is_over(struct keeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    bool over = keeper->over;
    pthread_mutex_unlock(&keeper->lock);
    return over;
}

bool
keeper_run(struct keeper *keeper)
{
    enum {
        WATCH,
        WAKE,
        RESOLVER,
        POLLS
    };
    eventfd_t times;
    expect_signals();
    while (!end && !is_over(keeper)) {
        struct pollfd polls[POLLS] = {
            [WATCH] = {mayrelay_watch_get_fd(keeper->watch), POLLIN, 0},
            [WAKE] = {wake_fd, POLLIN, 0},
            [RESOLVER] = {mayrelay_resolver_get_fd(keeper->resolver), POLLIN,
                          0},
        };
        /* The time-out is for a resolver that has got no descriptor. */
        if (poll(polls, POLLS,
                 mayrelay_resolver_get_timeout_ms(keeper->resolver)) < 0) {
            if (errno == EINTR)
                continue;
            return false;
        }
        if (polls[WAKE].revents && eventfd_read(wake_fd, &times) == 0)
            put_questions(keeper);
        if (hangup)
            reload(keeper);
        if (polls[WATCH].revents)
            policy_watch_dispatch(keeper->watch, keeper->settings);
        take_answers(keeper);
    }
    return end;
}

void
keeper_stop(struct keeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    keeper->over = true;
    pthread_mutex_unlock(&keeper->lock);
    wake();
}

bool
keeper_open(struct keeper *keeper, const struct settings *settings)
{
    *keeper = (struct keeper){.settings = settings,
                              .lock = PTHREAD_MUTEX_INITIALIZER};
    sigset_t signals = our_signals();
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    keeper->watch = policy_watch_open(settings);
    if (!keeper->watch || !settings_open_resolver(settings, &keeper->resolver))
        return false;
    if (!decision_log_open(&keeper->log, settings->log, settings->log_format,
                           settings->token) ||
        !decision_log_in_background(&keeper->log)) {
        perror(settings->log);
        return false;
    }
    wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return wake_fd >= 0;
}
