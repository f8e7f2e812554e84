/* A policy that follows its files, and says on standard error what comes of
 * it. */
#ifndef ADAPTER_POLICY_WATCH_H
#define ADAPTER_POLICY_WATCH_H

#include <mayrelay.h>

/* NULL if the policy does not load. */
mayrelay_watch *policy_watch_open(const char *path);
/* When mayrelay_watch_get_fd can be read. */
void policy_watch_dispatch(mayrelay_watch *watch);
/* On SIGHUP. */
void policy_watch_reload(mayrelay_watch *watch);
/* Whether it loads, as an exit status. */
int policy_check(const char *path);

#endif
