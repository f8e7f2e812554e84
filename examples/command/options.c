#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "spelling.h"

/* Beyond every character, so that getopt cannot mistake them for one. */
enum option_value {
    OPERAND = 1, /* as getopt_long has it */
    OPTION_CLIENT = 256,
    OPTION_LISTENER,
    OPTION_IDENTITY,
    OPTION_GROUP,
    OPTION_GROUPS,
    OPTION_CLIENT_NAME,
    OPTION_CLIENT_NAMES,
    OPTION_TLS,
    OPTION_CERTIFICATE,
    OPTION_SENDER,
    OPTION_RECIPIENT,
    OPTION_RECIPIENT_EXISTS,
    OPTION_DNS,
    OPTION_BATCH,
    OPTION_SMTP,
    OPTION_SCOPE,
    OPTION_LOG,
    OPTION_WANT,
    OPTION_JSON,
    OPTION_HTML,
    OPTION_OUTPUT,
    OPTION_FAIL_ON,
    OPTION_REQUIRE,
    OPTION_REQUIRE_COVERAGE,
    OPTION_TRUST,
    OPTION_LIMIT,
    OPTION_HELP
};

struct known_option {
    const char *name;
    int has_argument;
    enum option_value value;
    unsigned commands;
};

enum {
    ALL_COMMANDS = COMMANDS_WITH_FACTS | COMMAND_LINT | COMMAND_COMPILE |
                   COMMAND_AUDIT | COMMAND_REPLAY | COMMAND_TEST |
                   COMMAND_CASES | COMMAND_DIFF
};

static const struct known_option KNOWN_OPTIONS[] = {
    {"client", required_argument, OPTION_CLIENT, COMMANDS_WITH_FACTS},
    {"listener", required_argument, OPTION_LISTENER, COMMANDS_WITH_FACTS},
    {"identity", required_argument, OPTION_IDENTITY, COMMANDS_WITH_FACTS},
    {"group", required_argument, OPTION_GROUP, COMMANDS_WITH_FACTS},
    {"groups", required_argument, OPTION_GROUPS, COMMANDS_WITH_FACTS},
    {"client-name", required_argument, OPTION_CLIENT_NAME, COMMANDS_WITH_FACTS},
    {"client-names", required_argument, OPTION_CLIENT_NAMES,
     COMMANDS_WITH_FACTS},
    {"tls", no_argument, OPTION_TLS, COMMANDS_WITH_FACTS},
    {"certificate", required_argument, OPTION_CERTIFICATE, COMMANDS_WITH_FACTS},
    {"sender", required_argument, OPTION_SENDER, COMMANDS_WITH_FACTS},
    {"recipient", required_argument, OPTION_RECIPIENT, COMMANDS_WITH_FACTS},
    {"recipient-exists", required_argument, OPTION_RECIPIENT_EXISTS,
     COMMANDS_WITH_FACTS},
    {"dns", optional_argument, OPTION_DNS, COMMANDS_WITH_FACTS},
    {"batch", no_argument, OPTION_BATCH, COMMAND_CHECK},
    {"smtp", no_argument, OPTION_SMTP, COMMAND_EXPLAIN},
    {"scope", no_argument, OPTION_SCOPE, COMMAND_CHECK},
    {"log", required_argument, OPTION_LOG, COMMAND_EXPLAIN},
    {"want", required_argument, OPTION_WANT, COMMAND_EXPLAIN},
    {"json", no_argument, OPTION_JSON, ALL_COMMANDS},
    {"html", no_argument, OPTION_HTML, COMMAND_AUDIT},
    {"output", required_argument, OPTION_OUTPUT, COMMAND_COMPILE},
    {"fail-on", required_argument, OPTION_FAIL_ON, COMMAND_AUDIT},
    {"require", required_argument, OPTION_REQUIRE,
     COMMAND_AUDIT | COMMAND_COMPILE | COMMAND_REPLAY | COMMAND_DIFF},
    {"require-coverage", no_argument, OPTION_REQUIRE_COVERAGE, COMMAND_TEST},
    {"trust", required_argument, OPTION_TRUST, COMMAND_AUDIT | COMMAND_COMPILE},
    {"limit", required_argument, OPTION_LIMIT, COMMAND_CASES | COMMAND_DIFF},
    {"help", no_argument, OPTION_HELP, ALL_COMMANDS},
};

