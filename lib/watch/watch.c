/* A policy that follows its files: see mayrelay/watch.h. */
#include "mayrelay/watch.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "image/policy.h"
#include "watch/spots.h"

enum {
    QUIET_MS = 100,      /* without a change, and the files are read */
    PATIENCE_MS = 10000, /* ... or this long behind the first change */
    RETRY_MS = 1000,     /* doubled at each failure, */
    RETRY_MOST_MS = 60000
};

struct mayrelay_watch {
    pthread_mutex_t lock; /* of `policy`, held for no longer than a ref */
    mayrelay_policy *policy;
    char *path;
    unsigned flags;
    struct spots spots;
    int timer, both;       /* both: epoll over inotify and the timer */
    int64_t patience_ends; /* 0: no change is waiting to be read */
    int retry_ms;          /* 0: nothing has to be tried again */
};

/* -- time --------------------------------------------------------------- */

static int64_t
now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* 0 stops it. */
static void
start_timer(struct mayrelay_watch *watch, int64_t ms)
{
    struct itimerspec when = {
        .it_value = {.tv_sec = (time_t)(ms / 1000),
                     .tv_nsec = (long)(ms % 1000) * 1000000}};
    timerfd_settime(watch->timer, 0, &when, NULL);
}

static bool
timer_has_run_out(struct mayrelay_watch *watch)
{
    uint64_t times;
    return read(watch->timer, &times, sizeof times) == sizeof times;
}

/* How long to wait for more, now that something has changed. */
static int64_t
time_to_wait(struct mayrelay_watch *watch)
{
    int64_t now = now_ms();
    if (!watch->patience_ends)
        watch->patience_ends = now + PATIENCE_MS;
    int64_t left = watch->patience_ends - now;
    if (left <= QUIET_MS || spots_being_written(&watch->spots))
        return left;
    return QUIET_MS;
}

static bool
is_time_to_read(struct mayrelay_watch *watch)
{
    if (!spots_read(&watch->spots))
        return timer_has_run_out(watch);
    int64_t wait = time_to_wait(watch);
    if (wait <= 0)
        return true;
    start_timer(watch, wait);
    return false;
}

/* What failed for another reason than what the files say may go well later
 * without any change of theirs.  So may what could not even be said. */
static void
plan_retry(struct mayrelay_watch *watch, const struct mayrelay_report *found)
{
    bool untold = report_failed(found) &&
                  mayrelay_report_count_at(found, MAYRELAY_ERROR) == 0;
    bool again = untold || report_has(found, FINDING_FILE_UNREADABLE) ||
                 report_has(found, FINDING_FILE_UNWATCHED) ||
                 report_has(found, FINDING_FILE_BEING_WRITTEN) ||
                 report_has(found, FINDING_OUT_OF_MEMORY);
    int longer = watch->retry_ms ? watch->retry_ms * 2 : RETRY_MS;
    if (longer > RETRY_MOST_MS)
        longer = RETRY_MOST_MS;
    watch->retry_ms = again ? longer : 0;
    watch->patience_ends = 0;
    start_timer(watch, watch->retry_ms);
}

/* -- loading ------------------------------------------------------------ */

static void
visit(void *context, const char *path)
{
    spots_add(context, path);
}

static mayrelay_policy *
load_aside(struct mayrelay_watch *watch, struct mayrelay_report *found)
{
    struct file_visitor visitor = {.visit = visit, .context = &watch->spots};
    spots_renew(&watch->spots);
    mayrelay_policy *policy =
        policy_load(watch->path, watch->flags, &visitor, found);
    spots_settle(&watch->spots);
    if (watch->spots.problem)
        report_add(found, FINDING_FILE_UNWATCHED,
                   (struct place){watch->path, 0, 0},
                   "fs.inotify.max_user_watches limits how much one user "
                   "may watch",
                   "a change may be noticed a minute late: %s",
                   strerror(watch->spots.problem));
    plan_retry(watch, found);
    return policy;
}

/* Takes the policy. */
static enum mayrelay_reload
put_in_force(struct mayrelay_watch *watch, mayrelay_policy *policy)
{
    mayrelay_policy *old = watch->policy; /* only this thread writes it */
    bool same = strcmp(mayrelay_policy_get_digest(policy),
                       mayrelay_policy_get_digest(old)) == 0;
    if (same) {
        mayrelay_policy_unref(policy);
        return MAYRELAY_RELOAD_NONE;
    }
    pthread_mutex_lock(&watch->lock);
    watch->policy = policy;
    pthread_mutex_unlock(&watch->lock);
    mayrelay_policy_unref(old);
    return MAYRELAY_RELOAD_DONE;
}

/* Half a list loads as well as the whole, so what is known to be half-way is
 * not even tried: its writer's end will be seen. */
static bool
is_half_way(struct mayrelay_watch *watch, struct mayrelay_report *found)
{
    if (!spots_being_written(&watch->spots))
        return false;
    report_add(found, FINDING_FILE_BEING_WRITTEN,
               (struct place){watch->path, 0, 0},
               "write another file, and rename it",
               "the policy or a list file of it is open and half-way written");
    plan_retry(watch, found);
    return true;
}

/* What changed while it was read may have been read half-way too: it is read
 * again once it is at rest.  Nobody waits longer than the patience that was
 * left before. */
static bool
has_changed_meanwhile(struct mayrelay_watch *watch, int64_t patience_ends)
{
    if (!spots_read(&watch->spots))
        return false;
    watch->patience_ends = patience_ends;
    int64_t wait = time_to_wait(watch);
    bool patient = wait > 0;
    if (!patient) {
        watch->patience_ends = 0;
        wait = time_to_wait(watch);
    }
    start_timer(watch, wait);
    return patient;
}

