/* What a policy can tell apart at each step of a transaction: classes of
 * values, each with concrete values that stand for it.
 *
 * A value is put into its class by what the session itself makes of it: the
 * masks of the lists that hold it, the patterns that match it, and what else
 * the evaluator asks of it.  So no class is told apart here in another way than
 * a decision does. */
#ifndef MAYRELAY_CASES_VALUES_H
#define MAYRELAY_CASES_VALUES_H

#include "base/arena.h"
#include "image/intern.h"
#include "session/session.h"

/* In the order of SMTP, and of a session's facts. */
enum step {
    STEP_CLIENT, /* its address, and our listener */
    STEP_NAMES,
    STEP_TLS, /* and certificate */
    STEP_IDENTITY,
    STEP_GROUPS,
    STEP_SENDER,
    STEP_RECIPIENT, /* and whether it exists */
    STEPS
};

enum value_kind {
    VALUE_NONE,   /* no name, no group, nobody, no encryption */
    VALUE_FAILED, /* the look-up failed */
    VALUE_TEXT
};

/* Whether the host says that the recipient exists. */
enum value_exists {
    EXISTS_NOT_ASKED,
    EXISTS_YES,
    EXISTS_NO,
    EXISTS_FAILED
};

struct value {
    enum value_kind kind;
    struct text text;     /* ends in NUL; of TLS a certificate's 32 octets, or
                             nothing */
    const char *listener; /* of STEP_CLIENT: NULL where none is needed */
    enum value_exists exists; /* of STEP_RECIPIENT */
};

struct value_class {
    struct value *members; /* the first stands for the class */
    size_t count, room;
};

struct choices {
    struct value_class *classes;
    size_t count, room;
    struct intern keys; /* of the classes */
    struct intern seen; /* values */
};

struct values {
    struct mayrelay_policy *policy;
    const struct image *image;
    struct mayrelay_session *session; /* that puts values into classes */
    struct choices steps[STEPS];
    size_t members_most; /* of a class; what is beyond is counted */
    uint64_t left_out;
    bool asks_owners; /* some rule looks at who owns a sender */
    bool thinned;     /* there are more classes than are here */
    struct arena arena;
    bool failed;
};

/* At most about `limit` values a step. */
void values_gather(struct values *values, struct mayrelay_policy *policy,
                   size_t limit);
void values_clear(struct values *values);

/* Tells a session a value, behind those of the steps before it.  False if
 * memory runs out: then it has been told something else. */
bool value_tell(struct mayrelay_session *session, enum step step,
                const struct value *value);

static inline const struct value *
values_get(const struct values *values, enum step step, uint32_t class,
           uint32_t member)
{
    return &values->steps[step].classes[class].members[member];
}

#endif