enum {
    KNOWN_COUNT = sizeof KNOWN_OPTIONS / sizeof *KNOWN_OPTIONS
};

const char options_facts_help[] =
    "  --client IP\n"
    "      The client's address.  Without it every decision is an internal\n"
    "      error, as the server would have forgotten the most important fact.\n"
    "  --listener IP:PORT\n"
    "      Our own side of the connection; the port may be missing, and an\n"
    "      IPv6 address with a port stands in brackets: [2001:db8::25]:25.\n"
    "  --identity U\n"
    "      The authenticated identity.  Without it the client is anonymous.\n"
    "  --group G\n"
    "      A group that the identity belongs to; repeat it for several.  The\n"
    "      groups given are all there are.\n"
    "  --groups none|tempfail\n"
    "      The identity belongs to no group, or the look-up failed.  With\n"
    "      neither --group nor --groups nobody has looked.\n"
    "  --client-name N\n"
    "      A host name of the client, forward-confirmed; repeat it for\n"
    "      several.  The names given are all there are.\n"
    "  --client-names none|tempfail\n"
    "      The client has no confirmed name, or the look-up failed.  With\n"
    "      neither --client-name nor --client-names nobody has looked.\n"
    "  --dns[=SERVERS]\n"
    "      Look the client's confirmed names up, if the decision hangs on\n"
    "      them.  SERVERS is a list of IP or IP:port, with commas; without it\n"
    "      the system's are asked.\n"
    "  --tls\n"
    "      The session is encrypted.\n"
    "  --certificate HEX\n"
    "      The SHA-256 fingerprint of the client's verified certificate, 64\n"
    "      hexadecimal digits with or without colons; means --tls.\n"
    "  --sender S\n"
    "      The argument of MAIL FROM; '<>' or '' is the null sender.\n"
    "  --recipient R\n"
    "      The argument of RCPT TO.  Without it MAIL is judged, and without\n"
    "      --sender too, the connection.\n"
    "  --recipient-exists yes|no|tempfail\n"
    "      Whether the mailbox exists, where the policy says `mailboxes: "
    "ask`.\n";

/* What is being read, and for whom. */
struct reading {
    struct options *options;
    const struct command *command;
    struct option known[KNOWN_COUNT + 1];
};

static void
list_options(struct reading *reading)
{
    size_t count = 0;
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        const struct known_option *known = &KNOWN_OPTIONS[i];
        if (known->commands & (unsigned)reading->command->flag)
            reading->known[count++] = (struct option){
                known->name, known->has_argument, NULL, (int)known->value};
    }
    reading->known[count] = (struct option){0};
}

static bool
wrong_value(const struct reading *reading, const char *option,
            const char *expected)
{
    usage_error(reading->command->name, "--%s: '%s' is not %s", option, optarg,
                expected);
    return false;
}

static bool
set_once(const struct reading *reading, const char *option, struct text *fact)
{
    if (fact->data) {
        usage_error(reading->command->name, "--%s is given twice", option);
        return false;
    }
    *fact = as_text(optarg);
    return true;
}

/* --group and --client-name; --groups and --client-names say it in one word. */
static bool
add_to_list(const struct reading *reading, const char *option,
            struct text_list *list)
{
    if (list->looked_up != LOOKED_UP_NOT && !list->count) {
        usage_error(reading->command->name, "--%s beside --%ss", option,
                    option);
        return false;
    }
    list->looked_up = LOOKED_UP_KNOWN;
    text_list_add(list, as_text(optarg));
    return true;
}

static bool
set_list(const struct reading *reading, const char *option,
         struct text_list *list)
{
    if (list->looked_up != LOOKED_UP_NOT) {
        usage_error(reading->command->name,
                    "--%s beside another statement of the same fact", option);
        return false;
    }
    if (strcmp(optarg, "none") == 0)
        list->looked_up = LOOKED_UP_KNOWN;
    else if (strcmp(optarg, "tempfail") == 0)
        list->looked_up = LOOKED_UP_FAILED;
    else
        return wrong_value(reading, option, "none or tempfail");
    return true;
}

static bool
set_existence(const struct reading *reading, const char *option,
              enum existence *existence)
{
    if (strcmp(optarg, "yes") == 0)
        *existence = EXISTENCE_YES;
    else if (strcmp(optarg, "no") == 0)
        *existence = EXISTENCE_NO;
    else if (strcmp(optarg, "tempfail") == 0)
        *existence = EXISTENCE_FAILED;
    else
        return wrong_value(reading, option, "yes, no or tempfail");
    return true;
}

