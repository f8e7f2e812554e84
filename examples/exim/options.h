/* The first argument of every function: what the administrator sets, as one
 * text of name=value pairs.
 *
 *     policy=/etc/mayrelay/policy.mrp names=dns log=syslog token=yes
 *
 * A name that is unknown, wrong or there twice is an error: a misspelt setting
 * must not be taken for its default. */
#ifndef EXIM_OPTIONS_H
#define EXIM_OPTIONS_H

#include <mayrelay.h>

#include "failure.h"

enum {
    OPTIONS_SIZE = 2000
};

enum names_source {
    NAMES_FROM_DNS,  /* our resolver */
    NAMES_FROM_EXIM, /* $sender_host_name */
    NAMES_UNKNOWN    /* nobody looks: 451 where they matter */
};

/* Texts point into `buffer`, so options are not copied by assignment. */
struct options {
    const char *policy;
    unsigned load_flags; /* of enum mayrelay_load_flag */
    enum names_source names;
    const char *dns_servers; /* NULL: the system's */
    uint32_t dns_deadline_ms;
    const char *log; /* as decision_log_open takes it; NULL: none */
    enum mayrelay_format log_format;
    bool token;   /* the decision's id stands in the reply */
    bool reroute; /* there is a router that asks mayrelay_reroute */
    unsigned given;
    char buffer[OPTIONS_SIZE];
};

bool options_read(struct options *options, const char *text,
                  struct failure *failure);

#endif
