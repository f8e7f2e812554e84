/* What is known of a transaction, each fact already as its classes.
 *
 * Setting a fact looks it up once; judging any number of recipients then costs
 * a few word operations each.  A look-up that meets damaged bytes marks the
 * facts as damaged, and every decision is an internal error until connect. */
#ifndef MAYRELAY_DECIDE_FACTS_H
#define MAYRELAY_DECIDE_FACTS_H

#include "image/image.h"
#include "mail/mailbox.h"
#include "net/endpoint.h"

/* The longest identity and group, in octets; and the most names a client can
 * have, so that no host is made to keep what an attacker writes into DNS. */
enum {
    IDENTITY_MOST = 1024,
    CLIENT_NAMES_MOST = 100
};

enum look_up {
    LOOK_UP_OPEN,  /* not answered: may be asked for */
    LOOK_UP_KNOWN, /* the whole answer is there */
    LOOK_UP_FAILED /* stays unknown, and is not asked for again */
};

struct client_name {
    char text[DOMAIN_TEXT_SIZE];
    size_t size;
};

/* The forms of a listener: address and port, address, port. */
enum {
    LISTENER_FORMS_MOST = 3
};

/* A group that the policy asks for and the client belongs to. */
struct known_group {
    uint64_t hash;  /* provenance_hash of the folded name */
    char name[120]; /* as far as it fits */
};

struct client_facts {
    struct address address; /* family NONE: not given */
    struct endpoint listener;
    const struct image_connector *connector; /* NULL: none */
    struct masks masks;
    struct masks listeners[LISTENER_FORMS_MOST];
    unsigned listener_count;
    enum look_up names_state;
    struct client_name *names; /* count while the look-up is KNOWN */
    struct masks *name_masks;
    size_t name_count, name_room, name_mask_room;
    bool name_malformed;
};

struct identity_facts {
    bool tls;
    struct masks certificate;
    uint64_t certificate_hash; /* provenance_hash, for explaining */
    bool authenticated;
    char name[IDENTITY_MOST];
    size_t name_size;
    struct masks masks;
    const uint32_t *owner_lists; /* sorted */
    uint32_t owner_list_count;
    enum look_up groups_state;
    struct masks *group_masks;
    struct known_group *groups; /* of each masks, for explaining */
    size_t group_count, group_mask_room, group_room;
};

struct sender_facts {
    bool given;
    struct mailbox mailbox; /* MALFORMED if it does not parse */
    struct masks masks[3];
    unsigned mask_count;
    enum domain_class class;
    bool owned;     /* `sender-owned: true` holds */
    bool not_owned; /* `sender-owned: false` holds */
};

struct recipient_facts {
    bool given;
    struct mailbox mailbox; /* after reroute */
    struct masks masks[3];
    unsigned mask_count;
    enum domain_class class; /* after reroute */
    bool rerouted;
    bool is_relay;      /* not ours, or carries routing */
    bool is_postmaster; /* of ours: accepted whatever its mailboxes say */
    const struct image_domain *check; /* whose mailbox check, or NULL */
    enum look_up exists_state;
    bool exists;
};

struct facts {
    const struct image *image;
    struct client_facts client;
    struct identity_facts identity;
    struct sender_facts sender;
    struct recipient_facts recipient;
    bool rewrites; /* the host delivers to the decision's recipient */
    bool damaged;
};

/* The entries that can hold for a listener, the most specific first: of
 * 192.0.2.25:25 itself, 192.0.2.25 and *:25. */
unsigned listener_forms(struct endpoint listener,
                        struct endpoint forms[LISTENER_FORMS_MOST]);
/* An address of family NONE, an endpoint of neither address nor port: not
 * given.  Clears everything but `rewrites`. */
void facts_connect(struct facts *facts, struct address client,
                   struct endpoint listener);
/* `fingerprint` of 32 octets, or empty. */
void facts_tls(struct facts *facts, struct text fingerprint);
/* An identity, folded, that proves nothing about who is there. */
bool facts_is_anonymous(struct facts *facts, struct text folded);
/* The empty text: anonymous.  At most IDENTITY_MOST octets of valid UTF-8. */
void facts_auth(struct facts *facts, struct text name);
/* Begins an answer, unless one has begun: the first part after an answer's end
 * does. */
void facts_begin_names(struct facts *facts);
void facts_begin_groups(struct facts *facts);
/* False if memory runs out.  A malformed name makes the look-up a failed one.
 */
bool facts_add_name(struct facts *facts, struct text name);
bool facts_add_group(struct facts *facts, struct text group);
void facts_answer_names(struct facts *facts, bool failed);
void facts_answer_groups(struct facts *facts, bool failed);
/* The path of MAIL, or of RCPT. */
void facts_mail(struct facts *facts, struct text argument);
void facts_rcpt(struct facts *facts, struct text argument);
void facts_clear_client(struct facts *facts);
void facts_clear_identity(struct facts *facts);
void facts_clear_sender(struct facts *facts);
void facts_clear_recipient(struct facts *facts);
/* Nothing is known yet.  Texts have room of their own, kilobytes of it, which
 * is left as it is. */
void facts_init(struct facts *facts, const struct image *image);
/* Frees what the facts own. */
void facts_clear(struct facts *facts);

#endif