static bool
set_dns(const struct reading *reading)
{
    struct options *options = reading->options;
    const char *problem = dns_open(&options->dns, optarg);
    options->facts.dns = &options->dns;
    if (problem)
        usage_error(reading->command->name, "--dns%s%s: %s", optarg ? "=" : "",
                    optarg ? optarg : "", problem);
    return !problem;
}

static bool
set_fact(const struct reading *reading, int value)
{
    struct facts *facts = &reading->options->facts;
    reading->options->has_facts = true;
    switch (value) {
    case OPTION_CLIENT: return set_once(reading, "client", &facts->client);
    case OPTION_LISTENER:
        return set_once(reading, "listener", &facts->listener);
    case OPTION_IDENTITY:
        return set_once(reading, "identity", &facts->identity);
    case OPTION_GROUP: return add_to_list(reading, "group", &facts->groups);
    case OPTION_GROUPS: return set_list(reading, "groups", &facts->groups);
    case OPTION_CLIENT_NAME:
        return add_to_list(reading, "client-name", &facts->client_names);
    case OPTION_CLIENT_NAMES:
        return set_list(reading, "client-names", &facts->client_names);
    case OPTION_DNS: return set_dns(reading);
    case OPTION_TLS: return facts->tls = true;
    case OPTION_CERTIFICATE:
        return set_once(reading, "certificate", &facts->certificate);
    case OPTION_SENDER: return set_once(reading, "sender", &facts->sender);
    case OPTION_RECIPIENT:
        return set_once(reading, "recipient", &facts->recipient);
    default:
        return set_existence(reading, "recipient-exists",
                             &facts->recipient_exists);
    }
}

static bool
set_fail_on(const struct reading *reading)
{
    static const char *const levels[] = {"note", "warning", "error", "never"};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strcmp(optarg, levels[i]) == 0) {
            reading->options->fail_on = optarg;
            return true;
        }
    return wrong_value(reading, "fail-on", "note, warning, error or never");
}

/* One of the words between the bars of the command's. */
static bool
set_requirement(const struct reading *reading)
{
    const char *words = reading->command->requirements;
    const char *at = words;
    size_t size = strlen(optarg);
    while (strcspn(at, "|") != size || strncmp(at, optarg, size) != 0) {
        at += strcspn(at, "|");
        if (!*at++)
            return wrong_value(reading, "require", words);
    }
    reading->options->require = optarg;
    return true;
}

/* There is only one thing that one can want. */
static bool
set_want(const struct reading *reading)
{
    if (strcmp(optarg, "accept") != 0)
        return wrong_value(reading, "want", "accept");
    return reading->options->want_accept = true;
}

static bool
set_limit(const struct reading *reading)
{
    enum {
        LIMIT_MOST = 10 * 1000 * 1000
    };
    char *end;
    long limit = strtol(optarg, &end, 10);
    if (*end || end == optarg || limit < 1 || limit > LIMIT_MOST)
        return wrong_value(reading, "limit", "a number from 1 to 10000000");
    reading->options->limit = (size_t)limit;
    return true;
}

static bool
set_option(const struct reading *reading, int value)
{
    struct options *options = reading->options;
    switch (value) {
    case OPTION_BATCH: return options->batch = true;
    case OPTION_SMTP: return options->smtp = true;
    case OPTION_SCOPE: return options->scope = true;
    case OPTION_LOG: options->log = optarg; return true;
    case OPTION_WANT: return set_want(reading);
    case OPTION_JSON: return options->json = true;
    case OPTION_HTML: return options->html = true;
    case 'o':
    case OPTION_OUTPUT: options->output = optarg; return true;
    case OPTION_FAIL_ON: return set_fail_on(reading);
    case OPTION_REQUIRE: return set_requirement(reading);
    case OPTION_REQUIRE_COVERAGE: return options->require_coverage = true;
    case OPTION_TRUST:
        text_list_add(&options->trusted, as_text(optarg));
        return true;
    case OPTION_LIMIT: return set_limit(reading);
    default: return set_fact(reading, value);
    }
}

static const char *
nearest_option(const struct reading *reading, const char *name)
{
    struct spelling spelling = spelling_of(name);
    for (const struct option *known = reading->known; known->name; known++) {
        if (*name && strncmp(known->name, name, strlen(name)) == 0)
            return known->name; /* the first of several that it begins */
        spelling_offer(&spelling, known->name);
    }
    return spelling.name;
}

