/* Forward-confirmed reverse DNS as questions and answers (RFC 2505 §1.4): the
 * PTR records of an address, then the addresses of each name they give.
 *
 * It sends nothing and waits for nothing: it says what to ask, and takes what
 * came of it, in any order. */
#ifndef MAYRELAY_DNS_CONFIRM_H
#define MAYRELAY_DNS_CONFIRM_H

#include "dns/message.h"
#include "mail/dns_answer.h"

enum {
    /* RFC 7208 §4.6.4 has the same limit. */
    CONFIRM_NAMES_MOST = 10,
    /* Failed look-ups are kept for so many seconds (RFC 9520 §3.2). */
    CONFIRM_FAILED_SECONDS = 5
};

struct question {
    char name[DOMAIN_TEXT_SIZE];
    enum record_type type;
    unsigned number; /* for confirm_take */
};

struct confirm {
    struct address client;
    enum mayrelay_dns_result result; /* of the PTR question */
    uint32_t ttl;
    struct dns_candidate names[CONFIRM_NAMES_MOST];
    bool open[CONFIRM_NAMES_MOST]; /* asked or to be asked, not answered */
    unsigned count;
    unsigned asked; /* questions that confirm_next has given */
    bool ptr_open;
};

void confirm_begin(struct confirm *confirm, struct address client);
/* Gives each question once; false if there is none for now. */
bool confirm_next(struct confirm *confirm, struct question *question);
/* What came: FOUND with the message as it was received, or how it failed. */
void confirm_take(struct confirm *confirm, unsigned number,
                  enum mayrelay_dns_result result, const void *data,
                  size_t size);
/* Nothing more will come: what is open has failed like that. */
void confirm_give_up(struct confirm *confirm, enum mayrelay_dns_result result);
/* Every question is answered. */
bool confirm_is_over(const struct confirm *confirm);
/* The answer, once it is over; NULL if memory ran out. */
struct mayrelay_dns_answer *confirm_answer(const struct confirm *confirm);

#endif
