/* `lists:` and `groups:`: one name space, and who names whom. */
#ifndef MAYRELAY_POLICY_READER_NAMES_H
#define MAYRELAY_POLICY_READER_NAMES_H

#include "policy/reader.h"

struct resolved;

struct named {
    struct text name; /* as it is written */
    const struct node *key, *value;
    bool group, ask, used;
    enum {
        NAMED_NEW,
        NAMED_OPEN, /* on the path that is being followed */
        NAMED_DONE
    } visit;
    unsigned height; /* 1: names no other */
    bool resolving;
    struct resolved *resolved; /* reader_lists.c's, one per place */
};

/* Lists may name lists this deep. */
enum {
    NAMES_DEPTH_MOST = 100
};

/* Collects the names; `lists` and `groups` may be NULL.  Reports names that
 * cannot be or stand twice, and cycles. */
void names_read(struct reader *reader, const struct node *lists,
                const struct node *groups);
/* The list or group called `name` (letters folded); an error if there is none,
 * or if it is a group where a list belongs, or the other way round. */
struct named *names_find(struct reader *reader, struct text name, bool group,
                         struct place place);
/* Warns of lists and groups that nothing uses, and looks whether their files
 * can be read. */
void names_finish(struct reader *reader);

#endif