static enum mayrelay_reload
reload(struct mayrelay_watch *watch, mayrelay_report **report)
{
    enum mayrelay_reload outcome = MAYRELAY_RELOAD_FAILED;
    int64_t patience_ends = watch->patience_ends;
    struct mayrelay_report *found = report_new();
    if (!found) {
        plan_retry(watch, NULL);
        return outcome;
    }
    mayrelay_policy *policy =
        is_half_way(watch, found) ? NULL : load_aside(watch, found);
    if (policy && has_changed_meanwhile(watch, patience_ends)) {
        mayrelay_policy_unref(policy);
        outcome = MAYRELAY_RELOAD_NONE;
    } else if (policy && is_half_way(watch, found)) {
        mayrelay_policy_unref(policy);
    } else if (policy) {
        outcome = put_in_force(watch, policy);
    }
    report_hand_out(found, outcome == MAYRELAY_RELOAD_NONE ? NULL : report);
    return outcome;
}

enum mayrelay_reload
mayrelay_watch_dispatch(mayrelay_watch *watch, mayrelay_report **report)
{
    if (report)
        *report = NULL;
    if (!watch)
        return MAYRELAY_RELOAD_FAILED;
    if (!is_time_to_read(watch))
        return MAYRELAY_RELOAD_NONE;
    return reload(watch, report);
}

enum mayrelay_reload
mayrelay_watch_reload(mayrelay_watch *watch, mayrelay_report **report)
{
    if (report)
        *report = NULL;
    if (!watch)
        return MAYRELAY_RELOAD_FAILED;
    spots_read(&watch->spots); /* what comes later is not read yet */
    return reload(watch, report);
}

/* -- life --------------------------------------------------------------- */

static bool
poll_for_input(int both, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl(both, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool
open_descriptors(struct mayrelay_watch *watch)
{
    return spots_open(&watch->spots) &&
           (watch->timer = timerfd_create(CLOCK_MONOTONIC,
                                          TFD_NONBLOCK | TFD_CLOEXEC)) >= 0 &&
           (watch->both = epoll_create1(EPOLL_CLOEXEC)) >= 0 &&
           poll_for_input(watch->both, watch->spots.inotify) &&
           poll_for_input(watch->both, watch->timer);
}

static void
close_descriptors(struct mayrelay_watch *watch)
{
    spots_close(&watch->spots);
    if (watch->timer >= 0)
        close(watch->timer);
    if (watch->both >= 0)
        close(watch->both);
}

/* Everything but the policy; NULL (and a finding) on any error. */
static struct mayrelay_watch *
watch_of(const char *path, unsigned flags, struct mayrelay_report *report)
{
    struct mayrelay_watch *watch = memory_new(1, sizeof *watch);
    size_t size = path ? strlen(path) + 1 : 0;
    char *copy = memory_new(size, 1);
    if (!watch || !copy || pthread_mutex_init(&watch->lock, NULL) != 0) {
        memory_free(watch);
        memory_free(copy);
        report_add(report, FINDING_OUT_OF_MEMORY, (struct place){0}, NULL,
                   "out of memory");
        return NULL;
    }
    if (path)
        memcpy(copy, path, size);
    watch->path = copy;
    watch->flags = flags | MAYRELAY_LOAD_COPY | MAYRELAY_LOAD_VERIFY;
    watch->timer = watch->both = -1;
    if (open_descriptors(watch))
        return watch;
    report_add(report, FINDING_NO_WATCH, (struct place){path, 0, 0},
               "fs.inotify.max_user_instances limits how many one user may "
               "have",
               "cannot watch files: %s", strerror(errno));
    mayrelay_watch_free(watch);
    return NULL;
}

/* There is no older policy to stay with, so what changes while it is read is
 * read once more at once, and then when it is at rest. */
static mayrelay_policy *
load_first(struct mayrelay_watch *watch, struct mayrelay_report *found)
{
    mayrelay_policy *policy = load_aside(watch, found);
    if (!policy || !spots_read(&watch->spots))
        return policy;
    mayrelay_policy *again = load_aside(watch, found);
    start_timer(watch, time_to_wait(watch));
    mayrelay_policy_unref(policy);
    return again;
}

mayrelay_watch *
mayrelay_watch_new(const char *path, unsigned flags, mayrelay_report **report)
{
    if (report)
        *report = NULL;
    struct mayrelay_report *found = report_new();
    if (!found)
        return NULL;
    struct mayrelay_watch *watch = watch_of(path, flags, found);
    if (watch)
        watch->policy = load_first(watch, found);
    report_hand_out(found, report);
    if (watch && watch->policy)
        return watch;
    mayrelay_watch_free(watch);
    return NULL;
}

void
mayrelay_watch_free(mayrelay_watch *watch)
{
    if (!watch)
        return;
    mayrelay_policy_unref(watch->policy);
    close_descriptors(watch);
    pthread_mutex_destroy(&watch->lock);
    memory_free(watch->path);
    memory_free(watch);
}

int
mayrelay_watch_get_fd(const mayrelay_watch *watch)
{
    return watch ? watch->both : -1;
}

mayrelay_policy *
mayrelay_watch_ref_policy(mayrelay_watch *watch)
{
    if (!watch)
        return NULL;
    pthread_mutex_lock(&watch->lock);
    mayrelay_policy *policy = mayrelay_policy_ref(watch->policy);
    pthread_mutex_unlock(&watch->lock);
    return policy;
}
