/* Decisions of two policies that differ, counted by what they come from. */
#ifndef COMMAND_CHANGES_H
#define COMMAND_CHANGES_H

#include <mayrelay.h>

#include "log_line.h"

/* The most dangerous first. */
enum change_kind {
    CHANGE_GAINED,    /* accepted now */
    CHANGE_UNDECIDED, /* what is known does not suffice any more */
    CHANGE_RECIPIENT, /* accepted as ever, but delivered elsewhere */
    CHANGE_LOST,      /* not accepted any more */
    CHANGE_REFUSAL,   /* another verdict or code */
    CHANGE_REPLY,     /* another enhanced code or text */
    CHANGE_CAUSE,     /* another reason, rule or connector alone */
    CHANGE_NONE
};

enum {
    EXAMPLES_MOST = 3
};

/* The part of a decision that transactions are counted by. */
struct outcome {
    enum mayrelay_verdict verdict;
    int code;
    char *enhanced;
    enum mayrelay_reason reason;
    char *rule, *connector; /* may be NULL */
    bool is_relay;
    unsigned needs;
};

struct example {
    size_t line;
    json_t *object;
    char *arguments; /* of `mayrelay check`; NULL: they do not say it */
};

struct change {
    enum change_kind kind;
    struct outcome before, after;
    size_t count;
    struct example examples[EXAMPLES_MOST];
    size_t example_count;
};

struct changes {
    bool reroutes; /* some policy does: it matters whether the host rewrites */
    void *tree;    /* of the same changes, to find them */
    struct change **items;
    size_t count, room;
    size_t totals[CHANGE_NONE + 1]; /* transactions of each kind */
    size_t unknown;                 /* of those, undecided by both policies */
};

/* Counts one transaction; `number` is of its line. */
void changes_add(struct changes *changes, const mayrelay_decision *before,
                 const mayrelay_decision *after, const struct log_line *line,
                 size_t number);
/* The most dangerous first, and the most frequent. */
void changes_sort(struct changes *changes);
/* Transactions that are decided otherwise. */
size_t changes_total(const struct changes *changes);
void changes_free(struct changes *changes);

#endif
