/* Mail addresses on their way into cells: the local parts and places that
 * lists can tell apart, each shown to both policies.
 *
 * A local part or place is odd if a list names some mailbox of it: then it may
 * not stand for others of its class, and is shown with everything. */
#ifndef MAYRELAY_DIFF_MAIL_H
#define MAYRELAY_DIFF_MAIL_H

#include "diff/values.h"

/* What stands behind the @ of an address. */
struct mail_place {
    struct text domain; /* empty: no @ at all; or OWN_ADDRESS in brackets */
    struct address literal;
    enum literal_place where;
    uint32_t lists[SIDES]; /* mailbox list, or MAILBOXES_NONE */
    char delimiters[SIDES];
    struct text targets[SIDES]; /* where mail for it goes; or empty */
};

struct mail {
    struct values *values;
    struct cells *cells;
    bool is_sender, has_owners;
    struct address own; /* an address that no policy names, as our own */
    struct arena texts;
    struct mail_place *places;
    size_t place_count, place_room;
    uint32_t *indirect; /* places whose mail is looked for elsewhere */
    size_t indirect_count, indirect_room;
    struct text *locals;
    size_t local_count, local_room;
    struct intern odd_domains, odd_locals;
    struct mailbox_forms *forms[SIDES];
    bool failed;
};

/* What an argument of MAIL or RCPT is to both policies, where our own address
 * is this one; but not where a literal stands. */
void mail_key(struct mail *mail, struct text argument, struct address own,
              struct cell_key *key);
bool mail_init(struct mail *mail, struct values *values, bool is_sender);
/* Shows local@place to both policies, and makes it a cell. */
void mail_show(struct mail *mail, struct text local,
               const struct mail_place *place, bool named);
/* Shows any argument of MAIL or RCPT. */
void mail_show_argument(struct mail *mail, struct text argument,
                        const struct mail_place *place, bool named);
/* What the place is to both policies, as a recipient's. */
void mail_describe(struct mail *mail, struct mail_place *place);
void mail_add_place(struct mail *mail, struct mail_place place);
void mail_add_local(struct mail *mail, struct text local);
/* "a@b.example" in two; false if there is no domain. */
bool mail_split(struct text mailbox, struct text *local, struct text *domain);
/* A domain of an address, or an address literal, as a place. */
struct mail_place mail_place_of(struct text domain, enum literal_place where);

/* All places and local parts, but not yet what lists name as a whole. */
void mail_gather_places(struct mail *mail);
void mail_gather_locals(struct mail *mail);
void mail_clear(struct mail *mail);

#endif
