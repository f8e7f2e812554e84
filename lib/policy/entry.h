/* The grammar of list entries (policy.md §4): what one text means where it
 * stands. */
#ifndef MAYRELAY_POLICY_ENTRY_H
#define MAYRELAY_POLICY_ENTRY_H

#include "policy/model.h"

/* Where an entry stands; decides what is allowed and what a word means. */
enum entry_place {
    PLACE_CLIENTS,           /* rule clients, never-route */
    PLACE_CONNECTOR_CLIENTS, /* connector clients */
    PLACE_LITERALS,
    PLACE_LISTENERS, /* listen, rule listeners */
    PLACE_USERS,
    PLACE_GROUP,     /* members of groups */
    PLACE_OWNER,     /* values of owners */
    PLACE_OWNER_KEY, /* keys of owners */
    PLACE_SENDERS,
    PLACE_RECIPIENTS,
    PLACE_DOMAINS, /* inbound, always-relay, keys of reroute */
    PLACE_MAILBOXES,
    PLACE_CERTIFICATES,
    PLACE_ANONYMOUS /* anonymous-identities */
};

enum element_kind {
    ELEMENT_ENTRY, /* a plain entry */
    ELEMENT_LIST,  /* $name: a list or group of the policy */
    ELEMENT_FILE,  /* file:PATH */
    ELEMENT_ALL,
    ELEMENT_LOOPBACK,
    ELEMENT_PRIVATE,
    ELEMENT_LINK_LOCAL,
    ELEMENT_INBOUND,
    ELEMENT_ALWAYS_RELAY
};

struct element {
    enum element_kind kind;
    bool exclude;       /* behind `not` */
    struct entry entry; /* of ELEMENT_ENTRY */
    struct text
        name; /* of ELEMENT_LIST without '$'; of ELEMENT_FILE the path */
};

/* Judges one text at its place; what is wrong goes into `report` with a hint.
 * `in_file`: from a list file, so plain entries only.  `source` becomes the
 * entry's, `place` says the same to the report.  Texts are copied to `arena`.
 */
bool element_parse(struct text text, enum entry_place where, bool in_file,
                   struct source source, struct place place,
                   struct arena *arena, struct mayrelay_report *report,
                   struct element *element);
/* "clients", "users": the name of a place in messages. */
const char *entry_place_name(enum entry_place where);

#endif
