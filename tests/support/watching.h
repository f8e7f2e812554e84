/* A watch, its host, and time that runs faster: the linker sends the library's
 * timers here (--wrap). */
#ifndef TESTS_WATCHING_H
#define TESTS_WATCHING_H

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <time.h>

#include "folder.h"
#include "policies.h"
#include "suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define Z            MAYRELAY_ZSTR

enum {
    LONGEST_MS = 10000, /* that a test waits for what must come */
    CALM_MS = 50        /* ... and for what must not */
};

/* -- time, and the limits of the kernel ----------------------------------- */

int __real_timerfd_settime(int fd, int flags, const struct itimerspec *when,
                           struct itimerspec *old);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when,
                           struct itimerspec *old);
int __real_inotify_add_watch(int fd, const char *path, uint32_t events);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t events);

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

static time_t ahead; /* seconds that the clock is */
static long last_ms; /* what the timer was set to, before it was hurried */
static int hurry;    /* how many times faster it runs */
static bool no_room; /* the user watches as much as she may */
static void (*right_before)(const char *path); /* ... it is read, or NULL */

int
__wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when,
                       struct itimerspec *old)
{
    last_ms = when->it_value.tv_sec * 1000 + when->it_value.tv_nsec / 1000000;
    long us = last_ms * 1000 / hurry;
    struct itimerspec sooner = {
        .it_value = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000}};
    return __real_timerfd_settime(fd, flags, &sooner, old);
}

int
__wrap_inotify_add_watch(int fd, const char *path, uint32_t events)
{
    if (no_room) {
        errno = ENOSPC;
        return -1;
    }
    int added = __real_inotify_add_watch(fd, path, events);
    if (right_before)
        right_before(path);
    return added;
}

int
__wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    int status = __real_clock_gettime(clock, now);
    now->tv_sec += ahead;
    return status;
}

/* -- a watch, and what it does -------------------------------------------- */

static mayrelay_watch *watch;
static mayrelay_report *report;

static inline void
start_test(void)
{
    folder_make();
    hurry = 10;
    no_room = false;
    right_before = NULL;
    ahead = 0;
}

static inline void
end_test(void)
{
    mayrelay_report_free(report);
    mayrelay_watch_free(watch);
    report = NULL;
    watch = NULL;
    folder_remove();
}

static inline void
open_watch(const char *name)
{
    watch = mayrelay_watch_new(in_folder(name), 0, &report);
    ck_assert_msg(watch, "%s", mayrelay_report_get_text(report, 0));
}

static inline enum mayrelay_reload
dispatch(void)
{
    mayrelay_report_free(report);
    return mayrelay_watch_dispatch(watch, &report);
}

static inline enum mayrelay_reload
reload(void)
{
    mayrelay_report_free(report);
    return mayrelay_watch_reload(watch, &report);
}

static inline bool
is_readable(int ms)
{
    struct pollfd poll_for = {mayrelay_watch_get_fd(watch), POLLIN, 0};
    return poll(&poll_for, 1, ms) == 1;
}

/* As a host: dispatches when it shall, until something has come of it. */
static inline void
await(enum mayrelay_reload wanted)
{
    enum mayrelay_reload outcome = MAYRELAY_RELOAD_NONE;
    while (outcome == MAYRELAY_RELOAD_NONE) {
        ck_assert_msg(is_readable(LONGEST_MS), "nothing comes");
        outcome = dispatch();
    }
    const char *text = mayrelay_report_get_text(report, 0);
    ck_assert_msg(outcome == wanted, "outcome %d: %s", outcome,
                  text ? text : "");
}

/* Nothing more is loaded, and the descriptor falls silent. */
static inline void
assert_calm(void)
{
    while (is_readable(CALM_MS))
        ck_assert_int_eq(dispatch(), MAYRELAY_RELOAD_NONE);
}

static inline bool
allows(const char *client)
{
    mayrelay_policy *policy = mayrelay_watch_ref_policy(watch);
    int code =
        mayrelay_check(policy, client, NULL, "<>", "x@far.example", NULL, 0);
    mayrelay_policy_unref(policy);
    ck_assert(code == 250 || code == 550);
    return code == 250;
}

/* Whom the policy in force lets relay: the N of 10.0.0.N. */
static inline void
assert_allows(int host)
{
    char client[32];
    for (int i = 1; i < 10; i++) {
        snprintf(client, sizeof client, "10.0.0.%d", i);
        ck_assert_msg(allows(client) == (i == host), "%s", client);
    }
}

#define HEAD          "mayrelay: 1\ndomains: {inbound: [example.com]}\n"
#define ALLOW(client) HEAD "relay: {allow: [{clients: [" client "]}]}\n"
#define BROKEN        HEAD "relay: {allow: [{clients: [\n"

static inline void
save(const char *policy, const char *name)
{
    mayrelay_policy *saved = must_parse(policy);
    ck_assert_int_eq(mayrelay_policy_save(saved, in_folder(name)), MAYRELAY_OK);
    mayrelay_policy_unref(saved);
}

#endif
