/* The ways in: which of our listeners are told apart, and which connector and
 * class each client address meets there. */
#ifndef MAYRELAY_AUDIT_ENTRANCE_H
#define MAYRELAY_AUDIT_ENTRANCE_H

#include "image/image.h"
#include "net/endpoint.h"
#include "net/range.h"

enum {
    ENTRANCE_FORMS_MOST = 3, /* 192.0.2.25:25, 192.0.2.25, *:25 */
    ENTRANCE_MAPS_MOST = ENTRANCE_FORMS_MOST + 1
};

/* Listeners that lead to the same connectors and are in the same lists. */
struct entrance {
    struct endpoint listener; /* one of them, a public one if there is any, as
                                 the policy would name it; neither address nor
                                 port: any other one */
    size_t more;              /* others like it that the policy names */
    uint32_t maps[ENTRANCE_MAPS_MOST]; /* numbers in LISTENS */
    unsigned map_count;
    uint32_t classes[ENTRANCE_FORMS_MOST]; /* of ATTRIBUTE_LISTENER */
    unsigned class_count;
};

struct entrances {
    struct entrance *items;
    size_t count, room;
    struct address *addresses; /* of ours that the policy names */
    size_t address_count;
    bool over_budget, failed;
};

/* Combinations of addresses and ports before one gives up. */
#define ENTRANCES_TRIED_MOST ((size_t)1 << 16)

void entrances_build(struct entrances *all, const struct image *image);
void entrances_clear(struct entrances *all);
/* Not a private, loopback or link-local address of ours. */
bool entrance_is_public(const struct entrance *entrance);
/* What a listener leads to. */
struct entrance entrance_of(const struct image *image,
                            struct endpoint listener);
bool entrance_is_same(const struct entrance *a, const struct entrance *b);

/* Visits every combination of an address and a port that some of the policies
 * name, any other one (left out) among them. */
enum listeners_met {
    LISTENERS_ALL,
    LISTENERS_TOO_MANY,
    LISTENERS_FAILED
};
typedef void visit_listener(void *context, struct endpoint listener);
enum listeners_met listeners_each(const struct image *const *images,
                                  size_t count, visit_listener *visit,
                                  void *context);
/* With an address (the first such from `first` on) and a port that no policy
 * names, where they are left out. */
#define LISTENER_FRESH UINT32_C(0xc0000219) /* 192.0.2.25 */
struct endpoint listener_complete(const struct image *const *images,
                                  size_t count, struct endpoint listener,
                                  uint32_t first);
/* The inverse of endpoint_key. */
struct endpoint endpoint_of_key(struct text key);

/* A listener as a connection has it, of an entrance. */
struct endpoint entrance_endpoint(const struct image *image,
                                  const struct entrance *entrance);

/* The one of a connection's listener, NULL if there is none. */
const struct entrance *entrances_find(const struct entrances *all,
                                      const struct image *image,
                                      struct endpoint listener);

/* -- the clients behind it ----------------------------------------------- */

/* Clients that the policy cannot tell apart by their address. */
struct reach {
    struct range range;
    uint32_t connector; /* + 1; 0: none */
    uint32_t class;     /* of ATTRIBUTE_CLIENT_ADDRESS */
};

enum {
    REACH_WALKS_MOST = ENTRANCE_MAPS_MOST + 1
};

/* All addresses of a family in order, run by run. */
struct reach_walk {
    struct reach_part {
        struct prefix_walk walk;
        uint32_t value;
        struct interval next;
        bool has_next;
    } parts[REACH_WALKS_MOST]; /* the classes first */
    unsigned part_count;
    struct address at;
    bool done;
};

struct reach_walk reach_start(const struct image *image,
                              const struct entrance *entrance,
                              enum address_family family);
bool reach_next(struct reach_walk *walk, struct reach *reach);

#endif
