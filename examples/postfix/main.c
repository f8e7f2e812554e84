/* mayrelay-policyd: a policy service for Postfix.  README.md says how the two
 * are put together. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "adapter/settings.h"
#include "connection.h"

static const char ABOUT[] =
    "A policy service for Postfix (check_policy_service): answers OK for what "
    "the\npolicy lets be relayed, DUNNO for mail to our own domains, and "
    "otherwise the\nreply that the policy wants.  systemd may hand the sockets "
    "over.\n";

static const struct timeval NO_LONGER_THAN = {.tv_sec = 70};
static const struct timeval BREATH = {.tv_usec = 200000};

/* -- events --------------------------------------------------------------- */

static void
listen_again(evutil_socket_t fd, short what, void *argument)
{
    struct policyd *policyd = argument;
    (void)fd;
    (void)what;
    for (int i = 0; i < policyd->listener_count; i++)
        event_add(policyd->accepts[i], NULL);
}

/* What waits keeps a listener readable: without a pause the loop would spin. */
static void
accept_connection(evutil_socket_t listener, short what, void *argument)
{
    struct policyd *policyd = argument;
    (void)what;
    if (connection_accept(policyd, listener) ||
        event_base_once(policyd->base, -1, EV_TIMEOUT, listen_again, policyd,
                        &BREATH) != 0)
        return;
    for (int i = 0; i < policyd->listener_count; i++)
        event_del(policyd->accepts[i]);
}

static void
take_answers(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    connection_take_answers(argument);
}

static void
dispatch_policy(evutil_socket_t fd, short what, void *argument)
{
    struct policyd *policyd = argument;
    (void)fd;
    (void)what;
    policy_dispatch(&policyd->policy);
}

static void
reload(evutil_socket_t number, short what, void *argument)
{
    struct policyd *policyd = argument;
    (void)number;
    (void)what;
    policy_reload(&policyd->policy);
    decision_log_reopen(&policyd->log);
}

static void
close_listeners(struct policyd *policyd)
{
    for (int i = 0; i < policyd->listener_count; i++) {
        if (policyd->accepts[i])
            event_free(policyd->accepts[i]);
        listener_close(&policyd->listeners[i]);
    }
    policyd->listener_count = 0;
}

/* What waits for DNS is still answered; Postfix sends the rest to our
 * successor. */
static void
stop(evutil_socket_t number, short what, void *argument)
{
    struct policyd *policyd = argument;
    (void)number;
    (void)what;
    close_listeners(policyd);
    connection_stop_all(policyd);
    event_base_loopexit(policyd->base,
                        policyd->connections ? &NO_LONGER_THAN : NULL);
}

/* -- the loop ------------------------------------------------------------- */

static struct event *
watch(struct policyd *policyd, int fd, short what, event_callback_fn call)
{
    struct event *event =
        event_new(policyd->base, fd, what | EV_PERSIST, call, policyd);
    if (event && event_add(event, NULL) != 0) {
        event_free(event);
        event = NULL;
    }
    return event;
}

static bool
watch_listeners(struct policyd *policyd)
{
    for (int i = 0; i < policyd->listener_count; i++) {
        policyd->accepts[i] = watch(policyd, policyd->listeners[i].socket,
                                    EV_READ, accept_connection);
        if (!policyd->accepts[i])
            return false;
    }
    return true;
}

/* Until a signal ends it; false if it cannot. */
static bool
run(struct policyd *policyd)
{
    const struct {
        int fd;
        short what;
        event_callback_fn call;
    } inputs[] = {
        {SIGTERM, EV_SIGNAL, stop},
        {SIGINT, EV_SIGNAL, stop},
        {SIGHUP, EV_SIGNAL, reload},
        {mayrelay_watch_get_fd(policyd->policy.watch), EV_READ,
         dispatch_policy},
        {mayrelay_resolver_get_fd(policyd->resolver), EV_READ, take_answers},
    };
    enum {
        COUNT = sizeof inputs / sizeof *inputs
    };
    int wanted = policyd->resolver ? COUNT : COUNT - 1;
    struct event *events[COUNT] = {NULL};
    bool good = watch_listeners(policyd);
    for (int i = 0; good && i < wanted; i++) {
        events[i] =
            watch(policyd, inputs[i].fd, inputs[i].what, inputs[i].call);
        good = events[i];
    }
    good = good && event_base_dispatch(policyd->base) == 0;
    for (int i = 0; i < COUNT; i++)
        if (events[i])
            event_free(events[i]);
    return good;
}

/* -- start and end -------------------------------------------------------- */

/* One for each process of Postfix's that asks us: as many as there may be. */
static void
raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static struct listener *
next_listener(struct policyd *policyd)
{
    if (policyd->listener_count < LISTENERS_MOST)
        return &policyd->listeners[policyd->listener_count++];
    fprintf(stderr, "too many places to listen at\n");
    return NULL;
}

static bool
open_listeners(struct policyd *policyd, const struct settings *settings)
{
    struct listener *listener;
    int inherited = listener_count_inherited();
    for (int i = 0; i < inherited; i++)
        if (!(listener = next_listener(policyd)) ||
            !listener_inherit(listener, i))
            return false;
    for (size_t i = 0; i < settings->listen_count; i++)
        if (!(listener = next_listener(policyd)) ||
            !listener_open(listener, settings->listen[i]))
            return false;
    if (policyd->listener_count == 0)
        fputs("nowhere to listen: --listen is missing\n", stderr);
    return policyd->listener_count > 0;
}

/* An exit status; what is wrong has been said then. */
static int
open_all(struct policyd *policyd, const struct settings *settings)
{
    policyd->base = event_base_new();
    policyd->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (!policyd->base || policyd->spare < 0)
        return EX_OSERR;
    if (!settings_open_resolver(settings, &policyd->resolver))
        return EX_USAGE;
    if (!policy_open(&policyd->policy, settings))
        return EX_CONFIG;
    if (!decision_log_open(&policyd->log, settings->log, settings->log_format,
                           settings->token) ||
        !decision_log_in_background(&policyd->log)) {
        perror(settings->log);
        return EX_CANTCREAT;
    }
    return open_listeners(policyd, settings) ? EX_OK : EX_UNAVAILABLE;
}

static void
close_all(struct policyd *policyd)
{
    close_listeners(policyd);
    connection_drop_all(policyd);
    mayrelay_resolver_free(policyd->resolver);
    policy_close(&policyd->policy);
    decision_log_close(&policyd->log);
    if (policyd->base)
        event_base_free(policyd->base);
    close(policyd->spare);
}

int
main(int argc, char **argv)
{
    struct settings settings;
    struct policyd policyd = {.spare = -1};
    enum settings_result result = settings_read(
        &settings, ABOUT, "unix:PATH|inet:ADDRESS:PORT", argc, argv);
    if (result != SETTINGS_READY)
        return result == SETTINGS_HELP ? EX_OK : EX_USAGE;
    if (settings.check)
        return policy_check(&settings) ? EX_OK : EX_CONFIG;
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    int status = open_all(&policyd, &settings);
    if (status == EX_OK && !run(&policyd))
        status = EX_SOFTWARE;
    close_all(&policyd);
    return status;
}
