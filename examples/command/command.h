/* One command of `mayrelay`: what it says of itself, and what it does. */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include <stdbool.h>

/* Which options a command takes; see options.c. */
enum command_flag {
    COMMAND_CHECK = 1,
    COMMAND_EXPLAIN = 2,
    COMMAND_LINT = 4,
    COMMAND_COMPILE = 8,
    COMMAND_AUDIT = 16,
    COMMAND_REPLAY = 32,
    COMMAND_TEST = 64,
    COMMAND_CASES = 128,
    COMMAND_DIFF = 256,
    COMMANDS_WITH_FACTS = COMMAND_CHECK | COMMAND_EXPLAIN
};

struct options;

struct command {
    enum command_flag flag;
    const char *name;
    const char *summary;
    const char *second;       /* what its second operand is, or NULL */
    const char *requirements; /* the values of --require: "one|other" */
    /* The sections of its help, indented and with line ends. */
    const char *synopsis, *description, *options, *exit_status, *examples;
    /* Returns the exit status. */
    int (*run)(const struct command *self, const struct options *options);
};

extern const struct command check_command, explain_command, lint_command,
    compile_command, audit_command, replay_command, test_command, cases_command,
    diff_command;

/* On standard output, as a manual page. */
void help_print(const struct command *command);

#endif
