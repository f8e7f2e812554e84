/* Texts of a policy as messages quote them: cut when they are long. */
#ifndef MAYRELAY_POLICY_QUOTED_H
#define MAYRELAY_POLICY_QUOTED_H

#include "base/text.h"

enum {
    QUOTED_MOST = 80
};

static inline int
quoted_size(struct text text)
{
    return (int)(text.size > QUOTED_MOST ? QUOTED_MOST : text.size);
}

static inline const char *
quoted_rest(struct text text)
{
    return text.size > QUOTED_MOST ? "..." : "";
}

/* For printf's "'%.*s%s'". */
#define QUOTED(text) quoted_size(text), (text).data, quoted_rest(text)

#endif
