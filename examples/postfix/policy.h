/* The policy in force: one that follows its files, and that a Postfix policy
 * service can put into effect.
 *
 * Such a service answers yes or no; it cannot give Postfix another recipient.
 * So a policy with `reroute` never comes into force, neither at start nor
 * later. */
#ifndef POLICY_H
#define POLICY_H

#include <mayrelay.h>

struct policy {
    const char *path;
    bool dns; /* clients' names are looked up */
    mayrelay_watch *watch;
    mayrelay_policy *in_force;
};

/* Whether it loads, and can be put into effect; says what is wrong with it, and
 * what of it we cannot answer. */
bool policy_check(const char *path, bool dns);
/* False if it does not, or if its files cannot be watched. */
bool policy_open(struct policy *policy, const char *path, bool dns);
void policy_close(struct policy *policy);
/* When mayrelay_watch_get_fd can be read. */
void policy_dispatch(struct policy *policy);
/* On SIGHUP. */
void policy_reload(struct policy *policy);

#endif
