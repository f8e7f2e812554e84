/* filter-mayrelay: the policy in OpenSMTPD, as a filter. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "adapter/policy_watch.h"
#include "adapter/settings.h"
#include "filter.h"

static const char ABOUT[] =
    "Asks a mayrelay policy whether a client of OpenSMTPD may hand over a\n"
    "recipient.  smtpd starts it, and speaks with it on standard input and\n"
    "output.\n";

/* What is polled. */
enum {
    INPUT,
    OUTPUT,
    WATCH,
    RESOLVER,
    SIGNALS,
    POLLS
};

/* The answers of a round are written at its end, in one go. */
static bool
serve(struct filter *filter, bool readable)
{
    char *line;
    if (readable && !wire_read(&filter->wire))
        return false;
    while ((line = wire_next_line(&filter->wire)))
        if (!filter_take_line(filter, line))
            return false;
    return filter_take_answers(filter) && wire_write(&filter->wire);
}

static void
take_hangup(struct filter *filter, int signals)
{
    struct signalfd_siginfo signal;
    if (read(signals, &signal, sizeof signal) != sizeof signal)
        return;
    decision_log_reopen(&filter->log);
    policy_watch_reload(filter->watch, filter->settings);
}

/* Until smtpd goes away. */
static void
run(struct filter *filter, int signals)
{
    bool good = true;
    while (good) {
        bool full = wire_is_full(&filter->wire);
        struct pollfd polls[POLLS] = {
            [INPUT] = {full ? -1 : STDIN_FILENO, POLLIN, 0},
            [OUTPUT] = {filter->wire.output_size ? STDOUT_FILENO : -1, POLLOUT,
                        0},
            [WATCH] = {mayrelay_watch_get_fd(filter->watch), POLLIN, 0},
            [RESOLVER] = {mayrelay_resolver_get_fd(filter->resolver), POLLIN,
                          0},
            [SIGNALS] = {signals, POLLIN, 0},
        };
        /* The time-out is for a resolver that has got no descriptor. */
        if (poll(polls, POLLS,
                 mayrelay_resolver_get_timeout_ms(filter->resolver)) < 0) {
            good = errno == EINTR;
            continue;
        }
        if (polls[WATCH].revents)
            policy_watch_dispatch(filter->watch, filter->settings);
        if (polls[SIGNALS].revents)
            take_hangup(filter, signals);
        good = serve(filter, polls[INPUT].revents != 0);
    }
}

/* SIGHUP comes as input, so that it waits its turn.  Other signals end the
 * program, which smtpd must be told by its exit status: else it would go on,
 * and wait for answers that do not come. */
static int
open_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* False if anything of it cannot be had; that has been said then. */
static bool
open_all(struct filter *filter, const struct settings *settings)
{
    filter->settings = settings;
    filter->watch = policy_watch_open(settings);
    if (!filter->watch || !settings_open_resolver(settings, &filter->resolver))
        return false;
    if (!decision_log_open(&filter->log, settings->log, settings->log_format,
                           settings->token) ||
        !decision_log_in_background(&filter->log)) {
        perror(settings->log);
        return false;
    }
    return wire_open(&filter->wire);
}

int
main(int argc, char **argv)
{
    static struct filter filter;
    static struct settings settings;
    switch (settings_read(&settings, ABOUT, NULL, argc, argv)) {
    case SETTINGS_READY: break;
    case SETTINGS_HELP: return EX_OK;
    case SETTINGS_WRONG: return EX_USAGE;
    }
    if (settings.check)
        return policy_check(&settings);
    int signals = open_signals();
    if (!open_all(&filter, &settings))
        return EX_CONFIG;
    run(&filter, signals);
    return EX_UNAVAILABLE;
}
