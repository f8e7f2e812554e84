/* A policy that follows its files, and says on standard error what comes of
 * it. */
#ifndef ADAPTER_POLICY_WATCH_H
#define ADAPTER_POLICY_WATCH_H

#include "settings.h"

/* NULL if the policy does not load. */
mayrelay_watch *policy_watch_open(const struct settings *settings);
/* When mayrelay_watch_get_fd can be read. */
void policy_watch_dispatch(mayrelay_watch *watch,
                           const struct settings *settings);
/* On SIGHUP. */
void policy_watch_reload(mayrelay_watch *watch,
                         const struct settings *settings);
/* For --check: whether it loads, as an exit status. */
int policy_check(const struct settings *settings);

#endif
