/* One step of a transaction: the values it can have there, told apart by what
 * they mean to the rules of one connector.
 *
 * Values that mean the same are one point.  What can hold several times over,
 * or not at all (host names, groups, patterns), is a step of two points for
 * each meaning: nothing of the kind is there, or something is. */
#ifndef MAYRELAY_AUDIT_AXIS_H
#define MAYRELAY_AUDIT_AXIS_H

#include "audit/catalogue.h"
#include "audit/ruleset.h"

enum dimension {
    DIMENSION_ADDRESS,
    DIMENSION_NAME,         /* a confirmed host name of a class */
    DIMENSION_NAME_PATTERN, /* a host name that a pattern matches */
    DIMENSION_IDENTITY,
    DIMENSION_GROUP,
    DIMENSION_IDENTITY_PATTERN,
    DIMENSION_TLS,
    DIMENSION_SENDER,
    DIMENSION_SENDER_PATTERN,
    DIMENSION_OWNED,
    DIMENSION_RECIPIENT,
    DIMENSION_RECIPIENT_PATTERN,
    DIMENSIONS
};

/* Cells of DIMENSION_IDENTITY: anonymous, then the classes.  Of DIMENSION_TLS:
 * not encrypted, then the classes of certificates (0: none, or not listed).  Of
 * DIMENSION_OWNED, and of what is there or not: no, yes. */
enum {
    CELL_ANONYMOUS = 0,
    CELL_ANY_IDENTITY = 1,
    CELL_PLAIN_TEXT = 0,
    CELL_ENCRYPTED = 1,
    CELL_NO = 0,
    CELL_YES = 1
};

struct axis {
    enum dimension dimension;
    int condition; /* whose list the points speak of; -1: none */
    bool symbolic; /* whether it holds is not known: a pattern */
    bool closes;   /* the last step of its condition */
    uint32_t *point_of_cell;
    size_t cell_count;
    size_t point_count;
    size_t words;
    uint64_t *masks; /* by point: included, out of the question, final */
    uint64_t *touched;
    /* Of a name or group: the classes, of a pattern: the patterns. */
    uint32_t *members;
    size_t member_count;
};

/* Rules whose list includes the value. */
static inline const uint64_t *
axis_included(const struct axis *axis, size_t point)
{
    return axis->masks + point * (2 * axis->words + 1);
}

/* Rules that cannot hold any more. */
static inline const uint64_t *
axis_excluded(const struct axis *axis, size_t point)
{
    return axis_included(axis, point) + axis->words;
}

/* Later steps of the condition have no say. */
static inline bool
axis_is_final(const struct axis *axis, size_t point)
{
    return axis_included(axis, point)[2 * axis->words] != 0;
}

/* All steps of a transaction on a connector, in order. */
struct axes {
    struct axis *items;
    size_t count, room;
    struct budget *budget; /* borrowed */
};

enum {
    AXES_MOST = 4096 /* as diagrams call themselves for each */
};

/* False if memory runs out or the budget is exceeded. */
bool axes_build(struct axes *axes, const struct catalogue *catalogue,
                const struct ruleset *rules);
void axes_clear(struct axes *axes);

#endif
