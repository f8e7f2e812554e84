/* The policy in force: one that follows its files, and that a Postfix policy
 * service can put into effect.
 *
 * Such a service answers yes or no; it cannot give Postfix another recipient.
 * So a policy with `reroute` never comes into force, neither at start nor
 * later. */
#ifndef POLICY_H
#define POLICY_H

#include <mayrelay.h>

#include "adapter/settings.h"

struct policy {
    const struct settings *settings;
    mayrelay_watch *watch;
    mayrelay_policy *in_force;
};

/* Whether it loads, and can be put into effect; says what is wrong with it, and
 * what of it we cannot answer. */
bool policy_check(const struct settings *settings);
/* False if it does not, or if its files cannot be watched.  The settings are
 * used as long as the policy is open. */
bool policy_open(struct policy *policy, const struct settings *settings);
void policy_close(struct policy *policy);
/* When mayrelay_watch_get_fd can be read. */
void policy_dispatch(struct policy *policy);
/* On SIGHUP. */
void policy_reload(struct policy *policy);

#endif
