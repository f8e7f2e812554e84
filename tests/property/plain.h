/* Policies and transactions as plain structures: what the generator makes, the
 * writer turns into text for the library, and the slow evaluator judges as it
 * stands.  Nothing here comes from the library; fixed sizes keep it plain. */
#ifndef TESTS_PLAIN_H
#define TESTS_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TEXT_MOST = 96,
    ENTRIES_MOST = 8,
    LISTS_MOST = 12,
    GROUPS_MOST = 6,
    RULES_MOST = 160,
    DOMAINS_MOST = 24,
    OWNERS_MOST = 8,
    CONNECTORS_MOST = 4,
    NAMES_MOST = 3
};

/* IPv4 in the first four octets; an IPv4-mapped address is never stored. */
struct ip {
    int family; /* 4, 6; 0: none */
    unsigned char octets[16];
};

/* By whole numbers, IPv4 before IPv6. */
int ip_compare(const struct ip *a, const struct ip *b);
/* The neighbour at distance +1 or -1, wrapping around. */
struct ip ip_neighbour(struct ip ip, int distance);
struct ip ip_of(const char *text);
void ip_text(const struct ip *ip, char *out, size_t size);

/* -- lists ----------------------------------------------------------------- */

enum entry_kind {
    ENTRY_ADDRESS,
    ENTRY_NETWORK,
    ENTRY_RANGE,
    ENTRY_NAME,
    ENTRY_BELOW,
    ENTRY_MAILBOX,
    ENTRY_LOCAL_PART,
    ENTRY_NULL_SENDER,
    ENTRY_PATTERN,
    ENTRY_IDENTITY,
    ENTRY_LIST,
    ENTRY_GROUP,     /* its members stand in the policy */
    ENTRY_ASK_GROUP, /* the host says who belongs */
    ENTRY_ALL,
    ENTRY_LOOPBACK,
    ENTRY_PRIVATE,
    ENTRY_LINK_LOCAL,
    ENTRY_INBOUND,
    ENTRY_ALWAYS_RELAY,
    ENTRY_ENDPOINT,
    ENTRY_FINGERPRINT,
    ENTRY_KINDS
};

/* `prefix.*middle.*suffix`, or the catastrophic `(a+)+[0-9].*suffix`. */
struct pattern {
    bool catastrophic;
    const char *prefix, *middle, *suffix;
};

struct list;

struct entry {
    enum entry_kind kind;
    bool exclude;
    bool wide;            /* half of IPv4 or of 2000::/3, or more */
    char text[TEXT_MOST]; /* as the policy writes it, without `not` */
    char name[TEXT_MOST]; /* canonical name, identity, fingerprint */
    char local[TEXT_MOST];
    struct ip first, last;
    int port; /* of an endpoint; 0: none */
    struct pattern pattern;
    const struct list *list; /* of LIST, GROUP, ASK_GROUP */
};

struct list {
    char name[TEXT_MOST]; /* of a named one, without '$' */
    struct entry entries[ENTRIES_MOST];
    int count;
};

/* -- rules ----------------------------------------------------------------- */

enum right {
    RIGHT_CONNECT,
    RIGHT_SUBMIT,
    RIGHT_RELAY,
    RIGHTS
};

enum condition {
    CONDITION_CLIENTS,
    CONDITION_LISTENERS,
    CONDITION_CERTIFICATES,
    CONDITION_USERS,
    CONDITION_SENDERS,
    CONDITION_RECIPIENTS,
    LIST_CONDITIONS, /* those before have a list, those behind true or false */
    CONDITION_TLS = LIST_CONDITIONS,
    CONDITION_AUTHENTICATED,
    CONDITION_SENDER_OWNED,
    CONDITIONS
};

/* Numbered as enum mayrelay_reason, which policy.md §9 fixes. */
enum reason {
    REASON_INTERNAL_ERROR,
    REASON_PROCEED,
    REASON_INBOUND,
    REASON_REROUTED,
    REASON_ALWAYS_RELAY,
    REASON_RELAY_ALLOWED,
    REASON_NO_CONNECTOR,
    REASON_CONNECT_REFUSED,
    REASON_AUTH_REQUIRED,
    REASON_SUBMIT_DENIED,
    REASON_BAD_SENDER,
    REASON_BAD_RECIPIENT,
    REASON_UNKNOWN_RECIPIENT,
    REASON_RELAY_DENIED,
    REASON_RELAY_FORBIDDEN,
    REASON_ROUTING_REFUSED,
    REASON_LOOKUP_FAILED,
    REASON_CANNOT_REWRITE,
    REASONS
};

