/* mayrelay/dns_answer.h: the confirmed host names of one client.
 *
 * What mayrelay_resolver_next and _resolve hand out, and what
 * mayrelay_session_take reads.  It is yours, never changes, may be read from
 * any thread, and outlives the resolver that made it. */
#ifndef MAYRELAY_DNS_ANSWER_H
#define MAYRELAY_DNS_ANSWER_H

#include "mayrelay/common.h"
#include "mayrelay/decision.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mayrelay_dns_answer mayrelay_dns_answer;

/* What came of one look-up, of a PTR record or of a name's addresses. */
enum mayrelay_dns_result {
    MAYRELAY_DNS_FAILED = 0,     /* no memory, or too much under way */
    MAYRELAY_DNS_FOUND = 1,      /* there are PTR records */
    MAYRELAY_DNS_CONFIRMED = 2,  /* the client is among the name's addresses */
    MAYRELAY_DNS_MISMATCH = 3,   /* the name has addresses, not the client's */
    MAYRELAY_DNS_NO_NAME = 4,    /* NXDOMAIN */
    MAYRELAY_DNS_NO_DATA = 5,    /* no record of that type */
    MAYRELAY_DNS_ILL_FORMED = 6, /* no host name: numeric, empty, too long, with
                                    octets that no host name has */
    MAYRELAY_DNS_TIMEOUT = 7,    /* nothing came in time */
    MAYRELAY_DNS_UNREACHABLE = 8, /* every server refuses, fails (SERVFAIL,
                                     REFUSED, NOTIMP) or is not there */
    MAYRELAY_DNS_MALFORMED = 9,   /* an answer that breaks RFC 1035, or leads
                                     nowhere */
    MAYRELAY_DNS_TOO_MANY = 10    /* more names than are looked up */
};

/* "found", "no-name", ...; static, never NULL. */
MAYRELAY_API const char *
mayrelay_dns_result_name(enum mayrelay_dns_result result);

/* The whole answer is known, be it that the client has no confirmed name; or
 * some part of it could not be had, and the names stay unknown (RFC 2505
 * §2.13).  False for NULL. */
MAYRELAY_API bool
mayrelay_dns_answer_is_known(const mayrelay_dns_answer *answer);
/* The number of confirmed names; 0 if the answer is not known. */
MAYRELAY_API size_t
mayrelay_dns_answer_count(const mayrelay_dns_answer *answer);
/* A confirmed name, lower-case, without final dot; NULL beyond the count.
 * Lives as long as the answer. */
MAYRELAY_API const char *
mayrelay_dns_answer_get_name(const mayrelay_dns_answer *answer, size_t index);
/* The client's address as text (RFC 5952); NULL for NULL. */
MAYRELAY_API const char *
mayrelay_dns_answer_get_client(const mayrelay_dns_answer *answer);
/* What came of the PTR question: FOUND, or why there are no names. */
MAYRELAY_API enum mayrelay_dns_result
mayrelay_dns_answer_get_result(const mayrelay_dns_answer *answer);
/* For how many seconds DNS lets it be kept; 0 if it may not be. */
MAYRELAY_API uint32_t
mayrelay_dns_answer_get_ttl(const mayrelay_dns_answer *answer);
/* Every question that was asked, and what came of it: lines, or one JSON
 * object on one line; printable ASCII.  Returns the length needed, as snprintf
 * does; what does not fit is cut. */
MAYRELAY_API size_t mayrelay_dns_answer_explain(
    const mayrelay_dns_answer *answer, enum mayrelay_format format,
    char *buffer, size_t size);
MAYRELAY_API void mayrelay_dns_answer_free(mayrelay_dns_answer *answer);

#ifdef __cplusplus
}
#endif

#endif
