/* The audit from the inside. */
#ifndef MAYRELAY_AUDIT_AUDIT_H
#define MAYRELAY_AUDIT_AUDIT_H

#include "audit/surface.h"
#include "audit/unknown.h"
#include "audit/verdict.h"
#include "base/json.h"
#include "mayrelay/audit.h"

struct mayrelay_audit_options {
    struct trusted trusted;
};

struct mayrelay_audit {
    mayrelay_policy *policy;
    const struct image *image;
    struct trusted trusted;
    struct surface surface;
    struct verdicts verdicts;
    struct unknown_proof unknown;
};

/* What every verdict assumes; NULL behind the last. */
extern const char *const AUDIT_ASSUMPTIONS[];

/* Into an open object: "verdicts" and what they assume. */
void audit_write_verdicts(struct json *json,
                          const struct mayrelay_audit *audit);

#endif
