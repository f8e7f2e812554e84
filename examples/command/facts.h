/* What is known of one transaction, and its way into a session.
 *
 * The texts are borrowed: from the command line, or from a parsed line of
 * JSON.  Each ends in NUL behind its size. */
#ifndef COMMAND_FACTS_H
#define COMMAND_FACTS_H

#include <mayrelay.h>

#include "dns.h"
#include "print.h"

/* How far a fact that is looked up is known. */
enum looked_up {
    LOOKED_UP_NOT,
    LOOKED_UP_KNOWN, /* what is listed is all there is, be it nothing */
    LOOKED_UP_FAILED
};

struct text_list {
    enum looked_up looked_up;
    struct text *items;
    size_t count, room;
};

enum existence {
    EXISTENCE_UNKNOWN,
    EXISTENCE_YES,
    EXISTENCE_NO,
    EXISTENCE_FAILED
};

struct facts {
    struct text client, listener;
    bool tls;
    struct text certificate, identity;
    struct text_list client_names, groups;
    struct text sender, recipient;
    enum existence recipient_exists;
    struct dns *dns; /* where the client's names come from, or NULL */
};

void text_list_add(struct text_list *list, struct text text);
/* Forgets everything, but keeps the room of the lists. */
void reset_facts(struct facts *facts);
void free_facts(struct facts *facts);

/* A session of a host that rewrites recipients, as this command's are; ends
 * the command if memory runs out. */
mayrelay_session *new_session(mayrelay_policy *policy);

/* Everything in the order of SMTP.  The decision is that of the last stage
 * whose argument is given: connect, mail or rcpt.  With DNS it is asked if that
 * decision hangs on it. */
const mayrelay_decision *judge_facts(const struct facts *facts,
                                     mayrelay_session *session);
/* The exit status that says the same: EX_OK, EX_TEMPFAIL or EX_NOPERM. */
int decision_exit(const mayrelay_decision *decision);

/* The parts of judge_facts, for a dialogue.  Connects, up to the look-ups of
 * the connection. */
void tell_connection(const struct facts *facts, mayrelay_session *session);
/* An identity, with the groups of the facts. */
enum mayrelay_status tell_identity(const struct facts *facts,
                                   mayrelay_session *session,
                                   struct text identity);
/* A recipient, and whether it exists. */
void tell_recipient(const struct facts *facts, mayrelay_session *session,
                    struct text recipient);

/* NULL, or what is wrong with an address: "client is not an IP address". */
const char *unreadable_address(const struct facts *facts);
/* The same where it can be what a decision came from: the library reads
 * addresses itself, and only its internal errors are worth another look. */
const char *unreadable_behind(const mayrelay_decision *decision,
                              const struct facts *facts);
/* The fingerprint, if there is one, is one. */
bool certificate_is_readable(const struct facts *facts);

#endif
