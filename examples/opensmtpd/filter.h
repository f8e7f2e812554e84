/* What smtpd says and asks, and what it is answered (smtpd-filters(7)).
 *
 * Every question has one answer: at once, or once DNS has said who the client
 * is.  Whatever goes wrong is answered with a 4xx. */
#ifndef OPENSMTPD_FILTER_H
#define OPENSMTPD_FILTER_H

#include "adapter/decision_log.h"
#include "adapter/settings.h"
#include "clients.h"
#include "wire.h"

struct filter {
    const struct settings *settings; /* lives as long */
    mayrelay_watch *watch;
    mayrelay_resolver *resolver; /* NULL: names are not looked up */
    struct decision_log log;
    struct wire wire;
    struct clients clients;
};

/* Takes a line.  False: it cannot go on, and has said why. */
bool filter_take_line(struct filter *filter, char *line);
/* Takes all that DNS has answered.  False: as above. */
bool filter_take_answers(struct filter *filter);

#endif
