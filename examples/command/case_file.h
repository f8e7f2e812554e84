/* The cases of a policy test: facts, and what is expected of the decision.
 *
 *     defaults: {listener: "192.0.2.25:25", sender: a@sender.example}
 *     cases:
 *       - name: nobody relays
 *         client: 203.0.113.9
 *         recipient: kate@far.example
 *         expect: {verdict: reject, reason: relay-denied}
 *
 * YAML, hence JSON too.  Facts have the keys of the batch. */
#ifndef COMMAND_CASE_FILE_H
#define COMMAND_CASE_FILE_H

#include <jansson.h>

struct test_case {
    json_t *name; /* a text */
    size_t line, column;
    json_t *facts;    /* as in the batch, with the defaults */
    json_t *expected; /* keys of a decision in JSON, and their values */
};

struct case_file {
    const char *path;
    struct test_case *items;
    size_t count, room;
};

/* EX_OK, or an exit status and complaints: every error of the file, with its
 * place.  Free it either way. */
int case_file_read(struct case_file *file, const char *path);
void case_file_free(struct case_file *file);

#endif
