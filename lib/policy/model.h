/* The policy as it was written, checked and resolved: what `compile` reads.
 *
 * A model without errors in its report is complete: every `$name` and `file:`
 * is resolved into numbered lists of plain entries, every reply is whole, every
 * domain and address canonical.  It lives in one arena. */
#ifndef MAYRELAY_POLICY_MODEL_H
#define MAYRELAY_POLICY_MODEL_H

#include "base/arena.h"
#include "base/reason.h"
#include "base/report.h"
#include "net/endpoint.h"
#include "net/range.h"
#include "policy/list_file.h"

/* Where something stands; the file is a number in model.files. */
struct source {
    uint32_t file, line, column;
};

/* -- lists -------------------------------------------------------------- */

enum entry_kind {
    ENTRY_RANGE,       /* address, network, range */
    ENTRY_NAME,        /* canonical domain, that name alone */
    ENTRY_BELOW,       /* canonical domain, every name below it */
    ENTRY_MAILBOX,     /* the key of a mailbox (folded canonical form) */
    ENTRY_LOCAL_PART,  /* folded canonical local part, at any domain */
    ENTRY_NULL_SENDER, /* <> */
    ENTRY_PATTERN,     /* the source between the slashes */
    ENTRY_IDENTITY,    /* folded */
    ENTRY_GROUP,       /* a group that is asked for, folded */
    ENTRY_ENDPOINT,    /* our own address, port or both */
    ENTRY_FINGERPRINT  /* 32 octets */
};

struct entry {
    enum entry_kind kind;
    struct source source;
    struct text text; /* of the kinds with text */
    union {
        struct range range;
        struct endpoint endpoint;
    };
};

/* What the entries of a list are compared with. */
enum list_use {
    LIST_CLIENTS,      /* ranges; names, below, patterns of the client's name */
    LIST_MAIL,         /* senders, recipients */
    LIST_USERS,        /* identities, ask groups, patterns */
    LIST_LISTENERS,    /* endpoints */
    LIST_CERTIFICATES, /* fingerprints */
    LIST_MAILBOXES     /* local parts, mailboxes, patterns of one domain */
};

/* Plain entries only: no reference, no exclusion, no built-in class. */
struct list {
    struct text name; /* as a policy would name it: "$drop"; or empty */
    enum list_use use;
    struct entry *entries;
    size_t count;
};

/* A list as a condition sees it: included and excluded lists by number. */
struct selection {
    bool given;
    bool flawed; /* something of it was wrong, and has been reported */
    bool all;    /* $all */
    bool inbound, always_relay;         /* $inbound, $always-relay */
    bool not_inbound, not_always_relay; /* ... behind `not` */
    uint32_t *includes, *excludes;      /* numbers in model.lists */
    size_t include_count, exclude_count;
    struct source source;
};

/* -- rules -------------------------------------------------------------- */

enum right {
    RIGHT_CONNECT,
    RIGHT_SUBMIT,
    RIGHT_RELAY,
    RIGHT_COUNT
};

/* What a condition that is true or false wants. */
enum wish {
    WISH_NONE,
    WISH_TRUE,
    WISH_FALSE
};

struct reply {
    uint16_t code; /* 4xx or 5xx; also the class of the enhanced code */
    uint16_t subject, detail; /* of the enhanced code */
    struct text text;         /* a template */
};

/* The list conditions. */
enum selection_kind {
    SELECT_CLIENTS,
    SELECT_LISTENERS,
    SELECT_CERTIFICATES,
    SELECT_USERS,
    SELECT_SENDERS,
    SELECT_RECIPIENTS,
    SELECT_COUNT
};

/* The connector of a rule that holds on every one. */
#define RULE_EVERYWHERE UINT32_MAX

struct rule {
    struct text name; /* unique; the default name filled in */
    struct source source;
    enum right right;
    bool deny;
    bool always_relay;  /* the allow rule that `always-relay` stands for */
    bool open_relay;    /* said `open-relay: true` */
    uint32_t connector; /* number, or RULE_EVERYWHERE */
    struct selection select[SELECT_COUNT];
    enum wish tls, authenticated, sender_owned;
    enum mayrelay_reason reason; /* of a deny rule */
    struct reply reply;          /* of a deny rule, whole */
};

/* -- connectors --------------------------------------------------------- */

struct listen_entry {
    struct endpoint endpoint;
    struct source source;
};

struct client_range {
    struct range range;
    struct source source;
};

struct connector {
    struct text name; /* "default" where the policy has none */
    struct source source;
    struct listen_entry *listens; /* none: every listener */
    size_t listen_count;
    struct client_range *clients; /* none: every client */
    size_t client_count;
};

/* -- domains and owners ------------------------------------------------- */

enum domain_class {
    DOMAIN_FOREIGN, /* in no entry: never stored */
    DOMAIN_INBOUND,
    DOMAIN_ALWAYS_RELAY,
    DOMAIN_REROUTE
};

/* As number of a mailbox list: no check; the host is asked. */
#define MAILBOXES_NONE UINT32_MAX
#define MAILBOXES_ASK  (UINT32_MAX - 1)

struct domain_entry {
    enum domain_class class;
    bool below;       /* ".name": every name below, not the name */
    struct text name; /* canonical */
    struct source source;
    uint32_t mailboxes; /* a number in model.lists, NONE or ASK */
    char delimiter;     /* 0: none */
    struct text target; /* of DOMAIN_REROUTE, canonical */
};

struct owner {
    enum entry_kind kind; /* ENTRY_NAME, ENTRY_BELOW, ENTRY_MAILBOX */
    struct text key;
    struct source source;
    uint32_t *lists; /* of LIST_USERS: identities only */
    size_t list_count;
};

/* -- the whole ---------------------------------------------------------- */

struct accepted_finding {
    struct text id, reason;
    struct source source;
};

struct model {
    struct arena arena;
    struct text *files; /* as named in diagnostics; 0 is the policy */
    size_t file_count;
    struct list *lists;
    size_t list_count;
    struct rule *rules; /* in the order of the file; always_relay last */
    size_t rule_count;
    struct connector *connectors; /* at least one */
    size_t connector_count;
    struct domain_entry *domains;
    size_t domain_count;
    struct client_range *literals;
    size_t literal_count;
    struct owner *owners;
    size_t owner_count;
    struct text *anonymous; /* folded; besides the built-in ones */
    size_t anonymous_count;
    struct reply replies[REASON_COUNT]; /* by reason, whole */
    bool soft_bounce;
    bool needs_listener;        /* `listen` or `listeners` stands anywhere */
    struct text default_domain; /* canonical, or empty */
    struct accepted_finding *accepted;
    size_t accepted_count;
};

/* A further judgement of what was read, by a higher floor: whether patterns
 * compile.  It sees the model of a policy with errors too, so that all of them
 * come out in one go. */
typedef void model_judge(const struct model *model,
                         struct mayrelay_report *report);
/* Reads a policy (YAML or JSON text) and its list files, which are sought
 * beside `name`; the visitor (may be NULL) is told of each.  Everything that is
 * wrong goes into `report`; the model is NULL if there was an error or no
 * memory. */
struct model *model_read(struct text text, const char *name, model_judge *judge,
                         const struct file_visitor *visitor,
                         struct mayrelay_report *report);
void model_free(struct model *model);
/* The place of a source, for the report. */
struct place model_place(const struct model *model, struct source source);

#endif
