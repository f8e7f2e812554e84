#include "options.h"

#include <string.h>

enum {
    DEFAULT_DEADLINE_S = 5, /* as the other adapters have it */
    MOST_DEADLINE_S = 60
};

static const char BLANKS[] = " \t\r\n";

/* -- values: each is false for what it cannot read ------------------------- */

static bool
read_path(const char *value, const char **path)
{
    *path = value;
    return value[0] == '/';
}

static bool
read_yes_no(const char *value, bool *yes)
{
    *yes = strcmp(value, "yes") == 0;
    return *yes || strcmp(value, "no") == 0;
}

static bool
set_policy(struct options *options, const char *value)
{
    return read_path(value, &options->policy);
}

static bool
set_require_closed(struct options *options, const char *value)
{
    bool yes = false;
    bool readable = read_yes_no(value, &yes);
    options->load_flags = yes ? MAYRELAY_LOAD_REQUIRE_CLOSED : 0;
    return readable;
}

static bool
set_names(struct options *options, const char *value)
{
    static const char *const sources[] = {
        [NAMES_FROM_DNS] = "dns",
        [NAMES_FROM_EXIM] = "exim",
        [NAMES_UNKNOWN] = "none",
    };
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (strcmp(value, sources[i]) == 0) {
            options->names = (enum names_source)i;
            return true;
        }
    }
    return false;
}

static bool
set_dns_servers(struct options *options, const char *value)
{
    options->dns_servers = value;
    return true;
}

static bool
set_dns_deadline(struct options *options, const char *value)
{
    uint32_t seconds = 0;
    for (; *value >= '0' && *value <= '9' && seconds <= MOST_DEADLINE_S;
         value++)
        seconds = seconds * 10 + (uint32_t)(*value - '0');
    options->dns_deadline_ms = seconds * 1000;
    return *value == '\0' && seconds > 0 && seconds <= MOST_DEADLINE_S;
}

static bool
set_log(struct options *options, const char *value)
{
    options->log = value;
    if (strcmp(value, "none") == 0)
        options->log = NULL;
    return value[0] == '/' || strcmp(value, "syslog") == 0 || !options->log;
}

static bool
set_log_format(struct options *options, const char *value)
{
    bool json = strcmp(value, "json") == 0;
    options->log_format = json ? MAYRELAY_JSON : MAYRELAY_TEXT;
    return json || strcmp(value, "logfmt") == 0;
}

static bool
set_token(struct options *options, const char *value)
{
    return read_yes_no(value, &options->token);
}

static bool
set_reroute(struct options *options, const char *value)
{
    options->reroute = true;
    return strcmp(value, "router") == 0;
}

/* -- names ----------------------------------------------------------------- */

static const struct option {
    const char *name;
    bool (*set)(struct options *options, const char *value);
    const char *wanted;
} OPTIONS[] = {
    {"policy", set_policy, "a path from the root"},
    {"require-closed", set_require_closed, "yes or no"},
    {"names", set_names, "dns, exim or none"},
    {"dns-servers", set_dns_servers, "addresses"},
    {"dns-deadline", set_dns_deadline, "1 to 60 seconds"},
    {"log", set_log, "syslog, none or a path from the root"},
    {"log-format", set_log_format, "logfmt or json"},
    {"token", set_token, "yes or no"},
    {"reroute", set_reroute, "router"},
};

static bool
read_pair(struct options *options, char *pair, struct failure *failure)
{
    char *value = strchr(pair, '=');
    if (!value)
        return fail(failure, "mayrelay: \"%s\" is not name=value", pair);
    *value++ = '\0';
    for (size_t i = 0; i < sizeof OPTIONS / sizeof *OPTIONS; i++) {
        const struct option *option = &OPTIONS[i];
        if (strcmp(option->name, pair) != 0)
            continue;
        if (options->given & 1U << i)
            return fail(failure, "mayrelay: %s= is there twice", pair);
        options->given |= 1U << i;
        if (!option->set(options, value))
            return fail(failure, "mayrelay: %s=%s: wanted is %s", pair, value,
                        option->wanted);
        return true;
    }
    return fail(failure, "mayrelay: there is no setting \"%s\"", pair);
}

bool
options_read(struct options *options, const char *text, struct failure *failure)
{
    size_t size = strlen(text);
    *options = (struct options){.log = "syslog",
                                .dns_deadline_ms = DEFAULT_DEADLINE_S * 1000};
    if (size >= sizeof options->buffer)
        return fail(failure, "mayrelay: the settings are too long");
    memcpy(options->buffer, text, size + 1);
    char *next = options->buffer + strspn(options->buffer, BLANKS);
    while (*next) {
        char *pair = next;
        next += strcspn(next, BLANKS);
        if (*next)
            *next++ = '\0';
        next += strspn(next, BLANKS);
        if (!read_pair(options, pair, failure))
            return false;
    }
    if (!options->policy)
        return fail(failure, "mayrelay: policy= is missing");
    return true;
}
