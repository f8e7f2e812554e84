/* Mailboxes and paths: RFC 5321 §4.1.2 with RFC 6531, strictly. */
#ifndef MAYRELAY_MAIL_MAILBOX_H
#define MAYRELAY_MAIL_MAILBOX_H

#include "mail/domain.h"
#include "net/address.h"

/* The whole argument of MAIL or RCPT (policy.md §10). */
enum {
    MAILBOX_ARGUMENT_MOST = 512,
    MAILBOX_TEXT_SIZE = 1040
};

enum mailbox_kind {
    MAILBOX_MALFORMED = 0,
    MAILBOX_FAILED,     /* memory ran out before one could tell */
    MAILBOX_NULL,       /* <> */
    MAILBOX_POSTMASTER, /* postmaster, any case, without a domain */
    MAILBOX_AT_DOMAIN,
    MAILBOX_AT_LITERAL /* user@[192.0.2.25], user@[IPv6:2001:db8::1] */
};

/* All texts point into `buffer`, so a mailbox is not copied by assignment;
 * they are NUL-terminated only where it says so. */
struct mailbox {
    enum mailbox_kind kind;
    bool carries_routing;   /* %, !, @ or IMCEA in the decoded local part */
    struct address literal; /* of MAILBOX_AT_LITERAL */
    struct text whole;  /* the canonical form; NUL-terminated; "<>" for null */
    struct text local;  /* of `whole`: the local part, quoted if needed */
    struct text domain; /* of `whole`: behind the @, brackets included */
    struct text key;    /* `whole` with the ASCII letters folded */
    struct text local_key; /* of `key`: the local part */
    char buffer[2 * MAILBOX_TEXT_SIZE];
};

/* Parses the argument of MAIL FROM or RCPT TO, with or without <>, with a
 * source route or without.  `default_domain` (canonical, may be empty)
 * qualifies an address without a domain, postmaster excepted.  The empty text
 * and "<>" are the null path, which only a sender may be: the caller's to
 * refuse.  Returns the kind. */
enum mailbox_kind mailbox_parse(struct text argument,
                                struct text default_domain,
                                struct mailbox *mailbox);
/* Gives the mailbox (AT_DOMAIN) another domain, canonical already; false (and
 * the mailbox malformed) if it does not fit. */
bool mailbox_set_domain(struct mailbox *mailbox, struct text domain);
/* A local part alone, as in the entry "user@" or a mailbox list: canonical and
 * folded into `out` (of MAILBOX_TEXT_SIZE); the empty text if malformed. */
struct text mailbox_parse_local(struct text local, char *out);

#endif
