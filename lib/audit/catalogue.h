/* Everything a policy can tell apart: the values of each attribute, gathered
 * from the image's sets into classes, each with a few of its members.
 *
 * A value that no list names is a class too (number 0, "any other").  What is
 * not finite is not enumerated: the names below a domain, the local parts that
 * nobody listed; for them a fresh member can always be made. */
#ifndef MAYRELAY_AUDIT_CATALOGUE_H
#define MAYRELAY_AUDIT_CATALOGUE_H

#include "audit/budget.h"
#include "image/image.h"

enum {
    SAMPLES_MOST = 4
};

/* Where a name stands to the entry that it is told apart by. */
enum name_place {
    NAME_OTHER, /* at none */
    NAME_ITSELF,
    NAME_BELOW
};

struct name_sample {
    struct text name; /* of the entry, in the image's bytes */
    enum name_place place;
};

/* The texts of a class: identities, local parts, certificates, groups. */
struct text_class {
    uint64_t count;
    struct text samples[SAMPLES_MOST];
};

/* The names of a class; of senders, with the same owners. */
struct name_class {
    uint32_t class;  /* of the attribute */
    uint32_t owners; /* place in NUMBERS + 1; 0: nobody's */
    bool open;       /* has names below some entry, or other ones */
    uint64_t count;  /* names themselves */
    unsigned fresh;  /* of any other name: the first label that no list has */
    struct name_sample samples[SAMPLES_MOST];
    unsigned sample_count;
};

struct names {
    struct name_class *items; /* item 0: any other name */
    size_t count, room;
};

/* What an address of mail is besides its classes. */
enum mail_form {
    MAIL_PLAIN,
    MAIL_NULL,   /* <> */
    MAIL_OWN,    /* at our own literal; bare postmaster */
    MAIL_ROUTING /* a recipient with routing: whatever its classes */
};

/* Addresses that are in the same lists. */
struct mail_cell {
    enum mail_form form;
    uint32_t mailbox; /* class; 0: no list names the mailbox as such */
    uint32_t local;   /* class */
    uint32_t domain;  /* item of `names` */
    uint32_t owners;
    uint64_t count;     /* of named mailboxes; 0 else */
    struct text sample; /* of a named mailbox: its key */
};

struct mail_cells {
    struct names domains;
    struct text_class *locals;
    size_t local_count;
    struct mail_cell *items; /* item 0: what no list names */
    size_t count, room;
};

struct catalogue {
    const struct image *image;
    struct budget *budget; /* borrowed */
    struct names client_names;
    struct text_class *identities, *groups, *certificates; /* by class */
    struct mail_cells senders, recipients;
    bool failed; /* sticks */
};

/* Incomplete if the budget is exceeded. */
void catalogue_build(struct catalogue *catalogue, const struct image *image,
                     struct budget *budget);
void catalogue_clear(struct catalogue *catalogue);
/* The number of classes of an attribute. */
size_t catalogue_classes(const struct catalogue *catalogue,
                         enum attribute attribute);
/* Some rule asks for sender-owned. */
bool image_asks_for_owners(const struct image *image);
/* Who owns the sender, as a place in NUMBERS + 1. */
uint32_t catalogue_owners(const struct image *image, struct text mailbox,
                          struct text domain);
/* A name of the class: `attempt` (from 0) picks among those that may do.  The
 * empty text if there are no more.  `out` has DOMAIN_TEXT_SIZE. */
struct text name_class_member(const struct name_class *class, unsigned attempt,
                              char *out);
/* Relay requests go to such domains: not ours. */
bool recipient_is_foreign(const struct image *image, uint32_t class);

#endif
