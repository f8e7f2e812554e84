#include "decide/explain.h"

void
explain(struct output *out, const struct mayrelay_decision *decision,
        enum mayrelay_format format)
{
    (void)format;
    output_string(out, decision->reply);
}
