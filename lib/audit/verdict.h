/* What each trust source can bring about. */
#ifndef MAYRELAY_AUDIT_VERDICT_H
#define MAYRELAY_AUDIT_VERDICT_H

#include "audit/search.h"
#include "audit/surface.h"
#include "base/buffer.h"
#include "mayrelay/audit.h"

enum {
    SOURCES = MAYRELAY_SOURCE_HOST + 1,
    REASON_SIZE = 320
};

struct verdict {
    enum mayrelay_audit_verdict value;
    char reason[REASON_SIZE];
    char *witness;      /* a dialogue, or NULL */
    struct range range; /* of the clients it is about, if it is not closed */
    const struct image_rule *rule;
};

/* Networks whose clients are no strangers, in order. */
struct trusted {
    struct range *ranges;
    size_t count, room;
};

struct verdicts {
    struct verdict of[SOURCES];
    /* A dialogue that the evaluator refused, and the diagram accepts; or NULL.
     * There is a bug in one of them, and so no verdict. */
    char *disagreement;
    bool failed;
};

void verdicts_find(struct verdicts *verdicts, const struct surface *surface,
                   mayrelay_policy *policy, const struct trusted *trusted);
void verdicts_clear(struct verdicts *verdicts);
/* By grant: some way of such means leads to a rule that is not always-relay.
 * To be freed; NULL if memory runs out. */
bool *mark_grants(const struct surface *surface, struct means means);
/* A stranger's address in the range; false if there is none.  `whole` is the
 * block of neighbours that it belongs to. */
bool stranger_in(struct range whole, const struct trusted *trusted,
                 struct address *stranger);

#endif
