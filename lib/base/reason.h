/* The reasons of a decision, with what each answers by default. */
#ifndef MAYRELAY_BASE_REASON_H
#define MAYRELAY_BASE_REASON_H

#include "base/text.h"
#include "mayrelay/decision.h"

enum {
#define REASON(name, text, kind, code, subject, detail, reply)                 \
    REASON_INDEX_##name,
#include "base/reason.def"
#undef REASON
    REASON_COUNT
};

struct reason_defaults {
    const char *name;
    enum mayrelay_kind kind; /* when no deny rule decided */
    uint16_t code;
    uint16_t subject, detail; /* of the enhanced code */
    const char *text;         /* a template: %{recipient} and its like */
};

/* By enum mayrelay_reason. */
extern const struct reason_defaults REASON_DEFAULTS[REASON_COUNT];
/* The reason of that name in `replies:` and in JSON; false if none. */
bool reason_by_name(struct text name, enum mayrelay_reason *reason);
/* 250: it accepts, and its reply cannot be set. */
bool reason_accepts(enum mayrelay_reason reason);
/* internal-error, lookup-failed, cannot-rewrite: never a 5xx. */
bool reason_is_temporary(enum mayrelay_reason reason);

#endif
