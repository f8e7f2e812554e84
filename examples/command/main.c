/* mayrelay: may this client hand us this recipient?  The command line of the
 * library, by its public headers alone. */
#include <errno.h>
#include <jansson.h>
#include <mayrelay.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>

#include "command.h"
#include "options.h"
#include "print.h"
#include "spelling.h"

static const struct command *const COMMANDS[] = {
    &check_command, &explain_command, &lint_command,
    &audit_command, &diff_command,    &test_command,
    &cases_command, &replay_command,  &compile_command,
};

enum {
    COMMAND_COUNT = sizeof COMMANDS / sizeof *COMMANDS
};

static const struct command *
command_named(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(COMMANDS[i]->name, name) == 0)
            return COMMANDS[i];
    return NULL;
}

void
help_print(const struct command *command)
{
    bool facts = (command->flag & COMMANDS_WITH_FACTS) != 0;
    printf("NAME\n  mayrelay %s - %s\n", command->name, command->summary);
    printf("\nSYNOPSIS\n%s", command->synopsis);
    printf("\nDESCRIPTION\n%s", command->description);
    printf("\nOPTIONS\n%s  -h, --help\n      Print this.\n", command->options);
    if (facts)
        printf("\nFACTS\n%s", options_facts_help);
    printf("\nEXIT STATUS\n%s", command->exit_status);
    printf("  64  the command was called wrongly\n"
           "  66  the policy, or another file, cannot be opened or read\n"
           "  70  an error of this command's, such as lack of memory\n"
           "  74  reading the input or writing the output failed\n"
           "  78  the policy has errors\n");
    printf("\nEXAMPLES\n%s", command->examples);
}

static void
print_commands(FILE *file)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(file, "  %-9s %s\n", COMMANDS[i]->name, COMMANDS[i]->summary);
}

static int
print_overview(FILE *file)
{
    fputs("mayrelay answers for an SMTP server: may this client hand us this\n"
          "recipient?\n"
          "\n"
          "  mayrelay COMMAND POLICY [OPTION]...\n"
          "  mayrelay help [COMMAND]\n"
          "  mayrelay --version\n"
          "\n"
          "Commands:\n",
          file);
    print_commands(file);
    fputs("\n'mayrelay COMMAND --help' says more.\n", file);
    return file == stdout ? EX_OK : EX_USAGE;
}

static int
refuse_unknown(const char *name)
{
    struct spelling spelling = spelling_of(name);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        spelling_offer(&spelling, COMMANDS[i]->name);
    spelling_offer(&spelling, "help");
    if (spelling.name)
        complain("unknown command '%s'; did you mean '%s'?", name,
                 spelling.name);
    else
        complain("unknown command '%s'", name);
    fputs("Commands:\n", stderr);
    print_commands(stderr);
    return EX_USAGE;
}

static int
help(const char *name)
{
    if (!name)
        return print_overview(stdout);
    const struct command *command = command_named(name);
    if (!command)
        return refuse_unknown(name);
    help_print(command);
    return EX_OK;
}

static bool
is_one_of(const char *word, const char *one, const char *other)
{
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

static int
run(const struct command *command, int argc, char **argv)
{
    struct options options;
    int status = EX_USAGE;
    switch (options_read(&options, command, argc, argv)) {
    case OPTIONS_READY: status = command->run(command, &options); break;
    case OPTIONS_HELP: status = EX_OK; break;
    case OPTIONS_WRONG: break;
    }
    options_free(&options);
    return status;
}

static int
dispatch(int argc, char **argv)
{
    if (argc < 2)
        return print_overview(stderr);
    if (is_one_of(argv[1], "--version", "-V")) {
        printf("mayrelay %s\n", mayrelay_version());
        return EX_OK;
    }
    if (is_one_of(argv[1], "--help", "-h"))
        return help(NULL);
    if (strcmp(argv[1], "help") == 0)
        return help(argv[2]);
    const struct command *command = command_named(argv[1]);
    if (!command)
        return refuse_unknown(argv[1]);
    return run(command, argc - 1, argv + 1);
}

/* A decision that never arrived is none, whatever it was. */
static int
after_output(int status)
{
    bool failed = ferror(stdout) != 0;
    errno = 0;
    if (fclose(stdout) == 0 && !failed)
        return status;
    complain("cannot write standard output%s%s", errno ? ": " : "",
             errno ? strerror(errno) : "");
    return EX_IOERR;
}

/* Jansson 2.14 goes on behind the end of a text for which it got no memory. */
static void *
json_memory(size_t size)
{
    return grow(NULL, size, 1);
}

int
main(int argc, char **argv)
{
    json_set_alloc_funcs(json_memory, free);
    /* A reader that has gone is an error of writing, and said as one. */
    signal(SIGPIPE, SIG_IGN);
    return after_output(dispatch(argc, argv));
}
