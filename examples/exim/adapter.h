/* What a process of Exim opens once: the policy, a session, the log.
 *
 * Exim loads the library anew in the process of every connection, at the first
 * call; so opening must be cheap, and should be of an image. */
#ifndef EXIM_ADAPTER_H
#define EXIM_ADAPTER_H

#include "adapter/decision_log.h"
#include "names.h"
#include "options.h"

struct adapter {
    bool is_open;
    char settings[OPTIONS_SIZE]; /* what `options` were read from */
    struct options options;
    mayrelay_policy *policy;
    mayrelay_session *session;
    struct decision_log log;
    struct names names;
};

/* Does nothing if it is open already with the same settings. */
bool adapter_open(struct adapter *adapter, const char *settings,
                  struct failure *failure);

#endif