struct reply {
    bool given, bare; /* bare: the code alone */
    int code, subject, detail;
};

enum {
    EVERYWHERE = -1
}; /* as connector of a rule: it stands at the top */

struct rule {
    char
        name[TEXT_MOST]; /* its own, or the default one that writing fills in */
    bool named;
    bool never_route;
    bool open_relay;
    enum right right;
    bool deny;
    int connector;
    bool has[CONDITIONS];
    struct list lists[LIST_CONDITIONS];
    bool wish[CONDITIONS]; /* of tls, authenticated, sender-owned */
    struct reply reply;
    int order; /* its place in the file; writing fills it in */
};

/* -- the rest of a policy -------------------------------------------------- */

struct connector {
    char name[TEXT_MOST];
    struct list listens; /* empty: every listener */
    struct list clients; /* empty: every client */
};

enum domain_class {
    DOMAIN_FOREIGN,
    DOMAIN_INBOUND,
    DOMAIN_ALWAYS_RELAY,
    DOMAIN_REROUTE
};

enum mailboxes {
    MAILBOXES_ANY,
    MAILBOXES_ASK,
    MAILBOXES_LISTED
};

struct domain {
    enum domain_class class;
    bool below;
    int through; /* written as the named list of this number; -1: itself */
    char name[TEXT_MOST];
    char target[TEXT_MOST];
    enum mailboxes mailboxes;
    struct list mailbox_list;
    char delimiter; /* 0: none; '+' is the default */
};

struct owner {
    struct entry key;
    struct list identities;
};

struct policy {
    struct list lists[LISTS_MOST];
    int list_count;
    struct list groups[GROUPS_MOST];
    bool group_asks[GROUPS_MOST];
    int group_count;
    struct domain domains[DOMAINS_MOST];
    int domain_count;
    struct list literals;
    struct owner owners[OWNERS_MOST];
    int owner_count;
    struct list anonymous;
    struct connector connectors[CONNECTORS_MOST]; /* none: "default" */
    int connector_count;
    struct rule rules[RULES_MOST];
    int rule_count;
    struct reply replies[REASONS];
    bool soft_bounce;
    char default_domain[TEXT_MOST];
};

/* -- transactions ---------------------------------------------------------- */

enum mail_kind {
    MAIL_NOT_GIVEN,
    MAIL_MALFORMED,
    MAIL_NULL,
    MAIL_POSTMASTER,
    MAIL_LOCAL_ALONE, /* malformed unless there is a default domain */
    MAIL_AT_DOMAIN,
    MAIL_AT_LITERAL
};

struct mail {
    enum mail_kind kind;
    char argument[1024];
    size_t size;
    bool routing;
    char local[TEXT_MOST]; /* canonical */
    char domain[TEXT_MOST];
    struct ip literal;
};

enum knowledge {
    UNKNOWN_YET,
    KNOWN,
    FAILED
};

struct facts {
    struct ip client; /* family 0: the host forgot */
    bool client_mapped;
    struct ip listener;
    int listener_port;
    bool listener_unspecified; /* said as 0.0.0.0 */
    enum knowledge names;
    char name[NAMES_MOST][TEXT_MOST];    /* canonical */
    char written[NAMES_MOST][TEXT_MOST]; /* as the host says them */
    int name_count;
    bool name_malformed; /* one of them is: so the look-up failed */
    bool tls;
    char certificate[TEXT_MOST]; /* lower-case hex, or empty */
    bool has_identity;
    char identity[TEXT_MOST];
    enum knowledge groups;
    char group[NAMES_MOST][TEXT_MOST];
    int group_count;
    struct mail sender, recipient;
    enum knowledge exists;
    bool exists_value;
    bool rewrites;
};

#endif
