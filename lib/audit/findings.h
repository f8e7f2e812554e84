/* What is wrong with a policy, as its closure shows it. */
#ifndef MAYRELAY_AUDIT_FINDINGS_H
#define MAYRELAY_AUDIT_FINDINGS_H

#include "audit/audit.h"
#include "audit/cover.h"
#include "audit/search.h"
#include "base/report.h"

/* What the checks share. */
struct finder {
    const struct mayrelay_audit *audit;
    const struct surface *surface;
    const struct image *image;
    struct mayrelay_report *report;
    /* By grant: who of its clients can relay otherwise than by always-relay. */
    bool *anonymous;       /* anybody, without a host name */
    bool *plain_account;   /* any account that is listed or not, without TLS */
    struct cover relaying; /* all that may relay */
    struct cover anonymous_inside; /* anybody with an internal address, at a
                                      public listener */
    bool failed;
};

/* All of them, into the report; false if memory runs out. */
bool findings_find(const struct mayrelay_audit *audit,
                   struct mayrelay_report *report);

/* -- the checks ---------------------------------------------------------- */

/* Client networks and entries of relay rules. */
void find_clients(struct finder *finder);
/* Rules, connectors and accounts. */
void find_rules(struct finder *finder);
/* Domains, and mail for them. */
void find_domains(struct finder *finder);

/* -- what they use ------------------------------------------------------- */

enum {
    FINDINGS_OF_A_KIND = 10 /* of one rule; what follows is counted */
};

struct place finder_place(const struct finder *finder,
                          struct image_source source);
/* Behind report_add: its witness (may be NULL), and whether the policy accepts
 * it. */
void finder_settle(struct finder *finder, enum finding id, const char *witness);
static inline const struct entrance *
entrance_of_grant(const struct finder *finder, const struct grant *grant)
{
    return &finder->surface->entrances.items[grant->entrance];
}

#endif
