/* The relay surface: which client networks meet which part of the diagrams. */
#ifndef MAYRELAY_AUDIT_SURFACE_H
#define MAYRELAY_AUDIT_SURFACE_H

#include "audit/diagram.h"
#include "audit/entrance.h"

/* How many addresses: of IPv6 how many /64 networks, as single addresses say
 * little there.  Internal: private, loopback, link-local. */
struct tally {
    uint64_t ipv4_public, ipv4_internal;
    uint64_t ipv6_public, ipv6_internal;
};

/* Clients behind one entrance and connector that can relay alike. */
struct grant {
    uint32_t entrance, connector;
    uint32_t leads;       /* to what of the connector's diagram */
    struct range *ranges; /* in order, never side by side */
    size_t count, room;
    struct tally tally;
};

struct surface {
    const struct image *image;
    struct catalogue catalogue;
    struct entrances entrances;
    struct diagram *diagrams; /* by connector */
    size_t connectors;
    struct grant *grants;
    size_t count, room;
    bool *met;                /* by connector: some client meets it */
    struct budget budget;     /* of all this */
    bool over_budget, failed; /* stick; over budget: there are no grants */
};

/* The surface stays where it is. */
void surface_build(struct surface *surface, const struct image *image);
void surface_clear(struct surface *surface);
/* Adds what a range holds. */
void tally_add(struct tally *tally, struct range range);
/* Takes the first and largest network off the front of a range; false once
 * nothing is left, as `*rest` then says. */
struct range range_take_network(struct range *rest, bool *more);

/* The clients of a grant as networks, in order. */
struct network_walk {
    const struct range *next, *end;
    struct range rest; /* of the one before `next` */
    bool more;
};

struct network_walk networks_of(const struct grant *grant);
bool network_next(struct network_walk *walk, struct range *network);

#endif
