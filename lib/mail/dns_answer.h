/* The confirmed names of a client, as DNS gave them.
 *
 * It stands on this floor so that the resolver, which makes answers, and the
 * session, which takes them, need not know each other. */
#ifndef MAYRELAY_MAIL_DNS_ANSWER_H
#define MAYRELAY_MAIL_DNS_ANSWER_H

#include "mail/domain.h"
#include "mayrelay/dns_answer.h"
#include "net/address.h"

/* A name that a PTR record gives, and what came of its look-up. */
struct dns_candidate {
    char name[DOMAIN_TEXT_SIZE]; /* of an ill-formed one, what can be shown */
    enum mayrelay_dns_result result;
};

/* A copy of what was found; for `ttl` seconds it holds.  NULL if memory ran
 * out. */
struct mayrelay_dns_answer *
dns_answer_new(struct address client, enum mayrelay_dns_result result,
               uint32_t ttl, const struct dns_candidate *candidates,
               size_t count);
/* One more owner, in whatever thread; returns its argument. */
struct mayrelay_dns_answer *dns_answer_ref(struct mayrelay_dns_answer *answer);
struct address dns_answer_client(const struct mayrelay_dns_answer *answer);
/* The look-up came to an end: its result is an answer, be it "none". */
bool dns_result_is_known(enum mayrelay_dns_result result);

#endif
