/* What some of the transactions can lead to: those that a trust source can
 * bring about. */
#ifndef MAYRELAY_AUDIT_SEARCH_H
#define MAYRELAY_AUDIT_SEARCH_H

#include "audit/diagram.h"

/* What may occur in a transaction, besides what anybody can say. */
struct means {
    bool anonymous;
    bool any_identity;    /* one that no list of the policy names */
    bool listed_identity; /* one that some list names */
    bool certificate;     /* a listed one */
    bool names;           /* confirmed host names that lists look at */
    bool groups;          /* groups that the host is asked for */
    bool no_tls;          /* only without encryption */
    bool no_owners;       /* nobody owns any sender; the search finds out */
    size_t one_cell;      /* not 0: this cell of the identities alone */
};

/* One way through a diagram: the point of each axis. */
struct search {
    const struct diagram *diagram;
    struct means means;
    bool **allowed;       /* by axis and point */
    uint32_t *chosen;     /* by axis: a point */
    bool *matters;        /* by axis: the way goes through a node of it */
    unsigned char *known; /* by node: enum known */
    size_t left;          /* ways that may still be tried */
    bool failed;
};

/* False if memory runs out.  The diagram must not grow meanwhile. */
bool search_init(struct search *search, const struct diagram *diagram,
                 struct means means);
void search_clear(struct search *search);
/* Some way leads to a rule that is not always-relay. */
bool search_any(struct search *search, uint32_t leads);
/* Visits ways that do, simple ones first, until a visit returns true; at most
 * `most`.  True if one did. */
typedef bool visit_way(void *context, const struct search *search,
                       uint32_t leads);
bool search_ways(struct search *search, uint32_t leads, size_t most,
                 visit_way *visit, void *context);
/* May the cell of an axis occur? */
bool means_allow(const struct means *means, const struct axis *axis,
                 size_t cell);

#endif
