/* Texts of a policy as messages quote them: cut when they are long. */
#ifndef MAYRELAY_POLICY_QUOTED_H
#define MAYRELAY_POLICY_QUOTED_H

#include "base/text.h"

enum {
    QUOTED_MOST = 80
};

/* For printf's "'%.*s%s'". */
#define QUOTED(text)                                                           \
    (int)((text).size > QUOTED_MOST ? QUOTED_MOST : (text).size), (text).data, \
        (text).size > QUOTED_MOST ? "..." : ""

#endif