/* What getopt_long answers with '?': an option that is unknown, ambiguous, or
 * has a value it does not take. */
static void
say_unknown(const struct reading *reading, const char *word)
{
    const char *command = reading->command->name;
    if (optopt >= OPTION_CLIENT) {
        usage_error(command, "%s: this option takes no value", word);
        return;
    }
    if (optopt) {
        usage_error(command, "unknown option -%c", optopt);
        return;
    }
    char name[64];
    int size = (int)strcspn(word, "=");
    snprintf(name, sizeof name, "%.*s", size > 2 ? size - 2 : 0, word + 2);
    const char *near = nearest_option(reading, name);
    if (near)
        usage_error(command, "unknown option --%s; did you mean --%s?", name,
                    near);
    else
        usage_error(command, "unknown option --%s", name);
}

static bool
set_operand(const struct reading *reading, const char *word)
{
    const struct command *command = reading->command;
    struct options *options = reading->options;
    if (!options->policy) {
        options->policy = word;
    } else if (!command->second) {
        usage_error(command->name, "'%s': one policy is enough", word);
        return false;
    } else if (!options->second) {
        options->second = word;
    } else {
        usage_error(command->name, "'%s': one %s is enough", word,
                    command->second);
        return false;
    }
    return true;
}

/* `value` is what getopt_long made of `word`, or of what stands before it. */
static enum options_result
take_word(const struct reading *reading, int value, const char *word)
{
    switch (value) {
    case 'h':
    case OPTION_HELP: help_print(reading->command); return OPTIONS_HELP;
    case '?': say_unknown(reading, word); return OPTIONS_WRONG;
    case ':':
        usage_error(reading->command->name, "%s: a value is missing", word);
        return OPTIONS_WRONG;
    case OPERAND:
        return set_operand(reading, optarg) ? OPTIONS_READY : OPTIONS_WRONG;
    default: return set_option(reading, value) ? OPTIONS_READY : OPTIONS_WRONG;
    }
}

static enum options_result
read_words(const struct reading *reading, int argc, char **argv)
{
    bool has_output = reading->command->flag == COMMAND_COMPILE;
    /* '-': operands may stand anywhere, whatever POSIXLY_CORRECT says. */
    const char *letters = has_output ? "-:ho:" : "-:h";
    enum options_result result = OPTIONS_READY;
    int value;
    opterr = 0;
    optind = 0; /* glibc: begin anew */
    while (result == OPTIONS_READY &&
           (value = getopt_long(argc, argv, letters, reading->known, NULL)) >=
               0)
        result = take_word(reading, value, argv[optind - 1]);
    for (; result == OPTIONS_READY && optind < argc; optind++)
        if (!set_operand(reading, argv[optind]))
            result = OPTIONS_WRONG;
    return result;
}

/* What must be readable to be worth a decision. */
static bool
facts_make_sense(const struct options *options, const struct command *command)
{
    const char *problem = unreadable_address(&options->facts);
    if (problem) {
        usage_error(command->name, "--%s", problem);
        return false;
    }
    if (options->facts.dns && options->facts.client_names.looked_up) {
        usage_error(command->name,
                    "--dns beside --client-name or --client-names");
        return false;
    }
    if (!certificate_is_readable(&options->facts)) {
        usage_error(command->name,
                    "--certificate is not 64 hexadecimal digits");
        return false;
    }
    return true;
}

enum options_result
options_read(struct options *options, const struct command *command, int argc,
             char **argv)
{
    *options = (struct options){0};
    struct reading reading = {.options = options, .command = command};
    list_options(&reading);
    enum options_result result = read_words(&reading, argc, argv);
    if (result != OPTIONS_READY)
        return result;
    if (!options->policy) {
        usage_error(command->name, "which policy?");
        return OPTIONS_WRONG;
    }
    if (command->second && !options->second) {
        usage_error(command->name, "which %s?", command->second);
        return OPTIONS_WRONG;
    }
    if (options->has_facts && !facts_make_sense(options, command))
        return OPTIONS_WRONG;
    return OPTIONS_READY;
}

void
options_free(struct options *options)
{
    free_facts(&options->facts);
    free(options->trusted.items);
    dns_close(&options->dns);
}
