#include "settings.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* Mail servers wait for ten seconds and more, so an answer of ours, be it
     * that DNS has none, is there before they give up. */
    DEFAULT_DEADLINE_S = 5,
    MOST_DEADLINE_S = 60
};

static const struct option KNOWN_OPTIONS[] = {
    {"policy", required_argument, NULL, 'p'},
    {"require-closed", no_argument, NULL, 'r'},
    {"listen", required_argument, NULL, 'l'},
    {"dns", optional_argument, NULL, 'd'},
    {"dns-deadline", required_argument, NULL, 't'},
    {"log", required_argument, NULL, 'o'},
    {"log-format", required_argument, NULL, 'f'},
    {"token", no_argument, NULL, 'k'},
    {"check", no_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static const char OPTIONS_HELP[] =
    "  --require-closed\n"
    "      Only a policy that `mayrelay compile --require closed` has "
    "written,\n"
    "      now and whenever it changes: none of which the audit does not say\n"
    "      that strangers cannot relay.\n"
    "  --dns[=SERVERS]\n"
    "      Look clients' host names up where a decision hangs on them.  "
    "SERVERS\n"
    "      is a list of IP or IP:port, with commas; without it the system's "
    "are\n"
    "      asked.  Without --dns such decisions are a 451.\n"
    "  --dns-deadline SECONDS\n"
    "      The longest that a look-up may take, 5 unless given.\n"
    "  --log FILE|syslog|-\n"
    "      Where the decisions are written, one line each; standard error\n"
    "      unless given.\n"
    "  --log-format logfmt|json\n"
    "      How; logfmt unless given.\n"
    "  --token\n"
    "      Put the id of the line into the reply to the client, too.\n"
    "  --check\n"
    "      Only say whether the policy loads.\n"
    "SIGHUP reads the policy again, and opens the log anew.  A changed policy\n"
    "is read by itself; the old one stays in force if the new one has "
    "errors.\n";

/* What is being read, and for whom. */
struct reading {
    struct settings *settings;
    const char *program, *about, *listen;
};

static void
print_help(const struct reading *reading)
{
    printf("usage: %s --policy FILE%s%s [OPTION...]\n\n%s\n"
           "  --policy FILE\n"
           "      The policy, as text or compiled.\n",
           reading->program, reading->listen ? " --listen " : "",
           reading->listen ? reading->listen : "", reading->about);
    if (reading->listen)
        printf("  --listen %s\n      Where the mail server finds us.\n",
               reading->listen);
    fputs(OPTIONS_HELP, stdout);
}

__attribute__((format(printf, 2, 3))) static bool
usage_error(const struct reading *reading, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", reading->program);
    vfprintf(stderr, format, arguments);
    fputs(" (--help says more)\n", stderr);
    va_end(arguments);
    return false;
}

static bool
read_deadline(const struct reading *reading, const char *text)
{
    char *end;
    unsigned long seconds = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || seconds < 1 ||
        seconds > MOST_DEADLINE_S)
        return usage_error(reading, "--dns-deadline: '%s' is not 1 to %d", text,
                           MOST_DEADLINE_S);
    reading->settings->dns_deadline_ms = (uint32_t)seconds * 1000;
    return true;
}

static bool
read_format(const struct reading *reading, const char *text)
{
    bool json = strcmp(text, "json") == 0;
    if (!json && strcmp(text, "logfmt") != 0)
        return usage_error(reading, "--log-format: '%s' is not logfmt or json",
                           text);
    reading->settings->log_format = json ? MAYRELAY_JSON : MAYRELAY_TEXT;
    return true;
}

static bool
add_listen(const struct reading *reading, const char *place)
{
    struct settings *settings = reading->settings;
    if (settings->listen_count == SETTINGS_LISTEN_MOST)
        return usage_error(reading, "too many --listen");
    settings->listen[settings->listen_count++] = place;
    return true;
}

static bool
set(const struct reading *reading, int option)
{
    struct settings *settings = reading->settings;
    switch (option) {
    case 'p': settings->policy = optarg; return true;
    case 'r': settings->load_flags |= MAYRELAY_LOAD_REQUIRE_CLOSED; return true;
    case 'l':
        if (!reading->listen)
            return usage_error(reading, "there is no --listen");
        return add_listen(reading, optarg);
    case 'd': settings->dns_servers = optarg; return settings->dns = true;
    case 't': return read_deadline(reading, optarg);
    case 'o': settings->log = optarg; return true;
    case 'f': return read_format(reading, optarg);
    case 'k': return settings->token = true;
    case 'c': return settings->check = true;
    default: return false; /* and getopt has said why */
    }
}

static bool
has_all(const struct reading *reading, int argc, char **argv)
{
    const struct settings *settings = reading->settings;
    if (optind < argc)
        return usage_error(reading, "what is '%s'?", argv[optind]);
    if (!settings->policy)
        return usage_error(reading, "--policy is missing");
    return true;
}

enum settings_result
settings_read(struct settings *settings, const char *about, const char *listen,
              int argc, char **argv)
{
    struct reading reading = {settings, argv[0], about, listen};
    int option;
    *settings = (struct settings){.dns_deadline_ms = DEFAULT_DEADLINE_S * 1000};
    while ((option = getopt_long(argc, argv, "", KNOWN_OPTIONS, NULL)) >= 0) {
        if (option == 'h') {
            print_help(&reading);
            return SETTINGS_HELP;
        }
        if (!set(&reading, option))
            return SETTINGS_WRONG;
    }
    return has_all(&reading, argc, argv) ? SETTINGS_READY : SETTINGS_WRONG;
}

bool
settings_open_resolver(const struct settings *settings,
                       mayrelay_resolver **resolver)
{
    *resolver = NULL;
    if (!settings->dns)
        return true;
    *resolver = mayrelay_resolver_new();
    const char *servers = settings->dns_servers;
    if (!*resolver)
        fputs("--dns: this mayrelay was built without DNS\n", stderr);
    else if (servers &&
             mayrelay_resolver_set_servers(*resolver, servers) != MAYRELAY_OK)
        fprintf(stderr, "--dns=%s: not at most eight IP or IP:port\n", servers);
    else if (mayrelay_resolver_set_deadline_ms(
                 *resolver, settings->dns_deadline_ms) == MAYRELAY_OK)
        return true;
    mayrelay_resolver_free(*resolver);
    *resolver = NULL;
    return false;
}
