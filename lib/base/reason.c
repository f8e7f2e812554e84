#include "base/reason.h"

const struct reason_defaults REASON_DEFAULTS[REASON_COUNT] = {
#define REASON(name, text, kind, code, subject, detail, reply)                 \
    [MAYRELAY_REASON_##                                                        \
        name] = {text, MAYRELAY_KIND_##kind, code, subject, detail, reply},
#include "base/reason.def"
#undef REASON
};

/* The registry counts as the public enum does. */
#define REASON(name, text, kind, code, subject, detail, reply)                 \
    _Static_assert((int)REASON_INDEX_##name == (int)MAYRELAY_REASON_##name,    \
                   #name);
#include "base/reason.def"
#undef REASON

bool
reason_by_name(struct text name, enum mayrelay_reason *reason)
{
    for (size_t i = 0; i < REASON_COUNT; i++)
        if (text_equal(name, text_of(REASON_DEFAULTS[i].name))) {
            *reason = (enum mayrelay_reason)i;
            return true;
        }
    return false;
}

bool
reason_accepts(enum mayrelay_reason reason)
{
    return REASON_DEFAULTS[reason].code == 250;
}

bool
reason_is_temporary(enum mayrelay_reason reason)
{
    return REASON_DEFAULTS[reason].code == 451;
}
