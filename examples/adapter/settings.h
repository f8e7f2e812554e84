/* The options that the adapters for mail servers share. */
#ifndef ADAPTER_SETTINGS_H
#define ADAPTER_SETTINGS_H

#include <mayrelay.h>

enum {
    SETTINGS_LISTEN_MOST = 8
};

struct settings {
    const char *policy;
    unsigned load_flags;                      /* of enum mayrelay_load_flag */
    const char *listen[SETTINGS_LISTEN_MOST]; /* where we are to be found */
    size_t listen_count;
    bool dns;                /* look clients' names up */
    const char *dns_servers; /* NULL: the system's */
    uint32_t dns_deadline_ms;
    const char *log; /* NULL: standard error */
    enum mayrelay_format log_format;
    bool token; /* the decision's id stands in the reply */
    bool check; /* only say whether the policy loads */
};

enum settings_result {
    SETTINGS_READY,
    SETTINGS_HELP, /* help was asked for, and printed */
    SETTINGS_WRONG /* a usage error, and said so */
};

/* `about`: what the program is, for --help, ending with a line end.
 * `listen`: what --listen takes, "unix:PATH"; NULL if there is no such option.
 * The texts in settings are those of argv. */
enum settings_result settings_read(struct settings *settings, const char *about,
                                   const char *listen, int argc, char **argv);
/* The resolver of --dns.  False if there must be one and cannot be, and said
 * so; else *resolver is NULL without --dns. */
bool settings_open_resolver(const struct settings *settings,
                            mayrelay_resolver **resolver);

#endif
