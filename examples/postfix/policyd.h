/* What the parts of mayrelay-policyd share. */
#ifndef POLICYD_H
#define POLICYD_H

#include <event2/event.h>
#include <mayrelay.h>

#include "adapter/decision_log.h"
#include "listener.h"
#include "policy.h"

enum {
    LISTENERS_MOST = 16
};

struct policyd {
    struct event_base *base;
    struct policy policy;
    mayrelay_resolver *resolver; /* NULL without --dns */
    struct decision_log log;
    struct listener listeners[LISTENERS_MOST];
    struct event *accepts[LISTENERS_MOST]; /* of the listeners */
    int listener_count;
    int spare; /* a descriptor for when there are no more */
    struct connection *connections;
    bool is_full;  /* as far as has been said */
    bool stopping; /* no new requests; ends with the last connection */
};

#endif
