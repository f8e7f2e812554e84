/* The options of all commands, read the same way everywhere. */
#ifndef COMMAND_OPTIONS_H
#define COMMAND_OPTIONS_H

#include "command.h"
#include "facts.h"

struct options {
    const char *policy;
    const char *second; /* the command's second operand */
    struct facts facts;
    bool has_facts; /* some option of the facts was given */
    struct dns dns; /* of the facts, with --dns */
    bool batch, json, html, smtp, scope;
    bool want_accept; /* what would have it accepted is told, too */
    const char *log;  /* a line of the decision log; "-": standard input */
    const char *output;
    const char *fail_on; /* a severity */
    const char *require; /* what makes the run a success */
    bool require_coverage;
    size_t limit;             /* cases, changes; 0: not given */
    struct text_list trusted; /* networks of ours */
};

/* What options_read came to. */
enum options_result {
    OPTIONS_READY,
    OPTIONS_HELP, /* help was asked for, and printed */
    OPTIONS_WRONG /* a usage error, and said so */
};

/* Reads options and POLICY; argv[0] is the command's name.  Free the options
 * whatever the result is. */
enum options_result options_read(struct options *options,
                                 const struct command *command, int argc,
                                 char **argv);
void options_free(struct options *options);

/* The help on the options of the facts. */
extern const char options_facts_help[];

#endif
